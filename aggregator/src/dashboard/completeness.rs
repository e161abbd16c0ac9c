//! What came, what came late and what is missing: borough by quarter.

use tenfold_common::{clock::Moment, geography::BoroughCode};

use super::{Picture, Standing};
use crate::combine::borough_name;

/// Borough by quarter.
#[derive(Clone, Debug)]
pub struct Completeness {
    /// The quarters with the instant from which a release is late.
    pub quarters: Vec<(usize, Moment)>,
    /// The boroughs in alphabetical order, one standing a quarter.
    pub rows: Vec<(BoroughCode, Vec<Standing>)>,
}

impl Completeness {
    /// Who released what, as it stands.
    pub fn of(picture: &Picture) -> Self {
        let quarters = 0..picture.quarters();
        let rows = picture.boroughs().into_iter().map(|borough| {
            let standings = quarters
                .clone()
                .map(|index| picture.standing(&borough, index))
                .collect();
            (borough, standings)
        });
        Self {
            rows: rows.collect(),
            quarters: quarters
                .map(|at| (at, picture.policy().due_at(picture.quarter(at))))
                .collect(),
        }
    }

    /// How many releases are in a standing, by the standing's word.
    pub fn count(&self, word: &str) -> usize {
        self.rows
            .iter()
            .flat_map(|(_, standings)| standings)
            .filter(|standing| standing.word() == word)
            .count()
    }
}

/// The same as CSV, one release a row.
pub fn csv(picture: &Picture) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut record = |fields: [&str; 7]| {
        writer
            .write_record(fields)
            .expect("every record has the header's length and memory takes it");
    };
    record([
        "time_period",
        "geographic_code",
        "geographic_name",
        "status",
        "received_at",
        "due_at",
        "release_number",
    ]);
    let completeness = Completeness::of(picture);
    for (at, (index, due_at)) in completeness.quarters.iter().enumerate() {
        for (borough, standings) in &completeness.rows {
            let release = picture.release(borough, *index);
            record([
                &picture.quarter(*index).to_string(),
                borough.as_str(),
                borough_name(borough),
                standings[at].word(),
                &standings[at]
                    .received_at()
                    .map_or_else(String::new, |at| at.to_string()),
                &due_at.to_string(),
                &release.map_or_else(String::new, |release| release.number.to_string()),
            ]);
        }
    }
    writer.into_inner().expect("writing to memory does not fail")
}
