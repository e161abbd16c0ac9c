//! Which sources there are, and the days of which each may speak: silence outside them means nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::words;

/// A kind of source whose coverage decides what silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Early-help assessments, one row a child.
    EarlyHelp,
    /// School sessions by pupil, term and reason code.
    SchoolSessions,
    /// Offences and incidents known to the police.
    Police,
    /// Benefit and job spells from DWP.
    Dwp,
    /// Social-care statuses of children.
    SocialCare,
    /// Episodes of work with the family: opened, closed and why.
    Episodes,
    /// Rent arrears, notices and evictions from landlords.
    Housing,
    /// What ends or suspends a source's say over a person: moves, custody, death and their like.
    Circumstances,
    /// Families attached and claims made before Tenfold; taken once.
    History,
}

/// Days from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Days {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

words!(SourceKind {
    EarlyHelp = "early-help",
    SchoolSessions = "school-sessions",
    Police = "police",
    Dwp = "dwp",
    SocialCare = "social-care",
    Episodes = "episodes",
    Housing = "housing",
    Circumstances = "circumstances",
    History = "history",
});

/// The days each kind of source covers in this borough; silence outside them means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(pub BTreeMap<SourceKind, Vec<Days>>);

impl Coverage {
    /// Whether a source covers every day of a span.
    pub fn spans(&self, source: SourceKind, span: Days) -> bool {
        let mut periods: Vec<Days> = self.0.get(&source).cloned().unwrap_or_default();
        periods.sort();
        let mut needed = span.from;
        for period in periods {
            if period.from <= needed && needed <= period.to {
                let Some(next) = period.to.succ_opt() else {
                    return true;
                };
                needed = next;
            }
        }
        needed > span.to
    }

    /// The last day a source covers, not after `by`.
    pub fn last_day(&self, source: SourceKind, by: NaiveDate) -> Option<NaiveDate> {
        let periods = self.0.get(&source)?;
        periods.iter().filter(|period| period.from <= by).map(|period| period.to.min(by)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn coverage_spans_joined_periods_and_no_gaps() {
        let periods = vec![days("2015-07-01", "2015-09-30"), days("2015-04-01", "2015-06-30")];
        let mut coverage = Coverage([(SourceKind::Police, periods)].into());
        assert!(coverage.spans(SourceKind::Police, days("2015-04-01", "2015-09-30")));
        assert!(!coverage.spans(SourceKind::Police, days("2015-04-01", "2015-10-01")));
        assert!(!coverage.spans(SourceKind::Dwp, days("2015-04-01", "2015-04-01")));
        let last = |by: &str| coverage.last_day(SourceKind::Police, by.parse().unwrap());
        assert_eq!(last("2015-12-01"), "2015-09-30".parse().ok());
        assert_eq!(last("2015-05-05"), "2015-05-05".parse().ok());
        assert_eq!(last("2015-03-31"), None);
        coverage.0.get_mut(&SourceKind::Police).unwrap()[0].from = "2015-07-02".parse().unwrap();
        assert!(!coverage.spans(SourceKind::Police, days("2015-04-01", "2015-09-30")));
    }
}
