//! Ways in which a message is spoilt: on its way, by hand, and by somebody who holds the key that signs it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tenfold_common::{
    log::CHECKPOINT_TYPE,
    privacy::policy::POLICY_TYPE,
    protocol::{
        draw::DRAW_REQUEST_TYPE, enrolment::REQUEST_TYPE, receipt::RECEIPT_TYPE, release::RELEASE_TYPE,
        signature, statement::STATEMENT_TYPE,
    },
};

use super::{Corpus, Reader};

/// A message as it comes.
#[derive(Clone, Debug)]
pub struct Spoilt {
    /// Who reads it.
    pub reader: Reader,
    /// What comes.
    pub bytes: Vec<u8>,
    /// Whether it is a signed text that nobody signed so.
    pub unsigned: bool,
}

/// Texts that readers trip over.
const TEXTS: [&str; 34] = [
    "",
    ".",
    "..",
    "...",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "NaN",
    "1e308",
    "1e999",
    "-0",
    "0.1",
    "9007199254740993",
    "-9223372036854775809",
    "18446744073709551616",
    "=",
    "==",
    "\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "Е08000001",
    "E08000001 ",
    "eyJhbGciOiJub25lIn0",
    "\"id\":1,",
    "{}",
];

/// One spoilt message.
pub fn spoil(corpus: &Corpus, dice: &mut ChaCha8Rng) -> Spoilt {
    let (reader, real) = &corpus.real[dice.random_range(0..corpus.real.len())];
    let typed = signer(corpus, *reader);
    if let Some((typ, key)) = typed
        && dice.random_bool(0.6)
    {
        let text = String::from_utf8_lossy(real).into_owned();
        if let Some(value) = payload(&text) {
            let mut value = value;
            for _ in 0..dice.random_range(1..4) {
                change(&mut value, dice);
            }
            if let Ok(signed) = signature::sign(&value, typ, key) {
                return Spoilt { reader: *reader, bytes: signed.into_bytes(), unsigned: false };
            }
        }
    }
    let mut bytes = match serde_json::from_slice::<Value>(real) {
        // What is plain JSON is changed as such, now and then.
        Ok(mut value) if dice.random_bool(0.5) => {
            change(&mut value, dice);
            value.to_string().into_bytes()
        }
        _ => real.clone(),
    };
    if typed.is_some() && dice.random_bool(0.3) {
        bytes = inside(&bytes, dice);
    }
    for _ in 0..dice.random_range(1..5) {
        spoil_bytes(&mut bytes, dice);
    }
    let unsigned = typed.is_some() && String::from_utf8_lossy(&bytes).trim() != String::from_utf8_lossy(real);
    Spoilt { reader: *reader, bytes, unsigned }
}

fn signer(corpus: &Corpus, reader: Reader) -> Option<(&'static str, &tenfold_common::protocol::SigningKey)> {
    Some(match reader {
        Reader::Release => (RELEASE_TYPE, &corpus.keys.release),
        Reader::DrawRequest => (DRAW_REQUEST_TYPE, &corpus.keys.release),
        Reader::EnrolmentRequest => (REQUEST_TYPE, &corpus.keys.release),
        Reader::Receipt => (RECEIPT_TYPE, &corpus.receipt_key),
        Reader::Statement => (STATEMENT_TYPE, &corpus.receipt_key),
        Reader::Checkpoint => (CHECKPOINT_TYPE, &corpus.receipt_key),
        Reader::Policy => (POLICY_TYPE, &corpus.policy_key),
        Reader::Bundle | Reader::Certificate | Reader::Log | Reader::LogPage | Reader::Remembered => {
            return None;
        }
    })
}

/// What a signed text says; its signature is not looked at.
pub fn payload(text: &str) -> Option<Value> {
    let payload = text.split('.').nth(1)?;
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

/// The payload spoilt as bytes, under the signature of what it was.
fn inside(text: &[u8], dice: &mut ChaCha8Rng) -> Vec<u8> {
    let text = String::from_utf8_lossy(text).into_owned();
    let mut parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let at = dice.random_range(0..parts.len());
    if let Ok(mut bytes) = BASE64.decode(&parts[at]) {
        spoil_bytes(&mut bytes, dice);
        parts[at] = BASE64.encode(bytes);
    }
    parts.join(".").into_bytes()
}

fn spoil_bytes(bytes: &mut Vec<u8>, dice: &mut ChaCha8Rng) {
    let at = dice.random_range(0..=bytes.len());
    let end = (at + dice.random_range(0..40)).min(bytes.len());
    match dice.random_range(0..7) {
        0 if at < bytes.len() => bytes[at] ^= 1 << dice.random_range(0..8),
        1 if at < bytes.len() => bytes[at] = dice.random(),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        5 => {
            let text = TEXTS[dice.random_range(0..TEXTS.len())];
            bytes.splice(at..end, text.bytes());
        }
        _ => {
            let text = TEXTS[dice.random_range(0..TEXTS.len())];
            bytes.splice(at..at, text.bytes());
        }
    }
}

/// Changes one thing somewhere in a value.
fn change(value: &mut Value, dice: &mut ChaCha8Rng) {
    let deeper = dice.random_bool(0.85);
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let at = dice.random_range(0..fields.len());
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            match dice.random_range(0..10) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(format!("{name}s"), json!(1))),
                _ => {
                    if let Some(field) = fields.get_mut(&name) {
                        change(field, dice);
                    }
                }
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = dice.random_range(0..items.len());
            match dice.random_range(0..10) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                2 => items.truncate(at),
                3 => items.reverse(),
                _ => change(&mut items[at], dice),
            }
        }
        Value::Number(number) if deeper => {
            let known = number.as_i64().unwrap_or_default();
            let odd = [0, 1, -1, known.wrapping_add(1), known.wrapping_neg(), i64::MAX, i64::MIN, 1 << 53];
            *value = json!(odd[dice.random_range(0..odd.len())]);
        }
        Value::String(text) if deeper => {
            let mut bytes = std::mem::take(text).into_bytes();
            spoil_bytes(&mut bytes, dice);
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        other => {
            let odd = [
                Value::Null,
                json!(true),
                json!(0.5),
                json!(-1),
                json!(u64::MAX),
                json!(""),
                json!([]),
                json!({}),
                json!([[[[[[[[]]]]]]]]),
                json!("x".repeat(5000)),
            ];
            *other = odd[dice.random_range(0..odd.len())].clone();
        }
    }
}
