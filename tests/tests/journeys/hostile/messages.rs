//! What is said: releases that are forged, replayed, swapped or written in a way that two readers could read apart.

use rcgen::{KeyPair, SigningKey as _};
use sha2::{Digest, Sha256};
use tenfold_common::protocol::{
    ReleaseBody, SigningKey, canonical::canonical, draw::DRAW_REQUEST_TYPE, release::RELEASE_TYPE, signature,
};
use tenfold_tests::{caller::Heard, federation::Member};

use super::{Drive, Stage};

pub(super) const ROWS: &[(&str, Drive)] = &[
    ("the release that is kept, again", |stage| post(stage, &stage.own().sealed()?.remove(0).bytes)),
    ("the neighbour's release, replayed", |stage| post(stage, &stage.neighbour().sealed()?.remove(0).bytes)),
    ("the kept quarter with other values", |stage| {
        let mut body = stage.own().newest()?;
        body.ledger_head = "0".repeat(64);
        signed(stage, &body)
    }),
    ("a quarter too early", |stage| {
        let mut body = next(stage)?;
        // One that ends a year, as the quarter did whose cells it has.
        body.id.quarter = body.id.quarter.plus(2);
        signed(stage, &body)
    }),
    ("a release signed by the neighbour's key", |stage| {
        let signed = signature::sign(&next(stage)?, RELEASE_TYPE, &stage.neighbour().node.keys.release)?;
        post(stage, &signed)
    }),
    ("a release that names the neighbour", |stage| {
        let mut body = next(stage)?;
        body.id.borough = stage.neighbour().borough().clone();
        signed(stage, &body)
    }),
    ("another message under the name of a release", |stage| {
        let request = signature::sign(&next(stage)?, DRAW_REQUEST_TYPE, &stage.own().node.keys.release)?;
        post(stage, &request)
    }),
    ("algorithm none", |stage| headed(stage, "none", |_| String::new())),
    ("algorithm HS256 with the public key as secret", |stage| {
        let public = stage.own().node.keys.release.public().to_string();
        headed(stage, "HS256", |input| base64url(&hmac(public.as_bytes(), input.as_bytes())))
    }),
    ("algorithm RS256", |stage| headed(stage, "RS256", |_| base64url(&[7; 256]))),
    ("a signature with a changed byte", |stage| {
        let text = signature::sign(&next(stage)?, RELEASE_TYPE, &stage.own().node.keys.release)?;
        post(stage, &(text[..text.len() - 8].to_owned() + "AAAAAAAA"))
    }),
    ("the hash of another policy", |stage| {
        let mut body = next(stage)?;
        body.policy = "0".repeat(64);
        signed(stage, &body)
    }),
    ("another format of the release", |stage| {
        let mut body = next(stage)?;
        body.format = "tenfold-release/0".to_owned();
        signed(stage, &body)
    }),
    ("an older format with other fields", |stage| {
        edited(stage, "\"format\":\"tenfold-release/1\"", "\"counts\":[1],\"format\":\"tenfold-release/0\"")
    }),
    ("a number as a string", |stage| edited(stage, "\"number\":2", "\"number\":\"2\"")),
    ("1.0 for a whole number", |stage| edited(stage, "\"number\":2", "\"number\":2.0")),
    ("1e2 for a whole number", |stage| edited(stage, "\"number\":2", "\"number\":2e0")),
    ("NaN among the values", |stage| edited(stage, "\"values\":[[", "\"values\":[[NaN,")),
    ("a value beyond 2⁵³", |stage| edited(stage, "\"values\":[[", "\"values\":[[9007199254740993,")),
    ("a key twice", |stage| edited(stage, "\"number\":2", "\"number\":1,\"number\":2")),
    ("an unknown field", |stage| edited(stage, "\"number\":2", "\"note\":\"x\",\"number\":2")),
    ("keys in another order", |stage| {
        let text = payload(stage)?;
        let (first, rest) = text[1..].split_once(',').expect("several fields");
        let turned = format!("{{{},{first}}}", rest.strip_suffix('}').expect("an object"));
        post(stage, &sealed(stage.own(), &turned)?)
    }),
    ("a space between", |stage| edited(stage, "\"number\":2", "\"number\": 2")),
    ("text after the end", |stage| {
        let text = payload(stage)?;
        post(stage, &sealed(stage.own(), &format!("{text} {{}}"))?)
    }),
    ("deep brackets", |stage| post(stage, &sealed(stage.own(), &"[".repeat(100_000))?)),
    ("bytes that are no text", |stage| {
        let head = "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-type: application/jose\r\ncontent-length: 4\r\n\r\n";
        Ok(stage.caller()?.say(&[head.as_bytes(), &[0xff, 0xfe, 0x00, 0x80]].concat()))
    }),
    ("a draw request signed by the neighbour's key", |stage| {
        let request = std::collections::BTreeMap::from([("format", "tenfold-draw-request/1")]);
        let key: &SigningKey = &stage.neighbour().node.keys.release;
        let text = signature::sign(&request, DRAW_REQUEST_TYPE, key)?;
        Ok(stage.caller()?.post("/v1/draw-rights", &text))
    }),
];

fn post(stage: &Stage, text: &str) -> anyhow::Result<Heard> {
    Ok(stage.caller()?.post("/v1/releases", text))
}

/// What this borough would send next, in good form but for what a row changes.
fn next(stage: &Stage) -> anyhow::Result<ReleaseBody> {
    let mut body = stage.own().newest()?;
    body.id.quarter = body.id.quarter.next();
    body.id.number += 1;
    Ok(body)
}

fn signed(stage: &Stage, body: &ReleaseBody) -> anyhow::Result<Heard> {
    post(stage, &signature::sign(body, RELEASE_TYPE, &stage.own().node.keys.release)?)
}

fn payload(stage: &Stage) -> anyhow::Result<String> {
    Ok(String::from_utf8(canonical(&next(stage)?)?)?)
}

/// The next release with a piece of its text replaced, rightly signed.
fn edited(stage: &Stage, from: &str, to: &str) -> anyhow::Result<Heard> {
    let text = payload(stage)?;
    anyhow::ensure!(text.contains(from), "{from} is not in {text}");
    post(stage, &sealed(stage.own(), &text.replacen(from, to, 1))?)
}

/// Any text signed as a release by a borough's own key: what the program itself would never sign.
fn sealed(member: &Member, payload: &str) -> anyhow::Result<String> {
    let header = format!(
        "{{\"alg\":\"EdDSA\",\"kid\":\"{}\",\"typ\":\"{RELEASE_TYPE}\"}}",
        member.node.keys.release.public().id()
    );
    let input = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
    let key = KeyPair::from_pem(member.node.keys.release.secret_pem())?;
    Ok(format!("{input}.{}", base64url(&key.sign(input.as_bytes())?)))
}

/// The next release under another algorithm.
fn headed(stage: &Stage, alg: &str, sign: impl Fn(&str) -> String) -> anyhow::Result<Heard> {
    let kid = stage.own().node.keys.release.public().id();
    let header = format!("{{\"alg\":\"{alg}\",\"kid\":\"{kid}\",\"typ\":\"{RELEASE_TYPE}\"}}");
    let input = format!("{}.{}", base64url(header.as_bytes()), base64url(payload(stage)?.as_bytes()));
    post(stage, &format!("{input}.{}", sign(&input)))
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

/// HMAC-SHA256 (RFC 2104) with a key shorter than a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad =
        |with: u8| -> Vec<u8> { (0..64).map(|place| key.get(place).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::digest([pad(0x36), text.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}
