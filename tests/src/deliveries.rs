//! Many boroughs that deliver, for measuring the region's door: real certificates, keys and releases of real size.

use std::{net::TcpListener, sync::Arc};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};
use anyhow::Context;
use tenfold_aggregator::{
    enrolment,
    ingest::{self, Speaker},
    store::{self, enrolments::Enrolment},
};
use tenfold_common::{
    calendar::Quarter,
    clock::Clock,
    geography::BoroughCode,
    privacy::{Every, Policy, VerifiedPolicy, policy::BoroughPlaces},
    protocol::{
        Bundle, ReleaseBody, ReleaseId, SigningKey, StreamRelease,
        release::{RELEASE_FORMAT, RELEASE_TYPE},
        signature,
    },
};
use tenfold_node::region::{Region, Way};
use tenfold_store::StoreError;
use tenfold_web::tls;

use crate::federation::{CENTRE, Running};

/// How many boroughs there are beside the region's own: as many as upper-tier authorities in England, about.
pub const MOST: usize = 152;

/// A policy for as many boroughs as may deliver; each has as many wards as the region's first.
pub fn for_many(mut policy: Policy) -> Policy {
    let wards = policy.boroughs[0].wards.len();
    let ward = |index: usize, ward: usize| {
        format!("E05{:06}", 900_000 + index * wards + ward).parse().expect("it has the form of a code")
    };
    let further = (0..MOST).map(|index| BoroughPlaces {
        borough: code(index),
        wards: (0..wards).map(|nth| ward(index, nth)).collect(),
    });
    policy.boroughs.extend(further);
    policy
}

fn code(index: usize) -> BoroughCode {
    format!("E08{:06}", 101 + index).parse().expect("it has the form of a code")
}

/// A borough that delivers.
#[derive(Debug)]
pub struct Borough {
    /// Its code.
    pub code: BoroughCode,
    /// Its key.
    pub key: SigningKey,
    bundle: Bundle,
    tls_key: String,
}

impl Borough {
    /// A way to the region of its own; each has connections of its own.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn region(&self, clock: &Arc<dyn Clock>, url: Option<String>) -> anyhow::Result<Region> {
        let mut bundle = self.bundle.clone();
        bundle.ingest_url = url.unwrap_or(bundle.ingest_url);
        Ok(Region::open(&bundle, &self.tls_key, clock.clone(), &Way::straight())?)
    }

    /// Its release of a quarter: the cells of the policy, with numbers as long as noise makes them.
    ///
    /// # Errors
    /// Where the policy does not have the quarter.
    pub fn release(&self, policy: &VerifiedPolicy, quarter: Quarter) -> anyhow::Result<String> {
        let number = u32::try_from(policy.quarter_index(quarter)? + 1)?;
        let (places, ends_year) = (policy.places(&self.code)?, policy.ends_year(quarter)?);
        let streams = policy.policy().streams.iter().map(|stream| {
            let shape = stream.shape(places);
            let mut values = shape.empty_table();
            for (group, cells) in shape.groups().iter().zip(&mut values) {
                if group.every == Every::Year && !ends_year {
                    cells.clear();
                }
                for (cell, value) in (0_i64..).zip(cells.iter_mut()) {
                    *value = 123_456 + 7919 * cell % 65_536;
                }
            }
            StreamRelease { stream: stream.name.clone(), values }
        });
        let body = ReleaseBody {
            format: RELEASE_FORMAT.to_owned(),
            id: ReleaseId { borough: self.code.clone(), quarter, number },
            policy: policy.hash().to_owned(),
            framework: policy.policy().framework.clone(),
            rehearsal: policy.policy().rehearsal,
            software: env!("CARGO_PKG_VERSION").to_owned(),
            ledger_head: signature::sha256_hex(quarter.to_string().as_bytes()),
            void: None,
            streams: streams.collect(),
            questions: Vec::new(),
        };
        Ok(signature::sign(&body, RELEASE_TYPE, &self.key)?)
    }
}

/// Enrols so many boroughs, beside the duty that knows only the region's ten.
///
/// # Errors
/// Where one cannot be enrolled.
pub fn enrol(federation: &Running, boroughs: usize) -> anyhow::Result<Vec<Borough>> {
    let centre = &federation.aggregator;
    let (now, issuing) = (centre.now(), centre.issued("issuing")?);
    let first_quarter = federation.quarter(0)?;
    let known = federation.members.first().context("a federation with one borough")?.node.bundle()?;
    (0..boroughs)
        .map(|index| {
            let (code, key, pair) = (code(index), SigningKey::generate()?, rcgen::KeyPair::generate()?);
            let csr = rcgen::CertificateParams::default().serialize_request(&pair)?.pem()?;
            let certificate = enrolment::node(&csr, &code, &issuing, now, 3000)?;
            let enrolment = Enrolment {
                fingerprint: tls::fingerprint_of_pem(&certificate)?,
                borough: code.clone(),
                release_key: key.public(),
                enrolled_at: now,
                enrolled_by: CENTRE.to_owned(),
                not_after: now.plus_days(3000),
                first_quarter,
            };
            centre.store.write(|connection| {
                store::enrolments::add(connection, &enrolment)?;
                store::log::append(connection, now, enrolment.event())?;
                Ok::<_, StoreError>(())
            })?;
            let certificate_chain_pem = format!("{certificate}{}", issuing.certificate_pem);
            let bundle = Bundle { borough: code.clone(), certificate_chain_pem, ..known.clone() };
            Ok(Borough { code, key, bundle, tls_key: pair.serialize_pem() })
        })
        .collect()
}

/// The same door without a store: mutual TLS, the same reading and checks, an answer signed as long as a receipt; and
/// nothing is kept.
///
/// # Errors
/// Where it cannot be served.
pub fn without_a_store(
    federation: &Running,
    boroughs: &[Borough],
    listener: TcpListener,
) -> anyhow::Result<Server> {
    let centre = federation.aggregator.clone();
    let (server, issuing) = (centre.issued("server")?, centre.issued("issuing")?);
    let chain = format!("{}{}", server.certificate_pem, issuing.certificate_pem);
    let config = tls::server_config(
        tls::certificates_from_pem(&chain, "server certificate")?,
        tls::key_from_pem(&server.key_pem)?,
        tls::certificates_from_pem(&centre.root_pem()?, "root certificate")?,
        centre.clock.clone(),
    )?;
    let policies = Data::new(centre.succession()?);
    let keys = boroughs.iter().map(|borough| (borough.code.clone(), borough.key.public()));
    let keys: Data<std::collections::BTreeMap<_, _>> = Data::new(keys.collect());
    let (key, first) = (Data::from(centre.receipt_key.clone()), federation.quarter(0)?);
    let server = HttpServer::new(move || {
        let (policies, keys, key) = (policies.clone(), keys.clone(), key.clone());
        let answer = move |text: String| {
            let (policies, keys, key) = (policies.clone(), keys.clone(), key.clone());
            async move {
                let answered = web::block(move || {
                    let claimed: ReleaseBody = signature::peek(&text).ok()?;
                    let borough = claimed.id.borough;
                    let release_key = keys.get(&borough)?;
                    let speaker = Speaker { borough: &borough, release_key, newest: None, first };
                    let body = ingest::read(&text, speaker, &policies).ok()?;
                    signature::sign(&(body.id, "0".repeat(1500)), "tenfold-receipt+jws", &key).ok()
                });
                match answered.await {
                    Ok(Some(signed)) => HttpResponse::Ok().content_type("application/jose").body(signed),
                    _ => HttpResponse::BadRequest().finish(),
                }
            }
        };
        let limit =
            web::PayloadConfig::new(1 << 20).mimetype("application/jose".parse().expect("a media type"));
        App::new().app_data(limit).route("/v1/releases", web::post().to(answer))
    });
    Ok(server.tcp_nodelay(true).workers(2).disable_signals().listen_rustls_0_23(listener, config)?.run())
}
