//! What a node must find, counted from the stories, and the words that go with the files.

use std::{fs, path::Path};

use super::{
    SynthError, SynthPlan,
    family::Family,
    load_day,
    story::{Ending, Joining},
};

/// What is recorded in one quarter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OfQuarter {
    pub(super) attached: usize,
    pub(super) progress: usize,
    pub(super) employment: usize,
    /// Of the families attached, those with each problem.
    pub(super) attached_problems: [usize; 6],
    /// Of the families with a result, those that made progress on each problem.
    pub(super) result_problems: [usize; 6],
}

/// One entry a quarter of recording.
pub(super) fn tally(plan: &SynthPlan, families: &[Family]) -> Vec<OfQuarter> {
    let mut quarters = vec![OfQuarter::default(); plan.quarters];
    for story in families.iter().map(|family| &family.story) {
        if let Joining::Attached(at) = story.joining {
            let quarter = &mut quarters[at];
            quarter.attached += 1;
            story.problems.iter().for_each(|p| quarter.attached_problems[usize::from(*p) - 1] += 1);
        }
        match story.ending {
            Ending::Progress(at) => {
                let quarter = &mut quarters[at];
                quarter.progress += 1;
                story.problems.iter().for_each(|p| quarter.result_problems[usize::from(*p) - 1] += 1);
            }
            Ending::Employment(at) => {
                quarters[at].employment += 1;
                // Nobody has reviewed the other needs; attendance speaks for itself.
                quarters[at].result_problems[1] += usize::from(story.has(2));
            }
            _ => {}
        }
    }
    quarters
}

/// Writes `truth.csv` and `README.txt`.
pub(super) fn write(plan: &SynthPlan, truth: &[OfQuarter], out: &Path) -> Result<(), SynthError> {
    let mut text = String::from("borough,quarter,attached,results,results_by_progress,results_by_employment");
    for stream in ["attached", "result"] {
        (1..=6).for_each(|problem| text.push_str(&format!(",{stream}_problem_{problem}")));
    }
    text.push('\n');
    for (quarter, found) in plan.all_quarters().into_iter().zip(truth) {
        let results = found.progress + found.employment;
        let (attached, progress, employment) = (found.attached, found.progress, found.employment);
        text.push_str(&format!("{},{quarter},{attached},{results},{progress},{employment}", plan.borough));
        for count in found.attached_problems.iter().chain(&found.result_problems) {
            text.push_str(&format!(",{count}"));
        }
        text.push('\n');
    }
    let put = |name: &str, text: &str| {
        let path = out.join(name);
        fs::write(&path, text).map_err(SynthError::unwritable(&path))
    };
    put("truth.csv", &text)?;
    put("README.txt", &read_me(plan))
}

fn read_me(plan: &SynthPlan) -> String {
    let loads: String = plan
        .all_quarters()
        .into_iter()
        .map(|quarter| format!("  {quarter}: load on {}\n", load_day(quarter)))
        .collect();
    format!(
        "Synthetic extracts of {borough}, seed {seed}, scale {scale}\n\
         \n\
         Everything here is invented: no person, address or number is real. NHS numbers lie in the range\n\
         kept for tests (999), NI numbers have the prefix QQ, which is never issued, and postcodes the\n\
         area ZZ, which does not exist.\n\
         \n\
         The headings are our own reading of what such systems export. They are not the vendors' formats.\n\
         \n\
         Each quarter's folder holds what is new or changed since the quarter before, a few rows sent\n\
         again, and a few spoilt rows that belong in quarantine. coverage.toml says which days the files\n\
         cover: a family seen for the first time comes with a year of its history.\n\
         \n\
         {loads}\
         \n\
         truth.csv says what a node must find when it loads each folder on its day and records every\n\
         family once in each stream, in the first quarter in which the verdict holds. Problems are\n\
         numbered as in the framework expanded-2015.\n\
         \n\
         Sizes: phase 1 figures times 400,000 / 120,000 over twenty quarters; see\n\
         config/synthetic/programme_sizes.csv for their sources and for what is assumed.\n",
        borough = plan.borough,
        seed = plan.seed,
        scale = plan.scale,
    )
}
