//! The expected error of every figure that a policy publishes.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::PlanError;
use crate::privacy::{GroupKind, Policy, StreamPolicy, TimeMatrix, TimeMatrixError, sigma::Components};
use crate::statistics::Z_95;

/// Over which time a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// One quarter; the root mean square over the horizon's quarters.
    Quarter,
    /// A quarter against the one before; the root mean square.
    Change,
    /// A year from the horizon's first quarter on; the root mean square.
    Year,
    /// Everything to the end of the horizon.
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

    /// The mean factor by which σ² is multiplied.
    fn variance_factor(self, matrix: &TimeMatrix) -> Result<f64, TimeMatrixError> {
        let size = matrix.size();
        let spans: Vec<Vec<f64>> = match self {
            Self::Quarter => (0..size).map(|t| unit(t, 1)).collect(),
            Self::Change => (1..size)
                .map(|t| {
                    let mut weights = unit(t, 1);
                    weights[t - 1] = -1.0;
                    weights
                })
                .collect(),
            Self::Year => (0..size / 4).map(|year| unit(4 * year, 4)).collect(),
            Self::ToDate => vec![unit(0, size)],
        };
        let factors = spans.iter().map(|weights| matrix.variance_factor(weights));
        let factors = factors.collect::<Result<Vec<f64>, _>>()?;
        Ok(factors.iter().sum::<f64>() / factors.len().max(1) as f64)
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
    let mut factors = Vec::new();
    for period in Period::ALL {
        let factor =
            period.variance_factor(&policy.time_matrix).map_err(crate::privacy::PolicyError::from)?;
        factors.push((period, factor));
    }
    let mut errors = Vec::new();
    for stream in &policy.streams {
        let of_boroughs =
            places.iter().map(|&places| variances(stream, places)).collect::<Result<Vec<_>, _>>()?;
        for (at, (table, by_place, _)) in of_boroughs.first().into_iter().flatten().enumerate() {
            if *by_place && area == Area::Region {
                continue;
            }
            let variance: f64 = of_boroughs.iter().map(|tables| tables[at].2).sum();
            for &(period, factor) in &factors {
                let standard_error = (variance * factor).sqrt();
                let figure = Figure { stream: stream.name.clone(), table: table.clone(), period };
                errors.push(ExpectedError { figure, standard_error, half_width: standard_error * Z_95 });
            }
        }
    }
    Ok(errors)
}

/// Each table of a stream: its name, whether it is by place, and the variance of a cell at unit time.
fn variances(stream: &StreamPolicy, places: usize) -> Result<Vec<(String, bool, f64)>, PlanError> {
    let shape = stream.shape(places);
    let squares: Vec<f64> = stream.scales(places)?.iter().map(|&sigma| (sigma as f64).powi(2)).collect();
    let components = Components::of_scales(&shape, &squares);
    Ok(shape
        .groups()
        .iter()
        .map(|group| match group.kind {
            GroupKind::Total => ("total".to_owned(), false, components.of_total()),
            GroupKind::Place => ("place".to_owned(), true, components.of_place()),
            GroupKind::Label(set) => (stream.label_sets[set].name.clone(), false, components.of_label(set)),
            GroupKind::LabelByPlace(set) => (
                format!("{}-by-place", stream.label_sets[set].name),
                true,
                components.of_label_by_place(set).unwrap_or(f64::NAN),
            ),
        })
        .collect())
}
