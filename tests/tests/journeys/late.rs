//! A borough that is late, or out of order: its quarters are taken in order, and it is shown as missing.

use tenfold_aggregator::{
    combine::{Area, Cell, Combined, Reading, Span},
    duties::read,
    store,
};
use tenfold_common::{geography::BoroughCode, privacy::policy::ATTACHED};
use tenfold_node::duties::{ApprovalFault, DutyError, approve, prepare};
use tenfold_tests::federation::{Federation, Running};

/// What the region's page would say of a quarter of the attached.
fn of_quarter(federation: &Running, index: usize) -> anyhow::Result<Reading> {
    let (policy, releases) = read::accepted(&federation.aggregator)?;
    let combined = Combined::new(&policy, &releases)?;
    Ok(combined.reading(&Area::Region, ATTACHED, Cell::Total, Span::quarter(index))?)
}

fn names(reading: &Reading) -> Vec<BoroughCode> {
    reading.missing.clone()
}

#[tokio::test]
async fn a_late_borough_is_missing_then_taken_in_order() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(3).at("2015-04-01")?;
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    let late = &federation.members[1];
    federation.when_delivered(first)?;
    for member in federation.members.iter().filter(|member| member.borough() != late.borough()) {
        member.release(first)?;
        member.deliver().await?;
    }
    let reading = of_quarter(&federation, 0)?;
    assert!(names(&reading).contains(late.borough()) && names(&reading).len() == 8);

    // The next quarter is over too: the late one comes first, and cannot be jumped over.
    federation.when_delivered(second)?;
    let jumped = prepare::prepare(&late.node, second, &late.analyst);
    assert!(
        matches!(jumped, Err(DutyError::OutOfOrder { asked, expected }) if (asked, expected) == (second, first)),
        "{jumped:?}"
    );
    for member in &federation.members {
        let quarters = if member.borough() == late.borough() { vec![first, second] } else { vec![second] };
        for &quarter in &quarters {
            member.release(quarter)?;
            assert_eq!(member.deliver().await?.receipted, [quarter]);
        }
    }
    for index in 0..2 {
        let reading = of_quarter(&federation, index)?;
        assert!(!names(&reading).contains(late.borough()) && names(&reading).len() == 7);
    }
    // Late is not refused, but the date at which it came is kept beside it.
    let due = federation.policy()?.due_at(first);
    let kept = federation.aggregator.store.read(store::releases::all)?;
    let came_late = kept.iter().filter(|release| release.quarter == first && release.received_at > due);
    assert_eq!(came_late.map(|release| &release.borough).collect::<Vec<_>>(), [late.borough()]);
    Ok(())
}

#[tokio::test]
async fn two_sealed_quarters_wait_and_leave_in_order() -> anyhow::Result<()> {
    let mut federation = Federation::new().at("2015-04-01")?;
    let member = federation.members[0].clone();
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    federation.when_recorded(first)?;
    member.release(first)?;
    member.deliver().await?;
    federation.break_off().await?;
    federation.when_recorded(second)?;
    member.release(second)?;
    assert!(member.deliver().await.is_err());
    assert_eq!(member.sealed()?.len(), 1);
    federation.mend().await?;
    let delivery = member.deliver().await?;
    assert_eq!((delivery.sealed, delivery.receipted), (Some(second), vec![first]));
    assert_eq!(delivery.waiting.len(), 1);
    federation.when_delivered(second)?;
    assert_eq!(member.deliver().await?.receipted, [second]);
    Ok(())
}

#[test]
fn a_quarter_is_not_prepared_before_its_period_ends_nor_approved_unprepared() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
    let ends = federation.policy()?.recording_ends(quarter);
    federation.clock.set(ends.plus_seconds(-1));
    let early = prepare::prepare(&member.node, quarter, &member.analyst);
    assert!(matches!(early, Err(DutyError::PeriodOpen { .. })), "{early:?}");
    federation.clock.set(ends);
    let unprepared = approve::approve(&member.node, quarter, &member.signer()?, "0123456789ab");
    assert!(
        matches!(unprepared, Err(DutyError::Approval(ApprovalFault::NotPrepared { .. }))),
        "{unprepared:?}"
    );
    assert!(prepare::prepare(&member.node, quarter, &member.analyst).is_ok());
    Ok(())
}
