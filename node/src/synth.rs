//! Synthetic extracts: what a borough's systems would export, by our own reading, and the truth beside them.
//!
//! Deterministic by seed. No person in them exists: NHS numbers begin with 999, National Insurance numbers
//! with QQ, names are put together from syllables.

mod extracts;
mod family;
mod people;
mod truth;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    geography::{self, Borough, BoroughCode},
};

use family::Family;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct SynthPlan {
    /// The borough.
    pub borough: BoroughCode,
    /// The first quarter.
    pub first_quarter: Quarter,
    /// How many quarters, at most 16.
    pub quarters: usize,
    /// What everything follows from.
    pub seed: u64,
    /// Size of the programme against the published one.
    pub scale: f64,
    /// Shares of dirt.
    pub dirt: Dirt,
    /// A family that moves to another borough.
    pub mover: Option<Mover>,
}

/// Shares of families or rows, from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Dirt {
    /// Families with a child recorded twice.
    pub duplicates: f64,
    /// Families that move within the borough.
    pub moves: f64,
    /// Fields left blank where a record can do without.
    pub missing: f64,
    /// Extra rows that cannot be read.
    pub malformed: f64,
    /// Rows sent again in the next extract.
    pub resent: f64,
}

impl Default for Dirt {
    fn default() -> Self {
        Self { duplicates: 0.03, moves: 0.04, missing: 0.05, malformed: 0.002, resent: 0.02 }
    }
}

/// A family that is attached in one borough and received by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mover {
    /// Where it was attached, in the first quarter.
    pub from: BoroughCode,
    /// Where it arrives.
    pub to: BoroughCode,
    /// In which quarter it arrives, counted from 0.
    pub arrives: usize,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Families, eligible or not.
    pub families: usize,
    /// Rows in all files.
    pub rows: usize,
    /// Rows among them that cannot be read.
    pub malformed: usize,
    /// Families attached over all quarters.
    pub attached: usize,
    /// Results over all quarters.
    pub results: usize,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The borough is none of the ten.
    #[error("{borough} is none of the region's boroughs")]
    NoBorough {
        /// The code.
        borough: BoroughCode,
    },
    /// Too many quarters: children would outgrow what the generator plans for them.
    #[error("{quarters} quarters were asked for, expected 1 to 16")]
    Quarters {
        /// How many.
        quarters: usize,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Days after a quarter's end on which its extracts are loaded.
pub const LOADED_AFTER_DAYS: u64 = 20;

/// Families of the published phase 1 programme were 120,000; the expanded one planned for 400,000.
const EXPANSION: f64 = 400_000.0 / 120_000.0;
/// Quarters over which a programme attaches its families.
const PROGRAMME_QUARTERS: f64 = 20.0;

/// The days a quarter's extracts cover; the first ones reach back a year.
pub fn covers(plan: &SynthPlan, index: usize) -> (NaiveDate, NaiveDate) {
    let quarter = plan.first_quarter.plus(index as i32);
    let from = if index == 0 { quarter.plus(-4).first_day() } else { quarter.first_day() };
    (from, quarter.last_day())
}

/// Writes a borough's extracts, quarter by quarter, with `truth.csv` and a README beside them.
///
/// # Errors
/// Where the plan cannot be carried out or a file cannot be written.
pub fn write(plan: &SynthPlan, out: &Path) -> Result<Written, SynthError> {
    let borough = geography::borough(&plan.borough)
        .ok_or_else(|| SynthError::NoBorough { borough: plan.borough.clone() })?;
    if !(1..=16).contains(&plan.quarters) {
        return Err(SynthError::Quarters { quarters: plan.quarters });
    }
    let families = families(plan, borough);
    let mut rng = rng(plan, "dirt");
    let mut written = Written { families: families.len(), rows: 0, malformed: 0, attached: 0, results: 0 };
    let mut before = BTreeMap::new();
    for index in 0..plan.quarters {
        let folder = out.join(plan.first_quarter.plus(index as i32).to_string());
        let file = |source| SynthError::File { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(file)?;
        let sheets = extracts::quarter(plan, borough, &families, index, &mut before, &mut rng);
        for sheet in sheets {
            written.rows += sheet.rows.len();
            written.malformed += sheet.malformed;
            let path = folder.join(sheet.file_name);
            sheet.write(&path).map_err(|source| SynthError::File { path, source })?;
        }
    }
    let truths = truth::count(plan, &families);
    written.attached = truths.iter().map(|truth| truth.attached).sum();
    written.results = truths.iter().map(|truth| truth.by_progress + truth.by_employment).sum();
    let path = out.join("truth.csv");
    truth::write(&path, plan, &truths).map_err(|source| SynthError::File { path, source })?;
    let path = out.join("README.txt");
    fs::write(&path, README).map_err(|source| SynthError::File { path, source })?;
    Ok(written)
}

const README: &str = "\
Synthetic extracts. No person, family or address in them exists.
They are our reading of what a borough's systems export, not the vendors' formats.
Each folder holds the rows that are new or changed since the quarter before.
truth.csv is the generator's own count by quarter of recording; a node never reads it.
";

fn rng(plan: &SynthPlan, purpose: &str) -> ChaCha8Rng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&plan.seed.to_le_bytes());
    seed[8..17].copy_from_slice(plan.borough.as_str().as_bytes());
    for (at, byte) in purpose.bytes().enumerate().take(12) {
        seed[20 + at] = byte;
    }
    ChaCha8Rng::from_seed(seed)
}

/// Families of the published programme, to be attached per quarter.
fn per_quarter(plan: &SynthPlan) -> f64 {
    let mut sizes = csv::Reader::from_reader(&include_bytes!("../../config/synthetic/programme_sizes.csv")[..]);
    let size: f64 = sizes
        .records()
        .filter_map(Result::ok)
        .find(|row| &row[0] == plan.borough.as_str())
        .and_then(|row| row[2].parse().ok())
        .expect("the embedded sizes name every borough");
    size * EXPANSION * plan.scale / PROGRAMME_QUARTERS
}

fn families(plan: &SynthPlan, borough: &Borough) -> Vec<Family> {
    let mut rng = rng(plan, "families");
    let mean = per_quarter(plan);
    // Some wards have several times as many families as others.
    let weights: Vec<f64> = (0..borough.wards.len()).map(|_| 0.3 + rng.random::<f64>() * 1.7).collect();
    let mut families = Vec::new();
    for attaches in 0..plan.quarters {
        let count = (mean * (0.85 + 0.3 * rng.random::<f64>())).round() as usize;
        // One family in eight has one problem only and never becomes eligible.
        for at in 0..count + count / 7 {
            let number = families.len();
            let ward = pick(&weights, &mut rng);
            families.push(Family::new(plan, number, attaches, at < count, &borough.wards[ward].code, &mut rng));
        }
    }
    if let Some(mover) = plan.mover.as_ref().filter(|m| m.from == plan.borough || m.to == plan.borough) {
        families.push(Family::mover(plan, mover, &borough.wards[0].code));
    }
    families
}

fn pick(weights: &[f64], rng: &mut ChaCha8Rng) -> usize {
    let mut left = rng.random::<f64>() * weights.iter().sum::<f64>();
    for (at, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return at;
        }
    }
    weights.len() - 1
}
