//! One line of the return: an area's attachments and results, to date and in the quarter.

use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::policy::{ATTACHED, PROGRESS, RESULT, RESULT_TYPE},
    statistics::Estimate,
};

use super::Explanations;
use crate::{
    combine::{Area, Cell, CombineError, Span, borough_name},
    dashboard::{Picture, completeness::arrival},
};

/// One area's line of the return.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReturnRow {
    /// GSS code.
    pub area_code: String,
    /// Name.
    pub area_name: String,
    /// The authority's Department for Education number; empty for the region.
    pub dfe_code: String,
    /// `in time`, `late`, `missing`, `not joined` or `not due`; for the region, how many boroughs are counted.
    pub status: String,
    /// When the borough's release was received.
    pub received_at: Option<Moment>,
    /// The last quarter that the figures to date cover; none before the first release.
    pub covers_to: Option<Quarter>,
    /// Names of boroughs without a release for the quarter.
    pub missing: Vec<String>,
    /// Everything up to and with the quarter.
    pub to_date: Option<Amounts>,
    /// The quarter by itself.
    pub in_quarter: Option<Amounts>,
    /// What people wrote about a release that is not here.
    pub explanation: Option<String>,
}

/// The four amounts of a return.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Amounts {
    /// Families attached.
    pub attached: Estimate,
    /// Results: progress and employment together.
    pub results: Estimate,
    /// Results by progress on all problems.
    pub progress: Estimate,
    /// Results by continuous employment.
    pub employment: Estimate,
}

/// The same as they are written: whole numbers, none below zero, of which the results are the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WholeAmounts {
    /// Families attached.
    pub attached: f64,
    /// Results.
    pub results: f64,
    /// What employment leaves of the results.
    pub progress: f64,
    /// Results by continuous employment.
    pub employment: f64,
}

impl Amounts {
    fn of(picture: &Picture, area: &Area, span: Span) -> Result<Option<Self>, CombineError> {
        let by_type = picture.policy.stream(RESULT)?.label_sets.iter().enumerate().find_map(|(set, of)| {
            let label = of.labels.iter().position(|label| label == PROGRESS)?;
            (of.name == RESULT_TYPE).then_some((set, label))
        });
        let (set, label) = by_type.ok_or_else(|| CombineError::Policy {
            reason: format!("its stream {RESULT:?} does not tell {PROGRESS} from employment"),
        })?;
        let figure = |stream, cell| picture.reading(area, stream, cell, span).map(|reading| reading.estimate);
        let amounts = (
            figure(ATTACHED, Cell::Total)?,
            figure(RESULT, Cell::Total)?,
            figure(RESULT, Cell::Label { set, label })?,
            figure(RESULT, Cell::LabelAbsent { set, label })?,
        );
        Ok(match amounts {
            (Some(attached), Some(results), Some(progress), Some(employment)) => {
                Some(Self { attached, results, progress, employment })
            }
            _ => None,
        })
    }

    /// The amounts as they are written.
    pub fn whole(&self) -> WholeAmounts {
        let results = self.results.display().value;
        let employment = self.employment.display().value.min(results);
        let attached = self.attached.display().value;
        WholeAmounts { attached, results, progress: results - employment, employment }
    }

    /// Name, whole number and estimate of each, in the order of the form.
    pub fn each(&self) -> [(&'static str, f64, Estimate); 4] {
        let whole = self.whole();
        [
            ("attached", whole.attached, self.attached),
            ("results", whole.results, self.results),
            ("progress", whole.progress, self.progress),
            ("employment", whole.employment, self.employment),
        ]
    }
}

/// What the release itself says of a void quarter, in its own row and in the one after it; and that a borough joined
/// late.
fn own_words(picture: &Picture, borough: &BoroughCode, last: usize) -> Option<String> {
    let quarter = picture.quarter(last);
    if picture.joined_after(borough, quarter) {
        return picture
            .joined
            .get(borough)
            .map(|first| format!("joined later: its first release is for {first}"));
    }
    if picture.opened_late(borough, quarter) && picture.release(borough, quarter).is_some() {
        return Some("joined with its opening position, which is no quarter's activity".to_owned());
    }
    let void = |index: usize| picture.release(borough, picture.quarter(index))?.void;
    let before = || {
        let index = last.checked_sub(1)?;
        void(index).map(|_| format!("with the families of {}, which is void", picture.quarter(index)))
    };
    match void(last) {
        Some(reason) => {
            Some(format!("void ({}): its families are counted in the next quarter", reason.words()))
        }
        None => picture.release(borough, picture.quarter(last)).and_then(|_| before()),
    }
}

impl ReturnRow {
    pub(super) fn of(
        picture: &Picture,
        area: &Area,
        last: usize,
        explanations: &Explanations,
    ) -> Result<Self, CombineError> {
        let (quarter, boroughs) = (picture.quarter(last), picture.boroughs());
        let to_date = Span::ToDate { last };
        let missing = picture.reading(area, ATTACHED, Cell::Total, to_date)?.missing;
        let mut row = Self {
            area_code: area.code().to_owned(),
            area_name: area.name().to_owned(),
            dfe_code: String::new(),
            status: format!("{} of {} boroughs", boroughs.len() - missing.len(), boroughs.len()),
            received_at: None,
            covers_to: picture.newest().map(|newest| newest.min(quarter)),
            missing: missing.iter().map(|code| borough_name(code).to_owned()).collect(),
            to_date: Amounts::of(picture, area, to_date)?,
            in_quarter: Amounts::of(picture, area, Span::quarter(last))?,
            explanation: None,
        };
        if let Area::Borough(code) = area {
            let arrival = arrival(picture, code, quarter);
            let released = picture.combined.released(code).min(last + 1);
            row.dfe_code = geography::borough(code).map_or_else(String::new, |known| known.dfe_code.clone());
            row.status = arrival.word().to_owned();
            row.received_at = arrival.received_at();
            row.covers_to = released.checked_sub(1).map(|index| picture.quarter(index));
            row.explanation = explanations.get(code).cloned().or_else(|| own_words(picture, code, last));
        }
        Ok(row)
    }

    /// Whether the quarter's release is not here and nobody wrote why.
    pub fn is_unexplained(&self) -> bool {
        let explained = self.explanation.as_ref().is_some_and(|text| !text.trim().is_empty());
        self.in_quarter.is_none() && !explained
    }
}
