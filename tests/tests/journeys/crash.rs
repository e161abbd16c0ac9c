//! The program dies between two steps: the charge stands once, one release is sealed, nobody counted is lost.

use std::cell::Cell;

use tenfold_common::clock::Moment;
use tenfold_node::{
    duties::{ApprovalFault, DutyError, prepare, seal::seal_next, verify},
    release::noise::{DiscreteGaussian, NoiseError, NoiseSource},
    store::{self, ledger::Entry},
    synth,
};
use tenfold_tests::federation::{Database, Federation, Member, Running};

/// The real generator, which ends after so many tables: the transaction goes as it goes with a killed process.
struct Ends {
    after: Cell<u32>,
}

impl NoiseSource for Ends {
    fn add(&self, values: &[i64], sigma: u64, shift_squared: u64) -> Result<Vec<i64>, NoiseError> {
        let left = self.after.get().checked_sub(1).ok_or(NoiseError::Refused)?;
        self.after.set(left);
        DiscreteGaussian.add(values, sigma, shift_squared)
    }
}

/// What must be the same before and after.
#[derive(Debug, PartialEq)]
struct Spent {
    lines: Vec<tenfold_node::ledger::LedgerLine>,
    journalled: usize,
}

fn spent(member: &Member) -> anyhow::Result<Spent> {
    let lines = member.node.store.read(store::ledger::lines)?;
    let names = member.node.store.read(|connection| store::ledger::journalled(connection, "attached"))?;
    Ok(Spent { lines, journalled: names.len() })
}

/// A borough with families, its first quarter approved.
async fn about_to_draw(database: Database) -> anyhow::Result<(Running, usize)> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let (quarter, extracts) = (federation.quarter(0)?, federation.folder().join("extracts"));
    synth::write(&member.synthetic(quarter, 1, 0.2), &extracts)?;
    federation.when_loaded(quarter);
    let attached = member.record(&extracts, quarter)?.attached;
    assert!(attached > 0);
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    Ok((federation, attached))
}

#[tokio::test]
async fn killed_in_the_draw_and_resumed_on_sqlite() -> anyhow::Result<()> {
    killed_in_the_draw(Database::Sqlite).await
}

#[tokio::test]
async fn killed_in_the_draw_and_resumed_on_postgres() -> anyhow::Result<()> {
    killed_in_the_draw(Database::Postgres).await
}

async fn killed_in_the_draw(database: Database) -> anyhow::Result<()> {
    let (federation, attached) = about_to_draw(database).await?;
    let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
    let mut before = None;
    for after in 0..4 {
        let member = member.restarted()?;
        // What died had used up its right; it asks again, and no other copy has asked since.
        let used = seal_next(&member.node, &DiscreteGaussian);
        match after {
            0 => assert!(matches!(used, Err(DutyError::NoStatement { .. })), "{used:?}"),
            _ => assert!(matches!(used, Err(DutyError::NoRight { .. })), "{used:?}"),
        }
        member.ask().await?;
        assert!(matches!(
            seal_next(&member.node, &Ends { after: Cell::new(after) }),
            Err(DutyError::Release(_))
        ));
        let spent = spent(&member)?;
        assert_eq!((member.sealed()?.len(), spent.journalled), (0, attached));
        assert_eq!(*before.get_or_insert_with(|| Spent { lines: spent.lines.clone(), ..spent }), spent);
        // What was charged is not prepared again, whatever has been loaded since.
        let again = prepare::prepare(&member.node, quarter, &member.analyst);
        assert!(matches!(again, Err(DutyError::Approval(ApprovalFault::AlreadyCharged { .. }))), "{again:?}");
    }
    let member = member.restarted()?;
    assert_eq!(member.deliver().await?.sealed, Some(quarter));
    assert_eq!(Some(spent(&member)?), before, "the draw was made under the same charge");
    assert_eq!(member.newest()?.ledger_head, before.expect("four tries").lines.last().unwrap().hash);
    federation.when_delivered(quarter)?;
    assert_eq!(member.deliver().await?.receipted, [quarter]);
    assert_eq!(verify::verify(&member.node)?.releases, 1);
    Ok(())
}

/// The charge of several streams is committed as a whole or not at all.
#[tokio::test]
async fn half_a_charge_is_never_committed() -> anyhow::Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let (federation, attached) = about_to_draw(database).await?;
        let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
        let before = spent(member)?;
        let died = member.node.store.write(|connection| -> Result<(), DutyError> {
            let policy = federation.aggregator.policy().expect("a policy is in force");
            let entry = Entry {
                kind: tenfold_node::ledger::LineKind::Release,
                actor: "approver",
                policy: policy.hash(),
                stream: "attached",
                quarter: Some(quarter),
                amount: tenfold_common::privacy::Rho::ZERO,
            };
            store::ledger::append(connection, entry, member.node.now())?;
            store::ledger::journal_quarter(connection, policy.hash(), quarter)?;
            Err(DutyError::NoPolicy)
        });
        assert!(died.is_err());
        assert_eq!(spent(member)?, before);
        member.deliver().await?;
        assert_eq!((member.sealed()?.len(), spent(member)?.journalled), (1, attached));
        assert!(verify::verify(&member.node).is_ok());
    }
    Ok(())
}

#[tokio::test]
async fn killed_after_delivery_before_the_receipt_was_kept() -> anyhow::Result<()> {
    let (federation, _) = about_to_draw(Database::Sqlite).await?;
    let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
    member.deliver().await?;
    federation.when_delivered(quarter)?;
    // The aggregator has it; the answer was lost.
    let receipt = member.region()?.deliver(member.sealed()?.remove(0).bytes).await?;
    assert_eq!(member.sealed()?[0].receipt, None);
    federation.clock.set(later(&federation, quarter)?);
    assert_eq!(member.restarted()?.deliver().await?.receipted, [quarter]);
    assert_eq!(member.sealed()?[0].receipt, Some(receipt));
    Ok(())
}

fn later(federation: &Running, quarter: tenfold_common::calendar::Quarter) -> anyhow::Result<Moment> {
    Ok(federation.policy()?.delivers_at(quarter).plus_days(3))
}
