//! What boroughs that are missing could change: nothing is filled in for them, but a reader is told how far it could go.

use tenfold_common::geography::BoroughCode;
use tenfold_web::words;

use super::Picture;
use crate::combine::{Area, Cell, CombineError, Span};

/// Between what a figure of the region's newest quarter would stand with the boroughs that are missing, in a sentence;
/// none where all are there or nothing is known of them.
///
/// # Errors
/// Where the policy lacks the stream.
pub fn bounds(picture: &Picture, stream: &str, last: usize) -> Result<Option<String>, CombineError> {
    let reading = picture.reading(&Area::Region, stream, Cell::Total, Span::quarter(last))?;
    let Some(estimate) = reading.estimate.filter(|_| !reading.missing.is_empty()) else { return Ok(None) };
    let mut largest = 0.0;
    for borough in &reading.missing {
        let Some(own) = largest_quarter(picture, borough, stream)? else { return Ok(None) };
        largest += own;
    }
    let interval = estimate.interval();
    let (low, high) = (interval.low.max(0.0).floor(), (interval.high + largest).max(0.0).ceil());
    let all = picture.boroughs().len();
    let counted = all - reading.missing.len() - reading.void.len() - reading.opening.len();
    let each = if reading.missing.len() == 1 { "" } else { "each " };
    Ok(Some(format!(
        "{}: {counted} of {all} boroughs are counted. With {}, {each}between none and as many as in its largest quarter \
         so far, the quarter would stand between {} and {}.",
        picture.title(stream),
        super::names(&reading.missing),
        words::whole(low),
        words::whole(high),
    )))
}

/// The upper end of the interval of a borough's largest quarter; none where it released no quarter's activity.
fn largest_quarter(
    picture: &Picture,
    borough: &BoroughCode,
    stream: &str,
) -> Result<Option<f64>, CombineError> {
    let mut largest: Option<f64> = None;
    for quarter in picture.first_activity()..picture.combined.released(borough) {
        let area = Area::Borough(borough.clone());
        let reading = picture.reading(&area, stream, Cell::Total, Span::quarter(quarter))?;
        let high = reading.estimate.map(|estimate| estimate.interval().high);
        largest = [largest, high].into_iter().flatten().reduce(f64::max);
    }
    Ok(largest)
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::policy::ATTACHED;

    use super::*;
    use crate::combine::fixture;

    #[test]
    fn a_missing_borough_widens_what_is_known_upwards() {
        let picture = fixture::picture();
        let told = bounds(&picture, ATTACHED, 7).unwrap().unwrap();
        let counted = picture.reading(&Area::Region, ATTACHED, Cell::Total, Span::quarter(7)).unwrap();
        let interval = counted.estimate.unwrap().interval();
        let own = largest_quarter(&picture, &fixture::oldham(), ATTACHED).unwrap().unwrap();
        // Oldham's quarters have about 96 families each.
        assert!((96.0..160.0).contains(&own), "{own}");
        let (low, high) = (words::whole(interval.low.floor()), words::whole((interval.high + own).ceil()));
        let says = format!(
            "9 of 10 boroughs are counted. With Oldham, between none and as many as in its largest \
                            quarter so far, the quarter would stand between {low} and {high}."
        );
        assert!(told.ends_with(&says), "{told}");
        assert_eq!(bounds(&picture, ATTACHED, 6).unwrap(), None, "all are there");
    }
}
