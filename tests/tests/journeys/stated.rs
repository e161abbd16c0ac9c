//! The privacy statement says what the books say: every number in it is the ledger's, the policy's or the register's.

use std::collections::BTreeSet;

use tenfold_common::privacy::{
    Rho,
    planner::{Area, expected_errors},
};
use tenfold_node::{
    duties::{adopt, declare::declare, disclose::disclose},
    ledger,
    statement::PrivacyStatement,
    store::{self, claims::certificates::Disclosure},
    synth,
};
use tenfold_tests::federation::{Database, Federation, Member, OFFICER, Running};

/// Runs of digits with points between them, such as 0.194998113 and 2015.
fn numbers(text: &str) -> BTreeSet<String> {
    let pieces = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
    let pieces = pieces.map(|piece| piece.trim_matches('.').to_owned());
    pieces.filter(|piece| piece.chars().any(|letter| letter.is_ascii_digit())).collect()
}

/// Numbers of sentences that speak of no book: 95 % as 19 times in 20, 5 in 100, SHA-256.
const FIXED: [&str; 5] = ["19", "20", "5", "100", "256"];

/// Every number that the node's books, its policy and the planner know.
fn known(federation: &Running, member: &Member) -> anyhow::Result<BTreeSet<String>> {
    let policy = federation.policy()?;
    let document = policy.policy();
    let lines = member.node.store.read(store::ledger::lines)?;
    let mut text = FIXED.join(" ");
    for line in &lines {
        text += &format!(" {} {} {} {} {}", line.seq, line.at, line.policy, line.amount, line.quarter);
    }
    text += &format!(" {} {} {}", ledger::lifetime(&lines), ledger::cap(&lines), lines.len());
    text += &format!(" {}", lines.last().expect("there is a ledger").hash);
    let last = document.first_quarter.plus(document.time_matrix.size() as i32 - 1);
    text += &format!(" {} {} {}", document.total, document.reserve, document.delta);
    text += &format!(" {} {last} {} {}", document.first_quarter, document.boundary_set, document.name);
    text += &format!(" {} {}", policy.hash(), ledger::lifetime(&lines));
    let charged = ledger::lifetime(&lines);
    text += &format!(" {:.2}", charged.epsilon(document.delta.parse()?));
    let most = charged.max(document.total).nano();
    for times in [1, 2, 4] {
        let of_group = tenfold_common::privacy::Rho::from_nano(most * times);
        text += &format!(" {:.0}", 100.0 * of_group.detection(0.05));
    }
    for error in expected_errors(document, Area::Borough(policy.places(member.borough())?))? {
        text += &format!(" {:.1}", error.half_width);
    }
    let sealed = member.sealed()?;
    text += &format!(" {}", sealed.len());
    for release in &sealed {
        text += &format!(" {} {} {}", release.number, release.sealed_at, release.sha256);
        text += &release.receipted_at.map(|at| format!(" {at}")).unwrap_or_default();
    }
    let papers = member.node.store.read(store::claims::certificates::disclosures)?;
    text += &format!(" {}", papers.len());
    for paper in papers {
        text += &format!(" {} {}", paper.id, paper.disclosed_on);
    }
    text += &format!(" {} {}", member.node.now(), env!("CARGO_PKG_VERSION"));
    let mut known = numbers(&text);
    // The table of charges cuts a policy's hash to twelve letters.
    known.insert(policy.hash()[..12].to_owned());
    Ok(known)
}

fn disclosed(member: &Member, kind: &str) -> anyhow::Result<()> {
    let paper = Disclosure {
        id: 0,
        disclosed_on: "2015-08-03".parse()?,
        kind: kind.into(),
        recipient: "Recipient 4711".into(),
        figures: "815 families".into(),
        reference: "reference 9264".into(),
        recorded_by: String::new(),
    };
    disclose(&member.node, paper, &member.approver)?;
    Ok(())
}

#[tokio::test]
async fn every_number_of_the_statement_is_the_books_own() -> anyhow::Result<()> {
    let federation = Federation::new().on(Database::Sqlite).at("2015-04-01")?;
    let member = &federation.members[0];
    let before = declare(&member.node)?;
    assert!(before.markdown().contains("Nothing yet."), "{}", before.markdown());
    let (quarter, extracts) = (federation.quarter(0)?, federation.folder().join("extracts"));
    synth::write(&member.synthetic(quarter, 1, 0.2), &extracts)?;
    federation.when_loaded(quarter);
    member.record(&extracts, quarter)?;
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    member.deliver().await?;
    federation.when_delivered(quarter)?;
    member.deliver().await?;
    for kind in ["certificate", "freedom-of-information"] {
        disclosed(member, kind)?;
    }

    let statement: PrivacyStatement = declare(&member.node)?;
    let text = statement.markdown();
    let strange: Vec<String> = numbers(&text).difference(&known(&federation, member)?).cloned().collect();
    assert!(strange.is_empty(), "numbers that no book knows: {strange:?}\n{text}");
    let json = serde_json::to_value(&statement)?;
    let lines = member.node.store.read(store::ledger::lines)?;
    assert_eq!(json["loss"]["charged"], ledger::lifetime(&lines).to_string());
    assert_eq!(json["loss"]["cap"], ledger::cap(&lines).to_string());
    let charges: Vec<(i64, u64)> =
        statement.charges.iter().map(|charge| (charge.line, charge.rho.nano())).collect();
    let adopted = lines.iter().filter(|line| line.kind == "adoption");
    assert_eq!(charges, adopted.map(|line| (line.seq, line.amount.nano())).collect::<Vec<_>>());
    let sealed = member.sealed()?;
    assert_eq!(statement.releases.len(), sealed.len());
    assert_eq!(statement.releases[0].sha256, sealed[0].sha256);
    assert_eq!(statement.releases[0].receipted_at, sealed[0].receipted_at);
    assert_eq!(statement.releases[0].streams.len(), statement.charges.len());
    // What must stand in it, and what must not: it may be published.
    for words in [
        &*ledger::lifetime(&lines).to_string(),
        &sealed[0].sha256,
        "### Singling out",
        "### Linkability",
        "### Inference",
        "### The motivated intruder",
        "2 exact papers",
        "register entry 1 of 2015-08-03",
        "Payments that were made public: none is entered.",
    ] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
    for words in
        ["Recipient 4711", "815 families", "reference 9264", &member.approver.name, &member.analyst.name]
    {
        assert!(!text.contains(words) && !json.to_string().contains(words), "{words} stands in it");
    }
    Ok(())
}

/// Policies one after another: each with its quarters and charges, and one sum over the dearest of each stream.
#[tokio::test]
async fn every_adopted_policy_is_stated_with_its_quarters_and_charges() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let (member, old) = (&federation.members[0], federation.policy()?);
    let quarters = [0, 1].map(|index| old.policy().first_quarter.plus(index));
    let stated = |statement: &PrivacyStatement| -> Vec<_> {
        let policies = statement.policies.iter();
        policies.map(|policy| (policy.hash.clone(), policy.first_quarter, policy.last_quarter)).collect()
    };
    assert_eq!(stated(&declare(&member.node)?), [(old.hash().to_owned(), quarters[0], old.last_quarter())]);
    federation.when_recorded(quarters[0])?;
    member.release(quarters[0])?;
    member.deliver().await?;

    // The second policy spends less, and takes over at the second quarter but one.
    let third = quarters[1].next();
    let new = federation.succeed("The second policy", third, Rho::from_nano(200_000_000))?;
    adopt::adopt_policy(&member.node, new.signed(), OFFICER)?;
    let statement = declare(&member.node)?;
    assert_eq!(statement.policy.name, old.policy().name, "the second does not rule the next quarter");
    assert_eq!(
        stated(&statement),
        [
            (old.hash().to_owned(), quarters[0], quarters[1]),
            (new.hash().to_owned(), third, new.last_quarter())
        ]
    );
    let lines = member.node.store.read(store::ledger::lines)?;
    for policy in &statement.policies {
        let own = lines.iter().filter(|line| line.kind == "adoption" && line.policy == policy.hash);
        let own: Vec<(&str, Rho)> = own.map(|line| (line.stream.as_str(), line.amount)).collect();
        let told: Vec<(&str, Rho)> =
            policy.streams.iter().map(|charge| (charge.stream.as_str(), charge.rho)).collect();
        assert!(told == own && told.len() == 4, "{told:?} {own:?}");
        assert_eq!(policy.charged, own.iter().map(|(_, rho)| *rho).sum());
    }
    let [first, second] = [0, 1].map(|at| statement.policies[at].charged);
    assert!(first > second && second > Rho::ZERO);
    assert_eq!(statement.loss.charged, ledger::lifetime(&lines));
    assert_eq!(statement.loss.charged, first, "the dearer of two charges, not their sum");
    let text = statement.markdown();
    for words in [
        format!("| The second policy | {} | {third} to {} |", new.hash(), new.last_quarter()),
        format!("| {} | {} | {} to {} |", old.policy().name, old.hash(), quarters[0], quarters[1]),
        format!("Lifetime sum: ρ = {first}."),
        format!("whole horizon, {} to {}", quarters[0], new.last_quarter()),
    ] {
        assert!(text.contains(&words), "{words} is missing:\n{text}");
    }
    federation.when_recorded(quarters[1])?;
    member.release(quarters[1])?;
    member.deliver().await?;
    assert_eq!(declare(&member.node)?.policy.name, "The second policy");
    Ok(())
}

/// The search has power: a number of no book is found.
#[test]
fn a_strange_number_is_found() {
    let found = numbers("ρ = 0.25, sealed 2015-07-29T00:00:00Z, 7 releases.");
    assert!(found.contains("0.25") && found.contains("7") && found.contains("29T00"), "{found:?}");
}
