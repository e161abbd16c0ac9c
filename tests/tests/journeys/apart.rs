//! A node that serves draws in a process of its own, which has the keys it was given; ended before it is done, it leaves
//! what a crash leaves, and the next one seals.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tenfold_common::{clock::Clock as _, geography};
use tenfold_node::{
    duties::{
        create::{self, Making},
        verify,
    },
    keys::KeyName,
    store,
};
use tenfold_store::{DatabaseUrl, acts};
use tenfold_tests::{
    federation::{CAP, Federation, Member, OFFICER, Running},
    programs,
};

/// Long enough for a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(found) = found() {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(20));
    }
    anyhow::bail!("{what}: not within {PATIENCE:?}")
}

/// A node that a program can open by itself: its clock is a file. Its keys are credentials and nowhere else.
fn borough(federation: &Running) -> anyhow::Result<Member> {
    let folder = federation.folder();
    let clock = folder.join("clock.txt");
    fs::write(&clock, format!("{}\n", federation.clock.now()))?;
    let making = Making {
        borough: geography::boroughs()[0].code.clone(),
        rehearsal_clock: Some(clock),
        cap: CAP,
        officer: OFFICER.into(),
    };
    let url = DatabaseUrl::Sqlite(folder.join("node").join("node.sqlite"));
    let member = Member::of(create::create(&folder.join("node"), &url, &making, federation.clock.now())?)?;
    federation.welcome(&member, &federation.enrol(&member)?)?;
    fs::create_dir(folder.join("credentials"))?;
    for key in KeyName::ALL {
        let credential = folder.join("credentials").join(key.credential());
        fs::rename(folder.join("node").join("keys").join(key.file()), credential)?;
    }
    Ok(member)
}

/// The node's program as a service starts it, its log in a file.
fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--data").arg(folder.join("node")).env("CREDENTIALS_DIRECTORY", folder.join("credentials"));
    command.stdin(Stdio::null());
    command
}

fn serve(program: &Path, folder: &Path, log: &str) -> anyhow::Result<Child> {
    let mut command = command(program, folder);
    command.args(["serve", "--pages", "127.0.0.1:0"]).env("TENFOLD_DELIVER_EVERY_S", "1");
    let child = command.stdout(Stdio::null()).stderr(fs::File::create(folder.join(log))?).spawn()?;
    Ok(child)
}

fn logged(folder: &Path, log: &str, words: &str) -> Option<()> {
    fs::read_to_string(folder.join(log)).ok().filter(|text| text.contains(words)).map(|_| ())
}

/// The process that a program started to seal, if it runs.
fn sealing(parent: u32) -> Option<u32> {
    let started = format!("PPid:\t{parent}");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.find(|id| {
        let told = |file: &str| fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
        told("status").lines().any(|line| line == started) && told("cmdline").ends_with("release\0seal\0")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_node_draws_in_a_process_of_its_own() -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(0).at("2015-04-01")?;
    let member = borough(&federation)?;
    let folder = federation.folder().to_owned();
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    fs::write(folder.join("clock.txt"), format!("{}\n", federation.clock.now()))?;
    member.release(quarter)?;
    let program = programs::built().join("tenfold-node");

    // Every key stands among the credentials; without them nothing opens, and the sentence says where they were sought.
    let listed = command(&program, &folder).args(["keys", "list", "--json"]).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    assert_eq!(listed.matches("\"stands\": \"credentials\"").count(), 4, "{listed}");
    let without = command(&program, &folder).env_remove("CREDENTIALS_DIRECTORY").arg("status").output()?;
    let told = String::from_utf8(without.stderr)?;
    assert!(told.contains("release.pem is not in") && told.contains("tenfold-release.pem"), "{told}");

    // A program that cannot start another draws nothing itself.
    fs::create_dir(folder.join("bin"))?;
    let gone = folder.join("bin").join("tenfold-node");
    fs::copy(&program, &gone)?;
    federation.break_off().await?;
    let mut alone = serve(&gone, &folder, "alone.log")?;
    wait("the first try", || logged(&folder, "alone.log", "cannot be reached"))?;
    fs::remove_file(&gone)?;
    federation.mend().await?;
    wait("what it lacks", || logged(&folder, "alone.log", "cannot be started to seal"))?;
    alone.kill()?;
    alone.wait()?;
    assert_eq!(member.sealed()?, []);

    // Ended while it waits for its turn to write: the program that serves goes on, nothing is charged or drawn.
    federation.break_off().await?;
    let mut served = serve(&program, &folder, "served.log")?;
    wait("the first try", || logged(&folder, "served.log", "cannot be reached"))?;
    let (turn, taken) = mpsc::channel();
    let parent = served.id();
    let node = member.node.clone();
    let killer = thread::spawn(move || {
        node.store.write(|connection| {
            acts::take_turn(connection)?;
            turn.send(())?;
            let waits = wait("a process that waits for its turn", || {
                let before = sealing(parent)?;
                thread::sleep(Duration::from_millis(400));
                sealing(parent).filter(|after| *after == before)
            })?;
            let killed = Command::new("kill").args(["-KILL", &waits.to_string()]).status()?;
            ensure!(killed.success(), "it could not be killed");
            wait("its end", || sealing(parent).is_none_or(|after| after != waits).then_some(()))
        })
    });
    taken.recv()?;
    federation.mend().await?;
    killer.join().map_err(|_| anyhow::anyhow!("the killer panicked"))??;
    assert_eq!(served.try_wait()?, None, "the program that serves ended with it");

    wait("the next one", || member.sealed().ok().filter(|sealed| !sealed.is_empty()))?;
    assert!(logged(&folder, "served.log", "the process that seals ended with").is_some());
    assert_eq!(member.sealed()?.len(), 1);
    let lines = member.node.store.read(store::ledger::lines)?;
    let charged = lines.iter().filter(|line| line.kind == "release").count();
    assert_eq!(charged, federation.policy()?.policy().streams.len(), "one charge a stream");
    wait("its word", || logged(&folder, "served.log", "sealed as release 1"))?;
    served.kill()?;
    served.wait()?;
    verify::verify(&member.node).context("after the death")?;
    Ok(())
}
