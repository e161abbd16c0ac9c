//! tally → grant → draw → seal: how true tables become a release, by types that admit no other order.
//!
//! A [`True`] value leaves this module by three named doors only: drawn under a [`Grant`], frozen into
//! encrypted bytes, or shown to the borough's own people. A `Grant` exists only once its charge is committed.

pub mod decision;
pub mod freeze;
pub mod noise;
pub mod question;
pub mod review;
pub mod selection;
pub mod stages;
pub mod standing;
pub mod tally;

use std::fmt;

use tenfold_common::{
    calendar::Quarter,
    geography::BoroughCode,
    privacy::{PolicyError, Table, TimeMatrixError, VerifiedPolicy, VerifiedQuestion},
    protocol::release::{
        QuestionRelease, RELEASE_FORMAT, RefusalReason, ReleaseBody, ReleaseId, StreamRelease,
    },
};

use noise::{NoiseError, NoiseSource};

/// A raw statistic of the register: never serialised, printed, logged or hashed without salt.
pub struct True<T>(T);

impl<T> fmt::Debug for True<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("True(…)")
    }
}

impl<T> True<T> {
    fn new(value: T) -> Self {
        Self(value)
    }

    /// The exact value, for pages and commands inside the borough only. A test lists its callers.
    pub fn show_locally(&self) -> &T {
        &self.0
    }
}

/// The true tables of one quarter, stream by stream in the policy's order.
pub type Tables = Vec<Table>;

/// Permission to draw one quarter, under a charge that is committed to the ledger.
#[derive(Debug)]
pub struct Grant {
    quarter: Quarter,
    policy: String,
    questions: Vec<ChargedQuestion>,
    ledger_head: String,
}

/// What is asked of the ledger before anything is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The quarter to be released.
    pub quarter: Quarter,
    /// Hash of the policy.
    pub policy: String,
    /// The streams it covers, in the policy's order.
    pub streams: Vec<String>,
    /// The questions that it answers, by name.
    pub questions: Vec<ChargedQuestion>,
    /// The account that approved it, and with which key.
    pub approved_by: String,
}

/// A question whose answer a quarter's charge covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargedQuestion {
    /// Hash of the question.
    pub hash: String,
    /// How the ledger names its charge.
    pub ledger_name: String,
}

impl From<&VerifiedQuestion> for ChargedQuestion {
    fn from(question: &VerifiedQuestion) -> Self {
        Self { hash: question.hash().to_owned(), ledger_name: question.ledger_name() }
    }
}

/// The ledger as this module needs it; the store implements it and returns only after the commit.
pub trait Ledger {
    /// Why a charge was not committed.
    type Error;

    /// Commits the charge with its journal rows, or finds that very charge committed already, and returns the
    /// hash of its last ledger line.
    ///
    /// # Errors
    /// Where the charge is refused.
    fn commit(&mut self, charge: &Charge) -> Result<String, Self::Error>;
}

/// Commits a charge and grants its draw: the only constructor of a [`Grant`].
///
/// # Errors
/// Where the ledger refuses.
pub fn claim<L: Ledger>(ledger: &mut L, charge: &Charge) -> Result<Grant, L::Error> {
    let ledger_head = ledger.commit(charge)?;
    let Charge { quarter, policy, questions, .. } = charge.clone();
    Ok(Grant { quarter, policy, questions, ledger_head })
}

/// Values with noise, not yet sealed: nobody sees them, nothing branches on them.
pub struct Drawn {
    streams: Vec<StreamRelease>,
    questions: Vec<QuestionRelease>,
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawn(…)")
    }
}

/// Why a quarter cannot be drawn or sealed.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The grant is for another quarter or policy.
    #[error("the grant is for {granted}, expected {asked}")]
    OtherGrant {
        /// What the grant covers.
        granted: Quarter,
        /// What was to be drawn.
        asked: Quarter,
    },
    /// The frozen tables are not one a quarter of the horizon so far, in the policy's shape.
    #[error("the frozen tables do not fit the policy: {reason}")]
    Tables {
        /// What does not fit.
        reason: &'static str,
    },
    /// The policy lacks something.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A sum left its range.
    #[error(transparent)]
    TimeMatrix(#[from] TimeMatrixError),
    /// The noise source failed.
    #[error(transparent)]
    Noise(#[from] NoiseError),
}

/// What a draw needs besides its grant.
#[derive(Debug)]
pub struct Drawing<'a> {
    /// The policy.
    pub policy: &'a VerifiedPolicy,
    /// The borough.
    pub borough: &'a BoroughCode,
    /// The quarter to be drawn.
    pub quarter: Quarter,
    /// Frozen tables x_0 … x_t of every quarter of the horizon so far, in order; zero for a void one.
    pub history: &'a [True<Tables>],
    /// The void quarters of the horizon so far, from its first.
    pub void: &'a [usize],
    /// The questions that this quarter answers, each with its frozen table.
    pub questions: Questions<'a>,
}

/// One-off questions and the frozen table of each.
#[derive(Clone, Copy, Debug)]
pub struct Questions<'a> {
    /// The questions, by name.
    pub asked: &'a [VerifiedQuestion],
    /// Their tables, in the same order.
    pub tables: &'a True<Tables>,
}

/// Draws y_t = Σ_{s≤t} C[t][s]·x_s + discrete Gaussian noise for every cell of every group that is due.
///
/// # Privacy
/// Over the whole horizon, any one line's contribution costs at most the charge that was committed at
/// adoption: its contribution to group g is an integer vector of squared length L2², placed in one quarter s,
/// and shifts y_t by C[t][s] times it; Σ_t C[t][s]² ≤ S. The table of a year is the sum of its quarters', so in a
/// group that is released once a year the same holds with years for quarters and that matrix's own S. Which groups
/// are due follows from the policy, the quarter and what was declared void. The grant is used up.
///
/// # Errors
/// Where grant, tables or policy do not fit each other, or the noise source fails.
///
/// # Source
/// docs/PRIVACY.md, claim 0; Canonne, Kamath and Steinke 2020; Denisov et al. 2022.
pub fn draw(
    drawing: &Drawing<'_>,
    grant: Grant,
    noise: &impl NoiseSource,
) -> Result<(Drawn, String), ReleaseError> {
    let policy = drawing.policy;
    if grant.quarter != drawing.quarter || grant.policy != policy.hash() {
        return Err(ReleaseError::OtherGrant { granted: grant.quarter, asked: drawing.quarter });
    }
    let streams = &policy.policy().streams;
    if drawing.history.len() != policy.quarter_index(drawing.quarter)? + 1 {
        return Err(ReleaseError::Tables {
            reason: "expected one for each quarter from the horizon's first",
        });
    }
    if drawing.history.iter().any(|tables| tables.0.len() != streams.len()) {
        return Err(ReleaseError::Tables { reason: "expected one a stream" });
    }
    let column_sums = policy.policy().column_sums();
    let places = policy.places(drawing.borough)?;
    let mut drawn = Vec::with_capacity(streams.len());
    for (at, stream) in streams.iter().enumerate() {
        let shape = stream.shape(places);
        let tables: Vec<&Table> = drawing.history.iter().map(|tables| &tables.0[at]).collect();
        if tables.iter().any(|table| !shape.fits(table)) {
            return Err(ReleaseError::Tables {
                reason: "expected the groups and cells of the stream's shape",
            });
        }
        // The charge of the horizon was committed at adoption; here it is computed once more and refused
        // above the share, so that no draw happens under scales the node would not have adopted.
        stream.charge(places, column_sums)?;
        let strategy = policy.policy().strategy(&shape, &tables, drawing.void)?;
        let mut values = Vec::new();
        for ((group, cells), &sigma) in shape.groups().iter().zip(&strategy).zip(stream.scales(places)?) {
            let shift = group.l2_squared.saturating_mul(column_sums.of(group.every));
            // Not due this quarter: nothing of it is drawn.
            values.push(if cells.is_empty() { Vec::new() } else { noise.add(cells, sigma, shift)? });
        }
        drawn.push(StreamRelease { stream: stream.name.clone(), values });
    }
    let questions = answer(drawing, &grant, noise)?;
    Ok((Drawn { streams: drawn, questions }, grant.ledger_head))
}

/// Draws x + discrete Gaussian noise for every cell of every question.
///
/// # Privacy
/// A line stands in one cell of a question or in none, so an answer costs 1/2σ²: what was charged at its adoption.
/// Which questions are answered follows from what was adopted for the quarter.
fn answer(
    drawing: &Drawing<'_>,
    grant: &Grant,
    noise: &impl NoiseSource,
) -> Result<Vec<QuestionRelease>, ReleaseError> {
    let Questions { asked, tables } = drawing.questions;
    if !asked.iter().map(ChargedQuestion::from).eq(grant.questions.iter().cloned()) {
        return Err(ReleaseError::Tables { reason: "expected the questions that were charged" });
    }
    if tables.0.len() != asked.len() {
        return Err(ReleaseError::Tables { reason: "expected one a question" });
    }
    let answers = asked.iter().zip(&tables.0).map(|(question, table)| {
        let cells = question.cells(drawing.policy, drawing.borough)?;
        let [counts] = table.as_slice() else {
            return Err(ReleaseError::Tables { reason: "expected one group of cells a question" });
        };
        if counts.len() != cells {
            return Err(ReleaseError::Tables { reason: "expected the cells of the question" });
        }
        Ok(QuestionRelease {
            name: question.question().name.clone(),
            question: question.hash().to_owned(),
            values: noise.add(counts, question.question().sigma, 1)?,
        })
    });
    answers.collect()
}

impl Drawn {
    /// The release that these values become; whoever makes it seals it in the same transaction.
    pub fn into_body(
        self,
        policy: &VerifiedPolicy,
        id: ReleaseId,
        ledger_head: String,
        software: &str,
    ) -> ReleaseBody {
        ReleaseBody {
            format: RELEASE_FORMAT.to_owned(),
            id,
            policy: policy.hash().to_owned(),
            framework: policy.policy().framework.clone(),
            rehearsal: policy.policy().rehearsal,
            software: software.to_owned(),
            ledger_head,
            void: None,
            streams: self.streams,
            questions: self.questions,
        }
    }
}

/// What is sealed in place of a release where a person declared the quarter void: nothing was drawn for it.
///
/// # Privacy
/// A person's act and fixed words; nothing here depends on the register.
pub fn void_body(
    policy: &VerifiedPolicy,
    id: ReleaseId,
    ledger_head: String,
    software: &str,
    reason: RefusalReason,
) -> ReleaseBody {
    let nothing = Drawn { streams: Vec::new(), questions: Vec::new() };
    ReleaseBody { void: Some(reason), ..nothing.into_body(policy, id, ledger_head, software) }
}
