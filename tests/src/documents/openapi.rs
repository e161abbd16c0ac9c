//! The door for nodes as an OpenAPI document.

use serde_json::{Map, Value, json};
use tenfold_aggregator::ingest::LARGEST_RELEASE;
use tenfold_common::protocol::{
    ProblemKind,
    witness::{CHECKPOINT_HEADER, LARGEST_REMEMBERED},
};

/// One way through the door.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `get` or `post`.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// What it does.
    summary: &'static str,
    /// What is sent: media type, schema and how many bytes at most.
    sent: Option<(&'static str, &'static str, usize)>,
    /// What comes back: status, media type and schema.
    answer: (u16, Option<(&'static str, &'static str)>),
    /// What may be refused beside what every call may be.
    problems: &'static [ProblemKind],
}

/// A signed text.
const JOSE: &str = "application/jose";
/// Plain JSON.
const JSON: &str = "application/json";

/// What every call may be refused for.
const EVERYWHERE: &[ProblemKind] = &[
    ProblemKind::Malformed,
    ProblemKind::UnsupportedVersion,
    ProblemKind::NotIdentified,
    ProblemKind::NotEnrolled,
    ProblemKind::TooSlow,
    ProblemKind::TooLarge,
    ProblemKind::UnsupportedMediaType,
    ProblemKind::TooMany,
    ProblemKind::HeadTooLarge,
    ProblemKind::Internal,
    ProblemKind::Behind,
    ProblemKind::Forked,
];

/// Every way through the door for nodes.
pub fn routes() -> Vec<Route> {
    use ProblemKind::*;
    vec![
        Route {
            method: "get",
            path: "/v1/statement",
            summary: "What the aggregator last received of this borough, and what comes next, signed",
            sent: None,
            answer: (200, Some((JOSE, "statement"))),
            problems: &[],
        },
        Route {
            method: "get",
            path: "/v1/rejections",
            summary: "What was refused of this borough so far, by kind",
            sent: None,
            answer: (200, Some((JSON, "rejections"))),
            problems: &[],
        },
        Route {
            method: "post",
            path: "/v1/draw-rights",
            summary: "Asks for the right to draw a quarter; the answer is a statement that gives it",
            sent: Some((JOSE, "draw-request", LARGEST_RELEASE)),
            answer: (200, Some((JOSE, "statement"))),
            problems: &[BadSignature, WrongBorough, OtherCopy, OutOfOrder, WrongPolicy],
        },
        Route {
            method: "post",
            path: "/v1/releases",
            summary: "Delivers a release; the same bytes again get the same receipt",
            sent: Some((JOSE, "release", LARGEST_RELEASE)),
            answer: (200, Some((JOSE, "receipt"))),
            problems: &[BadSignature, WrongBorough, OtherBytes, OutOfOrder, WrongPolicy, WrongShape],
        },
        Route {
            method: "get",
            path: "/v1/log",
            summary: "Entries of the log from a place on",
            sent: None,
            answer: (200, Some((JSON, "log-page"))),
            problems: &[],
        },
        Route {
            method: "post",
            path: "/v1/log",
            summary: "Gives back to a restored aggregator what its log has lost",
            sent: Some((JSON, "remembered", LARGEST_REMEMBERED)),
            answer: (204, None),
            problems: &[],
        },
        Route {
            method: "post",
            path: "/v1/certificate",
            summary: "Renews the node certificate over the identity that calls",
            sent: Some((JOSE, "renewal", LARGEST_RELEASE)),
            answer: (200, Some((JOSE, "certificate"))),
            problems: &[BadSignature, WrongBorough],
        },
        Route {
            method: "post",
            path: "/v1/release-key",
            summary: "Keeps a new release key, which the old one vouches for",
            sent: Some((JSON, "release-key", LARGEST_RELEASE)),
            answer: (200, Some((JOSE, "release-key-kept"))),
            problems: &[BadSignature, WrongBorough, OutOfOrder],
        },
        Route {
            method: "post",
            path: "/v1/notice",
            summary: "The borough pauses, leaves or goes on",
            sent: Some((JOSE, "notice", LARGEST_RELEASE)),
            answer: (200, Some((JOSE, "noted"))),
            problems: &[BadSignature, WrongBorough],
        },
    ]
}

/// The document.
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method] = operation(&route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tenfold: the aggregator's door for nodes",
            "version": "1",
            "description": "Nodes call, over TLS 1.3 with a node certificate; the borough is read from the verified \
                certificate and from nowhere else. PROTOCOL.md says the rest.",
        },
        "servers": [{ "url": "https://{host}", "variables": { "host": { "default": "localhost" } } }],
        "security": [{ "node-certificate": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "node-certificate": {
                    "type": "mutualTLS",
                    "description": "A node certificate of the region's authority: one URI name, \
                        urn:tenfold:borough: and the GSS code",
                },
            },
            "schemas": { "problem-kind": { "enum": kinds(ProblemKind::ALL) } },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters = vec![json!({
        "name": CHECKPOINT_HEADER, "in": "header", "required": false,
        "description": "The newest signed checkpoint that the node keeps", "schema": { "type": "string" },
    })];
    if (route.method, route.path) == ("get", "/v1/log") {
        parameters.push(json!({
            "name": "from", "in": "query", "required": true,
            "description": "The first entry wanted, from 0", "schema": { "type": "integer", "minimum": 0 },
        }));
    }
    let (status, answer) = route.answer;
    let mut good = json!({ "description": "Done" });
    if let Some((media, schema)) = answer {
        good["content"] = content(media, schema);
    }
    let mut responses = Map::from_iter([(status.to_string(), good)]);
    let refused: Vec<ProblemKind> =
        ProblemKind::ALL.iter().copied().filter(|kind| may_be(route, *kind)).collect();
    for kind in &refused {
        let same: Vec<ProblemKind> =
            refused.iter().copied().filter(|other| other.status() == kind.status()).collect();
        let titles: Vec<&str> = same.iter().map(|kind| kind.title()).collect();
        let response = json!({
            "description": titles.join(" "),
            "content": { "application/problem+json": { "schema": {
                "$ref": "schema/problem.json",
                "properties": { "type": { "enum": kinds(&same) } },
            } } },
        });
        responses.insert(kind.status().to_string(), response);
    }
    let mut operation = json!({ "summary": route.summary, "parameters": parameters, "responses": responses });
    if let Some((media, schema, largest)) = route.sent {
        operation["requestBody"] = json!({
            "required": true,
            "description": format!("At most {largest} bytes, within 60 seconds"),
            "content": content(media, schema),
        });
    }
    operation
}

/// Whether a call may be refused so.
pub(super) fn may_be(route: &Route, kind: ProblemKind) -> bool {
    EVERYWHERE.contains(&kind) || route.problems.contains(&kind)
}

impl Route {
    /// Whether a call may be refused so.
    pub fn may_be_refused(&self, kind: ProblemKind) -> bool {
        may_be(self, kind)
    }
}

fn kinds(kinds: &[ProblemKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.uri()).collect()
}

fn content(media: &str, schema: &str) -> Value {
    let file = format!("schema/{schema}.json");
    let schema = match media {
        // The text is the payload's signature in compact form; what it signs has the schema.
        JOSE => json!({
            "type": "string",
            "description": format!("JWS in compact serialisation (RFC 7515); its payload is that of {file}"),
            "pattern": "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
            "x-payload": { "$ref": file },
        }),
        _ => json!({ "$ref": file }),
    };
    json!({ media: { "schema": schema } })
}
