//! Certificates that do not belong: what the node is told, what the aggregator logs, what it counts.

use tenfold_aggregator::{duties::enrol, enrolment, store};
use tenfold_common::{geography, protocol::Bundle};
use tenfold_node::duties::create;
use tenfold_tests::federation::{self, CENTRE, Federation, Member, Running};
use tenfold_web::tls;

fn kept(federation: &Running) -> anyhow::Result<usize> {
    Ok(federation.aggregator.store.read(store::releases::all)?.len())
}

fn rejections(federation: &Running) -> anyhow::Result<Vec<(String, String, i32)>> {
    let counted = federation.aggregator.store.read(store::releases::rejections)?;
    Ok(counted.into_iter().map(|(borough, kind, count, _)| (borough, kind, count)).collect())
}

/// Asks for a statement and delivers; both are refused in the same words, which are returned.
async fn refused(member: &Member) -> anyhow::Result<String> {
    let region = member.region()?;
    let told = region.statement().await.unwrap_err().to_string();
    let also = region.deliver("anything".to_owned()).await.unwrap_err().to_string();
    assert_eq!(told, also);
    Ok(told)
}

/// The last of the ten boroughs, so that what is logged of it here is not of another test.
fn newcomer(federation: &Running) -> anyhow::Result<Member> {
    let last = geography::boroughs().last().expect("ten boroughs");
    federation.newcomer(&last.code, "newcomer")
}

#[tokio::test]
async fn issued_by_another_authority() -> anyhow::Result<()> {
    foreign(Federation::new().named("Elsewhere"), "E08000010").await
}

/// An authority that calls itself as ours does is no less a stranger.
#[tokio::test]
async fn issued_by_an_authority_that_goes_by_our_name() -> anyhow::Result<()> {
    foreign(Federation::new(), "E08000009").await
}

async fn foreign(elsewhere: Federation, borough: &str) -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let elsewhere = elsewhere.at("2015-04-01")?;
    let stranger = federation.newcomer(&borough.parse()?, "stranger")?;
    let theirs = elsewhere.enrol(&stranger)?;
    let ours = federation.members[0].node.bundle()?;
    let bundle = Bundle {
        borough: stranger.borough().clone(),
        certificate_chain_pem: theirs.certificate_chain_pem,
        ..ours
    };
    federation.welcome(&stranger, &bundle)?;
    let told = refused(&stranger).await?;
    assert_eq!(
        told,
        "the aggregator refused this node's certificate: it was not issued by the region's authority; ask the \
         region to enrol this node"
    );
    let name = format!("urn:tenfold:borough:{}", stranger.borough());
    let logged = federation::logged(&["node certificate refused: it was not issued by this region", &name]);
    assert_eq!(logged.len(), 2, "{logged:?}");
    assert_eq!((kept(&federation)?, rejections(&federation)?), (0, vec![]));
    Ok(())
}

#[tokio::test]
async fn expired() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = newcomer(&federation)?;
    let centre = &federation.aggregator;
    let mut month = centre.clone();
    month.region.leaf_days = 30;
    let bundle = enrol::enrol(&month, &create::enrolment_request(&member.node)?, CENTRE)?;
    federation.welcome(&member, &bundle)?;
    let now = member.node.now();
    let open = member.region()?;
    assert!(open.statement().await.is_ok());
    federation.clock.set(now.plus_days(30).plus_seconds(1));
    // The connection that was opened before does not outlive the certificate.
    let told = open.statement().await.unwrap_err().to_string();
    assert!(told.contains("this node certificate has expired"), "{told}");
    let told = refused(&member).await?;
    let words = "the aggregator refused this node's certificate: it has expired; ask the region to enrol this \
                 node again";
    assert_eq!(told, words);
    let name = format!("urn:tenfold:borough:{}", member.borough());
    assert_eq!(federation::logged(&["node certificate refused: it has expired", &name]).len(), 2);
    // Enrolled again with the same key, it is back.
    let bundle = federation.enrol(&member)?;
    federation.welcome(&member, &bundle)?;
    assert!(member.region()?.statement().await.is_ok());
    Ok(())
}

#[tokio::test]
async fn withdrawn() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let quarter = federation.quarter(0)?;
    federation.when_delivered(quarter)?;
    member.release(quarter)?;
    let open = member.region()?;
    assert!(open.statement().await.is_ok());
    let fingerprint = tls::fingerprint_of_pem(&member.node.bundle()?.certificate_chain_pem)?;
    enrol::deny(&federation.aggregator, &fingerprint, CENTRE)?;
    enrol::deny(&federation.aggregator, &fingerprint, CENTRE)?;
    // At once, on the connection that is open as on a new one.
    let told = open.statement().await.unwrap_err().to_string();
    let words =
        "the aggregator refused: This node certificate is not enrolled, was withdrawn, or has expired.";
    assert!(told.starts_with(words), "{told}");
    assert_eq!(refused(member).await?, told);
    assert_eq!(member.deliver().await.unwrap_err().to_string(), told);
    assert_eq!(member.sealed()?, [], "nothing was drawn");
    let borough = member.borough().to_string();
    // Of the refusals, those of releases are counted.
    assert_eq!(rejections(&federation)?, [(borough, "not-enrolled".to_owned(), 1)]);
    assert!(neighbour.region()?.statement().await.is_ok(), "the neighbour is not touched");
    let again = federation.aggregator.store.write(|connection| {
        let sql = "DELETE FROM denial";
        Ok::<_, tenfold_store::StoreError>(diesel::RunQueryDsl::execute(diesel::sql_query(sql), connection)?)
    });
    assert!(matches!(again, Err(tenfold_store::StoreError::Refused { .. })), "{again:?}");
    Ok(())
}

/// A certificate of the region for this borough that nobody enrolled: made with a stolen issuing key, say.
#[tokio::test]
async fn issued_but_never_enrolled() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let impostor = federation.newcomer(member.borough(), "impostor")?;
    let key = rcgen::KeyPair::from_pem(&impostor.node.keys.tls_key_pem()?)?;
    let request = rcgen::CertificateParams::default().serialize_request(&key)?.pem()?;
    let issuing = federation.aggregator.issued("issuing")?;
    let certificate = enrolment::node(&request, member.borough(), &issuing, member.node.now(), 365)?;
    let ours = member.node.bundle()?;
    let chain = format!("{certificate}{}", issuing.certificate_pem);
    federation.welcome(&impostor, &Bundle { certificate_chain_pem: chain, ..ours })?;
    let told = refused(&impostor).await?;
    assert!(told.contains("this node certificate is not enrolled, or was withdrawn"), "{told}");
    let counted = rejections(&federation)?;
    assert_eq!(counted, [(member.borough().to_string(), "not-enrolled".to_owned(), 1)]);
    assert_eq!(kept(&federation)?, 0);
    Ok(())
}

/// A node does not join with its neighbour's bundle, nor trust a root it was not told of.
#[test]
fn another_boroughs_bundle_is_not_accepted() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let elsewhere = Federation::new().at("2015-04-01")?;
    let newcomer = newcomer(&federation)?;
    let neighbours = federation.members[0].node.bundle()?;
    let told = federation.welcome(&newcomer, &neighbours).unwrap_err().to_string();
    assert!(told.contains("it is for E08000001, this is the node of E08000010"), "{told}");
    let theirs = elsewhere.enrol(&newcomer)?;
    let told = federation.welcome(&newcomer, &theirs).unwrap_err().to_string();
    assert!(told.contains("its root certificate has the fingerprint"), "{told}");
    assert!(newcomer.region().is_err(), "it joined nobody");
    Ok(())
}

/// The aggregator that answers is another region's: the node says so and sends nothing.
#[tokio::test]
async fn an_aggregator_of_another_region() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    for elsewhere in [Federation::new().named("Elsewhere"), Federation::new()] {
        let elsewhere = elsewhere.at("2015-04-01")?;
        let name = format!("misled by {}", elsewhere.aggregator.region.name);
        let member = federation.newcomer(federation.members[0].borough(), &name)?;
        let bundle = federation.enrol(&member)?;
        let ingest_url = elsewhere.aggregator.region.ingest_url.clone();
        federation.welcome(&member, &Bundle { ingest_url, ..bundle })?;
        let told = refused(&member).await?;
        let words = "this node refused the aggregator's certificate: it was issued by ";
        assert!(told.starts_with(words), "{told}");
        assert!(told.contains("and not by the region's authority"), "{told}");
    }
    Ok(())
}
