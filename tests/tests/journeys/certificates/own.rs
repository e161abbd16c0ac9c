//! A council's own authority: for its borough, with its one name, and for nobody else.

use tenfold_aggregator::{
    duties::{enrol, own_ca},
    enrolment::{self, Issued},
};
use tenfold_common::clock::Clock as _;
use tenfold_node::{duties::renew, region::Way};
use tenfold_tests::federation::{CENTRE, Federation, Member, OFFICER};

use super::{enrolments, fingerprint};

fn certified(member: &Member, by: &Issued, name: &str) -> anyhow::Result<String> {
    let csr = renew::request_for_own(&member.node)?;
    Ok(enrolment::node(&csr, &name.parse()?, by, member.node.now(), 365)?)
}

/// The door looks for new roots every second.
async fn settle() {
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
}

#[tokio::test]
async fn a_councils_own_authority_speaks_for_its_borough_alone() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let centre = &federation.aggregator;
    let council = enrolment::root("Council", member.node.now())?;
    let own = certified(member, &council, "E08000001")?;
    renew::take_own(&member.node, &own, "ig-officer")?;
    let told = member.region()?.statement().await.unwrap_err().to_string();
    assert!(told.contains("it was not issued by the region's authority"), "{told}");
    let trusted = own_ca::trust(centre, &council.certificate_pem, member.borough(), CENTRE)?;
    settle().await;
    assert!(member.region()?.statement().await.is_ok());
    let enrolled = enrolments(&federation)?;
    assert_eq!(enrolled.len(), 3);
    let seen = enrolled.iter().find(|one| one.enrolled_by == "the borough's own authority").expect("seen");
    assert_eq!((&seen.fingerprint, &seen.borough), (&fingerprint(member)?, member.borough()));
    assert_eq!(seen.release_key, member.node.keys.release.public());
    federation.release(&[member], federation.quarter(0)?).await?;
    assert_eq!(enrolments(&federation)?.len(), 3, "it is enrolled once");
    // It speaks for no neighbour, whose own node goes on.
    let forged = certified(neighbour, &council, "E08000002")?;
    let theirs = neighbour.node.bundle()?.certificate_chain_pem;
    renew::take_own(&neighbour.node, &forged, "ig-officer")?;
    let told = neighbour.region()?.statement().await.unwrap_err().to_string();
    assert!(told.contains("Nobody is identified here"), "{told}");
    assert!(renew::take_own(&member.node, &forged, "ig-officer").is_err(), "nor does a node take it");
    renew::take_own(&neighbour.node, &theirs, "ig-officer")?;
    assert!(neighbour.region()?.statement().await.is_ok());
    // The council renews it, not the region.
    let first = renew::certificate(&member.node)?;
    federation.clock.set(first.renewal_due);
    assert_eq!(renew::when_due(&member.node, &Way::straight()).await?, None);
    let next = certified(member, &council, "E08000001")?;
    renew::take_own(&member.node, &next, "ig-officer")?;
    assert!(member.region()?.statement().await.is_ok());
    // What is withdrawn stays withdrawn, and so does the node's next certificate of that authority.
    enrol::deny(centre, &fingerprint(member)?, CENTRE)?;
    assert!(member.region()?.statement().await.is_err());
    let another = certified(member, &council, "E08000001")?;
    renew::take_own(&member.node, &another, "ig-officer")?;
    let told = member.region()?.statement().await.unwrap_err().to_string();
    assert!(told.contains("not enrolled, was withdrawn, or has expired"), "{told}");
    // Trusted no more, it is a stranger.
    own_ca::distrust(centre, &trusted, CENTRE)?;
    settle().await;
    let told = member.region()?.statement().await.unwrap_err().to_string();
    assert!(told.contains("it was not issued by the region's authority"), "{told}");
    // Only an authority can be trusted, and not the region's own.
    assert!(own_ca::trust(centre, &next, member.borough(), CENTRE).is_err());
    assert!(own_ca::trust(centre, &centre.root_pem()?, member.borough(), CENTRE).is_err());
    Ok(())
}

/// A council takes its time. The region renews the certificate meanwhile, and the key that waits is still there.
#[tokio::test]
async fn a_key_waits_for_the_councils_certificate_over_a_renewal_by_the_region() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let council = enrolment::root("Council", member.node.now())?;
    own_ca::trust(&federation.aggregator, &council.certificate_pem, member.borough(), CENTRE)?;
    settle().await;
    let csr = renew::request_for_own(&member.node)?;
    let renewed = async || {
        federation.clock.set(federation.clock.now().plus_days(1));
        renew::renew(&member.node, &Way::straight()).await?;
        anyhow::Ok(member.node.bundle()?.certificate_chain_pem)
    };
    renewed().await?;
    let of_region = renewed().await?;
    let own = enrolment::node(&csr, &member.borough().as_str().parse()?, &council, member.node.now(), 365)?;
    renew::take_own(&member.node, &own, OFFICER)?;
    assert!(member.region()?.statement().await.is_ok());
    let enrolled = enrolments(&federation)?;
    assert!(enrolled.iter().any(|one| one.enrolled_by == "the borough's own authority"), "{enrolled:?}");
    // It waits no more: with the region's certificate in force again the key goes as any other.
    renew::take_own(&member.node, &of_region, OFFICER)?;
    assert!(member.node.keys.tls_key_of(&own).is_ok());
    renewed().await?;
    assert!(member.node.keys.tls_key_of(&own).is_err(), "it is gone");
    Ok(())
}
