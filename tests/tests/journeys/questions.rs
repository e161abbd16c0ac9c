//! A one-off question: signed in the region before anybody looks, adopted by a borough or left, answered once with the
//! release of its last quarter, and paid by every family line from the reserve.

use std::collections::BTreeMap;

use chrono::Datelike;
use tenfold_aggregator::{
    combine::answers::{Answer, AnsweredQuestion, Standing},
    dashboard::questions,
    duties::{
        DutyError as CentreError, prove,
        question::{self as centre, Asking},
    },
    ingest,
};
use tenfold_common::{
    calendar::Quarter,
    privacy::{
        Characteristic, Question, QuestionError, Rho, VerifiedQuestion,
        policy::{ATTACHED, POLICY_TYPE},
        question::{CHILDREN, REFERRAL_SOURCES},
    },
    protocol::{ProblemKind, RefusalReason, signature},
};
use tenfold_node::{
    duties::{
        AdoptionFault, DutyError, approve, look, prepare, question, refuse, review::review, send_back,
        standing, verify,
    },
    ledger,
    release::standing::StandingFault,
    store, synth,
};
use tenfold_store::{Account, Role, StoreError};
use tenfold_tests::federation::{CENTRE, Database, Federation, Member, OFFICER, Running};

/// Enough that every label is some σ from its neighbours.
const SCALE: f64 = 0.8;
/// In σ: a correct figure lies farther off once in 500 million.
const FARTHEST: f64 = 6.0;

#[tokio::test]
async fn a_question_is_asked_before_and_answered_once_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn a_question_is_asked_before_and_answered_once_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

fn asking(name: &str, by: Characteristic, (from, to): (Quarter, Quarter), sigma: u64) -> Asking {
    let title = format!("Families attached, {name}");
    Asking {
        name: name.into(),
        title,
        stream: ATTACHED.into(),
        from,
        to,
        by,
        by_place: by == Characteristic::Children,
        sigma,
    }
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(3).on(database).at("2015-04-01")?;
    let [one, two, three] = &federation.members[..] else { unreachable!("three were asked for") };
    let [opening, first, last] = [federation.quarter(0)?, federation.quarter(1)?, federation.quarter(2)?];
    let folder = |member: &Member| federation.folder().join("extracts").join(member.borough().as_str());
    for member in [one, two, three] {
        synth::write(&member.synthetic(opening, 3, SCALE), &folder(member))?;
    }
    let load = |quarter: Quarter| -> anyhow::Result<()> {
        federation.when_loaded(quarter);
        [one, two, three].iter().try_for_each(|member| {
            member.load_extracts(&folder(member), quarter)?;
            Ok(())
        })
    };
    load(opening)?;
    federation.release(&[one, two, three], opening).await?;
    load(first)?;

    let [by_referral, by_children] = ask(&federation, (first, last))?;
    adopt(&federation, one, &by_referral)?;
    question::adopt(&one.node, by_children.signed(), OFFICER)?;
    question::adopt(&three.node, by_referral.signed(), OFFICER)?;
    // The second borough leaves it. The third declares the quarter void.
    federation.release(&[one, two, three], first).await?;
    for member in [one, two, three] {
        assert_eq!(member.newest()?.questions, [], "a quarter before the answer's has none");
    }
    load(last)?;
    federation.when_recorded(last)?;
    too_late(&federation, two, &by_referral)?;
    refuse::void(&three.node, last, RefusalReason::Matching, "Two schools were swapped.", &three.signer()?)?;
    let truth = [true_referrals(one, (first, last))?, true_children(one, (first, last))?];
    reviewed(one, last, &by_referral, &truth)?;
    for member in [one, two, three] {
        if member.borough() != three.borough() {
            // Prepared by the review already where it answers.
            if member.borough() == two.borough() {
                prepare::prepare(&member.node, last, &member.analyst)?;
            }
            let shown = review(&member.node, last)?.expect("it is prepared").salted_hash;
            approve::approve(&member.node, last, &member.signer()?, &shown)?;
        }
        assert_eq!(member.deliver().await?.sealed, Some(last));
    }
    assert!(two.newest()?.questions.is_empty() && three.newest()?.questions.is_empty());
    refused_in_another_shape(&federation, one, &[by_referral.clone(), by_children.clone()])?;
    federation.when_delivered(last)?;
    for member in [one, two, three] {
        assert_eq!(member.deliver().await?.receipted, [last]);
    }

    shown(&federation, [one, two, three], &truth)?;
    let lines = one.node.store.read(store::ledger::lines)?;
    let of_question: Vec<_> = lines.iter().filter(|line| line.stream == by_referral.ledger_name()).collect();
    let told: Vec<_> = of_question.iter().map(|line| (line.kind.as_str(), line.quarter.as_str())).collect();
    assert_eq!(told, [("adoption", ""), ("release", last.to_string().as_str())]);
    assert_eq!(of_question[0].amount, by_referral.cost());
    assert_eq!(verify::verify(&one.node)?.releases, 3);
    prove::verify(&federation.aggregator)?;
    Ok(())
}

/// Two questions within the reserve; a third is refused, and so is the same name again.
fn ask(federation: &Running, quarters: (Quarter, Quarter)) -> anyhow::Result<[VerifiedQuestion; 2]> {
    let ask = |asking| centre::ask(&federation.aggregator, asking, CENTRE);
    let referral = asking("by-referral", Characteristic::ReferralSource, quarters, 9);
    let children = asking("by-children", Characteristic::Children, quarters, 10);
    let asked = [ask(referral.clone())?, ask(children)?];
    assert_eq!(asked[0].cost(), Rho::from_nano(6_172_840));
    assert_eq!(ask(referral.clone())?, asked[0], "the same once more is the same");
    let again = ask(Asking { sigma: 30, ..referral.clone() });
    assert!(matches!(again, Err(CentreError::QuestionKnown { .. })), "{again:?}");
    let third = ask(Asking { name: "third".into(), sigma: 19, ..referral.clone() }).unwrap_err().to_string();
    assert!(third.contains("0.00132716 is left") && third.contains("by-children, by-referral"), "{third}");
    let (opening, _) = (quarters.0.plus(-1), quarters.1);
    let early = ask(Asking { name: "fourth".into(), from: opening, sigma: 30, ..referral });
    assert!(
        matches!(early, Err(CentreError::Question(QuestionError::Quarters { .. }))),
        "the opening position is no quarter's activity: {early:?}"
    );
    Ok(asked)
}

/// A borough charges it once, whole or not at all; nobody else's signature serves.
fn adopt(federation: &Running, member: &Member, asked: &VerifiedQuestion) -> anyhow::Result<()> {
    let node = &member.node;
    let charged = || Ok::<_, anyhow::Error>(look::budget(node)?.spent);
    let before = charged()?;
    assert_eq!(question::read(node, asked.signed())?.hash(), asked.hash());
    let forged = signature::sign(asked.question(), "tenfold-question+jws", &node.keys.release)?;
    assert!(matches!(
        question::adopt(node, &forged, OFFICER),
        Err(DutyError::Question(QuestionError::Signature(_)))
    ));
    let typed = signature::sign(asked.question(), POLICY_TYPE, &federation.aggregator.policy_key)?;
    assert!(question::adopt(node, &typed, OFFICER).is_err(), "a question is no policy");
    // A region that forgets what it asked before: the borough adds up by itself, whatever the region says.
    let dear = Question { name: "dear".into(), sigma: 6, ..asked.question().clone() };
    let dear = signature::sign(&dear, "tenfold-question+jws", &federation.aggregator.policy_key)?;
    let over = question::adopt(node, &dear, OFFICER);
    assert!(matches!(over, Err(DutyError::Question(QuestionError::OverReserve { .. }))), "{over:?}");
    assert_eq!(charged()?, before, "what is refused is not charged");
    for _ in 0..2 {
        question::adopt(node, asked.signed(), OFFICER)?;
        assert_eq!(charged()?, before.checked_add(asked.cost()).expect("it is small"));
    }
    let other = Question { sigma: 50, ..asked.question().clone() };
    let other = signature::sign(&other, "tenfold-question+jws", &federation.aggregator.policy_key)?;
    let again = question::adopt(node, &other, OFFICER);
    assert!(matches!(again, Err(DutyError::Adoption(AdoptionFault::QuestionKnown { .. }))), "{again:?}");
    for sql in ["UPDATE question SET signed = ''", "DELETE FROM question"] {
        let refused = member.sql(sql);
        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{sql}: {refused:?}");
    }
    Ok(())
}

/// Once the recording period is over nobody asks and nobody adopts: somebody could have counted.
fn too_late(federation: &Running, member: &Member, asked: &VerifiedQuestion) -> anyhow::Result<()> {
    let adopted = question::adopt(&member.node, asked.signed(), OFFICER);
    assert!(matches!(adopted, Err(DutyError::Adoption(AdoptionFault::QuestionLate { .. }))), "{adopted:?}");
    let says = asked.question();
    let late = asking("late", says.by, (says.from, says.to), 60);
    let late = centre::ask(&federation.aggregator, late, CENTRE);
    assert!(matches!(late, Err(CentreError::QuestionLate { .. })), "{late:?}");
    Ok(())
}

/// Families that were recorded as attached in the quarters, with the file of each: computed here by itself.
fn recorded(
    member: &Member,
    (first, last): (Quarter, Quarter),
) -> anyhow::Result<Vec<(tenfold_node::register::FamilyFile, chrono::NaiveDate)>> {
    let policy = member.node.policy()?;
    let (from, until) = (policy.recording_ends(first.plus(-1)), policy.recording_ends(last));
    let events = member.node.store.read(|c| store::events::of_stream(c, ATTACHED))?;
    let files: BTreeMap<_, _> =
        member.families()?.into_iter().map(|file| (file.family.clone(), file)).collect();
    let within = events.into_iter().filter(|event| event.recorded_at >= from && event.recorded_at < until);
    Ok(within.map(|event| (files[&event.family].clone(), event.recorded_at.day())).collect())
}

fn true_referrals(member: &Member, quarters: (Quarter, Quarter)) -> anyhow::Result<Vec<i64>> {
    let mut counts = vec![0; REFERRAL_SOURCES.len()];
    for (mut file, _) in recorded(member, quarters)? {
        file.assessments.sort_by_key(|assessed| assessed.started);
        let word = file.assessments.iter().find_map(|assessed| assessed.referral_source.clone());
        let word = word.unwrap_or_else(|| "not recorded".to_owned());
        counts[REFERRAL_SOURCES.iter().position(|label| *label == word).expect("a label")] += 1;
    }
    // Housing and the voluntary sector are one family in twenty each; the rest must be there to be confused.
    assert!(counts.iter().filter(|&&count| count > 0).count() >= 7, "{counts:?}");
    Ok(counts)
}

fn true_children(member: &Member, quarters: (Quarter, Quarter)) -> anyhow::Result<Vec<i64>> {
    let mut counts = vec![0; CHILDREN.len()];
    for (file, on) in recorded(member, quarters)? {
        let ages = file.members.iter().filter_map(|person| {
            let born = person.birth_date?;
            let birthday = (on.month(), on.day()) >= (born.month(), born.day());
            Some(on.year() - born.year() - i32::from(!birthday))
        });
        let ages: Vec<i32> = ages.collect();
        let children = ages.iter().filter(|&&age| (0..18).contains(&age)).count();
        counts[if ages.is_empty() { 5 } else { children.min(4) }] += 1;
    }
    Ok(counts)
}

/// The approver sees the exact answer before it leaves, and no standing approval covers it.
fn reviewed(
    member: &Member,
    quarter: Quarter,
    asked: &VerifiedQuestion,
    truth: &[Vec<i64>; 2],
) -> anyhow::Result<()> {
    let node = &member.node;
    let (signer, until) = (member.signer()?, node.now().plus_days(200));
    standing::give(node, None, until, &signer)?;
    prepare::prepare(node, quarter, &member.analyst)?;
    let colleague = Account { name: "colleague".into(), role: Role::Analyst, ..member.analyst.clone() };
    let routine = standing::put_to_use(node, quarter, &colleague).unwrap_err();
    assert!(
        matches!(routine, DutyError::Standing(StandingFault::Answers { quarter: of }) if of == quarter),
        "{routine}"
    );
    let seen = review(node, quarter)?.expect("it is prepared");
    let names: Vec<&str> = seen.questions.iter().map(|answered| answered.name.as_str()).collect();
    assert_eq!(names, ["by-children", "by-referral"]);
    let exact = |title: &str| -> Vec<i64> {
        let stream = seen.streams.iter().find(|stream| stream.title == title).expect("it is shown");
        stream.labels[0].1.iter().map(|label| label.now).collect()
    };
    assert_eq!(exact(&asked.question().title), truth[0]);
    assert_eq!(exact("Families attached, by-children"), truth[1]);
    assert_eq!(truth[0].iter().sum::<i64>(), truth[1].iter().sum::<i64>(), "one cell a family");
    // Returned and prepared again, nothing changed: the answers are compared like any figure.
    send_back::send_back(node, quarter, "Look at the wards again.", &signer, Some(&seen.salted_hash))?;
    prepare::prepare(node, quarter, &member.analyst)?;
    let again = review(node, quarter)?.expect("it is prepared").since_return.expect("it was returned");
    assert_eq!(again.figures, []);
    Ok(())
}

/// The region takes an answer whole, of its own quarter and to a question that was asked, or not at all.
fn refused_in_another_shape(
    federation: &Running,
    member: &Member,
    asked: &[VerifiedQuestion],
) -> anyhow::Result<()> {
    let (body, policies) = (member.newest()?, federation.aggregator.succession()?);
    assert_eq!(body.questions.len(), 2);
    let fits = |body: &_| ingest::answers_fit(body, &policies, asked).map_err(|refusal| refusal.kind);
    assert_eq!(fits(&body), Ok(()));
    let mut left_out = body.clone();
    left_out.questions.remove(0);
    assert_eq!(fits(&left_out), Ok(()), "a borough may leave a question");
    let mut changed = vec![body.clone(); 6];
    changed[0].questions[0].values.pop();
    changed[1].questions[0].question = asked[0].hash().to_owned();
    changed[2].questions[0].name = "other".to_owned();
    changed[3].questions.swap(0, 1);
    changed[4].questions[1] = body.questions[0].clone();
    changed[5].id.quarter = body.id.quarter.plus(-1);
    for body in changed {
        assert_eq!(fits(&body), Err(ProblemKind::WrongShape), "{:?}", body.questions);
    }
    assert_eq!(ingest::answers_fit(&body, &policies, &[]).unwrap_err().kind, ProblemKind::WrongShape);
    Ok(())
}

/// Who answered and who did not, figures near the truth with intervals that are stated, and all of it in page and file.
fn shown(federation: &Running, members: [&Member; 3], truth: &[Vec<i64>; 2]) -> anyhow::Result<()> {
    let answered = centre::answered(&federation.aggregator)?;
    let [children, referral] = &answered[..] else { panic!("two were asked") };
    let of = |asked: &AnsweredQuestion, member: &Member| -> Answer {
        let found = asked.answers.iter().find(|answer| answer.area_code == member.borough().as_str());
        found.expect("every borough has a row").clone()
    };
    let standings = |asked| members.map(|member| of(asked, member).standing);
    assert_eq!(standings(referral), [Standing::Answered, Standing::NotAdopted, Standing::Void]);
    assert_eq!(standings(children), [Standing::Answered, Standing::NotAdopted, Standing::Void]);
    // σ = 9 a cell; 10 a cell, over the wards of the borough.
    let places = federation.policy()?.places(members[0].borough())? as f64;
    for (asked, truth, sigma) in [(referral, &truth[0], 9.0), (children, &truth[1], 10.0 * places.sqrt())] {
        let answer = of(asked, members[0]);
        for (count, truth) in answer.labels.iter().zip(truth) {
            let off = (count.value - truth).abs() as f64;
            assert!(off <= FARTHEST * sigma, "{} lies {off} off {truth}", count.value);
            assert!((count.half_width as f64 - 1.96 * sigma).abs() <= 1.0, "{}", count.half_width);
        }
        assert_eq!(asked.answers[0].total, answer.total, "the region is what one borough answered");
        assert_eq!(answer.labels.iter().map(|count| count.value).sum::<i64>(), answer.total.unwrap().value);
    }
    let by_ward = &of(children, members[0]).places;
    assert_eq!(by_ward.len() as f64, places);
    for (label, count) in of(children, members[0]).labels.iter().enumerate() {
        assert_eq!(by_ward.iter().map(|(_, counts)| counts[label].value).sum::<i64>(), count.value);
    }
    let page = questions::page(&answered);
    assert_eq!((page.figures.len(), page.open.len()), (2, 0));
    let note = page.figures[1].0.note.clone().expect("it says who is missing");
    assert!(note.contains("(not adopted)") && note.contains("(void)"), "{note}");
    let file = questions::csv(&answered);
    // Of each question a row an area for all; of the borough that answered a row a label, and a ward and label.
    let rows = 1 + 2 * 11 + 2 * (9 + 6) + 6 * places as usize;
    assert_eq!(file.lines().count(), rows, "{file}");
    let budget = ledger::lifetime(&members[0].node.store.read(store::ledger::lines)?);
    assert!(budget <= look::budget(&members[0].node)?.cap);
    Ok(())
}
