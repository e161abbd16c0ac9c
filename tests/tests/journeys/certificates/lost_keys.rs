//! A release key that is lost with the copy of the node that made it: it signs nothing, and the key before goes on.

use tenfold_aggregator::duties::{enrol, prove, recover, release_keys};
use tenfold_common::protocol::{
    DrawRequest,
    draw::{DRAW_REQUEST_FORMAT, DRAW_REQUEST_TYPE},
    signature,
};
use tenfold_node::{
    duties::{DutyError, create, rotate, verify, witness},
    region::Way,
};
use tenfold_tests::federation::{CENTRE, Federation, OFFICER, Restored};

use super::rotating::prepared;

/// A node that was put back to before a rotation, whose new key is lost: the refusal says what to do, and by a person's
/// word the key it has goes on, until a release of the lost key is here.
#[tokio::test]
async fn a_lost_release_key_signs_nothing() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let (region, borough) = (&federation.aggregator, member.borough());
    let old = member.node.release_key()?;
    let (old, id) = (&old, old.public().id());
    let link = rotate::rotate(&member.node, &Way::straight(), "ig-officer").await?;
    // The older copy asks under the older key.
    let policy = federation.policy()?;
    let asked = |nonce: &str| -> anyhow::Result<String> {
        let asked = DrawRequest {
            format: DRAW_REQUEST_FORMAT.to_owned(),
            borough: borough.clone(),
            quarter: federation.quarter(0)?,
            policy: policy.hash().to_owned(),
            ledger_head: "00".repeat(32),
            nonce: nonce.repeat(32),
            previous: Vec::new(),
            checkpoint: String::new(),
            asked_at: member.node.now(),
        };
        Ok(signature::sign(&asked, DRAW_REQUEST_TYPE, old)?)
    };
    let told = member.region()?.draw_right(asked("ab")?).await.unwrap_err().to_string();
    let says = format!("it is signed by key {id}, which key {} followed", link.new_key.id());
    assert!(told.contains(&says), "{told}");
    let told = release_keys::lose_after(region, borough, "0123", CENTRE).unwrap_err().to_string();
    assert!(told.contains("has no release key 0123"), "{told}");
    assert_eq!(release_keys::lose_after(region, borough, &link.new_key.id(), CENTRE)?, []);
    let spoken = format!(" {} ", id.to_uppercase());
    let lost = release_keys::lose_after(region, borough, &spoken, CENTRE)?;
    assert_eq!(lost, [link.new_key]);
    assert_eq!(release_keys::lose_after(region, borough, &id, CENTRE)?, [], "once");
    assert_eq!(release_keys::of_borough(region, borough)?, [old.public()]);
    assert!(member.region()?.draw_right(asked("cd")?).await.is_ok());
    prove::verify(region)?;
    // The copy that has the lost key is refused.
    prepared(&federation, member, 0)?;
    let told = member.deliver().await.unwrap_err().to_string();
    assert!(told.contains(&format!("signed by key {id}")), "{told}");
    Ok(())
}

/// Where a release of the newer key is here, the copy that goes on must know both.
#[tokio::test]
async fn a_release_key_that_signed_is_not_lost() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let old = member.node.release_key()?.public();
    rotate::rotate(&member.node, &Way::straight(), "ig-officer").await?;
    federation.release(&[member], federation.quarter(0)?).await?;
    let lost = release_keys::lose_after(&federation.aggregator, member.borough(), &old.id(), CENTRE);
    let told = lost.unwrap_err().to_string();
    assert!(told.contains("must know that release and have that key"), "{told}");
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);
    Ok(())
}

/// A region put back from a backup that still waits for a release: the log says that the newer key signed it.
#[tokio::test]
async fn a_release_key_of_an_awaited_release_is_not_lost() -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, other] = [federation.members[0].clone(), federation.members[1].clone()];
    let old = member.node.release_key()?.public();
    rotate::rotate(&member.node, &Way::straight(), OFFICER).await?;
    let backup = federation.back_up("backup")?;
    federation.release(&[&member], federation.quarter(0)?).await?;
    witness::call_in(&other.node, &other.region()?).await?;
    federation.put_back(&backup, Restored::Database).await?;
    // The other gives the log back; the borough itself is not heard, and a person lets the region go on.
    witness::call_in(&other.node, &other.region()?).await.unwrap_err();
    recover::resume(&federation.aggregator, recover::Word::Whole, CENTRE)?;
    assert_eq!(recover::awaited(&federation.aggregator)?.len(), 1);
    let told = release_keys::lose_after(&federation.aggregator, member.borough(), &old.id(), CENTRE);
    let told = told.unwrap_err().to_string();
    assert!(told.contains("release 1 is in the log"), "{told}");
    witness::call_in(&member.node, &member.region()?).await?;
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);
    Ok(())
}

/// A node put back to the moment before its rotation was answered, whose new key was then said to be lost: it gives the
/// rotation up, the key before seals, and it can rotate to a fresh one.
#[tokio::test]
async fn a_rotation_whose_new_key_is_lost_is_given_up() -> anyhow::Result<()> {
    let mut federation = Federation::new().at("2015-04-01")?;
    prepared(&federation, &federation.members[0], 0)?;
    federation.break_off().await?;
    let member = federation.members[0].clone();
    assert!(rotate::rotate(&member.node, &Way::straight(), OFFICER).await.is_err());
    federation.mend().await?;
    let pending = member.node.store.read(tenfold_node::store::release_keys::pending)?.expect("it waits");
    // Another copy sent it, which is lost for ever; nobody noticed that this one waits for the same.
    member.region()?.rotate(pending.request.clone()).await?;
    let old = pending.link.old_key.id();
    release_keys::lose_after(&federation.aggregator, member.borough(), &old, CENTRE)?;
    let given_up = rotate::when_pending(&member.node, &Way::straight()).await;
    assert!(
        matches!(&given_up, Err(DutyError::KeyGivenUp { goes_on, .. }) if *goes_on == old),
        "{given_up:?}"
    );
    let member = member.restarted()?;
    assert_eq!(rotate::when_pending(&member.node, &Way::straight()).await?, None);
    let quarter = federation.quarter(0)?;
    federation.when_delivered(quarter)?;
    assert_eq!(member.deliver().await?.receipted, [quarter]);
    let fresh = rotate::rotate(&member.node, &Way::straight(), OFFICER).await?;
    assert_eq!((fresh.old_key.id(), fresh.from_release), (old, 2));
    assert_ne!(fresh.new_key, pending.link.new_key);
    federation.release(&[&member], federation.quarter(1)?).await?;
    assert_eq!(verify::verify(&member.node)?.releases, 2);
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 2);
    Ok(())
}

/// Whoever comes with a lost key is not enrolled again, and is told why.
#[tokio::test]
async fn a_lost_release_key_is_not_enrolled_again() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let old = member.node.release_key()?.public();
    rotate::rotate(&member.node, &Way::straight(), OFFICER).await?;
    release_keys::lose_after(&federation.aggregator, member.borough(), &old.id(), CENTRE)?;
    let member = member.restarted()?;
    let request = create::enrolment_request(&member.node)?;
    let told = enrol::enrol(&federation.aggregator, &request, CENTRE).unwrap_err().to_string();
    assert!(told.contains("is lost, and it signs nothing"), "{told}");
    Ok(())
}
