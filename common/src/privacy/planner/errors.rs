//! The expected error of every figure that a policy publishes.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::PlanError;
use crate::privacy::{Every, GroupKind, OverTime, Policy, PolicyError, StreamPolicy, over_time::Seen};
use crate::statistics::Z_95;

/// Over which time a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// One quarter as it is published, by the groups of each quarter alone; the root mean square over the horizon.
    Quarter,
    /// A quarter against the one before, likewise.
    Change,
    /// A year of the horizon, by all groups; the root mean square. The opening position is no year.
    Year,
    /// Everything to the end of the horizon, by all groups.
    ToDate,
}

impl Period {
    /// Every period.
    pub const ALL: [Self; 4] = [Self::Quarter, Self::Change, Self::Year, Self::ToDate];

    /// The word of commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quarter => "quarter",
            Self::Change => "change",
            Self::Year => "year",
            Self::ToDate => "to-date",
        }
    }

    /// The spans of a horizon over which it is the mean, as weights over quarters.
    fn spans(self, policy: &Policy) -> Vec<Vec<f64>> {
        let (size, years) = (policy.time_matrix.size(), policy.years());
        match self {
            Self::Quarter => (0..size).map(|t| unit(t, 1)).collect(),
            Self::Change => (1..size)
                .map(|t| {
                    let mut weights = unit(t, 1);
                    weights[t - 1] = -1.0;
                    weights
                })
                .collect(),
            Self::Year => {
                let counted = years.counted(&[]).into_iter().enumerate();
                let activity = counted.filter(|(year, _)| !years.is_opening(*year));
                activity.map(|(_, quarters)| unit(quarters.start, quarters.len())).collect()
            }
            Self::ToDate => vec![unit(0, size)],
        }
    }

    /// Whether figures over it are whole years.
    pub fn is_years(self) -> bool {
        matches!(self, Self::Year | Self::ToDate)
    }
}

/// Weight one on `length` quarters from `first` on.
fn unit(first: usize, length: usize) -> Vec<f64> {
    (0..first + length).map(|t| if t < first { 0.0 } else { 1.0 }).collect()
}

/// One kind of figure: `attached:total:quarter`, `attached:problem-by-place:to-date`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure {
    /// The stream.
    pub stream: String,
    /// `total`, `place`, a label set's name, or that and `-by-place`.
    pub table: String,
    /// The period.
    pub period: Period,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.stream, self.table, self.period.as_str())
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Figure {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let refuse = || PlanError::NotAFigure { text: text.to_owned() };
        let [stream, table, period] = text.split(':').collect::<Vec<_>>()[..] else { return Err(refuse()) };
        let period = Period::ALL.into_iter().find(|known| known.as_str() == period).ok_or_else(refuse)?;
        Ok(Self { stream: stream.to_owned(), table: table.to_owned(), period })
    }
}

/// Where a figure is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// In a borough of so many places, *not known or elsewhere* included.
    Borough(usize),
    /// In the region: the sum over all boroughs of the policy.
    Region,
}

/// How far a figure may be off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExpectedError {
    /// Which figure.
    pub figure: Figure,
    /// Standard error in families.
    pub standard_error: f64,
    /// Half of the 95 % interval in families.
    pub half_width: f64,
}

/// The expected error of every figure of a policy in an area; the region has no figures by place.
///
/// # Errors
/// Where the policy has no noise scales for the number of places.
pub fn expected_errors(policy: &Policy, area: Area) -> Result<Vec<ExpectedError>, PlanError> {
    let places: Vec<usize> = match area {
        Area::Borough(places) => vec![places],
        Area::Region => policy.boroughs.iter().map(|borough| borough.wards.len() + 1).collect(),
    };
    let time = OverTime::new(policy, policy.time_matrix.size(), &[]).map_err(PolicyError::from)?;
    let mut errors = Vec::new();
    for stream in &policy.streams {
        let of_boroughs = places
            .iter()
            .map(|&places| variances(policy, &time, stream, places))
            .collect::<Result<Vec<_>, _>>()?;
        for (at, (figure, by_place, _)) in of_boroughs.first().into_iter().flatten().enumerate() {
            if *by_place && area == Area::Region {
                continue;
            }
            let variance: f64 = of_boroughs.iter().map(|figures| figures[at].2).sum();
            let standard_error = variance.sqrt();
            let half_width = standard_error * Z_95;
            errors.push(ExpectedError { figure: figure.clone(), standard_error, half_width });
        }
    }
    Ok(errors)
}

/// Each figure of a stream, whether it is by place, and its mean variance over the horizon. What is released once
/// a year has no figure of a quarter.
fn variances(
    policy: &Policy,
    time: &OverTime,
    stream: &StreamPolicy,
    places: usize,
) -> Result<Vec<(Figure, bool, f64)>, PlanError> {
    let shape = stream.shape(places);
    let seen = Seen::new(&shape, stream.scales(places)?);
    let mut figures = Vec::new();
    for group in shape.groups() {
        let (table, by_place) = match group.kind {
            GroupKind::Total => ("total".to_owned(), false),
            GroupKind::Place => ("place".to_owned(), true),
            GroupKind::Label(set) => (stream.label_sets[set].name.clone(), false),
            GroupKind::LabelByPlace(set) => (format!("{}-by-place", stream.label_sets[set].name), true),
        };
        for period in Period::ALL {
            if group.every == Every::Year && !period.is_years() {
                continue;
            }
            let seen = if period.is_years() { seen.clone() } else { seen.without_years() };
            let spans = period.spans(policy);
            let mut sum = 0.0;
            for weights in &spans {
                let reached = seen.over(&shape, time, weights).map_err(PolicyError::from)?;
                sum += reached.of_group(group.kind);
            }
            let figure = Figure { stream: stream.name.clone(), table: table.clone(), period };
            figures.push((figure, by_place, sum / spans.len().max(1) as f64));
        }
    }
    Ok(figures)
}
