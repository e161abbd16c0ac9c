//! Words planted in every secret, and in messages that are refused, stand in no line of a log and in no answer.

use std::{fs, process::Command};

use tenfold_node::{
    duties::deliver,
    region::{Region, Secret, Way},
};
use tenfold_tests::{
    caller::{Caller, Heard},
    federation::{self, CENTRE, Federation, PASSWORD},
    network, programs,
};

const PROXY_PASSWORD: &str = "canary-proxy-5531";
/// `ann` and the password above.
const BASIC: &str = "Basic YW5uOmNhbmFyeS1wcm94eS01NTMx";
/// What a node might send by mistake.
const RECORD: &str = "canary-record-Wilhelmina-Ashworth";

#[tokio::test]
async fn no_secret_stands_in_a_log_or_an_answer() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let mut secrets = vec![PASSWORD.to_owned(), PROXY_PASSWORD.to_owned(), RECORD.to_owned()];
    secrets.push(BASIC.trim_start_matches("Basic ").to_owned());
    // Every key of both sides, by a line from the middle of its text.
    let line = |pem: &str| pem.lines().nth(1).expect("a key has a line").to_owned();
    secrets.push(line(&member.node.keys.tls_key_pem()?));
    secrets.push(line(member.node.keys.release.secret_pem()));
    for name in ["root", "issuing", "server"] {
        secrets.push(line(&federation.aggregator.issued(name)?.key_pem));
    }
    secrets.push(line(federation.aggregator.receipt_key.secret_pem()));
    secrets.push(line(federation.aggregator.policy_key.secret_pem()));
    for key in ["freeze.key", "journal.key"] {
        let bytes = fs::read(member.node.folder.join("keys").join(key))?;
        secrets.push(String::from_utf8_lossy(&bytes).trim().to_owned());
        secrets.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    }

    // A quarter through a proxy that asks for the password, and everything that goes wrong on the way.
    let mut told = Vec::new();
    let proxy = format!("http://{}", network::proxy(Some(BASIC))?);
    let way = |password: &str| Way::through(&proxy, "ann", Secret::from(password.to_owned()));
    let (bundle, key) = (member.node.bundle()?, member.node.keys.tls_key_pem()?);
    let region = |password: &str| -> anyhow::Result<Region> {
        Ok(Region::open(&bundle, &key, member.node.clock.clone(), &way(password)?)?)
    };
    let wrong = format!("{PROXY_PASSWORD}-old");
    told.push(region(&wrong)?.statement().await.unwrap_err().to_string());
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    deliver::deliver(&member.node, &region(PROXY_PASSWORD)?, deliver::Trying::Now).await?;
    federation.when_delivered(quarter)?;
    told.push(format!("{:?}", region(PROXY_PASSWORD)?));
    deliver::deliver(&member.node, &region(PROXY_PASSWORD)?, deliver::Trying::Now).await?;
    assert!(member.node.signer("approver", &format!("{PASSWORD} ")).is_err());

    // Records in places where none belongs.
    let caller = Caller::of(&federation, member)?;
    for path in ["/v1/releases", "/v1/draw-rights", &format!("/v1/{RECORD}"), "/v1/log"] {
        told.push(format!("{:?}", caller.post(path, &format!("{{\"name\":\"{RECORD}\"}}"))));
    }
    let header = format!("GET /v1/statement HTTP/1.1\r\nhost: t\r\ntenfold-version: {RECORD}!\r\n\r\n");
    told.push(format!("{:?}", caller.say(header.as_bytes())));
    assert!(matches!(caller.say(b"x\r\n\r\n"), Heard::Answer { status: 400, .. }));

    for secret in &secrets {
        assert!(secret.len() > 8, "{secret:?} is too short to be found");
        for words in &told {
            assert!(!words.contains(secret.as_str()), "{secret} in {words}");
        }
        let logged = federation::logged(&[secret]);
        assert_eq!(logged, Vec::<String>::new(), "{secret}");
    }
    // The log that was searched is the one that was written.
    assert!(!federation::logged(&["a node calls", member.borough().as_str()]).is_empty());
    assert!(!CENTRE.is_empty());
    Ok(())
}

/// The program shows its settings without the password, wherever that came from, and never says it.
#[test]
fn the_program_hides_the_proxys_password() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("password");
    fs::write(&file, format!("{PROXY_PASSWORD}\n"))?;
    let proxy = format!("http://{}", network::proxy(Some(BASIC))?);
    let url = format!("https://{}", network::inspector("Council Web Gateway", "HTTP/1.1 200 OK\r\n\r\n")?);
    let program = programs::built().join("tenfold-node");
    let run = |arguments: &[&str], variable: (&str, &str)| -> anyhow::Result<(Option<i32>, String)> {
        let mut command = Command::new(&program);
        command.arg("--data").arg(folder.path().join("none")).args(["--log", "trace"]).args(arguments);
        command.env("TENFOLD_PROXY", &proxy).env("TENFOLD_PROXY_USER", "ann").env(variable.0, variable.1);
        let output = command.output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8(said)?))
    };
    let by_file = ("TENFOLD_PROXY_PASSWORD_FILE", file.to_str().expect("a path"));
    let by_value = ("TENFOLD_PROXY_PASSWORD", PROXY_PASSWORD);
    for variable in [by_file, by_value] {
        let (code, config) = run(&["config"], variable)?;
        assert!(code == Some(0) && config.contains("proxy_user = \"ann\""), "{config}");
        // The sign-in is accepted; what fails is the box behind it, with exit code 1.
        let (code, looked) = run(&["preflight", "--url", &url], variable)?;
        assert_eq!(code, Some(1), "{looked}");
        assert!(looked.contains("Council Web Gateway") && looked.contains("opened a way"), "{looked}");
        for said in [&config, &looked] {
            assert!(
                !said.contains(PROXY_PASSWORD) && !said.contains(BASIC.trim_start_matches("Basic ")),
                "{said}"
            );
        }
    }
    let (_, config) = run(&["config"], by_value)?;
    assert!(config.contains("proxy_password = \"hidden\""), "{config}");
    Ok(())
}
