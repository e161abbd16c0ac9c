//! The document of a framework, table by table.

use super::{
    Framework, FrameworkFault,
    reading::Table,
    rules::{
        Addition, Attachment, Attendance, Audit, ClaimWindows, Criterion, DependentChild, Eligibility,
        Employment, Floor, Freshness, Money, PaidShare, Problem, ResultTypes, SchoolAge, Sign, TermCalendar,
        Validity, Window,
    },
    words::{Comparison, Counted, Indicator, ResultKind},
};

pub(super) const INDICATORS: [&str; 14] = first(Indicator::WORDS);
const COMPARISONS: [&str; 5] = first(Comparison::WORDS);
const KINDS: [&str; 2] = first(ResultKind::WORDS);
const COUNTED: [&str; 2] = first(Counted::WORDS);

const fn first<T: Copy, const N: usize>(words: [(&'static str, T); N]) -> [&'static str; N] {
    let mut list = [""; N];
    let mut at = 0;
    while at < N {
        list[at] = words[at].0;
        at += 1;
    }
    list
}

/// Reads every key; what is missing or wrong is kept as a fault and replaced by a stand-in.
pub(super) fn read(top: Table<'_>) -> Framework {
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
            counted: t.optional_word("counted", &COUNTED).unwrap_or(Counted::Problems),
            provenance: t.provenance(),
            dependent_child: t.optional_below("dependent_child").map(|t| read_in(t, read_child)),
        }),
        attachment: read_in(top.below("attachment"), |t| Attachment {
            whole_family_assessment: t.flag("whole_family_assessment"),
            plan: t.flag("plan"),
            key_worker: t.flag("key_worker"),
            work_begun: t.optional_flag("work_begun").unwrap_or(false),
            provenance: t.provenance(),
        }),
        results: read_in(top.below("results"), |t| ResultTypes {
            kinds: t.words("kinds", &KINDS),
            progress_on: t.optional_numbers("progress_on"),
            never_after: t.texts("never_after"),
            provenance: t.provenance(),
        }),
        attendance: read_in(top.below("attendance"), read_attendance),
        employment: top.optional_below("employment").map(|t| read_in(t, read_employment)),
        freshness: read_in(top.below("freshness"), |t| Freshness {
            within_days: t.whole("within_days", 1, 366),
            provenance: t.provenance(),
        }),
        money: top.list("money").into_iter().map(|t| read_in(t, read_money)).collect(),
        additions: top
            .optional_list("addition")
            .into_iter()
            .filter_map(|t| read_in(t, read_addition))
            .collect(),
        claim_windows: top.optional_below("claim_windows").map(|t| {
            read_in(t, |t| ClaimWindows {
                closing_months: t.optional_numbers("closing_months").into_iter().map(u32::from).collect(),
                provenance: t.provenance(),
            })
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

fn read_child(t: &Table<'_>) -> DependentChild {
    DependentChild {
        under: t.whole("under", 1, 30),
        student_under: t.whole("student_under", 1, 30),
        expectant: t.optional_flag("expectant").unwrap_or(false),
        provenance: t.provenance(),
    }
}

fn read_employment(t: &Table<'_>) -> Employment {
    Employment {
        weeks: t.whole("weeks", 1, 104),
        of_last_weeks: t.whole("of_last_weeks", 1, 104),
        benefit_within_months: t.whole("benefit_within_months", 1, 60),
        provenance: t.provenance(),
    }
}

fn read_money(t: &Table<'_>) -> Money {
    let pence = |key| u64::from(t.whole(key, 0, 10_000_000));
    Money {
        from: t.day("from"),
        attachment_pence: pence("attachment_pence"),
        result_pence: pence("result_pence"),
        employment_pence: t.optional_whole("employment_pence", 0, 10_000_000).map(u64::from),
        families_paid: PaidShare {
            paid: t.optional_whole("families_paid", 1, 100).unwrap_or(1),
            of: t.optional_whole("families_of", 1, 100).unwrap_or(1),
        },
        provenance: t.provenance(),
    }
}

fn read_addition(t: &Table<'_>) -> Option<Addition> {
    let (name, beside) = (t.text("name"), t.word("beside", &KINDS));
    let (pence, provenance) = (u64::from(t.whole("pence", 0, 10_000_000)), t.provenance());
    Some(Addition { name, beside: beside?, pence, provenance })
}

fn read_attendance(t: &Table<'_>) -> Attendance {
    let floor = |t: &Table<'_>| Floor {
        from: t.day("from"),
        percent: t.whole("percent", 1, 99),
        provenance: t.provenance(),
    };
    let term = |t: &Table<'_>| (t.day("from"), t.day("to"));
    Attendance {
        asked_of: t.words("asked_of", &KINDS),
        terms: t.optional_whole("terms", 1, 12),
        unauthorised_only: t.optional_flag("unauthorised_only").unwrap_or(false),
        floors: t.optional_list("floor").into_iter().map(|t| read_in(t, floor)).collect(),
        calendar: t.optional_below("calendar").map(|t| {
            read_in(t, |t| TermCalendar {
                terms: t.list("term").into_iter().map(|t| read_in(t, term)).collect(),
                provenance: t.provenance(),
            })
        }),
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
    let number = u8::try_from(t.whole("number", 1, 99)).unwrap_or(0);
    let recorded_as = t.optional_whole("recorded_as", 1, 99).and_then(|other| u8::try_from(other).ok());
    Problem {
        number,
        label: t.text("label"),
        name: t.text("name"),
        recorded_as: recorded_as.unwrap_or(number),
        left_to_plan: t.optional_flag("left_to_plan").unwrap_or(false),
        provenance: t.provenance(),
        signs: t.optional_list("sign").into_iter().filter_map(|t| read_in(t, read_sign)).collect(),
        progress: t
            .optional_list("progress")
            .into_iter()
            .filter_map(|t| read_in(t, read_criterion))
            .collect(),
    }
}

fn read_sign(t: &Table<'_>) -> Option<Sign> {
    let within_months = t.optional_whole("within_months", 1, 120);
    let provenance = t.provenance();
    Some(Sign { indicator: t.word("indicator", &INDICATORS)?, within_months, provenance })
}

fn read_criterion(t: &Table<'_>) -> Option<Criterion> {
    let indicator = t.word("indicator", &INDICATORS);
    let comparison: Option<Comparison> = t.word("comparison", &COMPARISONS);
    let threshold = comparison.and_then(Comparison::threshold);
    let threshold = threshold.map(|(least, most)| t.whole("threshold", i64::from(least), i64::from(most)));
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
    Some(Criterion { indicator: indicator?, comparison: comparison?, threshold, window, provenance })
}
