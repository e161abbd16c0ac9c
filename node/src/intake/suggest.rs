//! A mapping proposed for a file that none is for: by the likeness of its headings and by what its columns hold.
//!
//! A proposal is for a person to correct: what is a guess says so in the text.

mod values;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use strsim::jaro_winkler;

use crate::{
    intake::{
        date::DateFormat,
        field::{CodeList, Field, essential, knows},
        mapping::Mapping,
    },
    register::SourceKind,
};
use values::Values;

/// Headings less alike than this are not the same; found on the shipped mappings, where each is left out in turn.
const LEAST_LIKENESS: f64 = 0.84;

/// The likeness of a heading to a known one that stands in it whole.
const HELD: f64 = 0.86;

/// How many problems a framework of the programme has had at most.
const NEEDS: std::ops::RangeInclusive<u8> = 1..=10;

/// A mapping proposed for a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// What kind of records it seems to hold.
    pub kind: SourceKind,
    /// Its columns in their order, with what each seems to mean.
    pub columns: Vec<SuggestedColumn>,
    /// How it seems to write dates.
    pub date_formats: Vec<DateFormat>,
    /// The codes found in coded columns; nothing where no word is like the code.
    pub codes: BTreeMap<CodeList, BTreeMap<String, Option<String>>>,
    /// Fields that such records cannot do without, for which no column was found.
    pub missing: Vec<Field>,
}

/// One column and what it seems to mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SuggestedColumn {
    /// Its heading.
    pub heading: String,
    /// What it seems to mean, if anything.
    pub field: Option<Field>,
    /// Why: the heading it is like, or what its cells are.
    pub why: String,
}

/// Proposes a mapping by headings and first rows; of the kind given, or of the likeliest.
pub fn suggest(
    headings: &[String],
    rows: &[Vec<String>],
    kind: Option<SourceKind>,
    known: &[Mapping],
) -> Suggestion {
    let values: Vec<Values> = (0..headings.len()).map(|at| Values::of(rows, at)).collect();
    let kinds: Vec<SourceKind> = kind.map_or(SourceKind::ALL.to_vec(), |kind| vec![kind]);
    let proposals = kinds.into_iter().map(|kind| (kind, assign(kind, headings, &values, known)));
    let worth = |(kind, found): &(SourceKind, Vec<Option<Match>>)| {
        let fields: BTreeSet<Field> = found.iter().flatten().map(|found| found.field).collect();
        let needed = essential(*kind);
        let share = needed.iter().filter(|field| fields.contains(field)).count() as f64 / needed.len() as f64;
        let likeness: f64 = found.iter().flatten().map(|found| found.likeness).sum();
        share + likeness / headings.len().max(1) as f64
    };
    let best = proposals.max_by(|first, second| worth(first).total_cmp(&worth(second)));
    let (kind, found) = best.unwrap_or((SourceKind::EarlyHelp, Vec::new()));
    let fields: BTreeSet<Field> = found.iter().flatten().map(|found| found.field).collect();
    Suggestion {
        kind,
        date_formats: values::date_formats(&values),
        codes: codes(&found, &values, known),
        missing: essential(kind).iter().copied().filter(|field| !fields.contains(field)).collect(),
        columns: headings
            .iter()
            .zip(found.iter().map(Some).chain(std::iter::repeat(None)))
            .map(|(heading, found)| {
                let found = found.and_then(Option::as_ref);
                let why = found.map_or("like no heading that is known".to_owned(), |found| found.why.clone());
                SuggestedColumn { heading: heading.clone(), field: found.map(|found| found.field), why }
            })
            .collect(),
    }
}

/// A field for a column.
#[derive(Clone, Debug)]
struct Match {
    field: Field,
    likeness: f64,
    why: String,
}

/// The likeliest field for each column, each field once.
fn assign(kind: SourceKind, headings: &[String], values: &[Values], known: &[Mapping]) -> Vec<Option<Match>> {
    let fields: Vec<Field> =
        Field::all().chain(NEEDS.map(Field::Need)).filter(|field| knows(kind, *field)).collect();
    let mut matches: Vec<(usize, Match)> = Vec::new();
    for (at, heading) in headings.iter().enumerate().filter(|(_, heading)| !heading.is_empty()) {
        for &field in &fields {
            let found = likeness(kind, heading, field, &values[at], known);
            matches.extend(found.filter(|found| found.likeness >= LEAST_LIKENESS).map(|found| (at, found)));
        }
    }
    matches.sort_by(|(_, first), (_, second)| second.likeness.total_cmp(&first.likeness));
    let mut found: Vec<Option<Match>> = vec![None; headings.len()];
    let mut taken = BTreeSet::new();
    for (at, one) in matches {
        if found[at].is_none() && taken.insert(one.field) {
            found[at] = Some(one);
        }
    }
    found
}

fn likeness(
    kind: SourceKind,
    heading: &str,
    field: Field,
    values: &Values,
    known: &[Mapping],
) -> Option<Match> {
    if !values.could_be(field) {
        return None;
    }
    let own = field.to_string().replace('-', " ");
    let headings = known
        .iter()
        .flat_map(|mapping| mapping.columns.iter().map(move |column| (mapping.kind == kind, column)))
        .filter(|(_, column)| column.field == field)
        .map(|(same, column)| (same, column.heading.as_str()));
    let best = headings
        .chain([(false, own.as_str())])
        .map(|(same, like)| {
            // A heading of another kind of records says a little less.
            let (heading, known) = (plain(heading), plain(like));
            // "Incident Category" holds all that "Category" says.
            let holds = format!(" {heading} ").contains(&format!(" {known} "));
            let likeness = jaro_winkler(&heading, &known).max(if holds { HELD } else { 0.0 });
            (likeness - if same { 0.0 } else { 0.01 }, like)
        })
        .max_by(|(first, _), (second, _)| first.total_cmp(second))?;
    let by_heading = Match { field, likeness: best.0, why: format!("the heading is like {:?}", best.1) };
    match values.shape_of(field) {
        // A check digit that fits in nearly every row is no accident, whatever the heading says.
        Some(shape) => {
            let likeness = 0.9 + best.0 / 10.0;
            Some(Match { field, likeness: likeness.max(best.0), why: format!("its cells are {shape}") })
        }
        None => Some(by_heading),
    }
}

/// Lower case, words only: `Child_DOB ` and `child dob` are alike.
fn plain(heading: &str) -> String {
    let mut text: String = String::with_capacity(heading.len());
    for c in heading.chars() {
        if c.is_alphanumeric() {
            text.extend(c.to_lowercase());
        } else if !text.ends_with(' ') && !text.is_empty() {
            text.push(' ');
        }
    }
    let text = format!(" {} ", text.trim());
    [
        (" dob ", " date of birth "),
        (" no ", " number "),
        (" first name ", " forename "),
        (" last name ", " surname "),
    ]
    .iter()
    .fold(text, |text, (short, long)| text.replace(short, long))
    .trim()
    .to_owned()
}

/// The codes of coded columns, each with the word that a shipped mapping gives it or that it is most like.
fn codes(
    found: &[Option<Match>],
    values: &[Values],
    known: &[Mapping],
) -> BTreeMap<CodeList, BTreeMap<String, Option<String>>> {
    let mut lists: BTreeMap<CodeList, BTreeMap<String, Option<String>>> = BTreeMap::new();
    for (at, found) in found.iter().enumerate() {
        let Some(list) = found.as_ref().and_then(|found| found.field.code_list()) else {
            continue;
        };
        for code in values[at].distinct() {
            let word = word_of(list, code, known);
            lists.entry(list).or_default().insert(code.to_owned(), word);
        }
    }
    lists
}

fn word_of(list: CodeList, code: &str, known: &[Mapping]) -> Option<String> {
    let shipped = known.iter().filter_map(|mapping| mapping.codes.get(&list)).flatten();
    let same = shipped.clone().find(|(known, _)| plain(known) == plain(code) && !plain(code).is_empty());
    let alike = |known: &str| jaro_winkler(&plain(known), &plain(code));
    let words = list.words().iter().map(|word| (alike(word), *word));
    let all = shipped.map(|(known, word)| (alike(known), word.as_str())).chain(words);
    let best = all
        .max_by(|(first, _), (second, _)| first.total_cmp(second))
        .filter(|(likeness, _)| *likeness >= 0.85);
    same.map(|(_, word)| word.clone()).or(best.map(|(_, word)| word.to_owned()))
}

#[cfg(test)]
mod tests;
