//! A policy that takes over from another, in the middle of its horizon or at its end: nobody is counted twice or lost,
//! and figures run over both.

use tenfold_aggregator::{
    combine::{self, Combined, ListedFigure},
    duties::{DutyError as CentreError, found, prove, read},
    submission::{Explanations, Return},
};
use tenfold_common::{
    calendar::Quarter,
    privacy::{Rho, VerifiedPolicy, policy::ATTACHED},
    protocol::{ProblemKind, RefusalReason, ReleaseBody, release::RELEASE_TYPE, signature},
};
use tenfold_node::{
    duties::{AdoptionFault, DutyError, adopt, look, prepare, refuse, verify},
    ledger,
    release::selection,
    store, synth,
};
use tenfold_tests::federation::{self, CAP, CENTRE, Database, Federation, Member, OFFICER, Running};

/// Of the programme's published size; see the first release's journey.
const SCALE: f64 = 0.8;
/// In standard errors: a correct figure lies farther off once in 500 million.
const FARTHEST: f64 = 6.0;

fn figures(federation: &Running) -> anyhow::Result<Vec<ListedFigure>> {
    let (policies, releases) = read::accepted(&federation.aggregator)?;
    Ok(combine::list(&policies, &Combined::new(&policies, &releases)?)?)
}

/// A total of a borough's attached: of a quarter, or to date.
fn attached(figures: &[ListedFigure], area: &str, quarter: Quarter, to_date: bool) -> Option<(f64, f64)> {
    let found = figures.iter().find(|figure| {
        (&*figure.area, &*figure.measure, &*figure.breakdown) == (area, ATTACHED, "total")
            && (figure.quarter, figure.to_date) == (quarter, to_date)
    });
    found.map(|figure| (figure.estimate, figure.standard_error))
}

fn near(figure: Option<(f64, f64)>, truth: usize, what: &str) {
    let (estimate, error) = figure.unwrap_or_else(|| panic!("{what} has no figure"));
    let off = (estimate - truth as f64).abs() / error;
    assert!(off < FARTHEST, "{what}: {estimate} ± {error}, the truth is {truth}");
}

fn counted(member: &Member, quarter: Quarter) -> anyhow::Result<usize> {
    prepare::prepare(&member.node, quarter, &member.analyst)?;
    Ok(look::counts(&member.node, quarter)?.expect("it was prepared")[0].total as usize)
}

/// What the quarter would count if the journal knew only what one policy counted.
fn with_a_journal_of_its_own(
    member: &Member,
    policy: &VerifiedPolicy,
    quarter: Quarter,
) -> anyhow::Result<usize> {
    let (events, merges) = member.node.store.read(|connection| {
        let events = store::events::of_stream(connection, ATTACHED)?;
        Ok::<_, tenfold_store::StoreError>((events, store::register::line_merges(connection)?))
    })?;
    let (key, until) = (member.node.keys.journal()?, policy.recording_ends(quarter));
    Ok(selection::countable(&events, &merges, &[].into(), key, until).len())
}

#[tokio::test]
async fn a_change_of_policy_counts_nobody_twice_on_sqlite() -> anyhow::Result<()> {
    change(Database::Sqlite).await
}

#[tokio::test]
async fn a_change_of_policy_counts_nobody_twice_on_postgres() -> anyhow::Result<()> {
    change(Database::Postgres).await
}

async fn change(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let (member, old) = (&federation.members[0], federation.policy()?);
    let borough = member.borough().to_string();
    let quarters: Vec<Quarter> = (0..4).map(|at| old.policy().first_quarter.plus(at)).collect();
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(quarters[0], 4, SCALE), &extracts)?;
    let mut truth = Vec::new();
    for &quarter in &quarters[..2] {
        federation.when_loaded(quarter);
        truth.push(member.load_extracts(&extracts, quarter)?.attached);
        federation.release(&[member], quarter).await?;
    }
    refused_policies(&federation, member, quarters[2])?;

    // The third quarter is recorded; before its period ends the region signs, and the borough adopts.
    federation.when_loaded(quarters[2]);
    truth.push(member.load_extracts(&extracts, quarters[2])?.attached);
    let new = federation.succeed("The second policy", quarters[2], Rho::from_nano(200_000_000))?;
    let lifetime = || member.node.store.read(store::ledger::lines).map(|lines| ledger::lifetime(&lines));
    let before = lifetime()?;
    adopt::adopt_policy(&member.node, new.signed(), OFFICER)?;
    // It spends less, and a line meets one of the two charges: the dearer stays.
    assert_eq!(lifetime()?, before);
    assert_eq!(member.node.policy_of(quarters[1])?.hash(), old.hash());
    assert_eq!(member.node.policy_of(quarters[2])?.hash(), new.hash());

    // Under the new policy nobody is counted whom the old one counted; a journal of its own would count all again.
    federation.when_recorded(quarters[2])?;
    assert_eq!(counted(member, quarters[2])?, truth[2]);
    let planted = with_a_journal_of_its_own(member, &new, quarters[2])?;
    assert_eq!(
        planted,
        truth.iter().sum::<usize>(),
        "the planted journal finds nobody again: the check is blind"
    );
    assert!(planted > truth[2]);
    member.release(quarters[2])?;
    member.deliver().await?;
    wrong_policy(member, &old)?;
    federation.when_delivered(quarters[2])?;
    assert_eq!(member.deliver().await?.receipted, [quarters[2]]);
    federation.when_loaded(quarters[3]);
    truth.push(member.load_extracts(&extracts, quarters[3])?.attached);
    federation.release(&[member], quarters[3]).await?;

    let figures = figures(&federation)?;
    let mut to_date = 0;
    for (&quarter, &of_quarter) in quarters.iter().zip(&truth) {
        to_date += of_quarter;
        near(attached(&figures, &borough, quarter, false), of_quarter, &format!("{quarter}"));
        near(attached(&figures, &borough, quarter, true), to_date, &format!("to {quarter}"));
    }
    // The two series' noise is independent: what the second adds is its own two quarters, at 0.2 and not 0.25.
    let variance =
        |at: usize| attached(&figures, &borough, quarters[at], true).map(|(_, error)| error * error);
    let (first, both) = (variance(1).expect("a figure"), variance(3).expect("a figure"));
    // Where in its year a quarter lies changes that by a few in a hundred.
    assert!(((both - first) / first / 1.25 - 1.0).abs() < 0.05, "{both} over {first}");
    let size = to_date as f64 / both.sqrt();
    assert!(size > 2.0 * FARTHEST, "{to_date} is {size} standard errors: twice or none would not be found");

    let picture = read::picture(&federation.aggregator)?;
    let returned = |quarter| Return::of(&picture, quarter, &Explanations::new());
    assert_eq!(
        (returned(quarters[1])?.policy.as_str(), returned(quarters[1])?.earlier_policies.len()),
        (old.hash(), 0)
    );
    let later = returned(quarters[2])?;
    assert_eq!((later.policy.as_str(), later.earlier_policies), (new.hash(), vec![old.hash().to_owned()]));
    assert_eq!(verify::verify(&member.node)?.releases, 4);
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 4);
    Ok(())
}

/// What the region does not sign and the borough does not adopt, after two quarters were released.
fn refused_policies(federation: &Running, member: &Member, next: Quarter) -> anyhow::Result<()> {
    // A policy that names no predecessor would open a second opening position.
    let stranger = federation::plan("Another", next, CAP);
    let told = found::sign_policy(&federation.aggregator, &stranger, CENTRE).unwrap_err();
    assert!(matches!(told, CentreError::Policy(_)), "{told}");
    let stranger = signature::sign(
        &stranger,
        tenfold_common::privacy::policy::POLICY_TYPE,
        &federation.aggregator.policy_key,
    )?;
    let told = adopt::adopt_policy(&member.node, &stranger, OFFICER).unwrap_err().to_string();
    assert!(told.contains("nothing opens an opening position again"), "{told}");
    // One whose first quarter may have been frozen.
    let told = federation.succeed("Too late", next.plus(-1), CAP).unwrap_err().to_string();
    assert!(told.contains("boroughs may have frozen it under \"Rehearsal policy\""), "{told}");
    // One that passes the cap: what was asked, what is left, who used it.
    let mut dear = federation::plan("Too dear", next, Rho::from_nano(300_000_000));
    dear.succeeds = Some(federation.policy()?.hash().to_owned());
    let dear = signature::sign(
        &dear,
        tenfold_common::privacy::policy::POLICY_TYPE,
        &federation.aggregator.policy_key,
    )?;
    let before = member.node.store.read(store::ledger::lines)?;
    let told = adopt::adopt_policy(&member.node, &dear, OFFICER).unwrap_err();
    assert!(matches!(told, DutyError::Adoption(AdoptionFault::OverCap { .. })), "{told}");
    for words in [
        "for attached (0.02",
        "more than before)",
        "is left; \"Rehearsal policy\" used ρ = 0.10",
        "cap is ρ = 0.25",
    ] {
        assert!(told.to_string().contains(words), "{words}: {told}");
    }
    assert_eq!(member.node.store.read(store::ledger::lines)?, before);
    Ok(())
}

/// A release of the new policy's quarter under the old one is refused and says what rules it.
fn wrong_policy(member: &Member, old: &VerifiedPolicy) -> anyhow::Result<()> {
    let body = ReleaseBody { policy: old.hash().to_owned(), ..member.newest()? };
    let bytes = signature::sign(&body, RELEASE_TYPE, &member.node.keys.release)?;
    let key = member.node.keys.release.public();
    let speaker = tenfold_aggregator::ingest::Speaker {
        borough: member.borough(),
        release_key: &key,
        newest: None,
        first: old.policy().first_quarter,
    };
    let refused = tenfold_aggregator::ingest::read(&bytes, speaker, &member.node.succession()?).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::WrongPolicy);
    assert!(refused.detail.contains("is released under \"The second policy\""), "{refused}");
    Ok(())
}

/// A horizon of two quarters, the second of them void, extended before it ends.
#[tokio::test]
async fn an_extended_horizon_loses_nobody() -> anyhow::Result<()> {
    let federation = Federation::new().for_quarters(2).at("2015-04-01")?;
    let (member, old) = (&federation.members[0], federation.policy()?);
    let borough = member.borough().to_string();
    let quarters: Vec<Quarter> = (0..4).map(|at| old.policy().first_quarter.plus(at)).collect();
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(quarters[0], 4, SCALE), &extracts)?;
    let mut truth = Vec::new();
    let mut load = |quarter| {
        federation.when_loaded(quarter);
        truth.push(member.load_extracts(&extracts, quarter)?.attached);
        Ok::<_, anyhow::Error>(())
    };
    load(quarters[0])?;
    federation.release(&[member], quarters[0]).await?;
    load(quarters[1])?;
    federation.when_recorded(quarters[1])?;
    refuse::void(&member.node, quarters[1], RefusalReason::Records, "", &member.signer()?)?;
    member.deliver().await?;
    federation.when_delivered(quarters[1])?;
    member.deliver().await?;

    // The horizon is over: nothing can be prepared until it is extended, and what is recorded waits.
    load(quarters[2])?;
    let told = prepare::prepare(&member.node, quarters[2], &member.analyst).unwrap_err().to_string();
    assert!(told.contains("2015-Q4") && !told.contains("attached"), "{told}");
    let before = member.node.store.read(store::ledger::lines)?;
    let new = federation.succeed("An extension", quarters[2], CAP)?;
    adopt::adopt_policy(&member.node, new.signed(), OFFICER)?;
    let lines = member.node.store.read(store::ledger::lines)?;
    assert!(ledger::lifetime(&lines) <= CAP && lines.len() == before.len() + 4);
    federation.release(&[member], quarters[2]).await?;
    load(quarters[3])?;
    federation.release(&[member], quarters[3]).await?;

    let figures = figures(&federation)?;
    let sums = [truth[0], truth[0], truth[..3].iter().sum(), truth.iter().sum()];
    for (&quarter, &sum) in quarters.iter().zip(&sums) {
        near(attached(&figures, &borough, quarter, true), sum, &format!("to {quarter}"));
    }
    assert_eq!(attached(&figures, &borough, quarters[1], false), None, "a void quarter has no figure");
    near(
        attached(&figures, &borough, quarters[2], false),
        truth[1] + truth[2],
        "the quarter after the void one",
    );
    let carrying = figures
        .iter()
        .find(|figure| figure.quarter == quarters[2] && !figure.to_date && figure.area == borough);
    assert_eq!(carrying.map(|figure| figure.carrying), Some(1), "the void quarter was the old policy's");
    let journalled = member.node.store.read(|connection| store::ledger::journalled(connection, ATTACHED))?;
    assert_eq!(journalled.len(), truth.iter().sum::<usize>());
    Ok(())
}
