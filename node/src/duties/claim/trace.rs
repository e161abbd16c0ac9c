//! From any total down to lines, families, evidence, files and rule versions, and added up again.

use std::collections::BTreeSet;

use serde::Serialize;
use tenfold_store::AnyConnection;

use super::{
    ClaimFault,
    before::{self, BeforeLine},
    framework_of,
    look::ClaimLine,
    window_named,
};
use crate::{
    claims::{
        Claim, Totals, Window,
        earlier::Before,
        evidence::{Item, Relied},
        split::Shares,
    },
    duties::{DutyError, Node, share::Sharing},
    register::{
        Origin,
        origin::{FileNames, places},
    },
    release::selection::{Merges, surviving},
    store::{self, claims::audits::Line},
};

/// A claim with everything it rests on and everything that became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimDetail {
    /// The claim.
    #[serde(flatten)]
    pub claim: ClaimLine,
    /// The verdict when it was drafted, in words.
    pub verdict: String,
    /// The rules that decided.
    pub framework: String,
    /// The version of the program that decided.
    pub software: String,
    /// Where the payment comes from, and whether it was read there.
    pub payment_source: (String, bool),
    /// Its steps: state, when, by whom, why.
    pub steps: Vec<(String, String, String, String)>,
    /// Its evidence.
    pub evidence: Vec<EvidenceLine>,
    /// The loads behind it.
    pub files: Vec<LoadedFile>,
    /// Audits it went through: number, whether it was drawn, what was found.
    pub audits: Vec<(i64, bool, String)>,
    /// Certificates that count it: issue and commitment.
    pub certificates: Vec<(i64, String)>,
    /// What was claimed for the family before Tenfold, whatever became of it.
    pub before: Vec<BeforeLine>,
    /// What its partners take, by name, in pence, and what the council keeps.
    pub partners: Vec<(String, u64)>,
    /// What the council keeps of the payment in pence.
    pub council_pence: u64,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceLine {
    /// Its number within the claim.
    pub number: i64,
    /// Its kind.
    pub kind: String,
    /// Loads and lines, a file's name, where a statement is kept.
    pub reference: String,
    /// Of a document's file.
    pub sha256: Option<String>,
    /// What was held and the values relied on, as they were.
    pub relied: Option<Item>,
    /// Where each of its records stands, in their order: file and lines.
    pub places: Vec<String>,
    /// The statement, or the reason.
    pub words: String,
    /// When and by whom.
    pub added: (String, String),
}

impl ClaimDetail {
    /// Every row it relies on, each once.
    pub fn origins(&self) -> BTreeSet<Origin> {
        self.evidence.iter().filter_map(|line| line.relied.as_ref()).flat_map(Item::origins).collect()
    }
}

/// A file that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LoadedFile {
    /// The load.
    pub load: i64,
    /// Its source.
    pub source: String,
    /// The file's name as given.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// A claim with its evidence, steps, audits, certificates and files.
///
/// # Errors
/// Where there is no such claim, or the store fails.
pub fn show(node: &Node, id: i64) -> Result<ClaimDetail, DutyError> {
    node.store.read(|connection| {
        let claims = store::claims::all(connection)?;
        let claim = claims.iter().find(|claim| claim.id == id).ok_or(ClaimFault::NoClaim { id })?;
        Books::open(connection, claim.window)?.detail(connection, claim)
    })
}

/// What the claims of a window have in common, read once.
struct Books {
    windows: Vec<Window>,
    loads: Vec<LoadedFile>,
    names: FileNames,
    audits: Vec<(i64, Vec<Line>)>,
    certificates: Vec<(i64, String, BTreeSet<i64>)>,
    before: Before,
    merges: Merges,
    sharing: Sharing,
}

impl Books {
    fn open(connection: &mut AnyConnection, window: i64) -> Result<Self, DutyError> {
        let mut audits = Vec::new();
        for audit in store::claims::audits::all(connection)?.into_iter().filter(|a| a.window == window) {
            audits.push((audit.id, store::claims::audits::lines(connection, audit.id)?));
        }
        let mut certificates = Vec::new();
        for issue in store::claims::certificates::all(connection)?.into_iter().filter(|i| i.window == window)
        {
            let counted = store::claims::certificates::claims_of(connection, issue.id)?;
            certificates.push((issue.issue, issue.commitment, counted.into_iter().collect()));
        }
        let loads = store::claims::loads(connection)?.into_iter();
        let loads: Vec<LoadedFile> =
            loads.map(|(load, source, file, sha256)| LoadedFile { load, source, file, sha256 }).collect();
        Ok(Self {
            windows: store::claims::windows(connection)?,
            names: loads.iter().map(|loaded| (loaded.load, loaded.file.clone())).collect(),
            loads,
            audits,
            certificates,
            before: store::history::before(connection)?,
            merges: store::register::line_merges(connection)?,
            sharing: Sharing::open(connection)?,
        })
    }

    fn detail(&self, connection: &mut AnyConnection, claim: &Claim) -> Result<ClaimDetail, DutyError> {
        let window = self.windows.iter().find(|window| window.id == claim.window);
        let payment = window
            .map(framework_of)
            .transpose()?
            .map(|framework| &framework.money_on(claim.decided_on).provenance);
        let payment_source = payment.map(|p| (p.source.clone(), p.confirmed)).unwrap_or_default();
        let (verdict, software) = store::claims::verdict(connection, claim.id)?;
        let steps = store::claims::steps(connection, claim.id)?;
        let steps = steps
            .into_iter()
            .map(|step| (step.state.to_string(), step.at.to_string(), step.by, step.reason))
            .collect();
        let evidence = self.evidence_of(connection, claim.id)?;
        let relied = evidence.iter().filter_map(|line| line.relied.as_ref());
        let behind = |item: &Item| {
            let of_records = item.origins().into_iter().map(|origin| origin.load);
            of_records.chain(item.loads.iter().copied()).collect::<Vec<_>>()
        };
        let wanted: BTreeSet<i64> = relied.flat_map(behind).collect();
        let files = self.loads.iter().filter(|file| wanted.contains(&file.load)).cloned().collect();
        let (partners, shares) = self.sharing.of(claim)?;
        let Shares { out_pence, council_pence, .. } = shares;
        Ok(ClaimDetail {
            claim: ClaimLine::of(claim, &self.windows),
            verdict,
            framework: claim.framework.clone(),
            software,
            payment_source,
            steps,
            evidence,
            files,
            audits: self.audits_of(claim.id),
            certificates: self.certificates_of(claim.id),
            before: before::of_line(&self.before, surviving(&claim.line, &self.merges)),
            partners: partners.into_iter().map(|partner| partner.name).zip(out_pence).collect(),
            council_pence,
        })
    }

    fn evidence_of(&self, connection: &mut AnyConnection, id: i64) -> Result<Vec<EvidenceLine>, DutyError> {
        let kept = store::claims::evidence(connection, id)?;
        let read = |kept: store::claims::Evidence| {
            let relied: Option<Item> = kept.relied.and_then(|relied| serde_json::from_str(&relied).ok());
            let records = relied.iter().flat_map(|item| &item.records);
            let place = |record: &Relied| places(record.origins.iter().copied(), &self.names);
            EvidenceLine {
                number: kept.number,
                kind: kept.kind.as_str().to_owned(),
                reference: kept.reference,
                sha256: kept.sha256,
                places: records.map(place).collect(),
                relied,
                words: kept.words,
                added: (kept.added_at.to_string(), kept.added_by),
            }
        };
        Ok(kept.into_iter().map(read).collect())
    }

    fn audits_of(&self, id: i64) -> Vec<(i64, bool, String)> {
        let found = |line: &Line| match line.valid {
            None => String::new(),
            Some(true) => "valid".to_owned(),
            Some(false) => format!("invalid: {}", line.reason),
        };
        let lines =
            self.audits.iter().flat_map(|(audit, lines)| lines.iter().map(move |line| (*audit, line)));
        let own = lines.filter(|(_, line)| line.claim == id);
        own.map(|(audit, line)| (audit, line.drawn, found(line))).collect()
    }

    fn certificates_of(&self, id: i64) -> Vec<(i64, String)> {
        let own = self.certificates.iter().filter(|(.., counted)| counted.contains(&id));
        own.map(|(issue, commitment, _)| (*issue, commitment.clone())).collect()
    }
}

/// A window's total, taken apart and added up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The window's name.
    pub window: String,
    /// The programme.
    pub programme: String,
    /// The total of its live claims.
    pub totals: Totals,
    /// Their money in pence.
    pub pence: i64,
    /// The claims behind it, each with its evidence and files.
    pub claims: Vec<ClaimDetail>,
    /// Every file behind any of them.
    pub files: Vec<LoadedFile>,
    /// The money added up again from the claims: partners' parts and the council's.
    pub added_up_pence: i64,
}

/// Takes a window's total apart: claims, families, evidence, files, rules; and adds it up again.
///
/// # Errors
/// Where there is no such window, or the store fails.
pub fn trace(node: &Node, window: &str) -> Result<Trace, DutyError> {
    node.store.read(|connection| {
        let window = window_named(connection, window)?;
        let all = store::claims::all(connection)?;
        let live: Vec<&Claim> =
            all.iter().filter(|claim| claim.window == window.id && claim.state.is_live()).collect();
        let totals = Totals::of(live.iter().copied());
        let books = Books::open(connection, window.id)?;
        let mut claims = Vec::new();
        for claim in live {
            claims.push(books.detail(connection, claim)?);
        }
        let files: BTreeSet<LoadedFile> = claims.iter().flat_map(|claim| claim.files.clone()).collect();
        let parts = claims
            .iter()
            .flat_map(|claim| claim.partners.iter().map(|(_, pence)| *pence).chain([claim.council_pence]));
        let added_up: u64 = parts.sum();
        Ok(Trace {
            window: window.name,
            programme: window.programme,
            pence: totals.pence(),
            totals,
            claims,
            files: files.into_iter().collect(),
            added_up_pence: i64::try_from(added_up).unwrap_or(i64::MAX),
        })
    })
}
