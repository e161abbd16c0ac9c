//! What must agree within a framework once every key has been read.

use std::collections::BTreeSet;

use super::{Framework, FrameworkFault, Indicator, Window};

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
        if problem.signs.is_empty() {
            contradiction(faults, &place, "no sign shows it".to_owned(), "at least one");
        }
        let signs = problem.signs.iter().map(|sign| sign.indicator.as_str().to_owned());
        once(&format!("{place}, signs"), "indicator", signs, faults);
        let criteria = problem.progress.iter().map(|criterion| criterion.indicator.as_str().to_owned());
        once(&format!("{place}, progress"), "indicator", criteria, faults);
        for criterion in &problem.progress {
            let (indicator, comparison) = (criterion.indicator, criterion.comparison);
            if comparison != indicator.comparison() {
                let found = format!("{:?} is compared by {:?}", indicator.as_str(), comparison.as_str());
                contradiction(faults, &place, found, &format!("{:?}", indicator.comparison().as_str()));
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
    let (least, there) = (framework.eligibility.problems_at_least as usize, framework.problems.len());
    if least > there {
        let found = format!("{least} problems are needed and {there} are listed");
        contradiction(faults, "eligibility", found, "no more needed than listed");
    }
    let child = &framework.eligibility.dependent_child;
    if child.student_under < child.under {
        let found = format!("\"student_under\" is {}", child.student_under);
        contradiction(faults, "eligibility, dependent_child", found, &format!("{} or more", child.under));
    }
    let attendance = &framework.attendance;
    let floors = &attendance.floors;
    if floors.is_empty() || !floors.is_sorted_by(|a, b| a.from < b.from) {
        contradiction(
            faults,
            "attendance",
            "the floors are not in order".to_owned(),
            "one or more by rising date",
        );
    }
    if floors.first().is_some_and(|floor| floor.from > valid.from) {
        let expected = format!("one that holds on {}", valid.from);
        contradiction(faults, "attendance", "the first floor comes too late".to_owned(), &expected);
    }
    let age = &attendance.school_age;
    if age.under <= age.from {
        let found = format!("school age is from {} and under {}", age.from, age.under);
        contradiction(faults, "attendance, school_age", found, "a later end than beginning");
    }
    let job = &framework.employment;
    if job.of_last_weeks < job.weeks {
        let found = format!("{} weeks are needed of the last {}", job.weeks, job.of_last_weeks);
        contradiction(faults, "employment", found, "no more needed than looked at");
    }
    if framework.results.kinds.is_empty() {
        contradiction(faults, "results", "no kind is listed".to_owned(), "at least one");
    }
}

fn contradiction(faults: &mut Vec<FrameworkFault>, place: &str, found: String, expected: &str) {
    faults.push(FrameworkFault::Contradiction {
        place: place.to_owned(),
        found,
        expected: expected.to_owned(),
    });
}
