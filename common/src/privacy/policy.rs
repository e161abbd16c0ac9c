//! The region's policy: streams, places, horizon, matrix and noise scales, as one signed document of integers.

mod error;
mod plan;
mod stream;
mod succession;
#[cfg(test)]
pub(super) mod tests;
mod verified;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    ByCadence, Every, Rho, Years, question,
    shape::{Group, LabelKind, LabelSet, StreamShape, Table},
    sigma::Timing,
    time_matrix::{TimeMatrix, TimeMatrixError},
    years,
};
use crate::{
    calendar::Quarter,
    geography::{BoroughCode, WardCode},
    statistics::Comparisons,
};

pub use error::PolicyError;
pub use plan::Plan;
pub use succession::{Succession, Term};
pub use verified::VerifiedPolicy;

/// The media type of a signed policy.
pub const POLICY_TYPE: &str = "tenfold-policy+jws";

/// What the region agreed, before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Always `tenfold-policy/1`.
    pub format: String,
    /// What people call it.
    pub name: String,
    /// Whether everything made under it is a rehearsal.
    pub rehearsal: bool,
    /// The outcomes framework whose problems are the labels, such as `expanded-2015`.
    pub framework: String,
    /// The first period of the horizon.
    pub first_quarter: Quarter,
    /// Whether a borough's first release is its opening position: everything up to that quarter's last day, and
    /// what the borough brings from before Tenfold; then it is shown as no quarter's activity. There is one for
    /// each borough and never another, whatever policies follow.
    pub opening: bool,
    /// Hash of the policy it takes over from, at its first quarter; none for the first of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<String>,
    /// δ at which ε is shown; decides nothing.
    pub delta: String,
    /// The most that one line may lose under this policy.
    pub total: Rho,
    /// Kept for one-off tables.
    pub reserve: Rho,
    /// The dated boundary set of the places.
    pub boundary_set: String,
    /// The places of each borough; *not known or elsewhere* is added as the last.
    pub boroughs: Vec<BoroughPlaces>,
    /// C, and with it the horizon.
    pub time_matrix: TimeMatrix,
    /// Where C comes from.
    pub time_matrix_provenance: String,
    /// C of groups that are released once a year, a row a year of the horizon.
    pub yearly_matrix: TimeMatrix,
    /// Where that comes from.
    pub yearly_matrix_provenance: String,
    /// When periods end and releases are due.
    pub dates: Dates,
    /// How figures that are read together are compared; where nothing is said, every pair of boroughs at five in a
    /// hundred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparisons: Option<Comparisons>,
    /// The streams.
    pub streams: Vec<StreamPolicy>,
}

/// The places of one borough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoroughPlaces {
    /// The borough.
    pub borough: BoroughCode,
    /// Its wards, in the order of the cells.
    pub wards: Vec<WardCode>,
}

/// Instants counted in days after the last day of a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// Rows recorded later belong to the next period.
    pub recording_ends_after_days: u16,
    /// Sealed bytes leave the node at this instant.
    pub deliver_after_days: u16,
    /// A release received later is late.
    pub due_after_days: u16,
}

/// One kind of event, counted quarter after quarter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamPolicy {
    /// Its name, which is for ever.
    pub name: String,
    /// The words readers see.
    pub title: String,
    /// Its share of the total.
    pub share: Rho,
    /// Whether it is counted by place, or in the borough as a whole only.
    pub by_place: bool,
    /// How often its groups by place are released, in quarters: 1 or 4. Those of the borough are every quarter.
    pub places_every: Every,
    /// By what it is counted.
    pub label_sets: Vec<LabelSet>,
    /// σ of each group, for every number of places that occurs.
    pub scales: Vec<GroupScale>,
}

/// The noise scales for boroughs with one number of places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupScale {
    /// W, *not known or elsewhere* included.
    pub places: usize,
    /// σ of each group in the order of [`StreamShape::groups`].
    pub sigma: Vec<u64>,
}

impl Policy {
    /// Checks everything that does not need the signature.
    ///
    /// # Errors
    /// The first fault found.
    pub fn verify(&self) -> Result<(), PolicyError> {
        if self.format != "tenfold-policy/1" {
            return Err(PolicyError::Format { found: self.format.clone() });
        }
        self.time_matrix.verify()?;
        if self.opening && self.time_matrix.size() < 2 {
            return Err(PolicyError::OpeningOnly);
        }
        self.yearly_matrix.verify()?;
        let (rows, years) = (self.yearly_matrix.size(), self.years().count());
        if rows < years && self.releases_by_year() {
            return Err(PolicyError::Years { rows, years });
        }
        let dates = self.dates;
        if dates.recording_ends_after_days > dates.deliver_after_days
            || dates.deliver_after_days > dates.due_after_days
        {
            return Err(PolicyError::Dates);
        }
        if let Some(comparisons) = self.comparisons.filter(|comparisons| !comparisons.is_sound()) {
            return Err(PolicyError::Comparisons { comparisons });
        }
        once("borough", self.boroughs.iter().map(|places| places.borough.as_str()))?;
        once("ward", self.boroughs.iter().flat_map(|places| &places.wards).map(WardCode::as_str))?;
        once("stream", self.streams.iter().map(|stream| stream.name.as_str()))?;
        if let Some(stream) = self.streams.iter().find(|stream| !question::may_name_a_stream(&stream.name)) {
            return Err(PolicyError::StreamName { name: stream.name.clone() });
        }
        for stream in &self.streams {
            once("label set", stream.label_sets.iter().map(|set| set.name.as_str()))?;
            for set in &stream.label_sets {
                once("label", set.labels.iter().map(String::as_str))?;
                let score = matches!(set.kind, LabelKind::Score { .. });
                let fits = match score {
                    true => set.labels.len() == 1 && set.most() > 0 && !set.by_place,
                    false => !set.labels.is_empty() && (stream.by_place || !set.by_place),
                };
                if !fits {
                    return Err(PolicyError::LabelSet { stream: stream.name.clone(), set: set.name.clone() });
                }
            }
        }
        let sum: Rho = self.streams.iter().map(|stream| stream.share).chain([self.reserve]).sum();
        if sum > self.total {
            return Err(PolicyError::OverTotal { sum, total: self.total });
        }
        let column_sums = self.column_sums();
        for stream in &self.streams {
            for borough in &self.boroughs {
                stream.charge(borough.wards.len() + 1, column_sums)?;
            }
        }
        Ok(())
    }
}

impl Policy {
    /// The years of the horizon; a policy that takes over from another opens nothing again.
    pub fn years(&self) -> Years {
        Years::of(self.first_quarter, self.time_matrix.size(), self.opening && self.succeeds.is_none())
    }

    /// Whether any stream has groups that are released once a year.
    pub fn releases_by_year(&self) -> bool {
        self.streams.iter().any(|stream| stream.places_every == Every::Year)
    }

    /// How figures that are read together are compared.
    pub fn comparisons(&self) -> Comparisons {
        self.comparisons.unwrap_or_else(|| Comparisons::pairs_of(self.boroughs.len()))
    }

    /// The time matrix of a cadence.
    pub fn matrix(&self, every: Every) -> &TimeMatrix {
        match every {
            Every::Quarter => &self.time_matrix,
            Every::Year => &self.yearly_matrix,
        }
    }

    /// S of each time matrix, exactly.
    pub fn column_sums(&self) -> ByCadence<u64> {
        let of = |every| self.matrix(every).largest_column_sum();
        ByCadence { quarter: of(Every::Quarter), year: of(Every::Year) }
    }

    /// What releasing each quarter and each year does to errors.
    pub fn timing(&self) -> Timing {
        Timing::of(&self.time_matrix, &self.yearly_matrix, &self.years())
    }

    /// The number of places of a borough, *not known or elsewhere* included.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn places_of(&self, borough: &BoroughCode) -> Result<usize, PolicyError> {
        let found = self.boroughs.iter().find(|places| &places.borough == borough);
        found
            .map(|places| places.wards.len() + 1)
            .ok_or_else(|| PolicyError::Absent { what: "borough", name: borough.to_string() })
    }
}

/// The stream of families that joined.
pub const ATTACHED: &str = "attached";
/// The stream of results that an officer recorded.
pub const RESULT: &str = "result-recorded";
/// The stream of families whose work was closed, for another reason than a move.
pub const CLOSED: &str = "closed";
/// The stream of results taken back: their claim was refused or withdrawn. The only correction there is.
pub const WITHDRAWN: &str = "withdrawn";
/// The label set of why work was closed.
pub const REASON: &str = "reason";
/// Why work is closed, exactly one of them; a move is none, because the work goes on elsewhere.
pub const REASONS: [&str; 6] =
    ["needs met", "progress, not claimable", "disengaged", "stepped up", "other", "not recorded"];
/// The label set of headline problems.
pub const PROBLEM: &str = "problem";
/// The label set of the result's type: progress, or (where absent) continuous employment.
pub const RESULT_TYPE: &str = "type";
/// The one label of [`RESULT_TYPE`].
pub const PROGRESS: &str = "progress";

fn once<'a>(what: &'static str, mut names: impl Iterator<Item = &'a str>) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    match names.find(|name| !seen.insert(name.to_owned())) {
        Some(name) => Err(PolicyError::Twice { what, name: name.to_owned() }),
        None => Ok(()),
    }
}

impl Policy {
    /// What a quarter's release says of a stream before noise: Σ C[t][s]·x_s of every group that is due, from the
    /// true tables x_0 … x_t of the horizon so far; nothing in the place of a group that is not due.
    ///
    /// A group that is released once a year is due in the quarter that ends one; its table of a year is the sum of
    /// its quarters' ([`Years::counted`]; `void` are the void quarters, from the horizon's first).
    ///
    /// # Errors
    /// Where there are more tables than quarters, or a sum leaves 64 bits.
    pub fn strategy(
        &self,
        shape: &StreamShape,
        tables: &[&Table],
        void: &[usize],
    ) -> Result<Table, TimeMatrixError> {
        let years = self.years();
        let ended = tables.len().checked_sub(1).and_then(|quarter| years.ended_by(quarter));
        let counted = years.counted(void);
        let group = |(at, group): (usize, Group)| {
            let quarters: Vec<&[i64]> = tables.iter().map(|table| table[at].as_slice()).collect();
            match (group.every, ended) {
                (Every::Quarter, _) => self.time_matrix.strategy(&quarters),
                (Every::Year, Some(year)) => {
                    let years = years::added_up(&counted[..=year], &quarters)?;
                    self.yearly_matrix.strategy(&years.iter().map(Vec::as_slice).collect::<Vec<_>>())
                }
                (Every::Year, None) => Ok(Vec::new()),
            }
        };
        shape.groups().into_iter().enumerate().map(group).collect()
    }
}
