//! The upload's pages as reviewed, and the quarantine file.

use tenfold_store::{Account, Role, sessions::Session};
use tenfold_web::stylesheet;

use super::*;
use crate::web::view::{FaultLine, QuestionLine, Tag};

fn frame_of_analyst() -> Frame {
    let account = Account { name: "amina".into(), display_name: "Amina Shah".into(), role: Role::Analyst };
    let person: SignedIn = Session { account, form_token: "00ff".into() }.into();
    let site = Site {
        service: "Tenfold node".into(),
        place: "Bolton".into(),
        code: "E08000001".into(),
        rehearsal: false,
        https: false,
    };
    frame(&site, &person, "/loads/new")
}

fn reviewed(html: &str) -> String {
    html.replace(stylesheet::href(), "/assets/tenfold.css")
}

fn fault(line: u64, column: &str, reason: &str, fix: &str) -> FaultLine {
    FaultLine { line, column: column.into(), reason: reason.into(), fix: fix.into() }
}

fn faults() -> Vec<FaultLine> {
    vec![
        fault(
            4,
            "Date of Birth",
            "“31/02/2008” is no day of the calendar, expected dd/mm/yyyy",
            "Correct the date in the source.",
        ),
        fault(
            9,
            "NHS Number",
            "the check digit does not fit, expected 10 digits",
            "Copy the number from the record again, or leave it blank.",
        ),
        fault(
            11,
            "Early Help Number",
            "it is blank, expected a value in every row",
            "Give the row its number.",
        ),
    ]
}

#[test]
fn the_form_is_as_reviewed() {
    let page = LoadNewPage {
        frame: frame_of_analyst(),
        form: LoadForm { as_of: "2015-07-20".into(), ..LoadForm::default() },
        errors: vec![
            FormError { field: "files", words: "Choose at least one file" },
            FormError { field: "covers-from", words: "Enter the first day the files cover" },
        ],
        most_megabytes: 200,
    };
    insta::assert_snapshot!(reviewed(&page.render().unwrap()));
}

#[test]
fn the_report_is_as_reviewed() {
    let page = LoadReportPage {
        frame: frame_of_analyst(),
        reports: vec![
            FileReport {
                file_name: "early_help_assessments.csv".into(),
                recognised_as: Some("Early-help assessments".into()),
                state: Tag::new("Nothing loaded", Tone::Stops),
                sentence: "3 of 12 rows have faults, so nothing was taken.".into(),
                file_faults: vec![],
                faults: faults(),
                faults_not_shown: 0,
                href: None,
            },
            FileReport {
                file_name: "sessions_spring.csv".into(),
                recognised_as: None,
                state: Tag::new("Nothing loaded", Tone::Stops),
                sentence: "No mapping has these headings.".into(),
                file_faults: vec!["Nearest is School sessions; missing there: Term Start, Term End".into()],
                faults: vec![],
                faults_not_shown: 0,
                href: None,
            },
            FileReport {
                file_name: "police_incidents.csv".into(),
                recognised_as: Some("Police incidents".into()),
                state: Tag::new("Loaded", Tone::Good),
                sentence: "214 rows taken, 2 of them known already.".into(),
                file_faults: vec![],
                faults: vec![],
                faults_not_shown: 0,
                href: Some("/loads/18".into()),
            },
        ],
        nothing_loaded: true,
    };
    insta::assert_snapshot!(reviewed(&page.render().unwrap()));
}

#[test]
fn a_load_is_as_reviewed() {
    let page = LoadPage {
        frame: frame_of_analyst(),
        load: LoadDetail {
            id: 17,
            file_name: "early_help_assessments.csv".into(),
            source: "Early-help assessments".into(),
            facts: vec![
                ("Loaded".into(), "20 July 2015, 09:12, amina".into()),
                ("As at".into(), "20 July 2015".into()),
                ("Covers".into(), "1 April 2015 to 30 June 2015".into()),
                ("Agreement".into(), "ISA 2015/04".into()),
                ("Rows taken".into(), "9".into()),
                ("Rows in quarantine".into(), "3".into()),
            ],
            faults: faults(),
            faults_not_shown: 1,
            questions: vec![QuestionLine {
                line: 7,
                column: "Date of Birth".into(),
                question: "the child is 40 years old, expected under 25".into(),
                explanation: "A grown-up sibling".into(),
            }],
            undone: None,
            may_read: true,
            stays: None,
            may_undo: true,
        },
    };
    insta::assert_snapshot!(reviewed(&page.render().unwrap()));
}
