//! What must agree within a framework once every key has been read.

use std::collections::BTreeSet;

use super::{Counted, Framework, FrameworkFault, Indicator, ResultKind, Window};

/// Adds every repetition and contradiction to the faults.
pub(super) fn check(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    // Where a key was missing or misread, what follows from its stand-in would only repeat that.
    if faults.is_empty() {
        problems(framework, faults);
        numbers(framework, faults);
    } else {
        repeated(framework, faults);
    }
}

fn repeated(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    let problems = &framework.problems;
    let numbers = problems.iter().map(|p| p.number).filter(|n| *n != 0).map(|n| n.to_string());
    once("problems", "number", numbers, faults);
    let labels = problems.iter().map(|p| p.label.to_lowercase()).filter(|label| !label.is_empty());
    once("problems", "label", labels, faults);
    let kinds = framework.results.kinds.iter().map(|kind| kind.as_str().to_owned());
    once("results", "kind", kinds, faults);
}

fn once(
    place: &str,
    what: &'static str,
    values: impl Iterator<Item = String>,
    faults: &mut Vec<FrameworkFault>,
) {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value.clone()) {
            faults.push(FrameworkFault::Repeated { place: place.to_owned(), what, value });
        }
    }
}

fn problems(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    repeated(framework, faults);
    let mut numbers: Vec<u8> = framework.problems.iter().map(|p| p.number).collect();
    numbers.dedup();
    if !numbers.iter().enumerate().all(|(at, number)| usize::from(*number) == at + 1) {
        contradiction(faults, "problems", format!("the numbers are {numbers:?}"), "1, 2, 3 … in this order");
    }
    for problem in &framework.problems {
        let place = format!("problem {}", problem.number);
        if problem.signs.is_empty() && !problem.left_to_plan {
            contradiction(faults, &place, "no sign shows it".to_owned(), "at least one");
        }
        let signs = problem.signs.iter().map(|sign| sign.indicator.as_str().to_owned());
        once(&format!("{place}, signs"), "indicator", signs, faults);
        let criteria = problem.progress.iter().map(|criterion| criterion.indicator.as_str().to_owned());
        once(&format!("{place}, progress"), "indicator", criteria, faults);
        for criterion in &problem.progress {
            let (indicator, comparison) = (criterion.indicator, criterion.comparison);
            if !indicator.comparisons().contains(&comparison) {
                let found = format!("{:?} is compared by {:?}", indicator.as_str(), comparison.as_str());
                let fitting = indicator.comparisons().iter().map(|known| format!("{:?}", known.as_str()));
                contradiction(faults, &place, found, &fitting.collect::<Vec<_>>().join(" or "));
            }
            let in_terms = matches!(criterion.window, Window::Terms(_));
            if in_terms != (indicator == Indicator::Attendance) {
                let found = format!("the window of {:?} is in {}", indicator.as_str(), unit(in_terms));
                contradiction(faults, &place, found, unit(!in_terms));
            }
        }
    }
}

fn unit(in_terms: bool) -> &'static str {
    if in_terms { "terms" } else { "months" }
}

fn numbers(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    let valid = &framework.valid;
    if valid.to < valid.from {
        contradiction(
            faults,
            "valid",
            format!("it ends on {}", valid.to),
            &format!("{} or later", valid.from),
        );
    }
    let eligibility = &framework.eligibility;
    let (least, there) = (eligibility.problems_at_least as usize, framework.problems.len());
    if eligibility.counted == Counted::Problems && least > there {
        let found = format!("{least} problems are needed and {there} are listed");
        contradiction(faults, "eligibility", found, "no more needed than listed");
    }
    if let Some(child) = &eligibility.dependent_child
        && child.student_under < child.under
    {
        let found = format!("\"student_under\" is {}", child.student_under);
        contradiction(faults, "eligibility, dependent_child", found, &format!("{} or more", child.under));
    }
    attendance(framework, faults);
    results(framework, faults);
    money(framework, faults);
}

fn attendance(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    let attendance = &framework.attendance;
    let floors = &attendance.floors;
    let measured = framework.problems.iter().any(|problem| {
        let signs = problem.signs.iter().map(|sign| sign.indicator);
        let mut all = signs.chain(problem.progress.iter().map(|criterion| criterion.indicator));
        all.any(|indicator| indicator == Indicator::Attendance)
    });
    let needed = measured || !attendance.asked_of.is_empty();
    if needed && floors.is_empty() || !floors.is_sorted_by(|a, b| a.from < b.from) {
        contradiction(
            faults,
            "attendance",
            "the floors are not in order".to_owned(),
            "one or more by rising date",
        );
    }
    if needed && attendance.terms.is_none() {
        contradiction(faults, "attendance", "no number of terms is given".to_owned(), "\"terms\"");
    }
    if floors.first().is_some_and(|floor| floor.from > framework.valid.from) {
        let expected = format!("one that holds on {}", framework.valid.from);
        contradiction(faults, "attendance", "the first floor comes too late".to_owned(), &expected);
    }
    let kinds = &framework.results.kinds;
    if let Some(kind) = attendance.asked_of.iter().find(|kind| !kinds.is_empty() && !kinds.contains(kind)) {
        let found = format!("it is asked of {:?}, which is no kind of result here", kind.as_str());
        contradiction(faults, "attendance", found, "kinds that \"results\" lists");
    }
    let terms = attendance.calendar.iter().flat_map(|calendar| &calendar.terms);
    let days: Vec<_> = terms.flat_map(|(from, to)| [*from, *to]).collect();
    if !days.is_sorted_by(|a, b| a < b) {
        let found = "the terms are not in order".to_owned();
        contradiction(faults, "attendance, calendar", found, "terms by rising date, apart from each other");
    }
    let age = &attendance.school_age;
    if age.under <= age.from {
        let found = format!("school age is from {} and under {}", age.from, age.under);
        contradiction(faults, "attendance, school_age", found, "a later end than beginning");
    }
}

fn results(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    let (results, job) = (&framework.results, &framework.employment);
    if let Some(job) = job
        && job.of_last_weeks < job.weeks
    {
        let found = format!("{} weeks are needed of the last {}", job.weeks, job.of_last_weeks);
        contradiction(faults, "employment", found, "no more needed than looked at");
    }
    if results.kinds.is_empty() {
        contradiction(faults, "results", "no kind is listed".to_owned(), "at least one");
    }
    if results.kinds.contains(&ResultKind::Employment) && job.is_none() {
        let found = "employment is a result and nothing says what it is".to_owned();
        contradiction(faults, "results", found, "a table \"employment\"");
    }
    for number in results.progress_on.iter().filter(|number| framework.problem(**number).is_none()) {
        let found = format!("progress is asked on problem {number}, which is not listed");
        contradiction(faults, "results", found, "numbers of listed problems");
    }
    for addition in framework.additions.iter().filter(|addition| !results.kinds.contains(&addition.beside)) {
        let place = format!("addition, {}", addition.name);
        let found =
            format!("it stands beside {:?}, which is no kind of result here", addition.beside.as_str());
        contradiction(faults, &place, found, "a kind that \"results\" lists");
    }
    let months = framework.claim_windows.iter().flat_map(|windows| &windows.closing_months);
    let months: Vec<u32> = months.copied().collect();
    if !months.is_sorted_by(|a, b| a < b) || months.iter().any(|month| !(1..=12).contains(month)) {
        contradiction(faults, "claim_windows", format!("the months are {months:?}"), "1 to 12, rising");
    }
}

fn money(framework: &Framework, faults: &mut Vec<FrameworkFault>) {
    let money = &framework.money;
    if money.is_empty() || !money.is_sorted_by(|a, b| a.from < b.from) {
        contradiction(
            faults,
            "money",
            "the amounts are not in order".to_owned(),
            "one or more by rising date",
        );
    }
    if money.first().is_some_and(|first| first.from > framework.valid.from) {
        let expected = format!("some that hold on {}", framework.valid.from);
        contradiction(faults, "money", "the first amounts come too late".to_owned(), &expected);
    }
    for share in money.iter().map(|money| money.families_paid).filter(|share| share.paid > share.of) {
        let found = format!("{} families of {} are paid for", share.paid, share.of);
        contradiction(faults, "money", found, "no more paid for than there are");
    }
}

fn contradiction(faults: &mut Vec<FrameworkFault>, place: &str, found: String, expected: &str) {
    faults.push(FrameworkFault::Contradiction {
        place: place.to_owned(),
        found,
        expected: expected.to_owned(),
    });
}
