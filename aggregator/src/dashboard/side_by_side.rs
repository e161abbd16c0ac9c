//! Boroughs side by side: results for families attached, with limits of chance and noise; no ranking.

use tenfold_common::{
    geography::BoroughCode,
    privacy::policy::{ATTACHED, RESULT},
    statistics::{Ratio, Shown},
};
use tenfold_web::{
    charts::{Caption, Figure, Limit, Point, funnel},
    table::{Column, DataTable},
    words,
};

use super::{Picture, names, told};
use crate::combine::{
    Area, Cell, CombineError, Counted, Span, borough_name,
    funnel::{Apart, Funnel, LIMITS},
};

/// What the page of the boroughs shows.
#[derive(Clone, Debug)]
pub struct SideBySide {
    /// Code and name of each borough, alphabetically.
    pub boroughs: Vec<(String, String)>,
    /// What readers call the newest quarter; nothing where none was released.
    pub quarter_name: Option<String>,
    /// Shares against sizes, where there are any.
    pub figure: Option<Figure>,
    /// What can be told of pairs, in a sentence.
    pub pairs: String,
    /// The pairs that can be told apart, in words.
    pub apart: Vec<String>,
    /// Boroughs of which no share can be told, or only to an earlier quarter, in a sentence; empty where there are none.
    pub without: String,
}

/// So many sizes along the limits' curves.
const STEPS: u32 = 60;

/// The page.
///
/// # Errors
/// Where the policy lacks a headline stream.
pub fn side_by_side(picture: &Picture) -> Result<SideBySide, CombineError> {
    let codes = picture.boroughs();
    let boroughs = codes.iter().map(|code| (code.to_string(), borough_name(code).to_owned())).collect();
    let mut page = SideBySide {
        boroughs,
        quarter_name: None,
        figure: None,
        pairs: String::new(),
        apart: Vec::new(),
        without: String::new(),
    };
    let Some(last) = picture.combined.quarters().checked_sub(1) else { return Ok(page) };
    page.quarter_name = Some(picture.policy.period_name(picture.quarter(last)));
    let mut shares = Vec::new();
    for code in &codes {
        let (part, whole) = (Counted::all(RESULT), Counted::all(ATTACHED));
        let area = Area::Borough(code.clone());
        let own = picture.combined.ratio(&area, part, whole, Span::ToDate { last })?;
        shares.push((code.clone(), own.ratio));
    }
    page.without = without(picture, last, &shares);
    let known = shares.iter().filter_map(|(code, ratio)| Some((code.clone(), (*ratio)?)));
    let Some(told) = Funnel::of(known.collect()) else { return Ok(page) };
    page.figure = Some(figure(picture, last, &shares, &told)?);
    let comparisons = picture.policy.newest().policy().comparisons();
    let apart = told.apart(comparisons);
    let level = f64::from(comparisons.level_per_mille) / 1000.0;
    page.pairs = match apart.as_slice() {
        [] => "No two boroughs are distinguishable: noise alone could have made every difference between their shares."
            .to_owned(),
        [_] => "Of one pair noise alone cannot have made the difference.".to_owned(),
        some => format!("Of {} pairs noise alone cannot have made the difference.", some.len()),
    };
    page.pairs += &format!(
        " {} are read together, each so strictly that noise makes any of them differ in at most {} of quarters. Not \
         distinguishable does not mean equal.",
        words::counted(u64::from(comparisons.of), "comparison", "comparisons"),
        words::percent(level)
    );
    page.apart = apart.iter().map(in_words).collect();
    Ok(page)
}

fn in_words(Apart { more, fewer }: &Apart) -> String {
    format!("{}: a larger share than {}", borough_name(more), borough_name(fewer))
}

fn without(picture: &Picture, last: usize, shares: &[(BoroughCode, Option<Ratio>)]) -> String {
    let untold = |ratio: &Option<Ratio>| !ratio.is_some_and(|ratio| ratio.is_told());
    let (mut none, mut earlier) = (Vec::new(), Vec::new());
    for (code, ratio) in shares {
        if untold(ratio) {
            none.push(code.clone());
        } else if picture.combined.released(code) <= last {
            earlier.push(code.clone());
        }
    }
    let said = [(none, "no share can be told yet for"), (earlier, "to an earlier quarter only, for")];
    let said = said.into_iter().filter(|(codes, _)| !codes.is_empty());
    said.map(|(codes, what)| format!("{what} {}", names(&codes))).collect::<Vec<_>>().join("; ")
}

fn figure(
    picture: &Picture,
    last: usize,
    shares: &[(BoroughCode, Option<Ratio>)],
    told_apart: &Funnel,
) -> Result<Figure, CombineError> {
    let title = format!("{} for families attached, to date, by borough", picture.title(RESULT));
    let (mut points, mut rows) = (Vec::new(), Vec::new());
    for (code, ratio) in shares {
        let shown = ratio.as_ref().and_then(Ratio::shown);
        if let (Some(ratio), Some(shown)) = (ratio, shown) {
            points.push(Point { name: borough_name(code).to_owned(), size: ratio.whole.value, shown });
        }
        let to_date = |stream| {
            let area = Area::Borough(code.clone());
            picture.reading(&area, stream, Cell::Total, Span::ToDate { last })
        };
        rows.push(vec![
            borough_name(code).to_owned(),
            told(&to_date(ATTACHED)?),
            told(&to_date(RESULT)?),
            shown.map_or_else(|| "not told".to_owned(), |shown: Shown| words::share(&shown)),
            ratio.filter(|_| shown.is_some()).map_or_else(String::new, |ratio| stands(told_apart, &ratio)),
        ]);
    }
    let largest = points.iter().map(|point| point.size).fold(0.0, f64::max) * 1.25;
    let limits = LIMITS.map(|(name, z)| {
        let sizes = (1..=STEPS).map(|step| largest * f64::from(step) / f64::from(STEPS));
        let ends = sizes.map(|size| {
            let (low, high) = told_apart.limits(size, z);
            (size, low, high)
        });
        Limit { name: format!("{name} of boroughs alike"), ends: ends.collect(), dashed: name == "95%" }
    });
    let id = "results-for-attached";
    let caption = Caption { id, title: &title, unit: "Results for each hundred families attached" };
    let svg = funnel(&caption, "Families attached to date", Some(told_apart.rate()), &points, &limits);
    let columns = vec![
        Column::words("Borough"),
        Column::numbers("Attached (95% interval)"),
        Column::numbers("Results (95% interval)"),
        Column::numbers("Share (95% interval)"),
        Column::words("Against the limits"),
    ];
    let note = "Alphabetical, not a ranking. If all boroughs were alike, chance and noise together would put 95 in 100 of \
                them between the dashed lines and 998 in 1,000 between the solid ones. A result comes a year or more after \
                a family is attached: a borough that attached many of late has a smaller share for that reason alone."
        .to_owned();
    let table = DataTable { caption: title.clone(), columns, rows };
    Ok(Figure { id: id.to_owned(), caption: title, svg, note: Some(note), table, csv_href: None })
}

/// Where a borough stands against the limits, in words.
fn stands(told_apart: &Funnel, ratio: &Ratio) -> String {
    let away = told_apart.away(ratio).abs();
    match LIMITS.iter().rev().find(|(_, z)| away > *z) {
        None => "within".to_owned(),
        Some((name, _)) => format!("outside {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::fixture;

    #[test]
    fn boroughs_stand_alphabetically_with_their_limits() {
        let page = side_by_side(&fixture::picture()).unwrap();
        let figure = page.figure.unwrap();
        let names: Vec<&str> = figure.table.rows.iter().map(|row| row[0].as_str()).collect();
        assert!(names.is_sorted() && names.len() == 10, "{names:?}");
        assert_eq!(figure.svg.matches("<circle").count(), 10);
        assert_eq!(page.without, "to an earlier quarter only, for Oldham");
        // Every borough of the fixture has results for six in ten of its families.
        let outside = figure.table.rows.iter().filter(|row| row[4] == "outside 99.8%");
        assert_eq!(outside.count(), 0, "{:?}", figure.table.rows);
        assert!(page.apart.is_empty() && page.pairs.starts_with("No two boroughs are distinguishable"));
        assert!(page.pairs.contains("45 comparisons"), "{}", page.pairs);
    }

    #[test]
    fn nothing_is_compared_before_anything_came() {
        let mut picture = fixture::picture();
        picture = Picture::new(picture.policy, Default::default(), picture.now).unwrap();
        let page = side_by_side(&picture).unwrap();
        assert!(page.figure.is_none() && page.quarter_name.is_none() && page.boroughs.len() == 10);
    }
}
