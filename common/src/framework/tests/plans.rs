//! A borough's plan over a framework: what it may set, and every fault named where it may not.

use super::*;

const PLAN: &str = r#"
name = "north"
framework = "expanded-2015"
supplies = ["need", "attendance", "offences", "anti-social-behaviour", "in-need", "protection-plan", "looked-after",
    "out-of-work-benefit", "rent-arrears"]

[employment]
weeks = 13
of_last_weeks = 13
benefit_within_months = 6
source = "outcomes plan, page 4"
confirmed_by = "head of early help"
confirmed_on = 2015-05-01

[attendance.calendar]
term = [{ from = 2015-09-02, to = 2015-12-18 }, { from = 2016-01-04, to = 2016-03-24 }]
source = "term dates of the council"
confirmed_by = "school admissions"
confirmed_on = 2015-03-01

[[problem]]
number = 5
[[problem.progress]]
indicator = "need"
comparison = "absent-at-review"
window_months = 3
source = "outcomes plan, page 9: the police supply no domestic-abuse incidents"
confirmed_by = "head of early help"
confirmed_on = 2015-05-01

[[problem]]
number = 4
[[problem.sign]]
indicator = "rent-arrears"
within_months = 6
source = "outcomes plan, page 8"
confirmed_by = "head of early help"
confirmed_on = 2015-05-01
"#;

fn refused(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = PLAN.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let refused = Framework::with_plan(&text).expect_err("the plan was spoilt");
    refused.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_plan_sets_what_was_left_to_it_and_nothing_else() {
    let framework = Framework::with_plan(PLAN).unwrap();
    assert_eq!((framework.name.as_str(), framework.base_name()), ("expanded-2015+north", "expanded-2015"));
    assert_eq!(framework.employment.as_ref().map(|job| job.weeks), Some(13));
    let confirmation = framework.employment.as_ref().unwrap().provenance.confirmation.as_ref().unwrap();
    assert_eq!(
        (confirmation.by.as_str(), confirmation.on.to_string()),
        ("head of early help", "2015-05-01".into())
    );
    assert_eq!(framework.problem(5).unwrap().progress.len(), 1);
    assert_eq!(framework.problem(5).unwrap().progress[0].window, Window::Months(3));
    assert_eq!(framework.problem(5).unwrap().signs, Framework::shipped().problem(5).unwrap().signs);
    assert_eq!(framework.problem(4).unwrap().signs[0].indicator, Indicator::RentArrears);
    assert_eq!(framework.attendance.calendar.as_ref().unwrap().terms.len(), 2);
    assert_eq!(framework.attendance.floors, Framework::shipped().attendance.floors);
    assert_eq!(framework.problem(1), Framework::shipped().problem(1));
    let open = |framework: &Framework| framework.unconfirmed().len();
    assert!(open(&framework) < open(Framework::shipped()));
    assert!(Framework::or_plan_from_toml(PLAN).is_ok());
}

#[test]
fn a_plan_that_contradicts_is_refused_with_every_fault() {
    let faults = refused(&[
        ("name = \"north\"", "name = \"north west\"\nwindow = 3"),
        ("\"offences\", ", ""),
        ("confirmed_by = \"school admissions\"\n", "confirmed = true\n"),
        ("number = 5", "number = 7"),
        ("benefit_within_months = 6", "benefit_within_months = 6\nmonths = 6"),
        ("\nwithin_months = 6", "\nwithin_months = 0"),
    ]);
    assert_eq!(
        faults,
        [
            "plan: \"window\" is not a known key, expected it spelled otherwise or left out",
            "plan: \"name\" is \"north west\", expected one of letters, digits and hyphens",
            "plan, attendance, calendar: \"confirmed_by\" is missing, expected who confirmed it",
            "plan, attendance, calendar: \"confirmed\" is not a known key, expected it spelled otherwise or left \
             out",
            "plan, problem: \"number\" is \"7\", expected one of 1, 2, 3, 4, 5, 6",
            "employment: \"months\" is not a known key, expected it spelled otherwise or left out",
            "problem 4, sign 1: \"within_months\" is 0, expected 1 to 120",
        ]
    );
    let weeks = refused(&[("weeks = 13\nof_last_weeks = 13", "weeks = 14\nof_last_weeks = 13")]);
    assert_eq!(
        weeks,
        ["employment: 14 weeks are needed of the last 13, expected no more needed than looked at"]
    );
    let unsupplied = refused(&[("\"offences\", ", "")]);
    assert_eq!(
        unsupplied,
        [
            "problem 1, progress: it rests on \"offences\", which the plan does not say is supplied, expected an \
          indicator that is, or another measure in the plan"
        ]
    );
}

#[test]
fn a_plan_never_changes_a_rule_that_was_read() {
    let attachment = "[attachment]\nwhole_family_assessment = false\nplan = false\nkey_worker = false\n\
        source = \"ours\"\nconfirmed_by = \"us\"\nconfirmed_on = 2015-05-01\n\n[employment]";
    assert_eq!(
        refused(&[("[employment]", attachment)]),
        [
            "plan, attachment: it changes a rule of the programme, expected it left as it is: Hertfordshire draft \
          outcomes plan; Trafford Council, Stronger Families"
        ]
    );
    let money = "[[money]]\nfrom = 2015-04-01\n[employment]";
    assert_eq!(refused(&[("[employment]", money)]).len(), 1);
    let elsewhere = refused(&[("framework = \"expanded-2015\"", "framework = \"expanded\"")]);
    assert!(elsewhere[0].starts_with("plan: \"framework\" is \"expanded\", expected one of phase-1-2012, "));
}

#[test]
fn a_plan_fills_the_slots_of_supporting_families() {
    let plan = r#"
name = "north"
framework = "supporting-families-2022"
[[problem]]
number = 9
[[problem.sign]]
indicator = "rent-arrears"
within_months = 6
source = "ours"
confirmed_by = "board"
confirmed_on = 2022-09-01
[[problem.progress]]
indicator = "rent-arrears"
comparison = "none-in-window"
window_months = 6
source = "ours"
confirmed_by = "board"
confirmed_on = 2022-09-01
"#;
    let framework = Framework::with_plan(plan).unwrap();
    assert_eq!(framework.empty_slots().len(), 9);
    let attendance = plan.replace("rent-arrears\"\ncomparison", "attendance\"\ncomparison");
    let attendance = attendance.replace("none-in-window\"\nwindow_months", "above-floor\"\nwindow_terms");
    let faults = Framework::with_plan(&attendance).expect_err("no floor is known").faults;
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "attendance: the floors are not in order, expected one or more by rising date",
            "attendance: no number of terms is given, expected \"terms\"",
        ]
    );
}
