//! The shipped framework is read; a spoilt one is refused with every fault named.

mod plans;
mod shipped;

use super::*;

const SHIPPED_TEXT: &str = include_str!("../../../config/frameworks/expanded-2015.toml");

fn faults(text: &str) -> Vec<String> {
    let refused = Framework::from_toml(text).expect_err("the text was spoilt");
    refused.faults.iter().map(ToString::to_string).collect()
}

fn spoilt(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = SHIPPED_TEXT.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    faults(&text)
}

#[test]
fn the_shipped_framework_says_what_the_programme_said() {
    let framework = Framework::shipped();
    assert_eq!(framework.name, "expanded-2015");
    assert_eq!(
        framework.problem_labels(),
        [
            "Crime and anti-social behaviour",
            "School attendance",
            "Children who need help",
            "Work and money",
            "Domestic abuse",
            "Health"
        ]
    );
    assert_eq!(framework.eligibility.problems_at_least, 2);
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(framework.attendance.floor_on(day("2015-08-31")), Some(85));
    assert_eq!(framework.attendance.floor_on(day("2015-09-01")), Some(90));
    assert_eq!(framework.attendance.floor_on(day("2012-03-31")), None);
    assert_eq!((framework.money[0].attachment_pence, framework.money[0].result_pence), (100_000, 80_000));
    assert!(framework.results.ruled_out_by("Moved Away"));
    assert!(!framework.results.ruled_out_by("needs met"));
    let unconfirmed = framework.unconfirmed();
    assert!(unconfirmed.iter().any(|(place, _)| place == "employment"));
    assert!(!unconfirmed.iter().any(|(place, _)| place.starts_with("money")));
}

#[test]
fn every_fault_is_named_at_once() {
    let faults = spoilt(&[
        ("number = 3", "number = 2"),
        ("indicator = \"offences\"", "indicator = \"crimes\""),
        ("window_months = 6", "window_months = 0"),
        ("weeks = 26", "week = 26"),
        ("percent = 85", "percent = \"many\""),
    ]);
    assert_eq!(
        faults,
        [
            "attendance, floor 1: \"percent\" is of another kind, expected a whole number",
            "employment: \"weeks\" is missing, expected a whole number",
            "employment: \"week\" is not a known key, expected it spelled otherwise or left out",
            "problem 1, sign 2: \"indicator\" is \"crimes\", expected one of need, offences, \
             offences-under-18, anti-social-behaviour, domestic-abuse, attendance, fixed-exclusions, in-need, \
             protection-plan, looked-after, out-of-work-benefit, rent-arrears, possession-notice, eviction",
            "problem 1, progress 1: \"window_months\" is 0, expected 1 to 60",
            "problems: number \"2\" stands there more than once, expected each once",
        ]
    );
}

#[test]
fn contradictions_are_named_with_what_would_agree() {
    let faults = spoilt(&[
        ("to = 2021-03-31", "to = 2014-03-31"),
        ("problems_at_least = 2", "problems_at_least = 7"),
        ("comparison = \"none-in-window\"", "comparison = \"above-floor\""),
        ("window_terms = 3", "window_months = 12"),
        ("from = 2015-09-01", "from = 2011-09-01"),
        ("of_last_weeks = 30", "of_last_weeks = 20"),
        ("kinds = [\"progress\", \"employment\"]", "kinds = []"),
    ]);
    assert_eq!(
        faults,
        [
            "problem 1: \"offences\" is compared by \"above-floor\", expected \"none-in-window\" or \
             \"reduced-by\" or \"fewer-than\"",
            "problem 2: the window of \"attendance\" is in months, expected terms",
            "valid: it ends on 2014-03-31, expected 2015-04-01 or later",
            "eligibility: 7 problems are needed and 6 are listed, expected no more needed than listed",
            "attendance: the floors are not in order, expected one or more by rising date",
            "employment: 26 weeks are needed of the last 20, expected no more needed than looked at",
            "results: no kind is listed, expected at least one",
        ]
    );
    let two = spoilt(&[("window_terms = 3", "window_terms = 3\nwindow_months = 9")]);
    assert_eq!(
        two,
        [
            "problem 2, progress 1: two windows are given, expected either \"window_months\" or \"window_terms\""
        ]
    );
}

#[test]
fn what_is_not_toml_or_empty_is_refused() {
    assert!(faults("name = ")[0].starts_with("the text is not TOML"));
    let empty = faults("");
    assert!(empty.contains(&"top: \"money\" is missing, expected a list of tables".to_owned()), "{empty:?}");
    assert!(empty.iter().all(|fault| fault.contains("is missing")), "{empty:?}");
}

#[test]
fn every_word_reads_back() {
    for (word, indicator) in Indicator::WORDS {
        assert_eq!((word.parse(), indicator.as_str()), (Ok(indicator), word));
    }
}

#[test]
fn thresholds_money_and_calendars_are_held_to_their_kind() {
    let phase_1 = include_str!("../../../config/frameworks/phase-1-2012.toml");
    let spoilt = |changes: &[(&str, &str)]| {
        let mut text = phase_1.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        faults(&text)
    };
    let percent = spoilt(&[("threshold = 60", "threshold = 0"), ("threshold = 33 ", "")]);
    assert_eq!(
        percent,
        [
            "problem 1, progress 1: \"threshold\" is 0, expected 1 to 100",
            "problem 1, progress 2: \"threshold\" is missing, expected a whole number",
        ]
    );
    let contradictions = spoilt(&[
        ("from = 2013-04-01", "from = 2012-04-01"),
        ("families_paid = 5", "families_paid = 7"),
        ("progress_on = [1, 2]", "progress_on = [1, 5]"),
        ("closing_months = [2, 5, 8, 10]", "closing_months = [5, 2]"),
        ("asked_of = [\"progress\"]\nterms = 3", "asked_of = [\"progress\"]"),
        ("beside = \"progress\"", "beside = \"employment\""),
        ("kinds = [\"progress\", \"employment\"]", "kinds = [\"progress\"]"),
        ("left_to_plan = true", "left_to_plan = false"),
    ]);
    assert_eq!(
        contradictions,
        [
            "problem 4: no sign shows it, expected at least one",
            "attendance: no number of terms is given, expected \"terms\"",
            "results: progress is asked on problem 5, which is not listed, expected numbers of listed problems",
            "addition, Progress to work: it stands beside \"employment\", which is no kind of result here, \
             expected a kind that \"results\" lists",
            "claim_windows: the months are [5, 2], expected 1 to 12, rising",
            "money: the amounts are not in order, expected one or more by rising date",
            "money: 7 families of 6 are paid for, expected no more paid for than there are",
        ]
    );
}
