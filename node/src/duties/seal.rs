//! Charges, draws and seals an approved quarter. A crash before the end leaves nothing; the draw is then made
//! again under the same charge. After it, the same bytes stand for ever.

mod void;

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::{Rho, VerifiedPolicy},
    protocol::{
        RefusalReason, ReleaseBody,
        release::{RELEASE_TYPE, ReleaseId},
        signature,
        statement::{STATEMENT_LIFE_S, STATEMENT_TYPE, Statement},
    },
};
use tenfold_store::{AnyConnection, Store, StoreError, acts};

use super::{
    ApprovalFault, DutyError, Node,
    prepare::{is_next, next_quarter, thaw},
    question, right, sign, witness,
};
use crate::{
    ledger::LineKind,
    release::{self, Charge, ChargedQuestion, Drawing, Grant, Ledger, Questions, noise::NoiseSource, tally},
    store::{
        self,
        ledger::Entry,
        releases::{NewRelease, Sealed},
    },
};

/// The ledger of a store: commits a charge with its journal rows, or finds it committed.
struct StoreLedger<'a> {
    store: &'a Store,
    now: Moment,
}

impl Ledger for StoreLedger<'_> {
    type Error = DutyError;

    fn commit(&mut self, charge: &Charge) -> Result<String, DutyError> {
        match self.append(charge) {
            // Another writer committed this very charge after we looked: then it stands, and is found.
            Err(DutyError::Store(StoreError::AlreadyRecorded { .. })) => self.append(charge),
            other => other,
        }
    }
}

impl StoreLedger<'_> {
    fn append(&self, charge: &Charge) -> Result<String, DutyError> {
        self.store.write(|connection| {
            if let Some(hash) = store::ledger::granted(connection, &charge.policy, charge.quarter)? {
                return Ok(hash);
            }
            let mut hash = String::new();
            let questions = charge.questions.iter().map(|question| (&question.hash, &question.ledger_name));
            // The streams come last: the last line of a policy and quarter is its head.
            let streams = charge.streams.iter().map(|stream| (&charge.policy, stream));
            for (policy, stream) in questions.chain(streams) {
                let entry = Entry {
                    kind: LineKind::Release,
                    actor: &charge.approved_by,
                    policy,
                    stream,
                    quarter: Some(charge.quarter),
                    amount: Rho::ZERO,
                };
                hash = store::ledger::append(connection, entry, self.now)?;
            }
            store::ledger::journal_quarter(connection, &charge.policy, charge.quarter)?;
            Ok(hash)
        })
    }
}

/// Whether the next quarter is approved or declared void, and waits to be sealed.
///
/// # Errors
/// Where no policy is adopted or the database cannot be read.
pub fn is_approved(node: &Node) -> Result<bool, DutyError> {
    match waiting(node) {
        Err(DutyError::NoPolicy) => Ok(false),
        found => Ok(found?.is_some()),
    }
}

/// A quarter that waits to be sealed.
#[derive(Clone, Debug)]
pub(super) enum Waiting {
    /// Approved: to be charged and drawn.
    Approved {
        /// The policy that rules it.
        policy: VerifiedPolicy,
        /// What is charged.
        charge: Charge,
    },
    /// Declared void: to be said.
    Void {
        /// The policy that rules it.
        policy: VerifiedPolicy,
        /// The quarter.
        quarter: Quarter,
        /// Why.
        reason: RefusalReason,
    },
}

impl Waiting {
    /// The quarter.
    pub(super) fn quarter(&self) -> Quarter {
        match self {
            Self::Approved { charge, .. } => charge.quarter,
            Self::Void { quarter, .. } => *quarter,
        }
    }

    /// The policy that rules it.
    pub(super) fn policy(&self) -> &VerifiedPolicy {
        match self {
            Self::Approved { policy, .. } | Self::Void { policy, .. } => policy,
        }
    }
}

/// The next quarter, if it is approved or declared void.
///
/// # Errors
/// Where no policy is adopted, the approver's signature does not hold for the tables as they are frozen
/// (`NotApproved`), or the database cannot be read.
pub(super) fn waiting(node: &Node) -> Result<Option<Waiting>, DutyError> {
    let policies = node.succession()?;
    let (quarter, approval, void) = node.store.read(|connection| -> Result<_, DutyError> {
        let (quarter, _) = next_quarter(connection, policies.newest())?;
        let void = store::refusals::void(connection)?.get(&quarter).copied();
        Ok((quarter, store::releases::approval_of(connection, quarter)?, void))
    })?;
    let policy = policies.nearest(quarter).clone();
    if let Some(reason) = void {
        node.store.read(|connection| sign::void_holds(node, connection, quarter))?;
        return Ok(Some(Waiting::Void { policy, quarter, reason }));
    }
    let Some(approval) = approval else { return Ok(None) };
    let (approved_by, asked) = node.store.read(|connection| -> Result<_, DutyError> {
        let approved_by = sign::holds(node, connection, &policy, quarter, &approval)?;
        Ok((approved_by, question::of_quarter(node, connection, &policy, quarter)?))
    })?;
    let charge = Charge {
        quarter,
        policy: policy.hash().to_owned(),
        streams: policy.policy().streams.iter().map(|stream| stream.name.clone()).collect(),
        questions: asked.iter().map(ChargedQuestion::from).collect(),
        approved_by,
    };
    Ok(Some(Waiting::Approved { policy, charge }))
}

/// Commits the charge of an approved quarter, or finds it committed.
///
/// # Errors
/// Where the ledger refuses.
pub(super) fn charge(node: &Node, charge: &Charge, now: Moment) -> Result<Grant, DutyError> {
    release::claim(&mut StoreLedger { store: &node.store, now }, charge)
}

/// Seals the next quarter if it is approved, or declared void, and the region gave the right to.
///
/// # Privacy
/// The grant exists only once charge and journal rows are committed; drawing and sealing are one
/// transaction, and nothing between them branches on a drawn value. The right is used up before the draw begins, so
/// that no two draws rest on one.
///
/// # Errors
/// `NoStatement` where the aggregator's word is missing or old, `Behind` where it knows more than this node, `NoRight`
/// where it gave no right to draw or that was used.
pub fn seal_next(node: &Node, noise: &impl NoiseSource) -> Result<Option<Sealed>, DutyError> {
    let now = node.now();
    let Some(waiting) = waiting(node)? else { return Ok(None) };
    check_statement(node, &waiting, now)?;
    right::take(node, waiting.quarter(), waiting.policy().hash(), now)?;
    let sealed = seal_waiting(node, waiting, noise, now);
    if sealed.is_err() {
        // Nothing is drawn under it any more: the next attempt may know of it.
        right::let_go(node)?;
    }
    sealed.map(Some)
}

fn seal_waiting(
    node: &Node,
    waiting: Waiting,
    noise: &impl NoiseSource,
    now: Moment,
) -> Result<Sealed, DutyError> {
    let (policy, asked) = match waiting {
        Waiting::Void { policy, quarter, reason } => {
            return void::seal_void(node, &policy, quarter, reason, now);
        }
        Waiting::Approved { policy, charge } => (policy, charge),
    };
    let quarter = asked.quarter;
    let grant = charge(node, &asked, now)?;
    match draw_and_seal(node, &policy, quarter, grant, noise, now) {
        // Another writer sealed this quarter first; ours was seen by nobody. Say by which release.
        Err(DutyError::Store(error @ StoreError::AlreadyRecorded { .. })) => {
            node.store.read(|connection| is_next(connection, &policy, quarter))?;
            Err(error.into())
        }
        sealed => sealed,
    }
}

fn draw_and_seal(
    node: &Node,
    policy: &VerifiedPolicy,
    quarter: Quarter,
    grant: Grant,
    noise: &impl NoiseSource,
    now: Moment,
) -> Result<Sealed, DutyError> {
    node.store.write(|connection| {
        let number = is_next(connection, policy, quarter)?;
        let void = empty_quarters(connection, policy, quarter)?;
        let mut history = Vec::new();
        for index in 0..=policy.quarter_index(quarter)? {
            history.push(if void.contains(&index) {
                tally::nothing(policy, &node.borough)?
            } else {
                thaw(node, connection, policy, policy.policy().first_quarter.plus(index as i32))?
            });
        }
        let asked = question::of_quarter(node, connection, policy, quarter)?;
        let tables = question::thaw(node, connection, &asked, quarter)?;
        let drawing = Drawing {
            policy,
            borough: &node.borough,
            quarter,
            history: &history,
            void: &void,
            questions: Questions { asked: &asked, tables: &tables },
        };
        let (drawn, ledger_head) = release::draw(&drawing, grant, noise)?;
        let id = ReleaseId { borough: node.borough.clone(), quarter, number };
        let body = drawn.into_body(policy, id, ledger_head, env!("CARGO_PKG_VERSION"));
        acts::record(connection, now, "seal", "release-sealed", &quarter.to_string())?;
        keep(node, connection, policy, &body, now)
    })
}

/// The quarters of the horizon up to one that count as zero: declared void, or before this borough's first release.
///
/// # Errors
/// Where the quarter lies outside the horizon or the database cannot be read.
pub(super) fn empty_quarters(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    until: Quarter,
) -> Result<Vec<usize>, DutyError> {
    let declared = store::refusals::void(connection)?;
    Ok(policy.empty_quarters(until, |quarter| declared.contains_key(&quarter))?)
}

/// Signs what the quarter says and keeps it for its instant, within the caller's transaction.
fn keep(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    body: &ReleaseBody,
    now: Moment,
) -> Result<Sealed, DutyError> {
    let (number, quarter) = (body.id.number, body.id.quarter);
    let bytes = signature::sign(body, RELEASE_TYPE, &*node.sealing_key(connection)?)?;
    let sha256 = signature::sha256_hex(bytes.as_bytes());
    let deliver_at = policy.delivers_at(quarter);
    let new =
        NewRelease { number, quarter, policy: policy.hash(), bytes: &bytes, sha256: &sha256, deliver_at };
    store::releases::seal(connection, &new, now)?;
    right::over(node, connection)?;
    let sealed = store::releases::sealed(connection)?;
    sealed
        .into_iter()
        .find(|release| release.quarter == quarter)
        .ok_or(DutyError::Approval(ApprovalFault::NotPrepared { quarter }))
}

/// Keeps the aggregator's statement, once it is verified to be about this borough and its log to be the one it signed
/// before.
///
/// # Errors
/// Where it is not signed by the region's receipt key, or about another borough; `RegionBehind` or `RegionForked`.
pub fn keep_statement(node: &Node, signed: &str) -> Result<Statement, DutyError> {
    let statement: Statement = signature::open(signed, STATEMENT_TYPE, &node.bundle()?.receipt_key)?;
    if statement.borough != node.borough {
        return Err(DutyError::Delivery {
            reason: format!("the statement is about {}, this is {}", statement.borough, node.borough),
        });
    }
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        witness::keep_view(node, connection, &statement.log)?;
        Ok::<_, DutyError>(store::releases::keep_statement(connection, signed)?)
    })?;
    Ok(statement)
}

/// The kept statement, if there is one.
///
/// # Errors
/// Where it does not verify.
pub(super) fn statement(node: &Node) -> Result<Option<Statement>, DutyError> {
    let Some(signed) = node.store.read(store::releases::statement)? else { return Ok(None) };
    Ok(Some(signature::open(&signed, STATEMENT_TYPE, &node.bundle()?.receipt_key)?))
}

/// Refuses to go on without a fresh word of the region that this node is not behind and obeys the policy that rules.
///
/// # Errors
/// `NoStatement`, `OtherPolicy` or `Behind`.
pub(super) fn check_statement(node: &Node, waiting: &Waiting, now: Moment) -> Result<(), DutyError> {
    let quarter = waiting.quarter();
    let sealed = node.store.read(store::releases::sealed)?;
    let missing = || DutyError::NoStatement { quarter };
    let statement = statement(node)?.ok_or_else(missing)?;
    let age = now.unix() - statement.issued_at.unix();
    if statement.borough != node.borough || !(-300..=STATEMENT_LIFE_S).contains(&age) {
        return Err(missing());
    }
    if let Some(theirs) = &statement.last {
        let known = sealed.iter().any(|ours| {
            ours.number == theirs.id.number
                && ours.quarter == theirs.id.quarter
                && ours.sha256 == theirs.release_sha256
        });
        if !known {
            return Err(DutyError::Behind {
                theirs: format!("{} for {}", theirs.id.number, theirs.id.quarter),
                ours: sealed
                    .last()
                    .map_or_else(|| "none".to_owned(), |own| format!("{} for {}", own.number, own.quarter)),
            });
        }
    }
    match statement.next.filter(|next| next.quarter == quarter && next.policy != waiting.policy().hash()) {
        Some(next) => Err(DutyError::OtherPolicy { quarter, name: next.name, hash: next.policy }),
        None => Ok(()),
    }
}
