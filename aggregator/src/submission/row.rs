//! One row of the return: an area's attachments and results, to date and in the quarter.

use tenfold_common::{
    calendar::Quarter,
    geography,
    privacy::policy::{ATTACHED, PROGRESS, RESULT, RESULT_TYPE},
    statistics::Estimate,
};

use super::Explanations;
use crate::{
    combine::{Area, Cell, CombineError, Span, borough_name},
    dashboard::{Picture, Standing},
};

/// One area in the return.
#[derive(Clone, Debug)]
pub struct ReturnRow {
    /// Which.
    pub area: Area,
    /// The borough's Department for Education number; empty for the region.
    pub dfe_code: String,
    /// How the borough stands with the quarter; none for the region.
    pub standing: Option<Standing>,
    /// The number of the borough's release of the quarter.
    pub release_number: Option<u32>,
    /// The last quarter that the figures to date cover; none before the first release.
    pub covers_to: Option<Quarter>,
    /// Everything to date.
    pub to_date: Option<Amounts>,
    /// The quarter by itself.
    pub in_quarter: Option<Amounts>,
    /// Names of boroughs that the figures leave out or know only in part.
    pub missing: Vec<String>,
    /// What people wrote about a late or missing release.
    pub explanation: Option<String>,
}

/// The four amounts of a return.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amounts {
    /// Families attached.
    pub attached: Estimate,
    /// Results recorded: progress and employment together.
    pub results: Estimate,
    /// Results by significant and sustained progress.
    pub progress: Estimate,
    /// Results by continuous employment.
    pub employment: Estimate,
}

/// The same in whole numbers, as they are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownAmounts {
    /// Families attached.
    pub attached: f64,
    /// Results recorded.
    pub results: f64,
    /// Results by progress: what employment leaves of the results, so that the two add up.
    pub progress: f64,
    /// Results by employment.
    pub employment: f64,
}

impl Amounts {
    fn of(picture: &Picture, area: &Area, span: Span) -> Result<Option<Self>, CombineError> {
        let result = picture.policy().stream(RESULT)?;
        let by_type = result.label_sets.iter().enumerate().find_map(|(set, of)| {
            let label = of.labels.iter().position(|label| label == PROGRESS)?;
            (of.name == RESULT_TYPE).then_some((set, label))
        });
        let (set, label) = by_type.ok_or_else(|| CombineError::Policy {
            reason: format!("its stream {RESULT:?} does not tell {PROGRESS:?} from employment"),
        })?;
        let estimate = |stream, cell| picture.estimate(area, stream, cell, span);
        Ok(
            match (estimate(ATTACHED, Cell::Total)?, estimate(RESULT, Cell::Total)?) {
                (Some(attached), Some(results)) => {
                    let progress = estimate(RESULT, Cell::Label { set, label })?;
                    let employment = estimate(RESULT, Cell::LabelAbsent { set, label })?;
                    progress.zip(employment).map(|(progress, employment)| Self {
                        attached,
                        results,
                        progress,
                        employment,
                    })
                }
                _ => None,
            },
        )
    }

    /// The amounts in whole numbers; progress and employment add up to the results exactly.
    pub fn shown(&self) -> ShownAmounts {
        let results = self.results.display().value;
        let employment = self.employment.display().value.min(results);
        let attached = self.attached.display().value;
        ShownAmounts {
            attached,
            results,
            progress: results - employment,
            employment,
        }
    }
}

impl ReturnRow {
    pub(super) fn of(
        picture: &Picture,
        area: Area,
        index: usize,
        explanations: &Explanations,
    ) -> Result<Self, CombineError> {
        let missing = picture
            .reading(&area, ATTACHED, Cell::Total, Span::ToDate { last: index })?
            .missing;
        let (standing, release, dfe_code, explanation) = match &area {
            Area::Region => (None, None, String::new(), None),
            Area::Borough(code) => (
                Some(picture.standing(code, index)),
                picture.release(code, index),
                geography::borough(code).map_or_else(String::new, |borough| borough.dfe_code.clone()),
                explanations.get(code).cloned(),
            ),
        };
        let released = match &area {
            Area::Region => picture.combined().quarters(),
            Area::Borough(code) => picture.combined().released(code),
        };
        let covers_to = released
            .min(index + 1)
            .checked_sub(1)
            .map(|last| picture.quarter(last));
        Ok(Self {
            to_date: Amounts::of(picture, &area, Span::ToDate { last: index })?,
            in_quarter: Amounts::of(picture, &area, Span::quarter(index))?,
            dfe_code,
            standing,
            release_number: release.map(|release| release.number),
            covers_to,
            missing: missing.iter().map(|code| borough_name(code).to_owned()).collect(),
            explanation,
            area,
        })
    }

    /// The standing in words; for the region whether all boroughs are in it.
    pub fn status(&self) -> &'static str {
        match (self.standing, self.missing.is_empty()) {
            (Some(standing), _) => standing.word(),
            (None, true) => "complete",
            (None, false) => "incomplete",
        }
    }
}
