//! Every state of a quarter in words, and the pages as reviewed.

use tenfold_common::privacy::Rho;
use tenfold_store::sessions::Session;
use tenfold_web::{Site, stylesheet};

use super::{standing::standing, *};
use crate::{
    duties::look::{BudgetState, StreamCounts},
    release::stages::RefusalKind,
    store::releases::{Approval, Preparation, Sealed},
    web::{
        home,
        view::{SourceLine, Tone},
    },
};

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn site() -> Site {
    Site {
        service: "Tenfold node".into(),
        place: "Bolton".into(),
        code: "E08000001".into(),
        rehearsal: true,
        https: false,
    }
}

fn person(name: &str, role: Role) -> SignedIn {
    let account = Account { name: name.into(), display_name: name.into(), role };
    Session { account, form_token: "00ff".into() }.into()
}

/// The four steps of one quarter, as far as asked.
fn quarter(name: &str, steps: usize, receipted: bool) -> QuarterState {
    let quarter: Quarter = name.parse().unwrap();
    let ends = Moment::at_start_of(quarter.next().first_day()).plus_days(20);
    QuarterState {
        opening: false,
        quarter,
        recording_ends: ends,
        delivers_at: ends.plus_days(8),
        due_at: ends.plus_days(10),
        preparation: (steps > 0).then(|| Preparation {
            quarter,
            policy: "p".into(),
            prepared_at: ends.plus_seconds(3600),
            prepared_by: "amina.shah".into(),
            salted_hash: "ab12".into(),
        }),
        approval: (steps > 1)
            .then(|| Approval { approved_at: ends.plus_days(1), approved_by: "ben.okoro".into() }),
        sealed: (steps > 2).then(|| Sealed {
            number: 1,
            quarter,
            sealed_at: ends.plus_days(1).plus_seconds(600),
            bytes: String::new(),
            sha256: String::new(),
            deliver_at: ends.plus_days(8),
            attempts: u32::from(receipted),
            last_attempt_at: None,
            last_problem: None,
            receipt: None,
            receipted_at: receipted.then(|| ends.plus_days(8).plus_seconds(60)),
        }),
        refusals: Vec::new(),
        is_next: steps < 3,
    }
}

fn quarters() -> Vec<QuarterState> {
    let mut failed = quarter("2015-Q3", 3, false);
    if let Some(sealed) = &mut failed.sealed {
        sealed.attempts = 3;
        sealed.last_problem = Some("the aggregator cannot be reached at localhost:8443".into());
    }
    vec![quarter("2015-Q2", 3, true), failed, quarter("2015-Q4", 1, false)]
}

fn reviewed(html: &str) -> String {
    html.replace(stylesheet::href(), "/assets/tenfold.css")
}

#[test]
fn every_state_has_its_words() {
    let words = |state: &QuarterState, now: &str| {
        let (tag, next) = standing(state, at(now));
        (tag.words, tag.tone, next)
    };
    let state = quarter("2015-Q2", 0, false);
    for (now, word, tone) in [
        ("2015-07-20T23:59:59Z", "Recording", Tone::Plain),
        ("2015-07-21T00:00:00Z", "To be prepared", Tone::Waits),
        ("2015-07-31T00:00:00Z", "To be prepared", Tone::Stops),
    ] {
        let (tag, colour, _) = words(&state, now);
        assert_eq!((tag.as_str(), colour), (word, tone), "{now}");
    }
    let now = "2015-07-22T00:00:00Z";
    let (tag, _, next) = words(&quarter("2015-Q2", 1, false), now);
    assert_eq!(tag, "Awaits approval");
    assert_eq!(next, "Another person reviews and approves it. It is due by 31 July 2015, 00:00.");
    assert_eq!(words(&quarter("2015-Q2", 2, false), now).0, "Approved");
    assert_eq!(words(&quarter("2015-Q2", 3, false), now).2, "It leaves at 29 July 2015, 00:00.");
    assert_eq!(words(&quarter("2015-Q2", 3, true), now).0, "Receipted");
    let (tag, tone, next) = words(&quarters()[1], "2015-11-02T00:00:00Z");
    assert_eq!((tag.as_str(), tone), ("Not delivered", Tone::Stops));
    assert_eq!(
        next,
        "The aggregator cannot be reached at localhost:8443. The node tries again by itself (3 tries so far)."
    );
}

fn said(kind: RefusalKind, when: &str) -> crate::release::stages::Refusal {
    crate::release::stages::Refusal {
        quarter: "2015-Q4".parse().unwrap(),
        kind,
        reason: RefusalReason::Records,
        comment: "Attendance of November is missing for two schools.".into(),
        refused_at: at(when),
        refused_by: "ben.okoro".into(),
    }
}

#[test]
fn an_answer_stands_until_the_quarter_is_prepared_again_and_void_for_ever() {
    let now = at("2016-01-22T00:00:00Z");
    let mut state = quarter("2015-Q4", 1, false);
    let words = |state: &QuarterState| standing(state, now).0.words;
    let approver = person("ben", Role::Approver);
    let offered = |state: &QuarterState| (may_void(state, &approver, now), action(state, &approver, now));
    state.refusals = vec![said(RefusalKind::NotYet, "2016-01-21T01:00:00Z")];
    assert_eq!(words(&state), "Not yet");
    assert!(matches!(offered(&state), (true, Action::Approve(_))));
    state.preparation.as_mut().unwrap().prepared_at = at("2016-01-21T02:00:00Z");
    assert_eq!(words(&state), "Awaits approval");
    state.refusals.push(said(RefusalKind::Void, "2016-01-21T03:00:00Z"));
    assert_eq!(words(&state), "Void");
    assert!(matches!(offered(&state), (false, Action::Nothing(""))));
    let open = quarter("2015-Q4", 1, false);
    assert!(!may_void(&open, &person("amina", Role::Analyst), now));
    assert!(!may_void(&open, &approver, open.recording_ends.plus_seconds(-1)));
    assert!(!may_void(&QuarterState { opening: true, ..open }, &approver, now));
}

#[test]
fn only_another_approver_is_offered_the_button() {
    let now = at("2016-01-22T00:00:00Z");
    let prepared = quarter("2015-Q4", 1, false);
    let offered = |person: &SignedIn| action(&prepared, person, now);
    assert!(matches!(offered(&person("ben", Role::Approver)), Action::Approve(hash) if hash == "ab12"));
    assert!(matches!(offered(&person("amina.shah", Role::Approver)), Action::Nothing(_)));
    assert!(matches!(offered(&person("amina.shah", Role::Analyst)), Action::Prepare(true)));
    assert!(matches!(offered(&person("carol", Role::Auditor)), Action::Nothing("")));
    let done = quarter("2015-Q4", 2, false);
    assert!(matches!(action(&done, &person("ben", Role::Approver), now), Action::Nothing("")));
}

#[test]
fn the_list_is_as_reviewed() {
    let now = at("2016-01-22T00:00:00Z");
    let page = ReleasesPage {
        frame: frame(&site(), &person("Amina Shah", Role::Analyst), "/releases"),
        releases: quarters().iter().rev().map(|state| line(state, now)).collect(),
    };
    insta::assert_snapshot!(reviewed(&page.render().unwrap()));
}

#[test]
fn the_review_is_as_reviewed() {
    let now = at("2016-01-22T00:00:00Z");
    let counts = |total: i64| {
        let share = |percent: i64| total * percent / 100;
        vec![StreamCounts {
            title: "Families attached".into(),
            total,
            labels: vec![(
                "problem".into(),
                vec![
                    ("Crime and anti-social behaviour".into(), share(31)),
                    ("School attendance".into(), share(58)),
                    ("Children who need help".into(), share(72)),
                ],
            )],
            places: vec![("Astley Bridge".into(), share(12)), ("Not known or elsewhere".into(), share(3))],
        }]
    };
    let streams = review(&counts(241), Some(&counts(98)));
    let approver = person("Ben Okoro", Role::Approver);
    let mut state = quarter("2015-Q4", 1, false);
    state.refusals = vec![said(RefusalKind::NotYet, "2016-01-20T09:30:00Z")];
    let page = ReleasePage {
        frame: frame(&site(), &approver, "/releases"),
        release: line(&state, now),
        done: None,
        refused: None,
        advice: advice(&streams),
        streams,
        answers: answered(&state),
        action: action(&state, &approver, now),
        may_void: may_void(&state, &approver, now),
        reasons: RefusalReason::ALL,
    };
    insta::assert_snapshot!(reviewed(&page.render().unwrap()));
}

#[actix_web::test]
async fn the_first_page_is_as_reviewed() {
    let source = |title: &str, rows: &str, quarantined| SourceLine {
        title: title.into(),
        agreement: Some("ISA 2015/04".into()),
        as_of: Some("20 January 2016".into()),
        coverage: vec!["1 April 2015 to 31 December 2015".into()],
        rows_taken: rows.into(),
        rows_quarantined: quarantined,
        newest: Some("/loads/17".into()),
    };
    let nothing = SourceLine {
        title: "DWP spells".into(),
        agreement: None,
        as_of: None,
        coverage: vec![],
        rows_taken: "0".into(),
        rows_quarantined: 0,
        newest: None,
    };
    let sources =
        vec![source("Early-help assessments", "1,482", 3), source("School sessions", "18,204", 0), nothing];
    let budget = BudgetState {
        cap: Rho::from_nano(250_000_000),
        spent: Rho::from_nano(194_998_113),
        streams: vec![
            ("attached".into(), Rho::from_nano(104_999_012)),
            ("result-recorded".into(), Rho::from_nano(89_999_101)),
        ],
    };
    let now = at("2016-01-22T00:00:00Z");
    let analyst = person("Amina Shah", Role::Analyst);
    let answer = home::page(&site(), &analyst, now, sources, &quarters(), &budget).unwrap();
    let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
    insta::assert_snapshot!(reviewed(std::str::from_utf8(&body).unwrap()));
}
