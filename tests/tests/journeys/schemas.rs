//! What is published of the protocol, held to what a federation says: every real message fits its schema and no spoilt
//! one, and the door answers the documented paths and no other.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tenfold_common::protocol::{Problem, ProblemKind, versions};
use tenfold_tests::{
    documents::{openapi, routes, schemas},
    federation::{Federation, Member},
    messages::{self, Reader},
};
use tenfold_web::tls;

/// The file that describes what a reader reads.
fn schema_of(reader: Reader) -> Option<&'static str> {
    Some(match reader {
        Reader::Release => "release",
        Reader::DrawRequest => "draw-request",
        Reader::EnrolmentRequest => "enrolment-request",
        Reader::Receipt => "receipt",
        Reader::Statement => "statement",
        Reader::Policy => "policy",
        Reader::Bundle => "bundle",
        Reader::LogPage => "log-page",
        Reader::Remembered => "remembered",
        Reader::Checkpoint => "checkpoint",
        Reader::Certificate | Reader::Log => return None,
    })
}

#[tokio::test]
async fn every_message_of_a_federation_fits_its_schema() -> anyhow::Result<()> {
    let corpus = messages::corpus().await?;
    let schemas: BTreeMap<&str, Value> = schemas().into_iter().collect();
    let mut fitted = 0;
    for (reader, bytes) in &corpus.real {
        let Some(name) = schema_of(*reader) else { continue };
        let text = String::from_utf8(bytes.clone())?;
        let value: Value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) => messages::payload(&text).expect("a signed text has a payload"),
        };
        let schema = jsonschema::validator_for(&schemas[name])?;
        let faults: Vec<String> = schema.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert_eq!(faults, Vec::<String>::new(), "{name}");
        let mut more = value.clone();
        more["more"] = json!(1);
        assert!(!schema.is_valid(&more), "{name} takes a field that is not known");
        let mut without = value.clone();
        let first = without.as_object().and_then(|fields| fields.keys().next().cloned()).expect("fields");
        without.as_object_mut().expect("fields").remove(&first);
        assert!(!schema.is_valid(&without), "{name} takes a message without {first}");
        fitted += 1;
    }
    assert_eq!(fitted, 10);
    Ok(())
}

/// A client with a node's certificate, and where it calls.
fn client(member: &Member) -> anyhow::Result<(Client, String)> {
    let bundle = member.node.bundle()?;
    let config = tls::client_config(
        tls::certificates_from_pem(&bundle.root_pem, "root certificate")?.remove(0),
        tls::certificates_from_pem(&bundle.certificate_chain_pem, "node certificate")?,
        tls::key_from_pem(&member.node.keys.tls_key_pem()?)?,
        Arc::clone(&member.node.clock),
    )?;
    tls::install_provider();
    Ok((Client::builder().tls_backend_preconfigured(config).build()?, bundle.ingest_url))
}

#[tokio::test]
async fn the_door_answers_what_is_documented_and_nothing_else() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let (client, url) = client(&federation.members[0])?;
    let call = async |method: &str, path: &str| -> anyhow::Result<(StatusCode, Option<Problem>)> {
        let method: Method = method.to_uppercase().parse()?;
        let answer = client.request(method, format!("{url}{path}")).body("no message").send().await?;
        let (status, media) = (answer.status(), answer.headers().get("content-type").cloned());
        let text = answer.text().await?;
        let problem = media.is_some_and(|media| media == "application/problem+json");
        Ok((status, problem.then(|| serde_json::from_str(&text)).transpose()?))
    };
    let schema = schemas().into_iter().find(|(name, _)| *name == "problem").expect("a schema").1;
    let schema = jsonschema::validator_for(&schema)?;
    for route in routes() {
        let (status, problem) = call(route.method, route.path).await?;
        assert_ne!(status, StatusCode::NOT_FOUND, "{} {}", route.method, route.path);
        if let Some(problem) = problem {
            assert!(schema.is_valid(&serde_json::to_value(&problem)?));
            let kind = ProblemKind::from_uri(&problem.kind).expect("a kind we know");
            assert!(route.may_be_refused(kind), "{} {}: {kind:?}", route.method, route.path);
        }
    }
    let known = openapi();
    for path in
        ["/", "/v1", "/v1/", "/v1/statements", "/v1/releases/1", "/v2/statement", "/metrics", "/openapi.json"]
    {
        for method in ["get", "post", "put", "delete"] {
            assert!(known["paths"][path].is_null());
            let (status, problem) = call(method, path).await?;
            let kind = match versions::path_refusal(path) {
                Some(_) => ProblemKind::UnsupportedVersion,
                None => ProblemKind::NotFound,
            };
            assert_eq!(status.as_u16(), kind.status(), "{method} {path}");
            assert_eq!(problem.map(|problem| problem.kind), Some(kind.uri().to_owned()));
        }
    }
    for route in routes() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if known["paths"][route.path][method].is_null() {
                let (status, _) = call(method, route.path).await?;
                assert!(
                    [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&status),
                    "{method} {} is answered with {status} and not documented",
                    route.path
                );
            }
        }
    }
    Ok(())
}

/// Spoilt messages, node certificates and logs are refused or taken: none ends in a panic or a hang, and no signed text
/// is taken that nobody signed. `make fuzz` reads a million.
#[tokio::test]
async fn spoilt_messages_are_refused_in_words() -> anyhow::Result<()> {
    let corpus = messages::corpus().await?;
    let fuzzed = messages::fuzz(&corpus, 0, 4_000, 2, |_| {});
    let runs = |bad: &[(u64, Vec<u8>)]| bad.iter().map(|(run, _)| *run).collect::<Vec<_>>();
    assert_eq!((runs(&fuzzed.panics), runs(&fuzzed.slow), runs(&fuzzed.forged)), (vec![], vec![], vec![]));
    // Every reader was reached, and each refused and took something.
    for reader in Reader::ALL {
        let of: Vec<&String> =
            fuzzed.answers.keys().filter(|answer| answer.starts_with(&format!("{reader:?}: "))).collect();
        assert!(of.len() >= 2, "{reader:?} said only {of:?}");
    }
    Ok(())
}
