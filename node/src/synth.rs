//! Synthetic extracts: what a borough's systems would export, invented from a seed, with the truth beside it.
//!
//! A family has a story first: when it is attached, whether and how it comes to a result. Its records
//! are then made so that the story is what they say. No real person is in them.

mod dice;
mod extracts;
mod family;
mod identity;
mod story;
mod truth;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use chrono::{Days as DayCount, NaiveDate};
use tenfold_common::{
    calendar::{Quarter, minus_months},
    geography::{self, Borough, BoroughCode},
};

use crate::register::Days;
use dice::Dice;
use family::Family;
use identity::Register;

/// What to invent.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthPlan {
    /// The borough.
    pub borough: BoroughCode,
    /// The same seed makes the same bytes; give every borough of a region the same one.
    pub seed: u64,
    /// The first quarter.
    pub first_quarter: Quarter,
    /// How many quarters, 1 to 24.
    pub quarters: usize,
    /// The share of the programme's size, from above 0 to 10.
    pub scale: f64,
    /// How untidy the extracts are.
    pub shares: Shares,
    /// The one family that moves between two boroughs.
    pub moving: Option<Moving>,
}

/// Shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Of attached families, those that come to a result sooner or later.
    pub results: f64,
    /// Of results, those by employment.
    pub employment: f64,
    /// Of families, those with a child that is in the case system twice.
    pub duplicates: f64,
    /// Of families, those that move within the borough.
    pub moves: f64,
    /// Of wards, postcodes, UPNs, NHS and NI numbers, those left blank.
    pub missing: f64,
    /// Spoilt rows for each good one.
    pub malformed: f64,
    /// Of rows, those sent again unchanged in a later quarter.
    pub resent: f64,
}

/// From which borough to which the one family moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// Attached here.
    pub from: BoroughCode,
    /// Received here, and so never attached here.
    pub to: BoroughCode,
}

impl SynthPlan {
    /// Eight quarters from 2015-Q2 at the programme's size, a family moving from Bolton to Bury.
    pub fn new(borough: BoroughCode, seed: u64) -> Self {
        let code = |text: &str| -> BoroughCode { text.parse().expect("a borough's code written out here") };
        Self {
            borough,
            seed,
            first_quarter: Quarter::of(NaiveDate::from_ymd_opt(2015, 4, 1).expect("a day written out here")),
            quarters: 8,
            scale: 1.0,
            shares: Shares {
                results: 0.75,
                employment: 0.1,
                duplicates: 0.03,
                moves: 0.06,
                missing: 0.03,
                malformed: 0.002,
                resent: 0.02,
            },
            moving: Some(Moving { from: code("E08000001"), to: code("E08000002") }),
        }
    }

    /// The quarters in order.
    pub fn all_quarters(&self) -> Vec<Quarter> {
        (0..self.quarters).map(|at| self.first_quarter.plus(at as i32)).collect()
    }
}

/// The day on which a quarter's extracts are loaded: 20 days after its last.
pub fn load_day(quarter: Quarter) -> NaiveDate {
    quarter.last_day().checked_add_days(DayCount::new(20)).unwrap_or(NaiveDate::MAX)
}

/// The days that a quarter's extracts cover: a family seen for the first time comes with a year of history.
pub fn coverage(quarter: Quarter) -> Days {
    Days { from: minus_months(quarter.first_day(), 12), to: quarter.last_day() }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Families invented.
    pub families: usize,
    /// Of these attached within the quarters.
    pub attached: usize,
    /// Of these with a result within the quarters.
    pub results: usize,
    /// Rows in all extracts, headings not counted.
    pub rows: u64,
    /// The extracts in order of quarter and name.
    pub extracts: Vec<PathBuf>,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The borough is not one of the ten.
    #[error("{code} is not a borough of Greater Manchester, expected E08000001 to E08000010")]
    NoSuchBorough {
        /// The code given.
        code: BoroughCode,
    },
    /// A number of the plan is out of its range.
    #[error("{what} is {found}, expected {expected}")]
    OutOfRange {
        /// Which.
        what: &'static str,
        /// What was given.
        found: String,
        /// The range.
        expected: &'static str,
    },
    /// A file or folder could not be written.
    #[error("{} could not be written: {source}", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SynthError {
    fn unwritable(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unwritable { path: path.clone(), source }
    }
}

/// Writes a borough's extracts, a folder a quarter, with `truth.csv` and `README.txt` beside them.
///
/// # Errors
/// The borough or a number of the plan is wrong, or a file cannot be written.
pub fn write(plan: &SynthPlan, out: &Path) -> Result<Written, SynthError> {
    let families = invent(plan)?;
    fs::create_dir_all(out).map_err(SynthError::unwritable(out))?;
    let (rows, extracts) = extracts::write(plan, &families, out)?;
    let truth = truth::tally(plan, &families);
    truth::write(plan, &truth, out)?;
    Ok(Written {
        families: families.len(),
        attached: truth.iter().map(|quarter| quarter.attached).sum(),
        results: truth.iter().map(|quarter| quarter.progress + quarter.employment).sum(),
        rows,
        extracts,
    })
}

/// Every family of a borough with its records, in order.
fn invent(plan: &SynthPlan) -> Result<Vec<Family>, SynthError> {
    let (at, borough) = check(plan)?;
    let mut register = Register::new(at, borough, plan.seed);
    let mut families = Vec::new();
    for quarter in 0..plan.quarters {
        for story in story::of_quarter(plan, at, size_of(&plan.borough), quarter) {
            let mut dice = Dice::new(plan.seed, at as u64 + 1, families.len() as u64 + 1);
            families.push(Family::invent(plan, &mut dice, &mut register, story));
        }
    }
    if let Some(story) = story::of_the_moving_family(plan) {
        // Both boroughs throw the same dice, so that the same people come out.
        let mut dice = Dice::new(plan.seed, 0, 0);
        families.push(Family::invent(plan, &mut dice, &mut register.of_the_moving_family(), story));
    }
    Ok(families)
}

fn check(plan: &SynthPlan) -> Result<(usize, &'static Borough), SynthError> {
    let boroughs = geography::boroughs();
    let at = boroughs.iter().position(|borough| borough.code == plan.borough);
    let at = at.ok_or_else(|| SynthError::NoSuchBorough { code: plan.borough.clone() })?;
    let range = |what, found: String, holds: bool, expected| {
        if holds { Ok(()) } else { Err(SynthError::OutOfRange { what, found, expected }) }
    };
    range("the number of quarters", plan.quarters.to_string(), (1..=24).contains(&plan.quarters), "1 to 24")?;
    let scale = plan.scale > 0.0 && plan.scale <= 10.0;
    range("the scale", plan.scale.to_string(), scale, "above 0, at most 10")?;
    let shares = plan.shares;
    for (what, share) in [
        ("the share of results", shares.results),
        ("the share of employment", shares.employment),
        ("the share of duplicates", shares.duplicates),
        ("the share of moves", shares.moves),
        ("the share of missing values", shares.missing),
        ("the share of malformed rows", shares.malformed),
        ("the share of rows sent again", shares.resent),
    ] {
        range(what, share.to_string(), (0.0..=1.0).contains(&share), "0 to 1")?;
    }
    Ok((at, &boroughs[at]))
}

static SIZES: LazyLock<Vec<(String, f64)>> = LazyLock::new(|| {
    let bytes = &include_bytes!("../../config/synthetic/programme_sizes.csv")[..];
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader.records().map(|row| {
        let row = row.expect("the embedded sizes are well-formed CSV");
        (row[0].to_owned(), row[2].parse().expect("the embedded sizes are whole numbers"))
    });
    rows.collect()
});

/// Families of the whole expanded programme in a borough: the phase 1 figure times 400,000 / 120,000.
fn size_of(borough: &BoroughCode) -> f64 {
    let phase_1 = SIZES.iter().find(|(code, _)| code == borough.as_str()).map_or(0.0, |(_, size)| *size);
    phase_1 * 400_000.0 / 120_000.0
}

#[cfg(test)]
mod tests;
