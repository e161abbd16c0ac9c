//! Which nodes belong: the region's two-step certificate authority, and the certificates it issues.
//!
//! # Source
//! NCSC guidance on private PKI (keys made where they are used, short validity, one community a PKI);
//! RFC 5280 for the fields. Identity is one URI name, matched whole.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
    string::Ia5String,
};
use tenfold_common::{clock::Moment, geography::BoroughCode, protocol::enrolment::borough_uri};
use tenfold_web::tls::{self, TlsError};
use time::OffsetDateTime;

/// Why a certificate was not issued.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// The library refused.
    #[error("the certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// What is signed with cannot be read.
    #[error(transparent)]
    Issuer(#[from] TlsError),
    /// The authority has run out.
    #[error(
        "the issuing certificate ended at {ended}: sign a new one with `tenfold-aggregator ca rotate-issuing`"
    )]
    Ended {
        /// When.
        ended: Moment,
    },
    /// The system gave no random number.
    #[error("the system's generator gave no random bytes")]
    NoRandomness,
    /// A moment beyond what a certificate can carry.
    #[error("the certificate's dates lie beyond what a certificate can carry")]
    Dates,
}

/// A certificate with its key, in PEM.
#[derive(Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate_pem: String,
    /// Its key; only the root's and the issuer's and the server's are ever made here.
    pub key_pem: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("issued certificate")
    }
}

/// How long a root lasts, in days.
pub const ROOT_LIFE_DAYS: i64 = 3653 * 2;
/// How long an issuing certificate lasts, in days.
pub const ISSUER_LIFE_DAYS: i64 = 3653;
/// How long a node or server certificate lasts by default, in days: a node opened once a quarter is never
/// found expired.
pub const LEAF_LIFE_DAYS: u16 = 365;
/// How far back a certificate begins, in seconds, so that a clock slightly behind accepts it.
const BACK_DATED_S: i64 = 300;

/// The root, to be kept offline.
///
/// # Errors
/// Where the library refuses.
pub fn root(region: &str, now: Moment) -> Result<Issued, EnrolmentError> {
    let key = KeyPair::generate()?;
    let params = authority(&format!("{region} Tenfold root"), 1, now, ROOT_LIFE_DAYS)?;
    let certificate = params.self_signed(&key)?;
    Ok(Issued { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

/// The issuing certificate, signed by the root; it issues leaves and nothing else.
///
/// # Errors
/// Where the library refuses.
pub fn issuer(region: &str, root: &Issued, now: Moment) -> Result<Issued, EnrolmentError> {
    let key = KeyPair::generate()?;
    let params = authority(&format!("{region} Tenfold issuing"), 0, now, ISSUER_LIFE_DAYS)?;
    let certificate = params.signed_by(&key, &signer(root)?)?;
    Ok(Issued { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

/// The aggregator's own certificate for the names under which nodes reach it, followed by the issuing one.
///
/// # Errors
/// Where a name is not one, or the library refuses.
pub fn server(names: &[String], issuer: &Issued, now: Moment, days: u16) -> Result<Issued, EnrolmentError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec())?;
    let ends = last_day(issuer, now, days)?;
    leaf(&mut params, "Tenfold aggregator", ExtendedKeyUsagePurpose::ServerAuth, now, ends)?;
    let certificate = params.signed_by(&key, &signer(issuer)?)?;
    let chain = format!("{}{}", certificate.pem(), issuer.certificate_pem);
    Ok(Issued { certificate_pem: chain, key_pem: key.serialize_pem() })
}

/// A borough's node certificate over the public key of its request; the request's own extensions are ignored.
///
/// # Errors
/// Where the request is not signed by its own key, or the library refuses.
pub fn node(
    csr_pem: &str,
    borough: &BoroughCode,
    issuer: &Issued,
    now: Moment,
    days: u16,
) -> Result<String, EnrolmentError> {
    let request = CertificateSigningRequestParams::from_pem(csr_pem)?;
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI(Ia5String::try_from(borough_uri(borough))?)];
    let ends = last_day(issuer, now, days)?;
    leaf(&mut params, &format!("Tenfold node {borough}"), ExtendedKeyUsagePurpose::ClientAuth, now, ends)?;
    let certificate = params.signed_by(&request.public_key, &signer(issuer)?)?;
    Ok(certificate.pem())
}

fn signer(issued: &Issued) -> Result<Issuer<'static, KeyPair>, EnrolmentError> {
    let key = KeyPair::from_pem(&issued.key_pem)?;
    Ok(Issuer::from_ca_cert_pem(&issued.certificate_pem, key)?)
}

fn authority(name: &str, below: u8, now: Moment, days: i64) -> Result<CertificateParams, EnrolmentError> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    name_and_dates(&mut params, name, now, now.plus_days(days))?;
    Ok(params)
}

/// When a certificate issued now ends: after so many days, but never after the one it is signed with.
fn last_day(issuer: &Issued, now: Moment, days: u16) -> Result<Moment, EnrolmentError> {
    let ended = tls::life_of_pem(&issuer.certificate_pem)?.ends;
    if ended <= now {
        return Err(EnrolmentError::Ended { ended });
    }
    Ok(now.plus_days(i64::from(days)).min(ended))
}

fn leaf(
    params: &mut CertificateParams,
    name: &str,
    usage: ExtendedKeyUsagePurpose,
    now: Moment,
    ends: Moment,
) -> Result<(), EnrolmentError> {
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    name_and_dates(params, name, now, ends)
}

fn name_and_dates(
    params: &mut CertificateParams,
    name: &str,
    now: Moment,
    ends: Moment,
) -> Result<(), EnrolmentError> {
    // The library's own number is made of the key: two certificates over one key would bear the same.
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(|_| EnrolmentError::NoRandomness)?;
    serial[0] = serial[0] & 0x3f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.not_before = instant(now.plus_seconds(-BACK_DATED_S))?;
    params.not_after = instant(ends)?;
    Ok(())
}

fn instant(moment: Moment) -> Result<OffsetDateTime, EnrolmentError> {
    OffsetDateTime::from_unix_timestamp(moment.unix()).map_err(|_| EnrolmentError::Dates)
}

#[cfg(test)]
mod tests {
    use x509_parser::{parse_x509_certificate, pem::parse_x509_pem, prelude::GeneralName};

    use super::*;

    #[test]
    fn a_node_certificate_carries_one_name_and_what_the_centre_says() {
        let now: Moment = "2016-04-01T00:00:00Z".parse().unwrap();
        let root = root("Region", now).unwrap();
        let issuer = issuer("Region", &root, now).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut asked = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
        asked.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let csr = asked.serialize_request(&key).unwrap().pem().unwrap();
        let borough: BoroughCode = "E08000001".parse().unwrap();
        let pem = node(&csr, &borough, &issuer, now, 365).unwrap();
        let (_, pem) = parse_x509_pem(pem.as_bytes()).unwrap();
        let (_, certificate) = parse_x509_certificate(&pem.contents).unwrap();
        assert!(!certificate.is_ca());
        let names = &certificate.subject_alternative_name().unwrap().unwrap().value.general_names;
        assert!(matches!(names[..], [GeneralName::URI("urn:tenfold:borough:E08000001")]), "{names:?}");
        let usage = certificate.extended_key_usage().unwrap().unwrap().value;
        assert!(usage.client_auth && !usage.server_auth);
        assert_eq!(certificate.validity().not_after.timestamp(), now.plus_days(365).unix());
        assert_eq!(certificate.validity().not_before.timestamp(), now.unix() - 300);
    }

    /// Whole seconds, however the certificate is written and read back; and none outlives what it is signed with.
    #[test]
    fn a_life_begins_five_minutes_ago_and_ends_with_the_issuers_at_the_latest() {
        let now: Moment = "2016-04-01T00:00:07Z".parse().unwrap();
        let root = root("Region", now).unwrap();
        let issuer = issuer("Region", &root, now).unwrap();
        let names = ["ingest.example".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let served = |now| server(&names, &issuer, now, 90);
        let life = tls::life_of_pem(&served(now).unwrap().certificate_pem).unwrap();
        assert_eq!((life.begins, life.ends), (now.plus_seconds(-300), now.plus_days(90)));
        assert_eq!(tls::names_of_pem(&served(now).unwrap().certificate_pem).unwrap(), names);
        let last = now.plus_days(ISSUER_LIFE_DAYS);
        let life = tls::life_of_pem(&served(last.plus_days(-30)).unwrap().certificate_pem).unwrap();
        assert_eq!(life.ends, last);
        assert!(matches!(served(last), Err(EnrolmentError::Ended { ended }) if ended == last));
    }

    #[test]
    fn two_certificates_over_one_key_have_numbers_of_their_own() {
        let now: Moment = "2016-04-01T00:00:00Z".parse().unwrap();
        let root = root("Region", now).unwrap();
        let issuer = issuer("Region", &root, now).unwrap();
        let key = KeyPair::generate().unwrap();
        let csr = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
        let serial = || {
            let pem = node(&csr, &"E08000001".parse().unwrap(), &issuer, now, 365).unwrap();
            let (_, pem) = parse_x509_pem(pem.as_bytes()).unwrap();
            let (_, certificate) = parse_x509_certificate(&pem.contents).unwrap();
            certificate.raw_serial().to_vec()
        };
        assert_ne!(serial(), serial());
    }
}
