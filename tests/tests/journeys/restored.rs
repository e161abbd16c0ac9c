//! Copies of a node, restored, reverted or cloned: one goes on, the others stop before they draw and are told why.

use std::{fs, sync::Arc};

use tenfold_aggregator::{
    duties::{Aggregator, DutyError as CentreError, draw},
    store::draw_rights as rights,
};
use tenfold_common::protocol::signature;
use tenfold_node::{
    duties::{DutyError, Node, deliver, right, seal},
    release::noise::{DiscreteGaussian, NoiseError, NoiseSource},
    store,
};
use tenfold_tests::federation::{CENTRE, Database, Federation, Member, Running, copy_database, copy_refused};
use tenfold_tests::programs;

const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// The node as yesterday's backup has it: its keys and its database, in another folder.
pub(super) fn back_up(federation: &Running, member: &Member) -> anyhow::Result<Member> {
    let folder =
        federation.folder().join(format!("{}-restored", member.node.folder.file_name().unwrap().display()));
    fs::create_dir_all(folder.join("keys"))?;
    for key in fs::read_dir(member.node.folder.join("keys"))? {
        let key = key?;
        fs::copy(key.path(), folder.join("keys").join(key.file_name()))?;
    }
    let database = copy_database(&member.node.store, &folder)?;
    let mut node = Node::open(&folder, &database)?;
    node.clock = Arc::new(federation.clock.clone());
    Ok(Member { node, ..member.clone() })
}

#[tokio::test]
async fn behind_the_aggregator_nothing_is_drawn() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
        federation.when_recorded(first)?;
        member.release(first)?;
        let restored = back_up(&federation, member)?;
        member.deliver().await?;
        federation.when_delivered(first)?;
        member.deliver().await?;

        let told = restored.deliver().await.unwrap_err().to_string();
        let words = "the aggregator holds release 1 for 2015-Q2 of this borough, this node knows none";
        assert!(told.starts_with(words), "{told}");
        assert!(told.contains("nothing was drawn"), "{told}");
        assert_eq!(restored.sealed()?, []);
        let lines = restored.node.store.read(store::ledger::lines)?;
        assert!(lines.iter().all(|line| line.kind != "release"), "nothing was charged either");

        // The node that was not restored goes on.
        federation.when_delivered(second)?;
        member.release(second)?;
        assert_eq!(member.deliver().await?.receipted, [second]);
    }
    Ok(())
}

/// Two copies of a machine, both before the draw: the region gives one the right, the other is told and draws nothing.
#[tokio::test]
async fn of_two_copies_only_one_draws() -> anyhow::Result<()> {
    for database in BOTH {
        for first_asks in [0, 1] {
            let federation = Federation::new().on(database).at("2015-04-01")?;
            let member = &federation.members[0];
            let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
            federation.when_recorded(first)?;
            member.release(first)?;
            let copy = back_up(&federation, member)?;
            let [one, other] = if first_asks == 0 { [member, &copy] } else { [&copy, member] };
            assert_eq!(one.deliver().await?.sealed, Some(first));
            for _ in 0..2 {
                let told = other.deliver().await.unwrap_err().to_string();
                assert!(told.contains("The right to draw was given to another copy of this node"), "{told}");
                assert!(told.contains("nothing was drawn here") && told.contains("by telephone"), "{told}");
            }
            assert_eq!(other.sealed()?, [], "a second set of bytes exists");
            federation.when_delivered(first)?;
            assert_eq!(one.deliver().await?.receipted, [first]);
            // From now on the other one is behind, and the one goes on.
            let told = other.deliver().await;
            assert!(matches!(told, Err(DutyError::Behind { .. })), "{told:?}");
            federation.when_delivered(second)?;
            one.release(second)?;
            assert_eq!(one.deliver().await?.receipted, [second]);
            assert_eq!(other.sealed()?, []);
            let rights = federation.aggregator.store.read(rights::all)?;
            assert_eq!(rights.iter().filter_map(|right| right.quarter).collect::<Vec<_>>(), [first, second]);
            let refused =
                federation.aggregator.store.read(tenfold_aggregator::store::releases::rejections)?;
            assert_eq!((refused.len(), refused[0].1.as_str(), refused[0].2), (1, "other-copy", 2));
        }
    }
    Ok(())
}

/// A copy made while its original waits for the answer has no use of that answer, and of the two only one draws.
#[tokio::test]
async fn a_copy_has_no_part_in_a_right_its_original_asked_for() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let quarter = federation.quarter(0)?;
        federation.when_recorded(quarter)?;
        member.release(quarter)?;
        member.ask().await?;
        let copy = back_up(&federation, member)?;
        let used = seal::seal_next(&copy.node, &DiscreteGaussian);
        assert!(matches!(used, Err(DutyError::NoRight { .. })), "{used:?}");
        // Nor can it ask for another as if it were the original, which goes on and draws.
        let told = copy.deliver().await.unwrap_err().to_string();
        assert!(told.contains("to another copy of this node"), "{told}");
        assert_eq!(copy.sealed()?, []);
        assert_eq!(member.deliver().await?.sealed, Some(quarter));
        assert!(copy.deliver().await.is_err());
        assert_eq!(copy.sealed()?, []);
    }
    Ok(())
}

/// A backup taken after the charge and before the seal goes on under that charge: no quarter is lost. One that is
/// older than the last right goes on once the region has renewed it, on a person's word that the other copy is gone.
#[tokio::test]
async fn a_node_restored_between_charge_and_seal_goes_on() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let [first, second, third] = [federation.quarter(0)?, federation.quarter(1)?, federation.quarter(2)?];
        federation.when_recorded(first)?;
        member.release(first)?;
        member.ask().await?;
        let charged = member.node.store.read(store::ledger::lines)?;
        let restored = back_up(&federation, member)?;
        // The machine is lost here, in the instant of a draw. What is restored draws under the same charge, once a
        // person says so: it cannot be told from a copy that was made in that instant.
        federation.when_delivered(first)?;
        let told = restored.deliver().await.unwrap_err().to_string();
        let copy = copy_refused(&told).expect("the refusal names the copy");
        draw::renew(&federation.aggregator, restored.borough(), copy, CENTRE)?;
        assert_eq!(restored.deliver().await?.receipted, [first]);
        assert_eq!(restored.node.store.read(store::ledger::lines)?, charged);

        // The next time the backup is older: it was taken before the region was asked.
        federation.when_recorded(second)?;
        restored.release(second)?;
        let older = back_up(&federation, &restored)?;
        let other = back_up(&federation, &older)?;
        assert_eq!(restored.deliver().await?.sealed, Some(second));
        let renew = |copy: &str| draw::renew(&federation.aggregator, older.borough(), copy, CENTRE);
        let told = renew("00000000");
        assert!(matches!(told, Err(CentreError::NothingToRenew { .. })), "no copy was refused: {told:?}");
        // That machine is lost with what it sealed; nobody has seen it.
        let told = older.deliver().await.unwrap_err().to_string();
        let copy = copy_refused(&told).expect("the refusal names the copy");
        assert_eq!(older.sealed()?.len(), 1);
        // Only for the copy that is named: a stolen one that asked last is not served by mistake.
        let another = renew("00000000");
        assert!(
            matches!(&another, Err(CentreError::OtherCopyRefused { last, .. }) if last == copy),
            "{another:?}"
        );
        renew(&copy.to_uppercase())?;
        // For that copy alone: another that was not refused cannot use it, and does not use it up.
        assert!(other.deliver().await.is_err());
        assert_eq!(other.sealed()?.len(), 1);
        federation.when_delivered(second)?;
        assert_eq!(older.deliver().await?.receipted, [second]);
        // The lost machine is found again: what it sealed is refused, and it draws no more.
        assert!(restored.deliver().await.is_err());
        federation.when_delivered(third)?;
        let told = restored.release(third).and(Ok(()));
        assert!(told.is_ok(), "{told:?}");
        assert!(restored.deliver().await.is_err());
        assert_eq!(restored.sealed()?.len(), 2);
        older.release(third)?;
        assert_eq!(older.deliver().await?.receipted, [third]);
        let again = draw::renew(&federation.aggregator, &"E08000009".parse()?, copy, CENTRE);
        assert!(again.is_err(), "no node of that borough is enrolled");
    }
    Ok(())
}

/// A renewal names the copy, or the key that goes on: without either it is no renewal.
#[test]
fn a_renewal_names_what_it_renews() {
    let renew = |further: &[&str]| {
        let mut command = std::process::Command::new(programs::built().join("tenfold-aggregator"));
        let folder = tempfile::tempdir().unwrap();
        command.arg("--data").arg(folder.path()).args([
            "draw",
            "renew",
            "--borough",
            "E08000004",
            "--by",
            "x",
        ]);
        command.args(further).output().unwrap().status.code()
    };
    assert_eq!(renew(&[]), Some(2), "wrong usage");
    for further in [["--copy", "3fa90c12"], ["--release-key", "6981fe8d7eb2e2b0"]] {
        assert_eq!(renew(&further), Some(1), "there is no region here");
    }
}

/// A folder put back without one of its keys: nothing is made anew, since no borough would believe it.
#[test]
fn a_region_without_a_key_says_which() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(0).at("2015-04-01")?;
    let centre = &federation.aggregator;
    for key in ["policy.pem", "receipt.pem"] {
        let path = centre.folder.join("keys").join(key);
        let bytes = fs::read(&path)?;
        fs::remove_file(&path)?;
        let opened = Aggregator::open(&centre.folder, centre.store.url());
        assert!(matches!(&opened, Err(CentreError::KeyLost { path: lost }) if *lost == path), "{opened:?}");
        assert!(!path.exists(), "none is made in its place");
        signature::write_secret(&path, &bytes)?;
        Aggregator::open(&centre.folder, centre.store.url())?;
    }
    Ok(())
}

/// For a borough that is cut off the request and its answer travel as files; the answer serves for a day, one borough
/// and one draw.
#[tokio::test]
async fn a_carried_right_serves_its_own_borough_for_a_day_and_once() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    neighbour.release(quarter)?;
    let none = seal::seal_next(&member.node, &DiscreteGaussian);
    assert!(matches!(none, Err(DutyError::NoStatement { .. })), "{none:?}");
    let request = right::request_carried(&member.node)?.expect("a quarter waits");
    let answer = draw::give_carried(&federation.aggregator, &request, CENTRE)?;
    assert!(matches!(seal::keep_statement(&neighbour.node, &answer), Err(DutyError::Delivery { .. })));
    // Another process of the same node brings it in.
    let member = member.restarted()?;
    seal::keep_statement(&member.node, &answer)?;
    let now = member.node.now();
    federation.clock.set(now.plus_seconds(24 * 3600 + 1));
    let old = seal::seal_next(&member.node, &DiscreteGaussian);
    assert!(matches!(old, Err(DutyError::NoStatement { .. })), "{old:?}");
    assert_eq!(member.sealed()?, []);
    federation.clock.set(now.plus_seconds(24 * 3600));
    // It dies in the draw: the right is used all the same.
    assert!(seal::seal_next(&member.node, &Dies).is_err());
    let used = deliver::seal_carried(&member.node, answer).await;
    assert!(matches!(used, Err(DutyError::NoRight { .. })), "{used:?}");
    let request = right::request_carried(&member.node)?.expect("the quarter waits still");
    let answer = draw::give_carried(&federation.aggregator, &request, CENTRE)?;
    assert!(deliver::seal_carried(&member.node, answer.clone()).await?.is_some());
    assert_eq!(deliver::seal_carried(&member.node, answer).await?, None, "nothing waits any more");
    assert_eq!(member.sealed()?.len(), 1);
    Ok(())
}

/// A generator that ends at once, as a killed process does.
struct Dies;

impl NoiseSource for Dies {
    fn add(&self, _: &[i64], _: u64, _: u64) -> Result<Vec<i64>, NoiseError> {
        Err(NoiseError::Refused)
    }
}
