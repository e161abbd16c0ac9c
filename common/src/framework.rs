//! Outcomes frameworks: a phase's rules as dated data, read whole or refused with every fault named.
//!
//! Each rule says where it comes from and whether it was read there. What a framework does not
//! say can never yield a result: an empty list of criteria is no criterion met.

mod check;
mod reading;
mod rules;

use std::{cell::RefCell, sync::LazyLock};

pub use rules::{
    Attachment, Attendance, Audit, Comparison, Criterion, DependentChild, Eligibility, Employment, Floor,
    Freshness, Indicator, Money, Problem, Provenance, ResultKind, ResultTypes, SchoolAge, Sign, Validity,
    Window,
};

use reading::Table;

/// The rules of one phase of the programme; made by reading only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Framework {
    /// Its name, such as `expanded-2015`.
    pub name: String,
    /// What readers call it.
    pub title: String,
    /// When it holds.
    pub valid: Validity,
    /// The headline problems in the order of their numbers.
    pub problems: Vec<Problem>,
    /// Who is eligible.
    pub eligibility: Eligibility,
    /// What *attached* needs besides.
    pub attachment: Attachment,
    /// Which results there are.
    pub results: ResultTypes,
    /// The attendance every claim needs.
    pub attendance: Attendance,
    /// What continuous employment is.
    pub employment: Employment,
    /// How fresh a source's coverage must be.
    pub freshness: Freshness,
    /// What is paid.
    pub money: Money,
    /// How claims are audited before they are submitted.
    pub audit: Audit,
}

/// One thing wrong with a framework.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkFault {
    /// The text is not TOML.
    #[error("the text is not TOML: {reason}")]
    NotToml {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// A key is missing.
    #[error("{place}: {key:?} is missing, expected {expected}")]
    Missing {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A value is of the wrong kind.
    #[error("{place}: {key:?} is of another kind, expected {expected}")]
    WrongKind {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A key is not known.
    #[error("{place}: {key:?} is not a key of a framework, expected it spelled otherwise or left out")]
    UnknownKey {
        /// The table.
        place: String,
        /// The key.
        key: String,
    },
    /// A word is not in its list.
    #[error("{place}: {key:?} is {found:?}, expected one of {expected}")]
    UnknownWord {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What stood there.
        found: String,
        /// The list.
        expected: String,
    },
    /// A number is out of its range.
    #[error("{place}: {key:?} is {found}, expected {least} to {most}")]
    OutOfRange {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What stood there.
        found: i64,
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Two entries are the same where each must differ.
    #[error("{place}: {what} {value:?} stands there more than once, expected each once")]
    Repeated {
        /// The list.
        place: String,
        /// `number`, `label`, …
        what: &'static str,
        /// What is repeated.
        value: String,
    },
    /// Two rules cannot both hold.
    #[error("{place}: {found}, expected {expected}")]
    Contradiction {
        /// Where.
        place: String,
        /// What was found.
        found: String,
        /// What would agree.
        expected: String,
    },
}

/// Everything that is wrong with a framework.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the framework is refused, {} faults: {}", faults.len(), in_one_line(faults))]
pub struct FrameworkFaults {
    /// The faults in the order of the document.
    pub faults: Vec<FrameworkFault>,
}

fn in_one_line(faults: &[FrameworkFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

static SHIPPED: LazyLock<Framework> = LazyLock::new(|| {
    Framework::from_toml(include_str!("../../config/frameworks/expanded-2015.toml"))
        .expect("the embedded framework is read by a test of this module")
});

impl Framework {
    /// Reads a framework.
    ///
    /// # Errors
    /// Every fault at once: keys, words, ranges, repetitions, contradictions.
    pub fn from_toml(text: &str) -> Result<Self, FrameworkFaults> {
        let values: toml::Table = text.parse().map_err(|error: toml::de::Error| FrameworkFaults {
            faults: vec![FrameworkFault::NotToml { reason: error.to_string().trim_end().to_owned() }],
        })?;
        let faults = RefCell::default();
        let framework = read(Table::top(&values, &faults));
        let mut faults = faults.into_inner();
        check::check(&framework, &mut faults);
        if faults.is_empty() { Ok(framework) } else { Err(FrameworkFaults { faults }) }
    }

    /// The framework of the expanded programme from 2015, as it ships.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// The short labels of the headline problems, in the order of their numbers.
    pub fn problem_labels(&self) -> Vec<String> {
        self.problems.iter().map(|problem| problem.label.clone()).collect()
    }

    /// The problem with a number.
    pub fn problem(&self, number: u8) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.number == number)
    }

    /// Every rule that nobody has read in its source yet, as place and source.
    pub fn unconfirmed(&self) -> Vec<(String, &str)> {
        let problems = self.problems.iter().flat_map(|problem| {
            let at = format!("problem {}", problem.number);
            let sign = |sign: &Sign| format!("problem {}, sign {}", problem.number, sign.indicator.as_str());
            let criterion =
                |c: &Criterion| format!("problem {}, progress {}", problem.number, c.indicator.as_str());
            let signs: Vec<_> = problem.signs.iter().map(|s| (sign(s), &s.provenance)).collect();
            let progress: Vec<_> = problem.progress.iter().map(|c| (criterion(c), &c.provenance)).collect();
            std::iter::once((at, &problem.provenance)).chain(signs).chain(progress)
        });
        let floors = self.attendance.floors.iter();
        let floors =
            floors.map(|floor| (format!("attendance, floor from {}", floor.from), &floor.provenance));
        let rest = [
            ("valid", &self.valid.provenance),
            ("eligibility", &self.eligibility.provenance),
            ("eligibility, dependent child", &self.eligibility.dependent_child.provenance),
            ("attachment", &self.attachment.provenance),
            ("results", &self.results.provenance),
            ("attendance", &self.attendance.provenance),
            ("attendance, school age", &self.attendance.school_age.provenance),
            ("employment", &self.employment.provenance),
            ("freshness", &self.freshness.provenance),
            ("money", &self.money.provenance),
            ("audit", &self.audit.provenance),
        ];
        let rest = rest.into_iter().map(|(place, provenance)| (place.to_owned(), provenance));
        let all = rest.chain(floors).chain(problems);
        all.filter(|(_, p)| !p.confirmed).map(|(place, p)| (place, p.source.as_str())).collect()
    }
}

const INDICATORS: [&str; 9] = first(Indicator::WORDS);
const COMPARISONS: [&str; 3] = first(Comparison::WORDS);
const KINDS: [&str; 2] = first(ResultKind::WORDS);

const fn first<T: Copy, const N: usize>(words: [(&'static str, T); N]) -> [&'static str; N] {
    let mut list = [""; N];
    let mut at = 0;
    while at < N {
        list[at] = words[at].0;
        at += 1;
    }
    list
}

fn read(top: Table<'_>) -> Framework {
    let framework = Framework {
        name: top.text("name"),
        title: top.text("title"),
        valid: read_in(top.below("valid"), |t| Validity {
            from: t.day("from"),
            to: t.day("to"),
            provenance: t.provenance(),
        }),
        eligibility: read_in(top.below("eligibility"), |t| Eligibility {
            problems_at_least: t.whole("problems_at_least", 1, 99),
            provenance: t.provenance(),
            dependent_child: read_in(t.below("dependent_child"), |t| DependentChild {
                under: t.whole("under", 1, 30),
                student_under: t.whole("student_under", 1, 30),
                provenance: t.provenance(),
            }),
        }),
        attachment: read_in(top.below("attachment"), |t| Attachment {
            whole_family_assessment: t.flag("whole_family_assessment"),
            plan: t.flag("plan"),
            key_worker: t.flag("key_worker"),
            provenance: t.provenance(),
        }),
        results: read_in(top.below("results"), |t| ResultTypes {
            kinds: t.words("kinds", &KINDS),
            never_after: t.texts("never_after"),
            provenance: t.provenance(),
        }),
        attendance: read_in(top.below("attendance"), read_attendance),
        employment: read_in(top.below("employment"), |t| Employment {
            weeks: t.whole("weeks", 1, 104),
            of_last_weeks: t.whole("of_last_weeks", 1, 104),
            benefit_within_months: t.whole("benefit_within_months", 1, 60),
            provenance: t.provenance(),
        }),
        freshness: read_in(top.below("freshness"), |t| Freshness {
            within_days: t.whole("within_days", 1, 366),
            provenance: t.provenance(),
        }),
        money: read_in(top.below("money"), |t| Money {
            attachment_pence: u64::from(t.whole("attachment_pence", 0, 10_000_000)),
            result_pence: u64::from(t.whole("result_pence", 0, 10_000_000)),
            provenance: t.provenance(),
        }),
        audit: read_in(top.below("audit"), |t| Audit {
            share_percent: t.whole("share_percent", 1, 100),
            at_least: t.whole("at_least", 0, 10_000),
            provenance: t.provenance(),
        }),
        problems: top.list("problem").into_iter().map(|t| read_in(t, read_problem)).collect(),
    };
    top.done();
    framework
}

fn read_in<'a, T>(table: Table<'a>, read: impl FnOnce(&Table<'a>) -> T) -> T {
    let value = read(&table);
    table.done();
    value
}

fn read_attendance(t: &Table<'_>) -> Attendance {
    let floor = |t: &Table<'_>| Floor {
        from: t.day("from"),
        percent: t.whole("percent", 1, 99),
        provenance: t.provenance(),
    };
    Attendance {
        terms: t.whole("terms", 1, 12),
        floors: t.list("floor").into_iter().map(|t| read_in(t, floor)).collect(),
        provenance: t.provenance(),
        school_age: read_in(t.below("school_age"), |t| SchoolAge {
            from: t.whole("from", 3, 18),
            under: t.whole("under", 4, 20),
            settled_months: t.whole("settled_months", 1, 60),
            holiday_days: t.whole("holiday_days", 1, 120),
            last_term_within_days: t.whole("last_term_within_days", 1, 366),
            provenance: t.provenance(),
        }),
    }
}

fn read_problem(t: &Table<'_>) -> Problem {
    let sign = |t: &Table<'_>| {
        let within_months = t.optional_whole("within_months", 1, 120);
        let provenance = t.provenance();
        Some(Sign { indicator: t.word("indicator", &INDICATORS)?, within_months, provenance })
    };
    let criterion = |t: &Table<'_>| {
        let indicator = t.word("indicator", &INDICATORS);
        let comparison = t.word("comparison", &COMPARISONS);
        let months = t.optional_whole("window_months", 1, 60);
        let terms = t.optional_whole("window_terms", 1, 12);
        let provenance = t.provenance();
        let window = match (months, terms) {
            (Some(months), None) => Window::Months(months),
            (None, Some(terms)) => Window::Terms(terms),
            (months, _) => {
                let found = if months.is_some() { "two windows are given" } else { "no window is given" };
                t.fault(FrameworkFault::Contradiction {
                    place: t.place().to_owned(),
                    found: found.to_owned(),
                    expected: "either \"window_months\" or \"window_terms\"".to_owned(),
                });
                Window::Months(1)
            }
        };
        Some(Criterion { indicator: indicator?, comparison: comparison?, window, provenance })
    };
    Problem {
        number: u8::try_from(t.whole("number", 1, 99)).unwrap_or(0),
        label: t.text("label"),
        name: t.text("name"),
        provenance: t.provenance(),
        signs: t.list("sign").into_iter().filter_map(|t| read_in(t, sign)).collect(),
        progress: t.list("progress").into_iter().filter_map(|t| read_in(t, criterion)).collect(),
    }
}

#[cfg(test)]
mod tests;
