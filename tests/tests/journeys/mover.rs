//! A family that moves: over two boroughs it pays for each stream once where the transfer says from where it came, and
//! at most twice where nobody says so.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tenfold_aggregator::duties::question::{self as centre, Asking};
use tenfold_common::{
    calendar::Quarter,
    privacy::{
        Characteristic, Rho, VerifiedQuestion,
        policy::{ATTACHED, CLOSED, RESULT, WITHDRAWN},
    },
};
use tenfold_node::{
    claims::ladder::State,
    duties::{
        DutyError,
        claim::{
            self, ClaimFault, Families,
            settle::{self, Which},
        },
        decide::{self, Decided},
        look, prepare, question, rights,
    },
    register::{FamilyFile, FamilyId},
    store, synth,
};
use tenfold_store::StoreError;
use tenfold_tests::federation::{CENTRE, Database, Federation, Member, OFFICER, Running};

const STREAMS: [&str; 4] = [ATTACHED, RESULT, CLOSED, WITHDRAWN];
const QUARTERS: i32 = 7;

/// Somebody of a family, by whom it is known in every borough.
type Named = (String, String, String);

fn people(file: &FamilyFile) -> BTreeSet<Named> {
    let named = file.members.iter().filter(|who| who.birth_date.is_some() && !who.given_name.is_empty());
    named
        .map(|who| (who.given_name.clone(), who.family_name.clone(), format!("{:?}", who.birth_date)))
        .collect()
}

fn found(member: &Member, mover: &BTreeSet<Named>) -> anyhow::Result<FamilyFile> {
    let mut known = member.families()?;
    known.retain(|file| !people(file).is_disjoint(mover));
    anyhow::ensure!(known.len() == 1, "the mover is {} families here", known.len());
    Ok(known.remove(0))
}

/// The families with an event in each of these streams.
fn recorded(member: &Member, streams: &[&str]) -> anyhow::Result<Vec<FamilyFile>> {
    let mut files = member.families()?;
    for stream in streams {
        let lines = member.recorded_lines(stream)?;
        files.retain(|file| lines.contains(&file.line));
    }
    Ok(files)
}

/// A question that every family attached after the opening position answers once.
fn ask(federation: &Running, last: Quarter) -> anyhow::Result<VerifiedQuestion> {
    let asking = Asking {
        name: "by-children".into(),
        title: "Families attached, by children".into(),
        stream: ATTACHED.into(),
        from: federation.quarter(1)?,
        to: last,
        by: Characteristic::Children,
        by_place: false,
        sigma: 10,
    };
    let asked = centre::ask(&federation.aggregator, asking, CENTRE)?;
    for member in &federation.members {
        question::adopt(&member.node, asked.signed(), OFFICER)?;
    }
    Ok(asked)
}

/// How many families the question counts in a node.
fn answered(member: &Member, last: Quarter) -> anyhow::Result<i64> {
    let counts = look::counts(&member.node, last)?.expect("it was prepared");
    assert_eq!(counts.len(), STREAMS.len() + 1);
    Ok(counts[STREAMS.len()].total)
}

/// How a family stands in the journal, stream by stream.
fn journal(member: &Member, file: &FamilyFile) -> anyhow::Result<BTreeMap<&'static str, &'static str>> {
    let name = member.node.keys.journal()?.name(&file.line);
    let mut found = BTreeMap::new();
    for stream in STREAMS {
        for kind in ["counted", "used-elsewhere"] {
            // How many rows it would touch says whether the row is there.
            let asked = format!(
                "UPDATE node SET id = id WHERE EXISTS (SELECT 1 FROM journal WHERE line_hmac = '{name}' \
                 AND stream = '{stream}' AND kind = '{kind}')"
            );
            if member.sql(&asked)? == 1 {
                assert_eq!(found.insert(stream, kind), None);
            }
        }
    }
    Ok(found)
}

/// What the family pays in a node: the policy's charge of each stream that counted it, exactly.
fn paid(federation: &Running, member: &Member, file: &FamilyFile) -> anyhow::Result<Rho> {
    let policy = federation.policy()?;
    let counted = journal(member, file)?.into_iter().filter(|(_, kind)| *kind == "counted");
    counted.map(|(stream, _)| Ok(policy.charge(stream, member.borough())?)).try_fold(Rho::ZERO, add)
}

fn add(sum: Rho, more: anyhow::Result<Rho>) -> anyhow::Result<Rho> {
    Ok(sum.checked_add(more?).expect("a few charges fit"))
}

/// Withdraws the live claim of a family.
fn withdraw(member: &Member, file: &FamilyFile) -> anyhow::Result<()> {
    let claims = member.node.store.read(store::claims::all)?;
    let claim = claims.iter().find(|claim| claim.line == file.line && claim.state.is_live());
    let which = Which::Claims(vec![claim.expect("it was claimed").id]);
    settle::settle(&member.node, &which, State::Withdrawn, "drafted in error", &member.analyst)?;
    Ok(())
}

/// Loads everything up to the last quarter and decides.
fn load_all(member: &Member, extracts: &Path, quarters: &[Quarter]) -> anyhow::Result<Decided> {
    let mut decided = Decided::default();
    for &quarter in quarters {
        decided = member.load_extracts(extracts, quarter)?;
    }
    Ok(decided)
}

/// The same extracts, with the borough they came from in every episode of the mover.
fn with_transfer(federation: &Running, from: &Member, mover: &FamilyFile) -> anyhow::Result<PathBuf> {
    let mut ids = BTreeSet::new();
    for person in &mover.members {
        let export = rights::export(&from.node, person.id.0[1..].parse()?, &from.analyst)?;
        ids.extend(export.written_as.into_iter().filter_map(|told| told.case_id));
    }
    let (old, new) = (federation.folder().join("extracts"), federation.folder().join("transferred"));
    let mut told = 0;
    for index in 0..QUARTERS {
        let quarter = federation.quarter(index)?.to_string();
        fs::create_dir_all(new.join(&quarter))?;
        for entry in fs::read_dir(old.join(&quarter))? {
            let path = entry?.path();
            let text = fs::read_to_string(&path)?;
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            let headings = rows.headers()?.clone();
            let at = |name: &str| headings.iter().position(|heading| heading == name);
            let mut out = csv::Writer::from_path(new.join(&quarter).join(path.file_name().expect("a file")))?;
            out.write_record(&headings)?;
            for row in rows.records() {
                let row = row?;
                let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
                if let (Some(to), Some(child)) = (at("Received From"), at("Child ID"))
                    && ids.contains(&cells[child])
                {
                    cells[to] = from.borough().to_string();
                    told += 1;
                }
                out.write_record(&cells)?;
            }
            out.flush()?;
        }
    }
    anyhow::ensure!(told > 0, "the mover has no episode");
    Ok(new)
}

async fn release_all(federation: &Running, member: &Member) -> anyhow::Result<()> {
    for index in 0..QUARTERS {
        member.release(federation.quarter(index)?)?;
        member.deliver().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_mover_pays_once_over_both_boroughs_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn a_mover_pays_once_over_both_boroughs_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).with_nodes(5).at("2015-04-01")?;
    let [left, told, untold, late, approved] = &federation.members[..] else { panic!("five members") };
    let quarters: Vec<Quarter> = (0..QUARTERS).map(|at| federation.quarter(at)).collect::<Result<_, _>>()?;
    let last = quarters[quarters.len() - 1];
    let extracts = federation.folder().join("extracts");
    synth::write(&left.synthetic(quarters[0], quarters.len(), 0.1), &extracts)?;

    let asked = ask(&federation, last)?;

    // Borough A: attached, a result that is taken back, closed; quarter after quarter.
    for &quarter in &quarters {
        federation.when_loaded(quarter);
        left.load_extracts(&extracts, quarter)?;
        claim::draft_quarter(&left.node, &left.analyst)?;
        if quarter != last {
            federation.when_recorded(quarter)?;
            left.release(quarter)?;
            left.deliver().await?;
        }
    }
    // Where nobody says from where it came, the other borough counts it like any family of its own.
    load_all(untold, &extracts, &quarters)?;
    claim::draft_quarter(&untold.node, &untold.analyst)?;
    let both = [ATTACHED, RESULT, CLOSED];
    let here: Vec<_> = recorded(untold, &both)?.iter().map(people).collect();
    let mut candidates = recorded(left, &both)?;
    // Not in the opening position, so that the question counts it too.
    let opened = federation.policy()?.recording_ends(quarters[0]);
    let events = left.node.store.read(|connection| store::events::of_stream(connection, ATTACHED))?;
    let later: Vec<_> = events.into_iter().filter(|event| event.recorded_at >= opened).collect();
    candidates.retain(|file| later.iter().any(|event| event.line == file.line));
    let in_both = |file: &&FamilyFile| here.iter().any(|there| !there.is_disjoint(&people(file)));
    let file = candidates.iter().find(in_both).expect("somebody had everything in both").clone();
    let mover = people(&file);
    withdraw(left, &file)?;
    withdraw(untold, &found(untold, &mover)?)?;
    let transferred = with_transfer(&federation, left, &file)?;

    // Where the column is there from the beginning, it is neither attached, claimed nor closed here.
    let decided = load_all(told, &transferred, &quarters)?;
    assert_eq!(
        (decided.used_elsewhere, decided.preparation),
        (0, false),
        "it was written with its first row"
    );
    claim::draft_quarter(&told.node, &told.analyst)?;
    let own = found(told, &mover)?;
    for stream in STREAMS {
        assert!(!told.recorded_lines(stream)?.contains(&own.line), "{stream}");
    }
    claimed_by_nobody(told, &own.family)?;

    // Where it comes after everything was recorded and a quarter prepared, that is prepared again without it.
    for member in [late, approved] {
        load_all(member, &extracts, &quarters)?;
        claim::draft_quarter(&member.node, &member.analyst)?;
        withdraw(member, &found(member, &mover)?)?;
    }
    federation.when_recorded(last)?;
    for member in [late, approved] {
        for &quarter in &quarters[..quarters.len() - 1] {
            member.release(quarter)?;
            member.deliver().await?;
        }
    }
    prepare::prepare(&late.node, last, &late.analyst)?;
    // Where the quarter is approved already, it is counted as approved: neither lost nor stopped.
    approved.release(last)?;
    for member in [late, approved] {
        load_all(member, &transferred, &quarters)?;
    }
    let after: Vec<usize> = [late, approved]
        .into_iter()
        .map(|member| {
            Ok(member.node.store.read(|connection| {
                Ok::<_, StoreError>(store::releases::preparation_of(connection, last)?.into_iter().count())
            })?)
        })
        .collect::<anyhow::Result<_>>()?;
    assert_eq!(after, [0, 1], "what counted it and was not approved is thrown away, what was approved stays");
    assert!(!decide::decide(&approved.node, &approved.analyst)?.preparation);
    approved.deliver().await?;
    for member in [left, late] {
        member.release(last)?;
        member.deliver().await?;
    }
    for member in [told, untold] {
        release_all(&federation, member).await?;
    }

    let all = |kind| STREAMS.map(|stream| (stream, kind)).into_iter().collect::<BTreeMap<_, _>>();
    let total = federation.policy()?.policy().total;
    let stands = |member: &Member| journal(member, &found(member, &mover)?);
    let pays = |member: &Member| paid(&federation, member, &found(member, &mover)?);
    assert_eq!(stands(left)?, all("counted"));
    let once = add(pays(left)?, Ok(asked.cost()))?;
    assert!(once <= total && once > Rho::ZERO);
    for member in [late, told] {
        let over_both = add(once, pays(member))?;
        assert!(
            over_both <= total,
            "{over_both} over both boroughs with the transfer record, {total} are promised"
        );
        assert_eq!(stands(member)?, all("used-elsewhere"), "{}", member.borough());
        assert_eq!(answered(member, last)?, answered(untold, last)? - 1, "the question asks about it again");
    }
    for member in [untold, approved] {
        assert_eq!(stands(member)?, all("counted"), "{}", member.borough());
        assert_eq!(answered(member, last)?, answered(untold, last)?);
        let over_both = add(add(once, pays(member))?, Ok(asked.cost()))?;
        assert!(
            over_both > total,
            "{over_both}: without the record nothing is seen of it, and the test shows little"
        );
        assert!(over_both <= total.checked_add(total).expect("it fits"), "{over_both} without the record");
    }
    Ok(())
}

/// Neither the rules nor an officer's discretion claim a family that another borough attached.
fn claimed_by_nobody(member: &Member, family: &FamilyId) -> anyhow::Result<()> {
    let window = member.node.store.read(store::claims::windows)?.pop().expect("one was opened").name;
    for families in
        [Families::Named(vec![family.clone()]), Families::Discretion(family.clone(), "progress".into())]
    {
        let refused = claim::draft(&member.node, &window, &families, &member.analyst).unwrap_err();
        assert!(matches!(refused, DutyError::Claims(ClaimFault::NotClaimable { .. })), "{refused}");
        assert!(refused.to_string().contains("came from Bolton"), "{refused}");
    }
    Ok(())
}
