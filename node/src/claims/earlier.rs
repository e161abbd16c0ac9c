//! What was before Tenfold: families attached and claims made then, put together from the rows that say so.
//!
//! Nothing here is an act of this node: rows are kept as they arrived, and who they are about is computed from
//! them whenever it is asked.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::{framework::ResultKind, geography::WardCode};

use super::ladder::State;
use crate::register::{FamilyId, LineId, ProblemNumber};

/// The words by which everything of before Tenfold is labelled.
pub const BEFORE_TENFOLD: &str = "before Tenfold";

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The load.
    pub load: i64,
    /// The file's name as given.
    pub file: String,
    /// Line in the file, the headings being 1.
    pub line: i64,
}

/// A row of history, with the family it is about as the register stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// The day its load is current as of.
    pub as_of: NaiveDate,
    /// The surviving family line.
    pub line: LineId,
    /// The family.
    pub family: FamilyId,
    /// The framework.
    pub framework: String,
    /// The programme.
    pub programme: String,
    /// When the family was attached.
    pub attached_on: NaiveDate,
    /// Problems found then; nothing where the source says nothing of problems.
    pub problems: Option<Vec<ProblemNumber>>,
    /// The ward, where the row gives one.
    pub ward: Option<WardCode>,
    /// The claim, where the row has one.
    pub claim: Option<Claimed>,
}

/// A claim in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The borough's own number of it.
    pub reference: String,
    /// The result.
    pub kind: ResultKind,
    /// When.
    pub on: NaiveDate,
    /// The window, in the borough's words; may be empty.
    pub window: String,
    /// The money in pence.
    pub pence: i64,
    /// What became of it.
    pub state: State,
    /// SHA-256 of the document it rests on.
    pub sha256: Option<String>,
}

/// A claim made before Tenfold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierClaim {
    /// The surviving family line.
    pub line: LineId,
    /// The family.
    pub family: FamilyId,
    /// The framework.
    pub framework: String,
    /// The programme.
    pub programme: String,
    /// The claim.
    pub claim: Claimed,
    /// The row that stands.
    pub place: Place,
}

impl EarlierClaim {
    /// Whether it takes the family's one result in a programme, or under the framework of one.
    pub fn holds(&self, programme: &str, framework: &str) -> bool {
        self.claim.state.is_live() && (self.programme == programme || self.framework == framework)
    }
}

/// How a family was attached before Tenfold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierAttachment {
    /// The family.
    pub family: FamilyId,
    /// When, by the earliest row.
    pub attached_on: NaiveDate,
    /// Problems found then, by every row that says; nothing where none does.
    pub problems: Option<Vec<ProblemNumber>>,
    /// The ward, where a row gives one.
    pub ward: Option<WardCode>,
}

/// Everything of before Tenfold, by family line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Families attached then.
    pub attached: BTreeMap<LineId, EarlierAttachment>,
    /// Claims made then, in the order of line, programme and the borough's own number.
    pub claims: Vec<EarlierClaim>,
}

impl Before {
    /// Puts rows together: of several rows about one claim the newest stands; a family is attached on the earliest
    /// day any row says, with every problem any row names. The order of the rows does not matter.
    pub fn of(entries: Vec<Entry>) -> Self {
        let mut entries = entries;
        entries.sort_by(|a, b| (a.as_of, &a.place).cmp(&(b.as_of, &b.place)));
        let mut attached: BTreeMap<LineId, EarlierAttachment> = BTreeMap::new();
        let mut claims = BTreeMap::new();
        for entry in entries {
            let new = EarlierAttachment {
                family: entry.family.clone(),
                attached_on: entry.attached_on,
                problems: None,
                ward: None,
            };
            let found = attached.entry(entry.line.clone()).or_insert(new);
            found.attached_on = found.attached_on.min(entry.attached_on);
            found.ward = entry.ward.or_else(|| found.ward.take());
            if let Some(problems) = entry.problems {
                let all = found.problems.get_or_insert_default();
                all.extend(problems);
                all.sort_unstable();
                all.dedup();
            }
            if let Some(claim) = entry.claim {
                let Entry { line, family, framework, programme, place, .. } = entry;
                let key = (line.clone(), programme.clone(), claim.reference.clone());
                claims.insert(key, EarlierClaim { line, family, framework, programme, claim, place });
            }
        }
        Self { attached, claims: claims.into_values().collect() }
    }

    /// The claim that takes a line's one result in a programme, if there is one.
    pub fn holding(&self, line: &LineId, programme: &str, framework: &str) -> Option<&EarlierClaim> {
        self.claims.iter().find(|claim| &claim.line == line && claim.holds(programme, framework))
    }

    /// The result of each line that was claimed then and neither refused nor withdrawn: of several the first.
    pub fn results(&self) -> BTreeMap<&LineId, &EarlierClaim> {
        let mut results: BTreeMap<&LineId, &EarlierClaim> = BTreeMap::new();
        for claim in self.claims.iter().filter(|claim| claim.claim.state.is_live()) {
            let found = results.entry(&claim.line).or_insert(claim);
            if (claim.claim.on, &claim.claim.reference) < (found.claim.on, &found.claim.reference) {
                *found = claim;
            }
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: i64, of: &str, claim: Option<(&str, &str, State)>) -> Entry {
        let day = |text: &str| text.parse().unwrap();
        Entry {
            place: Place { load: 1, file: "history.csv".into(), line },
            as_of: day("2015-03-31"),
            line: LineId(of.into()),
            family: FamilyId("F1".into()),
            framework: "expanded-2015".into(),
            programme: "ours".into(),
            attached_on: day("2014-05-01"),
            problems: None,
            ward: None,
            claim: claim.map(|(reference, on, state)| Claimed {
                reference: reference.into(),
                kind: ResultKind::Progress,
                on: day(on),
                window: String::new(),
                pence: 80_000,
                state,
                sha256: None,
            }),
        }
    }

    #[test]
    fn rows_about_one_claim_are_one_claim_and_the_newest_stands() {
        let mut newer = entry(9, "L1", Some(("A", "2014-09-01", State::Paid)));
        newer.as_of = "2015-06-30".parse().unwrap();
        let rows = [
            newer,
            entry(2, "L1", Some(("A", "2014-09-01", State::Submitted))),
            entry(3, "L1", Some(("A", "2014-09-01", State::Submitted))),
            entry(4, "L1", Some(("B", "2014-03-01", State::Refused))),
            entry(5, "L2", None),
        ];
        let before = Before::of(rows.to_vec());
        let mut turned = rows.to_vec();
        turned.reverse();
        assert_eq!(Before::of(turned), before);
        let claims: Vec<_> =
            before.claims.iter().map(|c| (c.claim.reference.as_str(), c.claim.state, c.place.line)).collect();
        assert_eq!(claims, [("A", State::Paid, 9), ("B", State::Refused, 4)]);
        assert_eq!(before.attached.len(), 2);
    }

    #[test]
    fn a_live_claim_holds_its_programme_and_a_refused_one_frees_it() {
        let line = LineId("L1".into());
        let before = |state| Before::of(vec![entry(2, "L1", Some(("A", "2014-09-01", state)))]);
        for (state, programme, framework, holds) in [
            (State::Paid, "ours", "expanded-2020", true),
            (State::Submitted, "theirs", "expanded-2015", true),
            (State::Paid, "theirs", "expanded-2020", false),
            (State::Refused, "ours", "expanded-2015", false),
            (State::Withdrawn, "ours", "expanded-2015", false),
        ] {
            let before = before(state);
            let found = before.holding(&line, programme, framework).is_some();
            assert_eq!(found, holds, "{state} {programme} {framework}");
            assert_eq!(before.results().len(), usize::from(state.is_live()));
        }
    }

    #[test]
    fn a_family_is_attached_on_the_earliest_day_with_every_problem_named() {
        let mut one = entry(2, "L1", None);
        let mut two = entry(3, "L1", None);
        (one.problems, one.ward) = (Some(vec![3, 1]), "E05000650".parse().ok());
        (two.problems, two.attached_on) = (Some(vec![2, 3]), "2013-01-07".parse().unwrap());
        let before = Before::of(vec![one.clone(), two, entry(4, "L1", None)]);
        let found = &before.attached[&LineId("L1".into())];
        assert_eq!(found.attached_on.to_string(), "2013-01-07");
        assert_eq!((found.problems.clone(), found.ward.clone()), (Some(vec![1, 2, 3]), one.ward));
    }
}
