//! Every state of a quarter in words, and the pages as reviewed.

use tenfold_common::privacy::Rho;
use tenfold_store::sessions::Session;
use tenfold_web::{Site, stylesheet};

use super::{standing::standing, *};
use crate::{
    duties::look::{BudgetState, StreamCounts},
    duties::standing::StandingState,
    release::review::{
        Facts, Fixed, Loss, Precision, Quality, SmallestChange, SourceCoverage, figures,
        loss::StreamCharge,
        precision::TableError,
        year::{YearColumn, YearReview, YearStream},
    },
    release::stages::Returned,
    release::standing::{Granted, STANDING_FORMAT, StandingApproval},
    store::releases::{Approval, Authority, Preparation, Sealed},
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
            sealed_salt: Vec::new(),
        }),
        returns: Vec::new(),
        approval: (steps > 1).then(|| Approval {
            approved_at: ends.plus_days(1),
            approved_by: "ben.okoro".into(),
            salted_hash: "ab12".into(),
            authority: Authority::Signed("a signed word".into()),
        }),
        sealed: (steps > 2).then(|| Sealed {
            number: 1,
            quarter,
            sealed_at: ends.plus_days(1).plus_seconds(600),
            bytes: String::new(),
            sha256: String::new(),
            deliver_at: ends.plus_days(8),
            attempts: u32::from(receipted),
            last_attempt_at: None,
            not_before: None,
            last_problem: None,
            receipt: None,
            receipted_at: receipted.then(|| ends.plus_days(8).plus_seconds(60)),
        }),
        void: None,
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

fn declared_void(when: &str) -> crate::release::stages::Refusal {
    crate::release::stages::Refusal {
        quarter: "2015-Q4".parse().unwrap(),
        reason: RefusalReason::Records,
        comment: "Attendance of November is missing for two schools.".into(),
        refused_at: at(when),
        refused_by: "ben.okoro".into(),
        salted_hash: None,
        signed: String::new(),
    }
}

#[test]
fn a_quarter_is_void_for_ever_and_only_an_approver_declares_it() {
    let now = at("2016-01-22T00:00:00Z");
    let mut state = quarter("2015-Q4", 1, false);
    let words = |state: &QuarterState| standing(state, now).0.words;
    let approver = person("ben", Role::Approver);
    let offered = |state: &QuarterState| (may_void(state, &approver, now), action(state, &approver, now));
    assert_eq!(words(&state), "Awaits approval");
    assert!(matches!(offered(&state), (true, Action::Approve(_))));
    state.void = Some(declared_void("2016-01-21T03:00:00Z"));
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
    let mut returned = prepared.clone();
    returned.returns.push(Returned {
        salted_hash: "ab12".into(),
        returned_at: now,
        returned_by: "ben".into(),
        comment: "Ward 3 looks wrong".into(),
        signed: String::new(),
    });
    assert!(
        matches!(action(&returned, &person("ben", Role::Approver), now), Action::Nothing(why) if !why.is_empty())
    );
    assert!(matches!(action(&returned, &person("amina.shah", Role::Analyst), now), Action::Prepare(true)));
    assert_eq!(standing(&returned, now).0.words, "Returned");
    returned.preparation.as_mut().unwrap().salted_hash = "cd34".into();
    assert!(
        matches!(action(&returned, &person("ben", Role::Approver), now), Action::Approve(hash) if hash == "cd34")
    );
    let done = quarter("2015-Q4", 2, false);
    assert!(matches!(action(&done, &person("ben", Role::Approver), now), Action::Nothing("")));
}

#[test]
fn the_list_is_as_reviewed() {
    let now = at("2016-01-22T00:00:00Z");
    let terms = StandingApproval {
        format: STANDING_FORMAT.into(),
        borough: "E08000001".parse().unwrap(),
        policy: "p".into(),
        preparer: Some("amina.shah".into()),
        by: "ben.okoro".into(),
        from: at("2015-08-03T10:00:00Z"),
        until: at("2016-08-01T00:00:00Z"),
    };
    let granted = Granted { number: 1, terms, signed: String::new(), revoked: None };
    let uses = vec![("2015-Q3".parse().unwrap(), "cara.lee".into(), at("2015-10-22T09:00:00Z"))];
    let stands = StandingState { granted: granted.clone(), stands: true, uses };
    let granted =
        Granted { number: 2, revoked: Some((at("2015-09-01T08:00:00Z"), "dan.roe".into())), ..granted };
    let revoked = StandingState { granted, stands: false, uses: Vec::new() };
    let key = crate::duties::look::KeptKey {
        public: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".parse().unwrap(),
        account: "ben.okoro".into(),
        origin: tenfold_store::signing::Origin::Given,
        made_at: at("2015-04-01T09:00:00Z"),
        retired_at: None,
    };
    let page = ReleasesPage {
        frame: frame(&site(), &person("Ben Okoro", Role::Approver), "/releases"),
        releases: quarters().iter().rev().map(|state| line(state, now)).collect(),
        policies: vec![PolicyLine {
            name: "Greater Manchester 2015".into(),
            first_quarter: "2015-Q2".parse().unwrap(),
            last_quarter: "2021-Q1".parse().unwrap(),
            state: "in force",
            total_rho: "0.25".into(),
            hash: "0".repeat(64),
        }],
        standing: vec![beforehand::line(&revoked), beforehand::line(&stands)],
        keys: vec![beforehand::key_line(&key)],
        may_give: true,
        refused: None,
    };
    insta::assert_snapshot!(reviewed(&page.render().unwrap()));
}

/// A review with something to look at.
fn reviewing(state: &QuarterState, counts: &[StreamCounts], before: &[StreamCounts]) -> Review {
    let prepared = state.preparation.clone().unwrap();
    let streams = figures::beside(counts, Some(before));
    let (charged, cap) = (Rho::from_nano(194_998_113), Rho::from_nano(250_000_000));
    let covered = |to: &str| [Days { from: "2015-10-01".parse().unwrap(), to: to.parse().unwrap() }];
    let quality = Quality {
        quarantined: 3,
        open_questions: 1,
        coverage: vec![
            SourceCoverage::of("school-sessions", state.quarter, &covered("2015-12-31")),
            SourceCoverage::of("police", state.quarter, &covered("2015-12-18")),
        ],
    };
    let smallest = SmallestChange { total: 20, label: 20, place: 10, confirmed: false };
    let table = |table: &str, change: f64, matters: u32| TableError {
        stream: "attached".into(),
        table: table.into(),
        quarter: Some(change / 1.6),
        change: Some(change),
        year: change / 1.1,
        to_date: change,
        matters: Some(matters),
    };
    let by_year = TableError { quarter: None, change: None, ..table("place", 18.9, smallest.place) };
    let precision = Precision {
        tables: vec![table("total", 14.1, smallest.total), by_year],
        confirmed: smallest.confirmed,
    };
    let advice = figures::advice(&streams);
    let fixed =
        Fixed { charged: (charged, cap), ledger_fault: None, is_next: true, without_agreement: Vec::new() };
    let facts = Facts {
        fixed: &fixed,
        counted_before: 0,
        loaded_since: 1,
        counts,
        advice: &advice,
        quality: &quality,
        precision: &precision,
    };
    Review {
        checks: facts.checks(),
        quarter: state.quarter,
        opening: false,
        prepared_at: prepared.prepared_at,
        prepared_by: prepared.prepared_by,
        salted_hash: prepared.salted_hash,
        leaving:
            "The tables of the borough for this quarter. Those by ward leave once, when their year ends: with \
                  2015-16 quarter 4."
                .into(),
        questions: Vec::new(),
        loss: Loss {
            streams: vec![StreamCharge { stream: "attached".into(), rho: charged }],
            charged,
            policy_total: cap,
            cap,
            delta: "0.000001".into(),
            epsilon: charged.epsilon(1e-6),
            wrongly_in_100: 5.0,
            rightly_in_100: 100.0 * cap.detection(0.05),
        },
        streams,
        year: Some(YearReview {
            name: "2015-16".into(),
            streams: vec![YearStream {
                title: "Families attached".into(),
                columns: vec![
                    YearColumn { label: "all".into(), error: Some(11.12) },
                    YearColumn { label: "School attendance".into(), error: None },
                ],
                places: vec![("Astley Bridge".into(), vec![41, 23])],
            }],
        }),
        precision,
        quality,
        returns: state.returns.clone(),
        since_return: None,
    }
}

#[test]
fn the_review_is_as_reviewed() {
    let now = at("2016-01-22T00:00:00Z");
    let counts = |total: i64| {
        let share = |percent: i64| total * percent / 100;
        vec![StreamCounts {
            title: "Families attached".into(),
            quarters: None,
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
    let approver = person("Ben Okoro", Role::Approver);
    let state = quarter("2015-Q4", 1, false);
    let page = ReleasePage {
        frame: frame(&site(), &approver, "/releases"),
        release: line(&state, now),
        done: None,
        refused: None,
        review: Some(reviewing(&state, &counts(241), &counts(98))),
        void: answered(&state),
        action: action(&state, &approver, now),
        may_void: may_void(&state, &approver, now),
        reasons: RefusalReason::ALL,
        routine: Some((2, "Cara Lee".into())),
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
