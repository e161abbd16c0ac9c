//! The generator's own count by quarter of recording: read by the demo and the tests, never by a node.

use std::{io, path::Path};

use super::{SynthPlan, family::{Ending, Family}};

/// What is true of one quarter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) attached: usize,
    pub(super) attached_with_problem: [usize; 6],
    pub(super) by_progress: usize,
    pub(super) by_employment: usize,
}

/// What is true of each quarter.
pub(super) fn count(plan: &SynthPlan, families: &[Family]) -> Vec<Truth> {
    let mut truths = vec![Truth::default(); plan.quarters];
    for family in families {
        let Some(attached_in) = family.attached_in() else { continue };
        if let Some(truth) = truths.get_mut(attached_in) {
            truth.attached += 1;
            for &problem in &family.problems {
                truth.attached_with_problem[usize::from(problem) - 1] += 1;
            }
        }
        match family.ending {
            Ending::Open => {}
            Ending::Progress(quarter) => {
                if let Some(truth) = truths.get_mut(quarter) {
                    truth.by_progress += 1;
                }
            }
            Ending::Employment(quarter) => {
                if let Some(truth) = truths.get_mut(quarter) {
                    truth.by_employment += 1;
                }
            }
        }
    }
    truths
}

/// Writes `truth.csv`.
pub(super) fn write(path: &Path, plan: &SynthPlan, truths: &[Truth]) -> io::Result<()> {
    let mut csv = csv::Writer::from_path(path)?;
    let mut headings: Vec<String> =
        ["borough", "quarter", "attached", "results", "results_by_progress", "results_by_employment"]
            .map(str::to_owned)
            .into();
    headings.extend((1..=6).map(|number| format!("attached_problem_{number}")));
    csv.write_record(&headings)?;
    for (index, truth) in truths.iter().enumerate() {
        let results = truth.by_progress + truth.by_employment;
        let counts = [truth.attached, results, truth.by_progress, truth.by_employment];
        let mut row = vec![plan.borough.to_string(), plan.first_quarter.plus(index as i32).to_string()];
        row.extend(counts.iter().chain(&truth.attached_with_problem).map(usize::to_string));
        csv.write_record(&row)?;
    }
    csv.flush()
}
