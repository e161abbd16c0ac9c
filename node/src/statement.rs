//! The privacy statement: what was promised, spent and released, and what lies outside, written from the node's books.
//!
//! # Privacy
//! Holds no figure that depends on a family's records, no name of staff and none of who asked: it may be published.

mod annex;
mod markdown;
mod registry;
mod words;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::{Rho, Succession, VerifiedPolicy, policy::Term},
};

use crate::{
    ledger::{LedgerLine, LineKind},
    release::{
        review::{
            Loss, Precision,
            loss::{StreamCharge, decimal},
        },
        stages::Sealed,
    },
};

/// What the statement is written from.
#[derive(Clone, Copy, Debug)]
pub struct Books<'a> {
    /// The borough's name.
    pub borough: &'a str,
    /// The moment of writing.
    pub now: Moment,
    /// The policy in force.
    pub policy: &'a VerifiedPolicy,
    /// Every policy that was adopted.
    pub policies: &'a Succession,
    /// The whole ledger.
    pub lines: &'a [LedgerLine],
    /// Its first fault, if it has one.
    pub ledger_fault: Option<&'a str>,
    /// Every sealed release.
    pub releases: &'a [Sealed],
    /// Every entry of the disclosure register.
    pub papers: &'a [ExactPaper],
    /// How far released figures may be off.
    pub precision: &'a Precision,
    /// The program's version.
    pub software: &'a str,
}

/// Exact figures that left the borough: when, and what kind; which and to whom stands in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExactPaper {
    /// Its number in the disclosure register.
    pub number: i64,
    /// The day it left.
    pub on: NaiveDate,
    /// certificate, payment, freedom-of-information, other.
    pub kind: String,
}

/// One charge of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charged {
    /// The ledger's line.
    pub line: i64,
    /// When.
    pub at: Moment,
    /// Hash of the policy.
    pub policy: String,
    /// The stream.
    pub stream: String,
    /// The charge for the whole horizon.
    #[serde(serialize_with = "decimal")]
    pub rho: Rho,
}

/// One sealed release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Released {
    /// Its number.
    pub number: u32,
    /// The quarter.
    pub quarter: Quarter,
    /// Whether it is the opening position.
    pub opening: bool,
    /// The streams that the ledger granted for it.
    pub streams: Vec<String>,
    /// When it was sealed.
    pub sealed_at: Moment,
    /// When its receipt came.
    pub receipted_at: Option<Moment>,
    /// SHA-256 of the bytes sent.
    pub sha256: String,
}

/// The policy in force, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InForce {
    /// What people call it.
    pub name: String,
    /// Its hash.
    pub hash: String,
    /// Whether it is a rehearsal's.
    pub rehearsal: bool,
    /// The first quarter of the horizon.
    pub first_quarter: Quarter,
    /// The last.
    pub last_quarter: Quarter,
    /// The boundary set of the places.
    pub boundary_set: String,
    /// Kept for one-off tables.
    #[serde(serialize_with = "decimal")]
    pub reserve: Rho,
}

/// A policy that was adopted: which quarters it rules, and what it charged for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adopted {
    /// What people call it.
    pub name: String,
    /// Its hash.
    pub hash: String,
    /// The first quarter it rules.
    pub first_quarter: Quarter,
    /// The last quarter it rules, before the next takes over.
    pub last_quarter: Quarter,
    /// What it charged, stream by stream.
    pub streams: Vec<StreamCharge>,
    /// Their sum.
    #[serde(serialize_with = "decimal")]
    pub charged: Rho,
}

/// A heading with its paragraphs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The paragraphs.
    pub paragraphs: Vec<String>,
}

/// One field of a registry entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The field.
    pub field: &'static str,
    /// What stands in it.
    pub value: String,
}

/// The whole statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrivacyStatement {
    /// The borough.
    pub borough: String,
    /// When it was written.
    pub written_at: Moment,
    /// Lines of the ledger.
    pub ledger_lines: usize,
    /// Hash of the last line.
    pub ledger_head: String,
    /// The ledger's first fault, if it has one.
    pub ledger_fault: Option<String>,
    /// The policy in force.
    pub policy: InForce,
    /// Every policy that was adopted, first to last. A family meets the dearest charge of each stream, not the sum.
    pub policies: Vec<Adopted>,
    /// What any one family loses at most.
    pub loss: Loss,
    /// Every charge.
    pub charges: Vec<Charged>,
    /// Every release.
    pub releases: Vec<Released>,
    /// How far released figures may be off.
    pub precision: Precision,
    /// Exact papers.
    pub papers: Vec<ExactPaper>,
    /// For a data-protection impact assessment.
    pub annex: Vec<Section>,
    /// For published tables.
    pub footnotes: Vec<String>,
    /// For a registry of deployments.
    pub registry: Vec<Field>,
    /// An answer to a family that asks.
    pub answer: Vec<String>,
    /// What lies outside the guarantee.
    pub outside: Vec<Section>,
}

impl PrivacyStatement {
    /// Writes the statement.
    pub fn write(books: &Books<'_>) -> Self {
        let policy = books.policy.policy();
        let horizon = policy.time_matrix.size();
        let loss = Loss::of(books.lines, policy);
        let mut statement = Self {
            borough: books.borough.to_owned(),
            written_at: books.now,
            ledger_lines: books.lines.len(),
            ledger_head: books.lines.last().map(|line| line.hash.clone()).unwrap_or_default(),
            ledger_fault: books.ledger_fault.map(str::to_owned),
            policy: InForce {
                name: policy.name.clone(),
                hash: books.policy.hash().to_owned(),
                rehearsal: policy.rehearsal,
                first_quarter: policy.first_quarter,
                last_quarter: policy.first_quarter.plus(horizon as i32 - 1),
                boundary_set: policy.boundary_set.clone(),
                reserve: policy.reserve,
            },
            policies: adopted(books),
            loss,
            charges: charges(books.lines),
            releases: books.releases.iter().map(|release| released(books, release)).collect(),
            precision: books.precision.clone(),
            papers: books.papers.to_vec(),
            annex: Vec::new(),
            footnotes: Vec::new(),
            registry: Vec::new(),
            answer: Vec::new(),
            outside: Vec::new(),
        };
        statement.annex = annex::annex(&statement);
        statement.footnotes = words::footnotes(&statement, policy);
        statement.registry = registry::entry(&statement, books);
        statement.answer = words::answer(&statement);
        statement.outside = words::outside(&statement);
        statement
    }

    /// The first and the last quarter that any adopted policy rules.
    fn period(&self) -> (Quarter, Quarter) {
        let own = (self.policy.first_quarter, self.policy.last_quarter);
        let first = self.policies.first().map_or(own.0, |policy| policy.first_quarter);
        (first, self.policies.last().map_or(own.1, |policy| policy.last_quarter))
    }

    /// The statement as Markdown.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }
}

fn adopted(books: &Books<'_>) -> Vec<Adopted> {
    let term = |term: &Term| {
        let hash = term.policy.hash();
        let own = charges(books.lines).into_iter().filter(|charge| charge.policy == hash);
        let streams: Vec<StreamCharge> =
            own.map(|charge| StreamCharge { stream: charge.stream, rho: charge.rho }).collect();
        Adopted {
            name: term.policy.policy().name.clone(),
            hash: hash.to_owned(),
            first_quarter: term.first_quarter(),
            last_quarter: term.last_quarter(),
            charged: streams.iter().map(|charge| charge.rho).sum(),
            streams,
        }
    };
    books.policies.terms().iter().map(term).collect()
}

fn charges(lines: &[LedgerLine]) -> Vec<Charged> {
    let adoptions = lines.iter().filter(|line| line.kind == LineKind::Adoption.as_str());
    adoptions
        .map(|line| Charged {
            line: line.seq,
            at: line.at,
            policy: line.policy.clone(),
            stream: line.stream.clone(),
            rho: line.amount,
        })
        .collect()
}

fn released(books: &Books<'_>, release: &Sealed) -> Released {
    let quarter = release.quarter.to_string();
    let granted = books.lines.iter().filter(|line| line.kind == LineKind::Release.as_str());
    Released {
        number: release.number,
        quarter: release.quarter,
        opening: books.policies.is_opening(release.quarter),
        streams: granted.filter(|line| line.quarter == quarter).map(|line| line.stream.clone()).collect(),
        sealed_at: release.sealed_at,
        receipted_at: release.receipted_at,
        sha256: release.sha256.clone(),
    }
}
