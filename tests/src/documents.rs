//! What is published of the protocol for other programs: a JSON Schema of each message, and an OpenAPI document of the
//! door for nodes, both made from the code.

mod openapi;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};
use tenfold_common::{
    log::{Checkpoint, Entry},
    privacy::{Policy, Question},
    protocol::{
        Bundle, DrawRequest, EnrolmentRequest, Problem, Receipt, ReleaseBody, Statement,
        notice::{Noted, Notice},
        rejections::Rejections,
        renewal::{RenewalRequest, RenewedCertificate},
        rotation::{KeyRotated, KeyRotation, SignedRotation},
        witness::{LogPage, Remembered},
    },
};

pub use openapi::{Route, openapi, routes};

/// The largest whole number that canonical JSON can hold.
const LARGEST: i64 = (1 << 53) - 1;

/// The schema of each message, by the name of its file.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("release", schema::<ReleaseBody>("release", "A release: the payload of a signed text")),
        ("receipt", schema::<Receipt>("receipt", "A receipt: the payload of a signed text")),
        ("statement", schema::<Statement>("statement", "A statement: the payload of a signed text")),
        (
            "draw-request",
            schema::<DrawRequest>("draw-request", "A draw request: the payload of a signed text"),
        ),
        ("policy", schema::<Policy>("policy", "A policy: the payload of a signed text")),
        ("question", schema::<Question>("question", "A one-off question: the payload of a signed text")),
        ("checkpoint", schema::<Checkpoint>("checkpoint", "A checkpoint: the payload of a signed text")),
        (
            "enrolment-request",
            schema::<EnrolmentRequest>(
                "enrolment-request",
                "An enrolment request: the payload of a signed text",
            ),
        ),
        ("renewal", schema::<RenewalRequest>("renewal", "A renewal request: the payload of a signed text")),
        (
            "certificate",
            schema::<RenewedCertificate>(
                "certificate",
                "A renewed certificate: the payload of a signed text",
            ),
        ),
        ("release-key", schema::<SignedRotation>("release-key", "A new release key, signed by old and new")),
        (
            "release-key-rotation",
            schema::<KeyRotation>("release-key-rotation", "A new release key: the payload of a signed text"),
        ),
        (
            "release-key-kept",
            schema::<KeyRotated>(
                "release-key-kept",
                "A new release key is kept: the payload of a signed text",
            ),
        ),
        ("notice", schema::<Notice>("notice", "A notice of a borough: the payload of a signed text")),
        ("noted", schema::<Noted>("noted", "A notice is kept: the payload of a signed text")),
        ("rejections", schema::<Rejections>("rejections", "What the region refused of a borough")),
        ("bundle", schema::<Bundle>("bundle", "A bundle: a file")),
        ("entry", schema::<Entry>("entry", "An entry of the log")),
        ("log-page", schema::<LogPage>("log-page", "A page of the log")),
        ("remembered", schema::<Remembered>("remembered", "What a node gives back of the log")),
        ("problem", schema::<Problem>("problem", "A problem (RFC 9457)")),
    ]
}

/// As it is written: every field stands there but those that may be left out.
fn schema<T: JsonSchema>(name: &str, title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    bounded(&mut schema);
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("$id".to_owned(), json!(format!("urn:tenfold:schema:{name}")));
        fields.insert("title".to_owned(), json!(title));
    }
    schema
}

/// Numbers are whole and within what every reader of JSON keeps exactly.
fn bounded(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(bounded),
        Value::Object(fields) => {
            if let Some(format) = fields.remove("format") {
                match format.as_str() {
                    Some("int64") => {
                        fields.insert("minimum".to_owned(), json!(-LARGEST));
                        fields.insert("maximum".to_owned(), json!(LARGEST));
                    }
                    Some("uint64" | "uint") => drop(fields.insert("maximum".to_owned(), json!(LARGEST))),
                    Some("uint32") => drop(fields.insert("maximum".to_owned(), json!(u32::MAX))),
                    Some(other) if other.starts_with("uint") || other.starts_with("int") => {}
                    _ => drop(fields.insert("format".to_owned(), format)),
                }
            }
            fields.values_mut().for_each(bounded);
        }
        _ => {}
    }
}
