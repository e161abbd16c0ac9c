//! Keys that follow others: the borough's release key with overlap, the region's issuing key under one root.

use tenfold_aggregator::{
    dashboard::completeness,
    duties::{Aggregator, issuing, prove, read},
};
use tenfold_common::{
    clock::Moment,
    protocol::{
        DrawRequest,
        draw::{DRAW_REQUEST_FORMAT, DRAW_REQUEST_TYPE},
        notice::{NOTICE_FORMAT, NOTICE_TYPE, Notice, NoticeKind, NoticeReason},
        signature,
    },
};
use tenfold_node::duties::{certify, claim, notice, renew, rotate, verify};
use tenfold_node::region::Way;
use tenfold_tests::federation::{CENTRE, Federation, Member, Running};
use tenfold_web::tls;

use super::{enrolments, fingerprint};

/// The short name of the key that a sealed release says it is signed with.
fn signed_by(member: &Member, number: usize) -> anyhow::Result<String> {
    let sealed = member.sealed()?;
    let keys = member.node.release_keys()?;
    let bytes = &sealed[number - 1].bytes;
    let fits = keys.iter().find(|(key, _)| {
        signature::open::<tenfold_common::protocol::ReleaseBody>(bytes, "tenfold-release+jws", key).is_ok()
    });
    Ok(fits.map(|(key, _)| key.id()).unwrap_or_default())
}

pub(super) fn prepared(federation: &Running, member: &Member, index: i32) -> anyhow::Result<()> {
    let quarter = federation.quarter(index)?;
    federation.when_recorded(quarter)?;
    Ok(member.release(quarter)?)
}

#[tokio::test]
async fn a_release_key_rotates_with_overlap() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    // The first release is sealed under the old key and has not left when the key is rotated.
    prepared(&federation, member, 0)?;
    member.deliver().await?;
    let old = member.node.keys.release.public();
    let link = rotate::rotate(&member.node, &Way::straight(), "ig-officer").await?;
    assert_eq!((&link.old_key, link.from_release), (&old, 2));
    assert_eq!(member.node.release_key()?.public(), link.new_key, "this process signs with it at once");
    let member = &member.restarted()?;
    assert_eq!(member.node.keys.release.public(), link.new_key, "and one that starts later");
    federation.when_delivered(federation.quarter(0)?)?;
    assert_eq!(member.deliver().await?.receipted, [federation.quarter(0)?]);
    federation.release(&[member], federation.quarter(1)?).await?;
    assert_eq!((signed_by(member, 1)?, signed_by(member, 2)?), (old.id(), link.new_key.id()));
    // The old bytes again get the old receipt.
    let first = &member.sealed()?[0];
    let again = member.region()?.deliver(first.bytes.clone()).await?;
    assert_eq!(Some(&again), first.receipt.as_ref());
    // Once more; and both sides know which key signed which release, offline.
    let second = rotate::rotate(&member.node, &Way::straight(), "ig-officer").await?;
    assert_eq!((&second.old_key, second.from_release), (&link.new_key, 3));
    federation.release(&[member], federation.quarter(2)?).await?;
    assert_eq!(signed_by(member, 3)?, second.new_key.id());
    assert_eq!(verify::verify(&member.node)?.releases, 3);
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 3);
    // A node that renews goes on under the same keys.
    renew::renew(&member.node, &Way::straight()).await?;
    federation.release(&[member], federation.quarter(3)?).await?;
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 4);
    Ok(())
}

/// What was sealed before is taken under the old key only, what comes after under the new one only.
#[tokio::test]
async fn each_release_is_taken_under_its_own_key() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    prepared(&federation, member, 0)?;
    member.deliver().await?;
    let old = member.node.release_key()?;
    rotate::rotate(&member.node, &Way::straight(), "ig-officer").await?;
    let new = member.node.release_key()?;
    let region = member.region()?;
    let first: tenfold_common::protocol::ReleaseBody = signature::peek(&member.sealed()?[0].bytes)?;
    let under_new = signature::sign(&first, "tenfold-release+jws", &new)?;
    let told = region.deliver(under_new).await.unwrap_err().to_string();
    assert!(told.contains(&format!("signed by key {}", old.public().id())), "{told}");
    // A copy from before the rotation is stopped before it draws: what it sealed would never be taken.
    let asked = DrawRequest {
        format: DRAW_REQUEST_FORMAT.to_owned(),
        borough: member.borough().clone(),
        quarter: federation.quarter(1)?,
        policy: first.policy.clone(),
        ledger_head: first.ledger_head.clone(),
        nonce: "ab".repeat(32),
        previous: Vec::new(),
        checkpoint: String::new(),
        asked_at: member.node.now(),
    };
    let told = region.draw_right(signature::sign(&asked, DRAW_REQUEST_TYPE, &old)?).await;
    let told = told.unwrap_err().to_string();
    assert!(told.contains(&format!("signed by key {}", new.public().id())), "{told}");
    let mut second = first;
    second.id.number = 2;
    let under_old = signature::sign(&second, "tenfold-release+jws", &old)?;
    let told = region.deliver(under_old).await.unwrap_err().to_string();
    assert!(told.contains(&format!("signed by key {}", new.public().id())), "{told}");
    Ok(())
}

/// The region has the new key and the node does not know it: nothing is sealed under the old one meanwhile.
#[tokio::test]
async fn a_rotation_whose_answer_was_lost() -> anyhow::Result<()> {
    let mut federation = Federation::new().at("2015-04-01")?;
    prepared(&federation, &federation.members[0], 0)?;
    federation.break_off().await?;
    let member = federation.members[0].clone();
    assert!(rotate::rotate(&member.node, &Way::straight(), "ig-officer").await.is_err());
    let old = member.node.release_key()?.public();
    assert_eq!(old, member.node.keys.release.public(), "the old key is in force");
    federation.mend().await?;
    let told = member.deliver().await.unwrap_err().to_string();
    assert!(told.contains("nothing is sealed while the new release key"), "{told}");
    assert_eq!(member.sealed()?, []);
    // Sent, and the answer lost; then again, as `deliver` does first.
    let pending = member.node.store.read(tenfold_node::store::release_keys::pending)?.expect("it waits");
    let answered = member.region()?.rotate(pending.request.clone()).await?;
    assert_eq!(member.region()?.rotate(pending.request).await?, answered);
    let member = member.restarted()?;
    let link = rotate::when_pending(&member.node, &Way::straight()).await?.expect("it was sent again");
    assert_eq!(link.from_release, 1);
    assert_eq!(rotate::when_pending(&member.node, &Way::straight()).await?, None);
    member.deliver().await?;
    assert_eq!(signed_by(&member, 1)?, link.new_key.id());
    Ok(())
}

/// Another borough's rotation, one of another key, and one into the past change nothing.
#[tokio::test]
async fn a_rotation_is_the_boroughs_own() -> anyhow::Result<()> {
    use tenfold_common::protocol::{
        SigningKey,
        rotation::{KeyRotation, ROTATION_FORMAT, SignedRotation},
    };
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    federation.release(&[member], federation.quarter(0)?).await?;
    let (own, other) = (member.node.release_key()?, SigningKey::generate()?);
    let rotation = |borough: &Member, old: &SigningKey, from_release| -> anyhow::Result<String> {
        let rotation = KeyRotation {
            format: ROTATION_FORMAT.to_owned(),
            borough: borough.borough().clone(),
            old_key: old.public(),
            new_key: other.public(),
            from_release,
            made_at: member.node.now(),
        };
        Ok(serde_json::to_string(&SignedRotation::sign(&rotation, old, &other)?)?)
    };
    let region = member.region()?;
    let told = |text: String| async { region.rotate(text).await.unwrap_err().to_string() };
    let theirs = neighbour.node.release_key()?;
    assert!(told(rotation(neighbour, &theirs, 1)?).await.contains("rotates a key of"));
    let stranger = SigningKey::generate()?;
    assert!(told(rotation(member, &stranger, 2)?).await.contains("the old key is not the one"));
    let past = told(rotation(member, &own, 1)?).await;
    assert!(past.contains("release 1 is here: the new key signs from 2 on at the earliest"), "{past}");
    assert!(region.rotate(rotation(member, &own, 2)?).await.is_ok());
    // A key that was used is used.
    let told = neighbour.region()?.rotate(rotation(neighbour, &theirs, 1)?).await.unwrap_err().to_string();
    assert!(told.contains("the new key was used before"), "{told}");
    Ok(())
}

fn issuing_key(aggregator: &Aggregator) -> anyhow::Result<String> {
    Ok(tls::key_id_of_pem(&aggregator.issued("issuing")?.certificate_pem)?)
}

/// The server's certificate on disk, once the door that serves has taken it up.
async fn settle() {
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
}

#[tokio::test]
async fn the_issuing_key_rotates_and_its_leaves_live_on() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [first, second] = &federation.members[..] else { panic!("two members") };
    let open = first.region()?;
    assert!(open.statement().await.is_ok());
    let (before, leaf) = (issuing_key(&federation.aggregator)?, fingerprint(first)?);
    let ends: Moment = issuing::rotate(&federation.aggregator, None, CENTRE)?;
    assert_eq!(ends, first.node.now().plus_days(3653));
    assert_ne!(issuing_key(&federation.aggregator)?, before);
    settle().await;
    // Leaves of the old one pass, old connections go on, and the server shows its new chain.
    assert!(open.statement().await.is_ok());
    assert!(first.region()?.statement().await.is_ok());
    assert!(second.region()?.statement().await.is_ok());
    // What is issued now is issued by the new one.
    renew::renew(&second.node, &Way::straight()).await?;
    assert!(second.region()?.statement().await.is_ok());
    assert_eq!(fingerprint(first)?, leaf);
    assert_eq!(enrolments(&federation)?.len(), 3);
    let issuer = |member: &Member| -> anyhow::Result<String> {
        let chain = member.node.bundle()?.certificate_chain_pem;
        let issuing =
            chain.split_inclusive("-----END CERTIFICATE-----\n").nth(1).unwrap_or_default().to_owned();
        Ok(tls::key_id_of_pem(&issuing)?)
    };
    assert_eq!((issuer(first)?, issuer(second)?), (before, issuing_key(&federation.aggregator)?));
    // A root of another region signs nothing here; one that is put away must be brought.
    let elsewhere = Federation::new().named("Elsewhere").at("2015-04-01")?;
    let theirs = elsewhere.aggregator.folder.join("keys");
    let told = issuing::rotate(&federation.aggregator, Some(&theirs), CENTRE).unwrap_err().to_string();
    assert!(told.contains("another than the one that boroughs were told of"), "{told}");
    let keys = federation.aggregator.folder.join("keys");
    let stick = federation.folder().join("stick");
    std::fs::create_dir(&stick)?;
    std::fs::rename(keys.join("root.key.pem"), stick.join("root.key.pem"))?;
    std::fs::copy(keys.join("root.crt.pem"), stick.join("root.crt.pem"))?;
    assert!(issuing::rotate(&federation.aggregator, None, CENTRE).is_err());
    issuing::rotate(&federation.aggregator, Some(&stick), CENTRE)?;
    renew::renew(&first.node, &Way::straight()).await?;
    assert!(first.region()?.statement().await.is_ok());
    Ok(())
}

/// Claim certificates are signed with the release key too: those of before verify after a rotation.
#[tokio::test]
async fn a_claim_certificate_of_before_verifies() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let (node, today) = (&member.node, member.node.now().day());
    claim::open_window(node, "W", (today, today), None, None, &member.analyst)?;
    let first = certify::certify(node, "W", None, &member.approver)?;
    rotate::rotate(node, &Way::straight(), "ig-officer").await?;
    let second = certify::certify(node, "W", Some("a spelling"), &member.approver)?;
    let member = member.restarted()?;
    assert_eq!(certify::certificates(&member.node, "W")?, [first, second.clone()]);
    let new = member.node.release_key()?.public();
    let opened: Result<tenfold_node::claims::certificate::CertificateBody, _> =
        signature::open(&second.signed, tenfold_node::claims::certificate::TYPE, &new);
    assert_eq!(opened?, second.body, "the later one is signed by the new key");
    Ok(())
}

/// A borough pauses by one act: it is shown as paused and why, and goes on by another.
#[tokio::test]
async fn a_borough_pauses_leaves_and_goes_on() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let first = federation.quarter(0)?;
    let arrival = || -> anyhow::Result<(&'static str, Option<&'static str>)> {
        let arrival = completeness::arrival(&read::picture(&federation.aggregator)?, member.borough(), first);
        Ok((arrival.word(), arrival.why()))
    };
    let way = Way::straight();
    let say = |kind, reason| notice::tell(&member.node, &way, kind, reason, "ig-officer");
    say(NoticeKind::Paused, Some(NoticeReason::Systems)).await?;
    let due = federation.policy()?.due_at(first);
    federation.clock.set(due);
    assert_eq!(arrival()?, ("paused", Some(NoticeReason::Systems.words())));
    say(NoticeKind::Left, Some(NoticeReason::Other)).await?;
    assert_eq!(arrival()?, ("left", Some(NoticeReason::Other.words())));
    say(NoticeKind::Resumed, None).await?;
    assert_eq!(arrival()?, ("missing", None));
    // What it says needs a reason where it stops, and is its own.
    let region = member.region()?;
    let signed = |kind, reason, by: &Member| -> anyhow::Result<String> {
        let notice = Notice {
            format: NOTICE_FORMAT.to_owned(),
            borough: by.borough().clone(),
            kind,
            reason,
            made_at: due,
        };
        Ok(signature::sign(&notice, NOTICE_TYPE, &*member.node.release_key()?)?)
    };
    let told = |text: String| async { region.tell(text).await.unwrap_err().to_string() };
    assert!(told(signed(NoticeKind::Paused, None, member)?).await.contains("with a reason unless resumed"));
    let theirs = signed(NoticeKind::Left, Some(NoticeReason::Staff), neighbour)?;
    assert!(told(theirs).await.contains("speaks for another borough"));
    // The same notice again is the same notice.
    let again = signed(NoticeKind::Left, Some(NoticeReason::Staff), member)?;
    let noted = region.tell(again.clone()).await?;
    federation.clock.set(due.plus_seconds(30));
    say(NoticeKind::Resumed, None).await?;
    federation.clock.set(due.plus_seconds(60));
    assert_eq!(region.tell(again).await?, noted);
    assert_eq!(arrival()?, ("missing", None));
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_opens_nothing() -> anyhow::Result<()> {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let federation = Federation::new().at("2015-04-01")?;
    let keys = federation.aggregator.folder.join("keys");
    let mode = |name: &str, mode| fs::set_permissions(keys.join(name), fs::Permissions::from_mode(mode));
    for name in ["policy.pem", "receipt.pem"] {
        mode(name, 0o640)?;
        let opened = Aggregator::open(&federation.aggregator.folder, federation.aggregator.store.url());
        let told = opened.unwrap_err().to_string();
        assert!(told.contains("chmod 600") && told.contains(name), "{told}");
        mode(name, 0o600)?;
    }
    for name in ["issuing", "server"] {
        mode(&format!("{name}.key.pem"), 0o604)?;
        let told = federation.aggregator.issued(name).unwrap_err().to_string();
        assert!(told.contains("chmod 600"), "{told}");
    }
    let member = &federation.members[0];
    let path = member.node.folder.join("keys/release.pem");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660))?;
    let told = member.restarted().unwrap_err().to_string();
    assert!(told.contains("chmod 600") && told.contains("release.pem"), "{told}");
    Ok(())
}
