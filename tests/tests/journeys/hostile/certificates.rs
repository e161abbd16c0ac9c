//! Who calls: certificates that are not those of an enrolled node.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    version::{TLS12, TLS13},
};
use tenfold_common::protocol::enrolment::borough_uri;
use tenfold_tests::caller::{Caller, Heard, posted};
use tenfold_web::tls;

use super::{Drive, Stage};

pub(super) const ROWS: &[(&str, Drive)] = &[
    ("no certificate", |stage| anybody(stage, None, &TLS13)),
    ("a certificate that signed itself", |stage| {
        let (params, key) = (named(stage, &[&own_uri(stage)])?, KeyPair::generate()?);
        call(stage, &params.self_signed(&key)?.pem(), &key)
    }),
    ("a certificate of another authority", |stage| foreign(stage, "Elsewhere Tenfold issuing")),
    ("a certificate of another authority that goes by the region's name", |stage| {
        let name = format!("{} Tenfold issuing", stage.federation.aggregator.region.name);
        foreign(stage, &name)
    }),
    ("an expired certificate", |stage| dated(stage, -400, -1)),
    ("a certificate that is not valid yet", |stage| dated(stage, 1, 400)),
    ("a certificate that was withdrawn", |stage| {
        let release = stage.own().sealed()?.remove(0).bytes;
        Ok(Caller::of(&stage.federation, &stage.withdrawn)?.post("/v1/releases", &release))
    }),
    ("a certificate of the region that nobody enrolled, for this borough", |stage| {
        issued(stage, &[&own_uri(stage)])
    }),
    ("the region's own server certificate", |stage| {
        let server = stage.federation.aggregator.issued("server")?;
        call(stage, &server.certificate_pem, &KeyPair::from_pem(&server.key_pem)?)
    }),
    ("a prefix of the borough's name", |stage| {
        let uri = own_uri(stage);
        issued(stage, &[&uri[..uri.len() - 1]])
    }),
    ("the borough's name with something after it", |stage| issued(stage, &[&(own_uri(stage) + "1")])),
    ("the borough's name with something before it", |stage| {
        issued(stage, &[&format!("x{}", own_uri(stage))])
    }),
    ("the borough's name in small letters", |stage| issued(stage, &[&own_uri(stage).to_lowercase()])),
    ("the borough's name with a percent sign", |stage| {
        issued(stage, &[&own_uri(stage).replace("E0", "%450")])
    }),
    ("the borough's name with a Cyrillic letter", |stage| {
        raw(stage, &own_uri(stage).replace("E0", "\u{415}0"))
    }),
    ("the borough's name in full-width letters", |stage| {
        raw(stage, &own_uri(stage).replace("E0", "\u{ff25}\u{ff10}"))
    }),
    ("the borough's name with a zero byte in it", |stage| {
        raw(stage, &format!("{}\0.example", own_uri(stage)))
    }),
    ("two boroughs' names", |stage| {
        issued(stage, &[&own_uri(stage), &borough_uri(stage.neighbour().borough())])
    }),
    ("the borough's name twice", |stage| issued(stage, &[&own_uri(stage), &own_uri(stage)])),
    ("the borough's name as common name only", |stage| issued(stage, &[])),
    ("TLS 1.2", |stage| {
        let bundle = stage.own().node.bundle()?;
        let key = KeyPair::from_pem(&stage.own().node.keys.tls_key_pem()?)?;
        anybody(stage, Some((&bundle.certificate_chain_pem, &key)), &TLS12)
    }),
    ("early data on a second connection", early),
];

fn own_uri(stage: &Stage) -> String {
    borough_uri(stage.own().borough())
}

/// The wish of a node's certificate, valid now, with URI names.
fn named(stage: &Stage, uris: &[&str]) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, own_uri(stage));
    params.distinguished_name = subject;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names =
        uris.iter().map(|uri| Ok(SanType::URI((*uri).try_into()?))).collect::<anyhow::Result<_>>()?;
    valid(&mut params, stage, -1, 300)?;
    Ok(params)
}

fn valid(params: &mut CertificateParams, stage: &Stage, from_days: i64, to_days: i64) -> anyhow::Result<()> {
    let at = |days| time::OffsetDateTime::from_unix_timestamp(stage.own().node.now().plus_days(days).unix());
    (params.not_before, params.not_after) = (at(from_days)?, at(to_days)?);
    Ok(())
}

/// Signed with the region's own issuing key, as a thief of it would.
fn stolen(stage: &Stage, params: &CertificateParams) -> anyhow::Result<Heard> {
    let issuing = stage.federation.aggregator.issued("issuing")?;
    let issuer = Issuer::from_ca_cert_pem(&issuing.certificate_pem, KeyPair::from_pem(&issuing.key_pem)?)?;
    let key = KeyPair::generate()?;
    let chain = format!("{}{}", params.signed_by(&key, &issuer)?.pem(), issuing.certificate_pem);
    call(stage, &chain, &key)
}

fn issued(stage: &Stage, uris: &[&str]) -> anyhow::Result<Heard> {
    stolen(stage, &named(stage, uris)?)
}

fn dated(stage: &Stage, from_days: i64, to_days: i64) -> anyhow::Result<Heard> {
    let mut params = named(stage, &[&own_uri(stage)])?;
    valid(&mut params, stage, from_days, to_days)?;
    stolen(stage, &params)
}

/// With a URI name of any bytes: RFC 5280 allows ASCII only, a thief allows himself more.
fn raw(stage: &Stage, uri: &str) -> anyhow::Result<Heard> {
    let mut params = named(stage, &[])?;
    let length = u8::try_from(uri.len())?;
    let content = [&[0x30, length + 2, 0x86, length], uri.as_bytes()].concat();
    params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], content)];
    stolen(stage, &params)
}

fn foreign(stage: &Stage, name: &str) -> anyhow::Result<Heard> {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    valid(&mut params, stage, -1, 300)?;
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = named(stage, &[&own_uri(stage)])?.signed_by(&key, &authority)?;
    // With the region's own issuing certificate in the chain where that helps: the name leads to the root then.
    let region = stage.federation.aggregator.issued("issuing")?.certificate_pem;
    let ours = name.starts_with(&stage.federation.aggregator.region.name);
    let above = if ours { region } else { authority.pem() };
    call(stage, &format!("{}{above}", leaf.pem()), &key)
}

/// Delivers this borough's own newest release under a certificate.
fn call(stage: &Stage, chain_pem: &str, key: &KeyPair) -> anyhow::Result<Heard> {
    anybody(stage, Some((chain_pem, key)), &TLS13)
}

fn anybody(
    stage: &Stage,
    identity: Option<(&str, &KeyPair)>,
    version: &'static SupportedProtocolVersion,
) -> anyhow::Result<Heard> {
    let release = stage.own().sealed()?.remove(0).bytes;
    let config = config(stage, identity, version)?;
    Ok(Caller::with(stage.federation.address(), config).post("/v1/releases", &release))
}

fn config(
    stage: &Stage,
    identity: Option<(&str, &KeyPair)>,
    version: &'static SupportedProtocolVersion,
) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = stage.federation.aggregator.issued("root")?.certificate_pem;
    roots.add(tls::certificates_from_pem(&root, "root")?.remove(0))?;
    let time = Arc::new(FixedTime(stage.own().node.now().unix().unsigned_abs()));
    let builder = ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), time)
        .with_protocol_versions(&[version])?
        .with_root_certificates(roots);
    Ok(match identity {
        Some((chain, key)) => builder.with_client_auth_cert(
            tls::certificates_from_pem(chain, "chain")?,
            tls::key_from_pem(&key.serialize_pem())?,
        )?,
        None => builder.with_no_client_auth(),
    })
}

#[derive(Debug)]
struct FixedTime(u64);

impl rustls::time_provider::TimeProvider for FixedTime {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        Some(rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(self.0)))
    }
}

/// A client that would resume and send early: it is given nothing to resume with, so every handshake is a full one.
fn early(stage: &Stage) -> anyhow::Result<Heard> {
    let bundle = stage.own().node.bundle()?;
    let key = KeyPair::from_pem(&stage.own().node.keys.tls_key_pem()?)?;
    let mut config = config(stage, Some((&bundle.certificate_chain_pem, &key)), &TLS13)?;
    config.enable_early_data = true;
    let caller = Caller::with(stage.federation.address(), config);
    let request = posted("/v1/releases", &stage.own().sealed()?.remove(0).bytes);
    let mut first = caller.open()?;
    anyhow::ensure!(first.ask(request.as_bytes()).status() == Some(200));
    let mut second = caller.open()?;
    anyhow::ensure!(!second.tls().is_early_data_accepted());
    anyhow::ensure!(second.tls().handshake_kind() == Some(rustls::HandshakeKind::Full));
    Ok(second.ask(request.as_bytes()))
}
