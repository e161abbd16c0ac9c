//! How a call is made: methods, paths, heads, lengths, speed. The caller is an enrolled node that has gone bad.

use std::time::Duration;

use tenfold_tests::caller::{Heard, posted};

use super::{Drive, Stage};

pub(super) const ROWS: &[(&str, Drive)] = &[
    ("a body of 1 GiB, announced", |stage| {
        say(
            stage,
            "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-type: application/jose\r\ncontent-length: 1073741824\r\n\r\n",
        )
    }),
    ("a body of 1 GiB, in chunks", |stage| {
        let head = "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-type: application/jose\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let mut line = stage.caller()?.open()?;
        line.send(head.as_bytes())?;
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
        // As many as the other end takes; it closes long before the 16,384th.
        let taken = (0..17).take_while(|_| line.send(chunk.as_bytes()).is_ok()).count();
        let heard = line.listen();
        // The rest is not waited for: the line is cut.
        let is_cut = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            line.send(chunk.as_bytes()).is_err()
        });
        anyhow::ensure!(is_cut, "after {taken} chunks of 64 KiB others were taken");
        Ok(heard)
    }),
    ("a body that unpacks to 1 GiB", |stage| {
        say(
            stage,
            "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-type: application/jose\r\ncontent-encoding: gzip\r\n\
                    content-length: 4\r\n\r\n\u{1f}xxx",
        )
    }),
    ("a body of another type", |stage| {
        say(
            stage,
            "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\nxxxx",
        )
    }),
    ("a head, one byte a second", |stage| {
        let mut line = stage.caller()?.open()?;
        for byte in b"GE" {
            line.send(&[*byte])?;
            std::thread::sleep(Duration::from_millis(900));
        }
        Ok(line.listen())
    }),
    ("a body, one byte a second", |stage| {
        let request = posted("/v1/releases", &"x".repeat(1000));
        let (head, body) = request.split_at(request.len() - 1000);
        let mut line = stage.caller()?.open()?;
        line.send(head.as_bytes())?;
        // No more than the door bears, so that its answer is still read after it has closed.
        for byte in body.bytes().take(2) {
            line.send(&[byte])?;
            std::thread::sleep(Duration::from_millis(900));
        }
        Ok(line.listen())
    }),
    ("a header of 9 KiB", |stage| with(stage, &format!("x: {}\r\n", "y".repeat(9 << 10)))),
    ("50 headers", |stage| with(stage, &"x: y\r\n".repeat(50))),
    ("200 headers", |stage| with(stage, &"x: y\r\n".repeat(200))),
    ("another method", |stage| say(stage, "DELETE /v1/releases HTTP/1.1\r\nhost: t\r\n\r\n")),
    ("another path", |stage| say(stage, "GET /v1/../etc/passwd HTTP/1.1\r\nhost: t\r\n\r\n")),
    ("a path of an older version", |stage| {
        let bytes = stage.own().sealed()?.remove(0).bytes;
        Ok(stage.caller()?.post("/v0/releases", &bytes))
    }),
    ("HTTP/1.0", |stage| say(stage, "GET /v1/statement HTTP/1.0\r\nhost: t\r\n\r\n")),
    ("two lengths", |stage| {
        say(
            stage,
            "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nxxxx",
        )
    }),
    ("a length and chunks", |stage| {
        say(
            stage,
            "POST /v1/releases HTTP/1.1\r\nhost: t\r\ncontent-type: application/jose\r\ncontent-length: 4\r\n\
                    transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        )
    }),
    ("no HTTP at all", |stage| say(stage, "\u{16}\u{3}\u{1}\r\n\r\n")),
];

fn say(stage: &Stage, text: &str) -> anyhow::Result<Heard> {
    Ok(stage.caller()?.say(text.as_bytes()))
}

fn with(stage: &Stage, headers: &str) -> anyhow::Result<Heard> {
    say(stage, &format!("GET /v1/statement HTTP/1.1\r\nhost: t\r\n{headers}\r\n"))
}
