//! What was checked for the approver: each passes, or asks to be looked at. None of them stops a release.

use std::fmt;

use serde::Serialize;
use tenfold_common::privacy::Rho;

use super::{Precision, Quality, StreamCounts};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// A person should look at it.
    LookAt,
}

/// One check, in words. What was found may tell a figure, and is not printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.outcome)
    }
}

/// What no family can change: policy, order, agreements and the ledger. A standing approval rests on these alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// What is charged, and the cap.
    pub charged: (Rho, Rho),
    /// The first fault of the ledger, if it has one.
    pub ledger_fault: Option<String>,
    /// Whether it is the quarter that is released next.
    pub is_next: bool,
    /// Sources that are loaded without a sharing agreement.
    pub without_agreement: Vec<String>,
}

/// What checks are made from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// What no family can change.
    pub fixed: &'a Fixed,
    /// Lines it would count that the journal has already.
    pub counted_before: usize,
    /// Loads taken since it was prepared.
    pub loaded_since: usize,
    /// The exact figures.
    pub counts: &'a [StreamCounts],
    /// What to look at twice in them.
    pub advice: &'a [String],
    /// What they were counted from.
    pub quality: &'a Quality,
    /// How far released figures may be off.
    pub precision: &'a Precision,
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Facts({:?}, …)", self.fixed)
    }
}

impl Check {
    fn new(name: &'static str, pass: bool, found: String) -> Self {
        Self { name, outcome: if pass { Outcome::Pass } else { Outcome::LookAt }, found }
    }
}

impl Fixed {
    /// The checks that depend on no family, in the order in which a person reads them.
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut say = |name, pass, found| checks.push(Check::new(name, pass, found));
        let (charged, cap) = self.charged;
        say(
            "The cap holds",
            charged <= cap,
            format!(
                "ρ = {charged} of {cap} is charged for the whole horizon; approving charges nothing on top."
            ),
        );
        say(
            "The ledger is sound",
            self.ledger_fault.is_none(),
            self.ledger_fault
                .as_deref()
                .unwrap_or("Every line carries the hash of the one before it.")
                .to_owned(),
        );
        say(
            "It is the next quarter",
            self.is_next,
            if self.is_next { "Every quarter before it is sealed." } else { "Another quarter is next." }
                .to_owned(),
        );
        say(
            "Sharing agreements",
            self.without_agreement.is_empty(),
            match self.without_agreement.as_slice() {
                [] => "Each source that is loaded has one on record.".to_owned(),
                sources => format!("None is on record for {}.", sources.join(", ")),
            },
        );
        checks
    }
}

impl Facts<'_> {
    /// Every check in the order in which a person reads them.
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = self.fixed.checks();
        let mut say = |name, pass, found| checks.push(Check::new(name, pass, found));
        say(
            "No family is counted twice",
            self.counted_before == 0,
            match self.counted_before {
                0 => "None of the lines it counts stands in the journal.".to_owned(),
                lines => {
                    format!("{lines} of the lines it counts stand in the journal already: prepare it again.")
                }
            },
        );
        say(
            "Nothing came since",
            self.loaded_since == 0,
            match self.loaded_since {
                0 => "No file was loaded since it was prepared.".to_owned(),
                1 => "1 file was loaded since it was prepared; preparing again takes it in.".to_owned(),
                files => {
                    format!("{files} files were loaded since it was prepared; preparing again takes them in.")
                }
            },
        );
        self.quality_checks(&mut say);
        self.figure_checks(&mut say);
        checks
    }

    fn quality_checks(&self, say: &mut impl FnMut(&'static str, bool, String)) {
        let quality = self.quality;
        let gaps: Vec<String> = quality
            .coverage
            .iter()
            .filter(|source| source.covered < source.days)
            .map(|source| format!("{} covers {} of {} days", source.source, source.covered, source.days))
            .collect();
        say(
            "Sources cover the quarter",
            gaps.is_empty() && !quality.coverage.is_empty(),
            match (gaps.as_slice(), quality.coverage.len()) {
                (_, 0) => "Nothing is loaded.".to_owned(),
                ([], sources) => format!("All {sources} sources that are loaded cover every day."),
                (gaps, _) => format!("{}; silence on the other days means nothing.", gaps.join(", ")),
            },
        );
        say(
            "Quarantine",
            quality.quarantined == 0,
            match quality.quarantined {
                0 => "No row waits.".to_owned(),
                1 => "1 row waits to be mended and is not counted.".to_owned(),
                rows => format!("{rows} rows wait to be mended and are not counted."),
            },
        );
        say(
            "Open questions",
            quality.open_questions == 0,
            match quality.open_questions {
                0 => "Every question that rows raise is explained.".to_owned(),
                1 => "1 question that rows raise is not explained.".to_owned(),
                questions => format!("{questions} questions that rows raise are not explained."),
            },
        );
    }

    fn figure_checks(&self, say: &mut impl FnMut(&'static str, bool, String)) {
        let off: Vec<&str> = self
            .counts
            .iter()
            .filter(|stream| stream.places.iter().map(|(_, families)| families).sum::<i64>() != stream.total)
            .map(|stream| stream.title.as_str())
            .collect();
        say(
            "Places add up",
            off.is_empty(),
            match off.as_slice() {
                [] => "In each stream the places add up to the total.".to_owned(),
                streams => format!("They do not in {}.", streams.join(", ")),
            },
        );
        say(
            "Figures beside the quarter before",
            self.advice.is_empty(),
            match self.advice {
                [] => "None has more than doubled or halved.".to_owned(),
                advice => advice.join(" "),
            },
        );
        if self.precision.unconfirmed() {
            let found = "The smallest changes that matter are a local setting, please confirm.".to_owned();
            say("Precision", false, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::review::{SmallestChange, SourceCoverage};

    /// Everything passes; then each fact alone, made wrong, is the one to look at.
    #[test]
    fn each_wrong_fact_is_the_one_to_look_at() {
        let counts = |places: i64| {
            vec![StreamCounts {
                title: "Families attached".into(),
                quarters: None,
                total: 5,
                labels: vec![],
                places: vec![("North".into(), places)],
            }]
        };
        let covered =
            |days| SourceCoverage { source: "police".into(), days: 91, covered: days, missing: vec![] };
        let quality = |quarantined, open_questions, days| Quality {
            quarantined,
            open_questions,
            coverage: vec![covered(days)],
        };
        let rho = |nano| Rho::from_nano(nano);
        let (fine, sums) = (quality(0, 0, 91), counts(5));
        let precision = Precision { tables: vec![], confirmed: true };
        let held = Fixed {
            charged: (rho(195), rho(250)),
            ledger_fault: None,
            is_next: true,
            without_agreement: vec![],
        };
        let sound = Facts {
            fixed: &held,
            counted_before: 0,
            loaded_since: 0,
            counts: &sums,
            advice: &[],
            quality: &fine,
            precision: &precision,
        };
        let to_look_at = |facts: &Facts<'_>| -> Vec<&'static str> {
            let checks = facts.checks().into_iter().filter(|check| check.outcome == Outcome::LookAt);
            checks.map(|check| check.name).collect()
        };
        assert_eq!(to_look_at(&sound), [] as [&str; 0]);
        assert!(sound.checks().len() > 10);
        let (off, waits, asked, short) = (counts(4), quality(3, 0, 91), quality(0, 1, 91), quality(0, 0, 90));
        let words = ["twice as many".to_owned()];
        let over = Fixed { charged: (rho(251), rho(250)), ..held.clone() };
        let broken = Fixed { ledger_fault: Some("line 3".into()), ..held.clone() };
        let early = Fixed { is_next: false, ..held.clone() };
        let without = Fixed { without_agreement: vec!["police".into()], ..held.clone() };
        // A standing approval rests on these four, and on no other.
        for fixed in [&over, &broken, &early, &without] {
            assert_eq!(fixed.checks().iter().filter(|check| check.outcome == Outcome::LookAt).count(), 1);
        }
        assert_eq!(held.checks().len(), 4);
        let smallest = SmallestChange { total: 1, label: 1, place: 1, confirmed: false };
        let error = tenfold_common::privacy::planner::ExpectedError {
            figure: "attached:total:change".parse().unwrap(),
            standard_error: 1.0,
            half_width: 2.0,
        };
        let open = Precision::of(&[error], Some(smallest));
        for (facts, name) in [
            (Facts { fixed: &over, ..sound }, "The cap holds"),
            (Facts { fixed: &broken, ..sound }, "The ledger is sound"),
            (Facts { fixed: &early, ..sound }, "It is the next quarter"),
            (Facts { counted_before: 1, ..sound }, "No family is counted twice"),
            (Facts { fixed: &without, ..sound }, "Sharing agreements"),
            (Facts { loaded_since: 2, ..sound }, "Nothing came since"),
            (Facts { quality: &short, ..sound }, "Sources cover the quarter"),
            (Facts { quality: &waits, ..sound }, "Quarantine"),
            (Facts { quality: &asked, ..sound }, "Open questions"),
            (Facts { counts: &off, ..sound }, "Places add up"),
            (Facts { advice: &words, ..sound }, "Figures beside the quarter before"),
            (Facts { precision: &open, ..sound }, "Precision"),
        ] {
            assert_eq!(to_look_at(&facts), [name]);
        }
        // Neither figures nor what is said of them are printed by accident.
        let debug = format!("{:?} {:?}", Facts { advice: &words, ..sound }, sound.checks());
        assert!(
            !debug.contains("as many") && !debug.contains("North") && debug.contains("Open questions"),
            "{debug}"
        );
    }
}
