//! The life of certificates: renewed in time by themselves, on both sides, without a restart.

mod joining;
mod lost_keys;
mod own;
mod rotating;

use tenfold_aggregator::{
    duties::enrol,
    store::{self as centre_store, enrolments::Enrolment},
};
use tenfold_common::{
    clock::Moment,
    protocol::{
        RenewalRequest,
        renewal::{RENEWAL_FORMAT, RENEWAL_TYPE},
        signature,
    },
};
use tenfold_node::duties::{create, renew};
use tenfold_node::region::Way;
use tenfold_tests::federation::{CENTRE, Federation, Member, Running};
use tenfold_web::tls;

/// A federation whose only member has a certificate of so many days.
fn short_lived(days: u16) -> anyhow::Result<(Running, Member)> {
    let federation = Federation::new().with_nodes(0).at("2015-04-01")?;
    let member = federation.newcomer(&"E08000001".parse()?, "short-lived")?;
    let centre = &federation.aggregator;
    let mut short = centre.clone();
    short.region.leaf_days = days;
    let bundle = enrol::enrol(&short, &create::enrolment_request(&member.node)?, CENTRE)?;
    federation.welcome(&member, &bundle)?;
    Ok((federation, member))
}

fn enrolments(federation: &Running) -> anyhow::Result<Vec<Enrolment>> {
    Ok(federation.aggregator.store.read(centre_store::enrolments::all)?)
}

fn fingerprint(member: &Member) -> anyhow::Result<String> {
    Ok(tls::fingerprint_of_pem(&member.node.bundle()?.certificate_chain_pem)?)
}

/// The files of the node's key folder that belong to renewals.
fn key_files(member: &Member) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(member.node.folder.join("keys"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| name.starts_with("tls-") || name.starts_with("renewal"));
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn a_node_certificate_renews_itself_at_half_life() -> anyhow::Result<()> {
    let (federation, member) = short_lived(160)?;
    let first = renew::certificate(&member.node)?;
    let began = member.node.now();
    assert_eq!((first.begins, first.ends), (began.plus_seconds(-300), began.plus_days(160)));
    assert!(first.renewal_due >= began.plus_days(79) && first.renewal_due <= began.plus_days(91));
    // Not a second early.
    federation.clock.set(first.renewal_due.plus_seconds(-1));
    assert_eq!(renew::when_due(&member.node, &Way::straight()).await?, None);
    let before = fingerprint(&member)?;
    let open = member.region()?;
    assert!(open.statement().await.is_ok());
    federation.clock.set(first.renewal_due);
    let until = renew::when_due(&member.node, &Way::straight()).await?.expect("it was due");
    assert_eq!(until, first.renewal_due.plus_days(1500));
    let after = fingerprint(&member)?;
    assert_ne!(before, after);
    // The next call shows the new one; the connection that is open goes on with the old one.
    assert!(member.region()?.statement().await.is_ok());
    assert!(open.statement().await.is_ok());
    let enrolled = enrolments(&federation)?;
    let [old, new] = &enrolled[..] else { panic!("two enrolments, {}", enrolled.len()) };
    assert_eq!((&old.fingerprint, &new.fingerprint), (&before, &after));
    assert_eq!((&old.release_key, old.first_quarter), (&new.release_key, new.first_quarter));
    assert_eq!((new.not_after, new.enrolled_by.as_str()), (until, "the node itself"));
    assert_eq!(renew::when_due(&member.node, &Way::straight()).await?, None, "once is enough");
    // The program that starts again finds the pair; beyond the first certificate's end it still speaks.
    let member = member.restarted()?;
    federation.clock.set(first.ends.plus_seconds(1));
    assert!(member.region()?.statement().await.is_ok());
    assert!(open.statement().await.is_err(), "the old certificate ended");
    Ok(())
}

/// The aggregator answered and the answer was lost on the way: the same request goes out again and gets the same
/// certificate, however often the node was started meanwhile.
#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() -> anyhow::Result<()> {
    let (federation, member) = short_lived(160)?;
    federation.clock.set(renew::certificate(&member.node)?.renewal_due);
    let before = fingerprint(&member)?;
    // A node that stops after it sent its request leaves what a lost answer leaves.
    let pair = member.node.keys.new_tls_key()?;
    let request = signed_request(&member, &before, &pair, member.node.now())?;
    member.node.keys.keep_pending_renewal(&request)?;
    let answered = member.region()?.renew(request.clone()).await?;
    assert_eq!(member.region()?.renew(request).await?, answered);
    let member = member.restarted()?;
    assert_eq!(fingerprint(&member)?, before, "the old pair stands");
    assert!(member.region()?.statement().await.is_ok(), "and works");
    renew::when_due(&member.node, &Way::straight()).await?.expect("it is due still");
    let enrolled = enrolments(&federation)?;
    assert_eq!(enrolled.len(), 2, "one certificate for one request");
    assert_eq!(fingerprint(&member)?, enrolled[1].fingerprint);
    let own = format!("tls-{}.pem", tls::key_id(pair.public_key_raw()));
    assert_eq!(key_files(&member)?, [own], "the key that was made first, and no request that waits");
    Ok(())
}

fn signed_request(
    member: &Member,
    certificate: &str,
    pair: &rcgen::KeyPair,
    made_at: Moment,
) -> anyhow::Result<String> {
    let request = RenewalRequest {
        format: RENEWAL_FORMAT.to_owned(),
        borough: member.borough().clone(),
        certificate: certificate.to_owned(),
        csr_pem: rcgen::CertificateParams::default().serialize_request(pair)?.pem()?,
        made_at,
    };
    Ok(signature::sign(&request, RENEWAL_TYPE, &member.node.keys.release)?)
}

/// What is asked with somebody else's key, for somebody else, or over another certificate gets nothing.
#[tokio::test]
async fn a_renewal_is_for_who_asks_it_alone() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let pair = rcgen::KeyPair::generate()?;
    let now = member.node.now();
    let (own, theirs) = (fingerprint(member)?, fingerprint(neighbour)?);
    let region = member.region()?;
    let told = |request: String| async { region.renew(request).await.unwrap_err().to_string() };
    let by_neighbour = signed_request(neighbour, &own, &pair, now)?;
    assert!(told(by_neighbour).await.contains("not signed by"), "another key");
    let over_theirs = signed_request(member, &theirs, &pair, now)?;
    assert!(told(over_theirs).await.contains("takes over from another certificate"));
    assert!(told("no request".to_owned()).await.contains("refused"));
    assert_eq!(enrolments(&federation)?.len(), 2, "nothing was issued");
    // One that was withdrawn renews nothing.
    enrol::deny(&federation.aggregator, &own, CENTRE)?;
    let refused = told(signed_request(member, &own, &pair, now)?).await;
    assert!(refused.contains("not enrolled, was withdrawn, or has expired"), "{refused}");
    Ok(())
}

/// A crash after the key was written and before the certificate was kept leaves the old pair; a key that no
/// certificate names is cleared away at the next renewal, and the one before the last stays.
#[tokio::test]
async fn a_crash_on_the_way_leaves_a_pair_that_works() -> anyhow::Result<()> {
    let (federation, member) = short_lived(160)?;
    federation.clock.set(renew::certificate(&member.node)?.renewal_due);
    member.node.keys.new_tls_key()?;
    let member = member.restarted()?;
    assert!(member.region()?.statement().await.is_ok());
    renew::renew(&member.node, &Way::straight()).await?;
    assert_eq!(key_files(&member)?.len(), 1);
    let second = key_files(&member)?;
    renew::renew(&member.node, &Way::straight()).await?;
    let files = key_files(&member)?;
    assert!(files.len() == 2 && files.contains(&second[0]), "{files:?}");
    renew::renew(&member.node, &Way::straight()).await?;
    assert!(!key_files(&member)?.contains(&second[0]));
    assert!(member.region()?.statement().await.is_ok());
    // Without its key a certificate is nothing, and the node says where it looked.
    for file in key_files(&member)? {
        std::fs::remove_file(member.node.folder.join("keys").join(file))?;
    }
    let told = member.region().unwrap_err().to_string();
    assert!(told.contains("the key of the node certificate in force, tls-"), "{told}");
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_key_is_for_its_owners_eyes_only() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let (_federation, member) = short_lived(160)?;
    renew::renew(&member.node, &Way::straight()).await?;
    for file in key_files(&member)? {
        let mode = std::fs::metadata(member.node.folder.join("keys").join(&file))?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    Ok(())
}

/// The aggregator's own certificate is renewed while it serves: who is connected stays so, who comes sees the new one.
#[tokio::test]
async fn the_server_certificate_renews_itself_under_open_connections() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let shown = || anyhow::Ok(federation.aggregator.issued("server")?.certificate_pem);
    let before = shown()?;
    let life = tls::life_of_pem(&before)?;
    assert_eq!(life.begins, member.node.now().plus_seconds(-300));
    let open = member.region()?;
    assert!(open.statement().await.is_ok());
    federation.clock.set(life.renewal_due("aggregator"));
    let mut after = shown()?;
    for _ in 0..300 {
        if after != before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        after = shown()?;
    }
    assert_ne!(before, after);
    assert_eq!(tls::names_of_pem(&after)?, ["127.0.0.1"]);
    assert_ne!(tls::key_id_of_pem(&before)?, tls::key_id_of_pem(&after)?, "a new key");
    assert!(open.statement().await.is_ok(), "the open connection goes on");
    // Beyond the end of the first, only the new one lets anybody in.
    renew::renew(&member.node, &Way::straight()).await?;
    federation.clock.set(life.ends.plus_seconds(1));
    let mut answered = member.region()?.statement().await;
    for _ in 0..50 {
        if answered.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        answered = member.region()?.statement().await;
    }
    answered?;
    Ok(())
}
