//! The national return: form, checks, files. Estimates from the boroughs' releases, and named so.

mod checks;
mod files;
mod row;

use std::collections::BTreeMap;

use serde::Serialize;
use tenfold_common::{calendar::Quarter, clock::Moment, geography::BoroughCode, privacy::Succession};

pub use checks::{Check, checks};
pub use files::{Files, files};
pub use row::{Amounts, ReturnRow, WholeAmounts};

use crate::{
    combine::{Area, CombineError},
    dashboard::Picture,
};

/// What people wrote about boroughs whose release is not here, by borough.
pub type Explanations = BTreeMap<BoroughCode, String>;

/// The return of one quarter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Return {
    /// The quarter.
    pub quarter: Quarter,
    /// Whether it is the opening position, which holds everything before it and is no quarter's activity.
    pub opening: bool,
    /// What readers call it.
    pub period: String,
    /// When the releases behind it were read.
    pub as_at: Moment,
    /// Hash of the policy that rules the quarter.
    pub policy: String,
    /// Hashes of those before it, which the figures to date rest on too; oldest first.
    pub earlier_policies: Vec<String>,
    /// The framework by which verdicts were reached.
    pub framework: String,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// Boroughs alphabetically, the region last.
    pub rows: Vec<ReturnRow>,
}

impl Return {
    /// The return of a quarter, from what was received so far and what people explained.
    ///
    /// # Errors
    /// Where the quarter is outside the horizon or its recording period is not over and nobody released it, or
    /// releases do not fit the policy.
    pub fn of(
        picture: &Picture,
        quarter: Quarter,
        explanations: &Explanations,
    ) -> Result<Self, CombineError> {
        let last = picture.policy.quarter_index(quarter)?;
        let (released, over) =
            (picture.combined.quarters(), picture.policy.recording_ends(quarter) <= picture.now);
        if last >= released && !over {
            return Err(CombineError::NotReleased { asked: last + 1, released });
        }
        let areas = picture.boroughs().into_iter().map(Area::Borough).chain([Area::Region]);
        let rows = areas.map(|area| ReturnRow::of(picture, &area, last, explanations));
        let ruling = picture.policy.of(quarter)?;
        let policy = ruling.policy();
        Ok(Self {
            quarter,
            opening: picture.policy.is_opening(quarter),
            period: picture.policy.period_name(quarter),
            as_at: picture.now,
            policy: ruling.hash().to_owned(),
            earlier_policies: earlier_policies(&picture.policy, quarter),
            framework: policy.framework.clone(),
            rehearsal: policy.rehearsal,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }
}

fn earlier_policies(policies: &Succession, quarter: Quarter) -> Vec<String> {
    let begun = policies.terms().iter().filter(|term| term.policy.policy().first_quarter <= quarter);
    let mut begun: Vec<String> = begun.map(|term| term.policy.hash().to_owned()).collect();
    begun.pop();
    begun
}
