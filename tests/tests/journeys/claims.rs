//! From claimable families to an audited, certified, paid claim, every figure traced back; nothing claimed twice.

mod by_sql;

use std::collections::BTreeSet;

use tenfold_common::protocol::signature::sha256_hex;
use tenfold_node::{
    claims::{
        certificate,
        evidence::Kind,
        ladder::State,
        sample::{Seed, Share, list_hash},
        split::Rule,
    },
    duties::{
        DutyError, audit, certify,
        claim::{
            self, ClaimFault, Families,
            look::{self, ClaimLine},
            settle::{self, Which},
            trace,
        },
        matching, share,
    },
    register::FamilyId,
    store::claims::NewEvidence,
    synth,
};
use tenfold_store::{Account, Role, StoreError, acts};
use tenfold_tests::{
    federation::{Database, Federation, Member, Running},
    rows::OnDisk,
};

const SEED: &str = "seven red herrings 4 1 3 2";

fn person(name: &str, role: Role) -> Account {
    Account { name: name.into(), display_name: name.into(), role }
}

fn auditor() -> Account {
    person("auditor", Role::Auditor)
}

/// A borough with six quarters loaded and nothing claimed; the window `W` is open.
fn borough(database: Database) -> anyhow::Result<Running> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let plan = member.synthetic(federation.quarter(0)?, 6, 0.2);
    let extracts = federation.folder().join("extracts");
    synth::write(&plan, &extracts)?;
    for index in 0..6 {
        let quarter = federation.quarter(index)?;
        federation.when_loaded(quarter);
        member.load_extracts(&extracts, quarter)?;
    }
    let today = member.node.now().day();
    claim::open_window(&member.node, "W", (today, today), None, Some(500), &member.analyst)?;
    Ok(federation)
}

fn claims(member: &Member) -> anyhow::Result<Vec<ClaimLine>> {
    Ok(look::list(&member.node, Some("W"))?)
}

fn draft(member: &Member, families: &Families) -> Result<claim::Drafted, DutyError> {
    claim::draft(&member.node, "W", families, &member.analyst)
}

#[tokio::test]
async fn from_claimable_to_paid_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite)
}

#[tokio::test]
async fn from_claimable_to_paid_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres)
}

fn journey(database: Database) -> anyhow::Result<()> {
    let federation = borough(database)?;
    let member = &federation.members[0];
    let node = &member.node;

    // Drafting records each result once; a second time there is nothing left to draft.
    let work = look::work_list(node)?;
    let now = work.iter().filter(|line| line.claimable.in_words() == "now").count();
    assert!(now >= 20, "{now} claimable families are too few for this journey");
    assert!(work.is_sorted_by_key(|line| line.claimable), "the work list is not in its order");
    let drafted = draft(member, &Families::AllClaimable)?;
    assert_eq!((drafted.claims.len(), drafted.results), (now, now));
    assert_eq!(draft(member, &Families::AllClaimable)?.claims.len(), 0);
    let again = Families::Named(vec![FamilyId(drafted.claims[0].1.clone())]);
    let refused = draft(member, &again).unwrap_err();
    assert!(matches!(refused, DutyError::Claims(ClaimFault::HasClaim { .. })), "{refused}");

    discretion(member, &work)?;
    let listed = claims(member)?;
    let discretionary = listed.iter().find(|claim| claim.discretionary).expect("one was drafted").claim;
    evidence(member, &federation, listed[0].claim)?;
    partners(member, &listed)?;
    audited(member, discretionary)?;
    certified(member)?;
    paid(member)?;
    forecast(member)?;
    let acts = node.store.read(acts::all)?;
    assert_eq!(acts::first_fault(&acts), None);
    assert!(acts.iter().all(|act| !act.object.contains(SEED)), "a seed is in the log");
    Ok(())
}

/// An officer's discretion claims a family that is attached and no other, and needs its reason.
fn discretion(member: &Member, work: &[look::WorkLine]) -> anyhow::Result<()> {
    let attached = work.iter().find(|line| ["attached", "in progress"].contains(&line.status.as_str()));
    let family = FamilyId(attached.expect("somebody is on the way").family.clone());
    let named = draft(member, &Families::Named(vec![family.clone()])).unwrap_err();
    assert!(matches!(named, DutyError::Claims(ClaimFault::NotClaimable { .. })), "{named}");
    assert!(draft(member, &Families::Discretion(family.clone(), " ".into())).is_err());
    let drafted = draft(member, &Families::Discretion(family, "equivalent progress at school".into()))?;
    assert_eq!(drafted.claims.len(), 1);
    Ok(())
}

fn evidence(member: &Member, federation: &Running, id: i64) -> anyhow::Result<()> {
    let file = federation.folder().join("letter.txt");
    std::fs::write(&file, "a letter")?;
    settle::add_document(&member.node, id, &file, "from the school", &member.analyst)?;
    let detail = trace::show(&member.node, id)?;
    let document = detail.evidence.last().expect("one was added");
    assert_eq!((document.kind.as_str(), document.reference.as_str()), ("document", "letter.txt"));
    assert_eq!(document.sha256.as_deref(), Some(sha256_hex(b"a letter").as_str()));
    let relied: Vec<_> = detail.evidence.iter().filter_map(|line| line.relied.as_ref()).collect();
    assert!(relied.len() > 2 && relied.iter().any(|item| !item.records.is_empty()), "{relied:?}");
    assert!(!detail.files.is_empty() && detail.files.iter().all(|file| file.sha256.len() == 64));
    let mut on_disk = OnDisk::default();
    for index in 0..6 {
        on_disk.add(&federation.folder().join("extracts").join(federation.quarter(index)?.to_string()))?;
    }
    let rows = on_disk.compare(member, &detail)?;
    assert!(rows >= detail.origins().len() && rows > 5, "{rows} rows were found again");
    Ok(())
}

fn partners(member: &Member, listed: &[ClaimLine]) -> anyhow::Result<()> {
    let (node, analyst) = (&member.node, &member.analyst);
    share::add(node, "Trust", Rule::JointInvestment, analyst)?;
    share::add(node, "Service", Rule::Commissioned { percent: 33 }, analyst)?;
    let family = |at: usize| FamilyId(listed[at].family.clone());
    assert_eq!(share::attribute(node, "Trust", &[family(2)], analyst)?, 1);
    assert_eq!(share::attribute(node, "Service", &[family(3), family(4)], analyst)?, 2);
    assert_eq!(share::attribute(node, "Service", &[family(4)], analyst)?, 0);
    let both = share::attribute(node, "Service", &[family(2)], analyst);
    assert!(both.is_err(), "a joint partner takes the whole payment and shares it with nobody");
    let trust = share::statement(node, "Trust")?;
    assert_eq!((trust.in_pence, trust.due_pence, trust.paid_pence), (50_000, 0, 0));
    Ok(())
}

/// The list frozen, its hash logged, the seed by another person, the draw repeatable, invalid lines out.
fn audited(member: &Member, discretionary: i64) -> anyhow::Result<()> {
    let node = &member.node;
    let early = certify::certify(node, "W", None, &member.approver).unwrap_err();
    assert!(matches!(early, DutyError::Claims(ClaimFault::DraftsLeft { .. })), "{early}");
    let frozen = audit::freeze(node, "W", None, &member.analyst)?;
    assert!(frozen.lines.iter().all(|line| !line.drawn) && !frozen.rules_confirmed);
    let logged = node.store.read(acts::all)?;
    assert!(logged.last().expect("it was logged").object.contains(&frozen.list_hash));
    let twice = audit::freeze(node, "W", None, &member.analyst).unwrap_err();
    assert!(matches!(twice, DutyError::Claims(ClaimFault::FrozenBefore { .. })), "{twice}");

    assert!(matches!(audit::seed(node, "W", SEED, &member.analyst), Err(DutyError::Role { .. })));
    let same = person("analyst", Role::Auditor);
    let drafted = audit::seed(node, "W", SEED, &same).unwrap_err();
    assert!(matches!(drafted, DutyError::Claims(ClaimFault::NotIndependent { .. })), "{drafted}");
    let drawn = audit::seed(node, "W", SEED, &auditor())?;
    let second = audit::seed(node, "W", "another seed of the auditor", &auditor()).unwrap_err();
    assert!(matches!(second, DutyError::Claims(ClaimFault::Seeded { .. })), "{second}");
    redrawn(&drawn)?;

    // One invalid line: it leaves, the share doubles, and what was drawn stays drawn.
    let first = drawn.lines.iter().find(|line| line.drawn && !line.discretionary).expect("some are drawn");
    let invalid = audit::find(node, "W", first.claim, Some("no plan on file"), &auditor())?;
    assert_eq!(invalid.share, drawn.share.grown());
    redrawn(&invalid)?;
    assert!(audit::find(node, "W", first.claim, None, &auditor()).is_err(), "a finding stands");
    let early = audit::conclude(node, "W", &auditor()).unwrap_err();
    assert!(matches!(early, DutyError::Claims(ClaimFault::Unchecked { .. })), "{early}");
    let sheet = audit::worksheet(node, "W")?;
    assert!(sheet.contains(".csv line"), "the worksheet names no file and line");
    assert_eq!(sheet.lines().count(), 1 + invalid.lines.iter().filter(|line| line.drawn).count());
    let mut records = sheet.lines().skip(1);
    assert!(records.any(|row| row.starts_with(&format!("{discretionary},"))), "discretion is not checked");
    for line in invalid.lines.iter().filter(|line| line.drawn && line.finding.is_empty()) {
        audit::find(node, "W", line.claim, None, &auditor())?;
    }
    let concluded = audit::conclude(node, "W", &auditor())?;
    let validity = concluded.validity.expect("nothing is left to check");
    let lines = u32::try_from(concluded.lines.len())?;
    assert_eq!((validity.lines, validity.most), (lines, lines - 1));
    let states: BTreeSet<String> = claims(member)?.into_iter().map(|claim| claim.state).collect();
    assert_eq!(states, ["audited", "withdrawn"].map(str::to_owned).into());

    // The family of the invalid line is free again, and is not counted a second time.
    let family =
        FamilyId(claims(member)?.into_iter().find(|c| c.claim == first.claim).expect("it is kept").family);
    let again = draft(member, &Families::Named(vec![family]))?;
    assert_eq!((again.claims.len(), again.results), (1, 0));
    let withdrawn = Which::Claims(vec![again.claims[0].0]);
    settle::settle(node, &withdrawn, State::Withdrawn, "not this quarter", &member.analyst)?;
    Ok(())
}

/// Anyone draws the same from what is printed.
fn redrawn(state: &audit::AuditState) -> anyhow::Result<()> {
    let seed = Seed::new(&state.seeded.as_ref().expect("it has its seed").0)?;
    let share = Share::of_basis_points(state.share.basis_points());
    for line in &state.lines {
        assert_eq!(line.drawn, line.discretionary || seed.draws(&line.line, share), "claim {}", line.claim);
    }
    let mut salt = [0; 32];
    hex::decode_to_slice(&state.salt, &mut salt)?;
    let names: Vec<String> = state.lines.iter().map(|line| line.line.clone()).collect();
    assert_eq!(list_hash(&salt, &names), state.list_hash);
    Ok(())
}

fn certified(member: &Member) -> anyhow::Result<()> {
    let node = &member.node;
    let own = person("analyst", Role::Approver);
    let refused = certify::certify(node, "W", None, &own).unwrap_err();
    assert!(matches!(refused, DutyError::Claims(ClaimFault::OwnClaim { .. })), "{refused}");
    let first = certify::certify(node, "W", None, &member.approver)?;
    let live: Vec<ClaimLine> =
        claims(member)?.into_iter().filter(|claim| claim.state == "certified").collect();
    assert_eq!(first.body.totals.claims() as usize, live.len());
    assert_eq!(first.body.totals.pence(), live.iter().map(|claim| claim.pence).sum::<i64>());
    assert_eq!((first.body.audits.len(), first.body.audits[0].found.invalid), (1, 1));

    let silent = certify::certify(node, "W", None, &member.approver).unwrap_err();
    assert!(matches!(silent, DutyError::Claims(ClaimFault::IssuedBefore { issue: 1, .. })), "{silent}");
    let second = certify::certify(node, "W", Some("a spelling"), &member.approver)?;
    assert_ne!((&first.salt, &first.commitment), (&second.salt, &second.commitment));
    let opened = certify::certificates(node, "W")?;
    assert_eq!(opened, [first, second]);
    let mut salt = [0; 32];
    hex::decode_to_slice(&opened[0].salt, &mut salt)?;
    assert_eq!(certificate::commitment(&opened[0].body, &salt)?, opened[0].commitment);

    // For no claims too.
    let day = node.now().day();
    claim::open_window(node, "empty", (day, day), None, None, &member.analyst)?;
    assert_eq!(certify::certify(node, "empty", None, &member.approver)?.body.totals.claims(), 0);

    let late = NewEvidence {
        kind: Kind::Statement,
        reference: String::new(),
        sha256: None,
        relied: None,
        words: "later".into(),
    };
    let late = settle::add_evidence(node, live[0].claim, &late, &member.analyst);
    assert!(matches!(late, Err(DutyError::Store(StoreError::Refused { .. }))), "{late:?}");
    Ok(())
}

fn paid(member: &Member) -> anyhow::Result<()> {
    let (node, analyst) = (&member.node, &member.analyst);
    let window = Which::Window("W".into());
    let skipped =
        settle::settle(node, &Which::Claims(vec![claims(member)?[0].claim]), State::Paid, "", analyst);
    assert!(skipped.is_err(), "a state was skipped");
    let submitted = settle::settle(node, &window, State::Submitted, "return 7", analyst)?;
    let [refused, ..] = claims(member)?
        .into_iter()
        .filter(|c| c.state == "submitted")
        .map(|c| c.claim)
        .collect::<Vec<_>>()[..]
    else {
        anyhow::bail!("nothing was submitted");
    };
    let one = Which::Claims(vec![refused]);
    assert!(settle::settle(node, &one, State::Refused, "", analyst).is_err(), "a refusal needs its reason");
    settle::settle(node, &one, State::Refused, "a spot check", analyst)?;
    assert_eq!(settle::settle(node, &window, State::Paid, "payment 9", analyst)?, submitted - 1);

    let traced = trace::trace(node, "W")?;
    assert_eq!(traced.claims.len(), submitted - 1);
    assert_eq!((traced.added_up_pence, traced.pence), (traced.pence, 80_000 * i64::try_from(submitted - 1)?));
    assert!(!traced.files.is_empty());
    let service = share::statement(node, "Service")?;
    let of_lines: u64 = service.lines.iter().map(|line| line.out_pence).sum();
    assert_eq!((service.in_pence, service.due_pence, service.paid_pence), (0, 0, of_lines));
    assert_eq!(of_lines % 26_400, 0, "33 per cent of each payment");
    Ok(())
}

fn forecast(member: &Member) -> anyhow::Result<()> {
    let today = member.node.now().day();
    let far = today + chrono::Days::new(365);
    claim::open_window(&member.node, "next year", (today, far), None, Some(1_000), &member.analyst)?;
    let made = look::forecast(&member.node)?;
    let foreseen: u32 = made.iter().map(|window| window.foreseen).sum();
    let work = look::work_list(&member.node)?;
    let possible = work.iter().filter(|line| line.claimable.by_day(today, far)).count();
    assert_eq!(foreseen as usize, possible);
    Ok(())
}

/// Two families that turn out to be one after both were claimed are shown to the analyst; the figures stand.
#[tokio::test]
async fn a_merge_after_the_claims_is_a_double_case() -> anyhow::Result<()> {
    let federation = borough(Database::Sqlite)?;
    let member = &federation.members[0];
    draft(member, &Families::AllClaimable)?;
    assert!(look::double_cases(&member.node)?.is_empty());
    let listed = claims(member)?;
    let number = |family: &str| family[1..].parse::<i64>();
    let (one, other) = (number(&listed[0].family)?, number(&listed[1].family)?);
    matching::merge_families(&member.node, one, other, "One family after all", &member.analyst)?;
    let cases = look::double_cases(&member.node)?;
    assert_eq!((cases.len(), cases[0].line.as_str()), (1, listed[0].line.as_str()));
    let claimed: Vec<i64> = cases[0].claims.iter().map(|claim| claim.claim).collect();
    assert_eq!(claimed, [listed[0].claim, listed[1].claim]);
    Ok(())
}
