//! A quarter that an approver declares void, of a borough on both databases.

use tenfold_aggregator::{
    combine::Area,
    dashboard::{completeness, measure, tidy},
    duties::read,
    submission::{Explanations, Return},
};
use tenfold_common::{
    privacy::policy::ATTACHED,
    protocol::{ProblemKind, RefusalReason, ReleaseBody, release::RELEASE_TYPE, signature},
};
use tenfold_node::{
    duties::{DutyError, approve, look, prepare, refuse, verify},
    synth,
};
use tenfold_store::StoreError;
use tenfold_tests::federation::{Database, Federation, Member, PASSWORD, Running};

const WHY: RefusalReason = RefusalReason::Matching;

fn counted(member: &Member, quarter: tenfold_common::calendar::Quarter) -> anyhow::Result<i64> {
    prepare::prepare(&member.node, quarter, &member.analyst)?;
    Ok(look::counts(&member.node, quarter)?.expect("it was prepared")[0].total)
}

fn void(member: &Member, quarter: tenfold_common::calendar::Quarter) -> Result<(), DutyError> {
    refuse::void(&member.node, quarter, WHY, "Two schools were swapped.", &member.signer()?)
}

#[tokio::test]
async fn a_void_quarter_counts_nothing_and_the_next_counts_it_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn a_void_quarter_counts_nothing_and_the_next_counts_it_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let [first, second, third] = [federation.quarter(0)?, federation.quarter(1)?, federation.quarter(2)?];
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(first, 3, 0.2), &extracts)?;
    let load = |quarter| {
        federation.when_loaded(quarter);
        Ok::<_, anyhow::Error>(member.load_extracts(&extracts, quarter)?.attached as i64)
    };

    // The opening position is never void.
    load(first)?;
    federation.when_recorded(first)?;
    prepare::prepare(&member.node, first, &member.analyst)?;
    let opening = void(member, first);
    assert!(matches!(opening, Err(DutyError::OpeningVoid { .. })), "{opening:?}");
    federation.clock.set(member.node.now().plus_seconds(60));
    member.release(first)?;
    federation.when_delivered(first)?;
    assert_eq!(member.deliver().await?.receipted, [first]);

    // The second quarter is prepared, then declared void: by nobody else than an approver, and not too early.
    let new = load(second)?;
    assert!(new > 0, "nobody joined in this quarter: it shows nothing");
    let early = void(member, second);
    assert!(matches!(early, Err(DutyError::PeriodOpen { .. })), "{early:?}");
    federation.when_recorded(second)?;
    assert_eq!(counted(member, second)?, new);
    let analyst = member.node.signer(&member.analyst.name, PASSWORD);
    assert!(matches!(analyst, Err(DutyError::Role { .. })), "{analyst:?}");
    void(member, second)?;
    for again in [
        void(member, second),
        prepare::prepare(&member.node, second, &member.analyst).map(drop),
        approve::approve(&member.node, second, &member.signer()?, "0123456789ab"),
    ] {
        assert!(matches!(again, Err(DutyError::Void { .. })), "{again:?}");
    }
    assert!(look::counts(&member.node, second)?.is_none(), "what was frozen is destroyed");
    behind_the_programs_back(member, &second.to_string())?;

    // It is sealed without a value, and leaves at the policy's instant like any other.
    let delivery = member.deliver().await?;
    assert_eq!((delivery.sealed, delivery.receipted.len()), (Some(second), 0));
    let body = member.newest()?;
    assert_eq!((body.id.number, body.void, body.streams.len()), (2, Some(WHY), 0));
    let bytes = member.sealed()?.pop().expect("it is sealed").bytes;
    assert!(!bytes.contains("swapped"));
    federation.when_delivered(second)?;
    assert_eq!(member.deliver().await?.receipted, [second]);
    named_as_such(&federation)?;

    // Its families are counted in the third, once.
    let newer = load(third)?;
    federation.when_recorded(third)?;
    assert_eq!(counted(member, third)?, new + newer);
    member.release(third)?;
    federation.when_delivered(third)?;
    assert_eq!(member.deliver().await?.receipted, [third]);
    assert_eq!(member.newest()?.void, None);
    let released = void(member, third);
    assert!(matches!(released, Err(DutyError::AlreadyReleased { .. })), "{released:?}");
    verify::verify(&member.node)?;
    tenfold_aggregator::duties::prove::verify(&federation.aggregator)?;
    later_figures(&federation)
}

/// The database itself keeps a quarter void or charged, never both, and refusals as they were said.
fn behind_the_programs_back(member: &Member, quarter: &str) -> anyhow::Result<()> {
    let charge = format!(
        "INSERT INTO ledger SELECT 9000, at, 'release', actor, policy, stream, '{quarter}', 0, hash FROM ledger \
         WHERE kind = 'adoption' AND stream = 'attached'"
    );
    let refusals = [
        charge,
        "UPDATE refusal SET reason = 'other'".to_owned(),
        "DELETE FROM refusal".to_owned(),
        "INSERT INTO refusal SELECT '2015-Q2', reason, comment, refused_at, refused_by, salted_hash, signed FROM refusal"
            .to_owned(),
        "INSERT INTO ledger SELECT 9000, at, 'void', actor, policy, stream, '2016-Q4', 0, hash FROM ledger \
         WHERE kind = 'adoption' AND stream = 'attached'"
            .to_owned(),
    ];
    for sql in refusals {
        let done = member.sql(&sql);
        assert!(matches!(done, Err(StoreError::Refused { .. })), "{sql}: {done:?}");
    }
    Ok(())
}

/// The region's pages, files and return say that the second quarter is void, and why.
fn named_as_such(federation: &Running) -> anyhow::Result<()> {
    let picture = read::picture(&federation.aggregator)?;
    let own = Area::Borough(federation.members[0].borough().clone());
    let figure = measure::over_time(&picture, &own, ATTACHED)?;
    assert_eq!(figure.table.rows[1][1..], ["void", "Bolton (void)"]);
    assert!(figure.note.expect("it has a note").contains("A void quarter was never drawn"));
    let arrivals = tidy::arrivals(&picture);
    assert!(arrivals.contains(",E08000001,Bolton,void,"), "{arrivals}");
    let page = completeness::completeness(&picture);
    let row = page.rows.iter().find(|row| row.name == "Bolton").expect("it has a row");
    assert_eq!(row.arrivals[1].why(), Some(WHY.words()));
    let made = Return::of(&picture, federation.quarter(1)?, &Explanations::new())?;
    let row = made.rows.iter().find(|row| row.area_name == "Bolton").expect("it has a row");
    assert_eq!((row.status.as_str(), row.in_quarter.is_none(), row.to_date.is_some()), ("void", true, true));
    assert!(
        row.explanation.as_ref().is_some_and(|words| words.starts_with("void (families not put together"))
    );
    Ok(())
}

/// The quarter after says that it holds the void one; totals to date hold everybody within the noise.
fn later_figures(federation: &Running) -> anyhow::Result<()> {
    let picture = read::picture(&federation.aggregator)?;
    let member = &federation.members[0];
    let own = Area::Borough(member.borough().clone());
    let figure = measure::over_time(&picture, &own, ATTACHED)?;
    assert_eq!(figure.table.rows[2][2], "Bolton (with the void quarter before)");
    let file = tidy::figures(&picture)?;
    assert!(file.lines().any(|row| row.starts_with("2015-Q4,") && row.ends_with(",0,0,1")), "{file}");
    let made = Return::of(&picture, federation.quarter(2)?, &Explanations::new())?;
    let row = made.rows.iter().find(|row| row.area_name == "Bolton").expect("it has a row");
    assert!(row.explanation.as_ref().is_some_and(|words| words.contains("2015-Q3, which is void")));
    Ok(())
}

/// What a borough cannot send: a void opening position, a void with values, a release without any.
#[tokio::test]
async fn a_void_that_is_none_is_refused_by_the_region() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let (member, first) = (&federation.members[0], federation.quarter(0)?);
    federation.when_recorded(first)?;
    member.release(first)?;
    member.deliver().await?;
    let signed = |change: fn(&mut ReleaseBody)| -> anyhow::Result<String> {
        let mut body = member.newest()?;
        change(&mut body);
        Ok(signature::sign(&body, RELEASE_TYPE, &member.node.keys.release)?)
    };
    for bytes in [
        signed(|body| body.streams.clear())?,
        signed(|body| body.void = Some(WHY))?,
        signed(|body| (body.void, body.streams) = (Some(WHY), Vec::new()))?,
    ] {
        let policy = federation.policy()?;
        let key = member.node.keys.release.public();
        let speaker = tenfold_aggregator::ingest::Speaker {
            borough: member.borough(),
            release_key: &key,
            newest: None,
            first,
        };
        let refused = tenfold_aggregator::ingest::read(&bytes, speaker, &policy.into()).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::WrongShape, "{refused}");
    }
    Ok(())
}
