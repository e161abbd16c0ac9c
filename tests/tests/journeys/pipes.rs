//! Programs whose reader has gone: they end their work quietly, as `claim list | head -1` must.

use std::{
    io::pipe,
    process::{Command, Output, Stdio},
};

use tenfold_tests::programs;

/// Runs a program whose standard output nobody reads any more.
fn unread(program: &str, arguments: &[&str]) -> Output {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(programs::built().join(program));
    command.arg("--data").arg(folder.path()).args(arguments);
    command.stdout(writer).stderr(Stdio::piped()).output().unwrap()
}

#[test]
fn a_closed_pipe_ends_no_program_with_a_panic() {
    let calls: [(&str, &[&str]); 4] = [
        ("tenfold-node", &["framework", "list"]),
        ("tenfold-node", &["mapping", "list"]),
        ("tenfold-node", &["config"]),
        ("tenfold-aggregator", &["config"]),
    ];
    for (program, arguments) in calls {
        let output = unread(program, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{program} {arguments:?}: {said}");
    }
}

/// Other failures are no silence: what could not be written is said, and the exit code tells it.
#[test]
fn a_full_disk_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(programs::built().join("tenfold-node"));
    let output = command.args(["framework", "list"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("standard output cannot be written"), "{said}");
}
