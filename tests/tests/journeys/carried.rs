//! A borough that is cut off carries its sealed release to the region as a file, and the receipt home: the same
//! bytes, the same checks and the same instant as on the wire.

use tenfold_aggregator::duties::{DutyError as CentreError, draw, log, prove, receive};
use tenfold_common::protocol::{ProblemKind, ReleaseBody, release::RELEASE_TYPE, signature};
use tenfold_node::duties::{DutyError, carry, deliver, right, verify};
use tenfold_store::acts;
use tenfold_tests::federation::{CENTRE, Database, Federation, OFFICER};

#[tokio::test]
async fn a_release_is_carried_and_its_receipt_comes_home_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn a_release_is_carried_and_its_receipt_comes_home_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(2).on(database).at("2015-04-01")?;
    let [member, other] = [federation.members[0].clone(), federation.members[1].clone()];
    let quarter = federation.quarter(0)?;
    federation.break_off().await?;
    assert!(carry::next(&member.node)?.is_none(), "nothing is sealed");

    // Approved and drawn without a wire: the right is carried, too.
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    let asked = right::request_carried(&member.node)?.expect("it is approved");
    let given = tenfold_aggregator::duties::draw::give_carried(&federation.aggregator, &asked, CENTRE)?;
    deliver::seal_carried(&member.node, given).await?.expect("it is sealed");
    let early = carry::next(&member.node);
    assert!(matches!(early, Err(DutyError::NotYet { quarter: of, .. }) if of == quarter), "{early:?}");

    federation.when_delivered(quarter)?;
    let carried = carry::next(&member.node)?.expect("it may leave").bytes;
    assert_eq!(carried, member.sealed()?[0].bytes, "the very bytes that were sealed");
    let take = |bytes: &str| receive::receive_carried(&federation.aggregator, bytes, CENTRE);
    refused(&member, &other, &carried, take)?;
    let receipt = take(&carried)?;
    assert_eq!(take(&carried)?, receipt, "the same bytes get the same receipt");
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);

    // The receipt comes home; another's, or another release's, does not stand for it.
    let stranger = carry::receipt(&other.node, &receipt, OFFICER);
    assert!(matches!(stranger, Err(DutyError::Delivery { .. })), "{stranger:?}");
    let forged = signature::sign(
        &signature::peek::<tenfold_common::protocol::Receipt>(&receipt)?,
        tenfold_common::protocol::receipt::RECEIPT_TYPE,
        &member.node.keys.release,
    )?;
    assert!(matches!(carry::receipt(&member.node, &forged, OFFICER), Err(DutyError::Receipt(_))));
    for _ in 0..2 {
        assert_eq!(carry::receipt(&member.node, &receipt, OFFICER)?, quarter);
    }
    assert!(carry::next(&member.node)?.is_none());
    assert_eq!(verify::verify(&member.node)?.receipts, 1);
    let trail = member.node.store.read(acts::all)?;
    assert_eq!(trail.iter().filter(|act| act.verb == "receipt-carried").count(), 1);
    let centre = federation.aggregator.store.read(acts::all)?;
    assert_eq!(centre.iter().filter(|act| act.verb == "release-carried").count(), 1);

    // The wire mends: nothing is sent twice, and the next quarter goes as ever.
    federation.mend().await?;
    assert_eq!(member.deliver().await?.receipted, []);
    let next = federation.quarter(1)?;
    federation.when_recorded(next)?;
    member.release(next)?;
    member.deliver().await?;
    federation.when_delivered(next)?;
    assert_eq!(member.deliver().await?.receipted, [next]);
    Ok(())
}

/// The same checks as on the wire, and refusals are counted.
fn refused(
    member: &tenfold_tests::federation::Member,
    other: &tenfold_tests::federation::Member,
    carried: &str,
    take: impl Fn(&str) -> Result<String, CentreError>,
) -> anyhow::Result<()> {
    let body: ReleaseBody = signature::peek(carried)?;
    let kind = |bytes: &str| match take(bytes) {
        Err(CentreError::Refused(refusal)) => refusal.kind,
        other => panic!("it should have been refused: {other:?}"),
    };
    let signed = |body: &ReleaseBody, by: &tenfold_tests::federation::Member| {
        signature::sign(body, RELEASE_TYPE, &by.node.keys.release)
    };
    assert_eq!(kind(&signed(&body, other)?), ProblemKind::BadSignature, "another borough's key");
    let mut elsewhere = body.clone();
    elsewhere.id.borough = "E08000010".parse()?;
    assert_eq!(kind(&signed(&elsewhere, member)?), ProblemKind::NotEnrolled);
    let mut later = body.clone();
    (later.id.quarter, later.id.number) = (body.id.quarter.next(), 2);
    later.streams.iter_mut().for_each(|stream| stream.values.iter_mut().skip(4).for_each(Vec::clear));
    let of_later = kind(&signed(&later, member)?);
    assert!(matches!(of_later, ProblemKind::OutOfOrder | ProblemKind::WrongShape), "{of_later:?}");
    assert!(take("no release").is_err() && take("").is_err());
    Ok(())
}

/// Whoever carries the region's answer can change the file: what nobody signed is not kept, and the region is not
/// accused.
#[tokio::test]
async fn a_log_that_was_changed_on_its_way_is_not_kept() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, other] = [&federation.members[0], &federation.members[1]];
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    let earlier = log::carried(&federation.aggregator, "")?;
    federation.release(&[other], quarter).await?;
    let asked = right::request_carried(&member.node)?.expect("it is approved");
    let given = draw::give_carried(&federation.aggregator, &asked, CENTRE)?;
    let whole = log::carried(&federation.aggregator, &given)?;
    let lines: Vec<&str> = whole.lines().collect();
    let (checkpoint, before) = lines.split_last().expect("it has lines");
    let last = before.last().expect("it has entries");
    let entries = before.len() - 2;
    let added = last.replace(&format!("\"index\":{}", entries - 1), &format!("\"index\":{entries}"));
    assert_ne!(*last, added);
    let file = |lines: &[&str]| lines.join("\n");
    let spoilt = [
        file(&[before, &[added.as_str(), checkpoint]].concat()),
        file(&[&before[..before.len() - 1], &[*checkpoint]].concat()),
        file(&[&before[..before.len() - 1], &[added.as_str(), checkpoint]].concat()),
        file(before),
        given.clone(),
        // The log of an earlier file, each line as the region wrote it, after this answer.
        format!("{given}{earlier}"),
    ];
    for (nth, text) in spoilt.iter().enumerate() {
        let kept = || member.node.store.read(tenfold_node::store::witness::size);
        let told = carry::with_log(&member.node, text);
        assert!(matches!(&told, Err(DutyError::Delivery { .. })), "{nth}: {told:?}");
        assert!(kept()? < entries as u64, "{nth}: nothing is kept that the region did not sign");
    }
    let answer = carry::with_log(&member.node, &whole)?;
    deliver::seal_carried(&member.node, answer).await?.expect("it is sealed");
    verify::verify(&member.node)?;
    Ok(())
}
