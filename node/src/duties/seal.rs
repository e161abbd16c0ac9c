//! Charges, draws and seals an approved quarter. A crash before the end leaves nothing; the draw is then made
//! again under the same charge. After it, the same bytes stand for ever.

mod void;

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::{Rho, VerifiedPolicy},
    protocol::{
        ReleaseBody,
        release::{RELEASE_TYPE, ReleaseId},
        signature,
        statement::{STATEMENT_LIFE_S, STATEMENT_TYPE, Statement},
    },
};
use tenfold_store::{AnyConnection, Store, StoreError, acts};

use super::{
    DutyError, Node,
    prepare::{is_next, next_quarter, thaw},
    sign,
};
use crate::{
    ledger::LineKind,
    release::{self, Charge, Drawing, Grant, Ledger, noise::NoiseSource, tally},
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
            for stream in &charge.streams {
                let entry = Entry {
                    kind: LineKind::Release,
                    actor: &charge.approved_by,
                    policy: &charge.policy,
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
    let policy = match node.policy() {
        Err(DutyError::NoPolicy) => return Ok(false),
        other => other?,
    };
    node.store.read(|connection| {
        let (quarter, _) = next_quarter(connection, &policy)?;
        let approved = store::releases::approval_of(connection, quarter)?.is_some();
        Ok(approved || store::refusals::void(connection)?.contains_key(&quarter))
    })
}

/// Seals the next quarter if it is approved, or declared void, and a fresh statement of the aggregator allows it.
///
/// # Privacy
/// The grant exists only once charge and journal rows are committed; drawing and sealing are one
/// transaction, and nothing between them branches on a drawn value.
///
/// # Errors
/// `NoStatement` where the aggregator's word is missing or old, `Behind` where it knows more than this node,
/// `NotApproved` where the approver's signature does not hold for the tables as they are frozen.
pub fn seal_next(node: &Node, noise: &impl NoiseSource) -> Result<Option<Sealed>, DutyError> {
    let policy = node.policy()?;
    let now = node.now();
    let (quarter, approval, void) = node.store.read(|connection| -> Result<_, DutyError> {
        let (quarter, _) = next_quarter(connection, &policy)?;
        let void = store::refusals::void(connection)?.get(&quarter).copied();
        Ok((quarter, store::releases::approval_of(connection, quarter)?, void))
    })?;
    if let Some(reason) = void {
        check_statement(node, quarter, now)?;
        node.store.read(|connection| sign::void_holds(node, connection, quarter))?;
        return void::seal_void(node, &node.policy_of(quarter)?, quarter, reason, now).map(Some);
    }
    let Some(approval) = approval else { return Ok(None) };
    let policy = node.policy_of(quarter)?;
    check_statement(node, quarter, now)?;
    let decided_by =
        node.store.read(|connection| sign::holds(node, connection, &policy, quarter, &approval))?;
    let charge = Charge {
        quarter,
        policy: policy.hash().to_owned(),
        streams: policy.policy().streams.iter().map(|stream| stream.name.clone()).collect(),
        approved_by: decided_by,
    };
    let grant = release::claim(&mut StoreLedger { store: &node.store, now }, &charge)?;
    match draw_and_seal(node, &policy, quarter, grant, noise, now) {
        // Another writer sealed this quarter first; ours was seen by nobody. Say by which release.
        Err(DutyError::Store(error @ StoreError::AlreadyRecorded { .. })) => {
            node.store.read(|connection| is_next(connection, &policy, quarter))?;
            Err(error.into())
        }
        sealed => sealed.map(Some),
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
        let mut history = Vec::new();
        let void = store::refusals::void(connection)?;
        for index in 0..=policy.quarter_index(quarter)? {
            let earlier = policy.policy().first_quarter.plus(index as i32);
            // Before this borough's first release there is nothing, as in a void quarter.
            history.push(match void.contains_key(&earlier) || earlier < policy.first_release() {
                true => tally::nothing(policy, &node.borough)?,
                false => thaw(node, connection, policy, earlier)?,
            });
        }
        let drawing = Drawing { policy, borough: &node.borough, quarter, history: &history };
        let (drawn, ledger_head) = release::draw(&drawing, grant, noise)?;
        let id = ReleaseId { borough: node.borough.clone(), quarter, number };
        let body = drawn.into_body(policy, id, ledger_head, env!("CARGO_PKG_VERSION"));
        acts::record(connection, now, "seal", "release-sealed", &quarter.to_string())?;
        keep(node, connection, policy, &body, now)
    })
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
    let bytes = signature::sign(body, RELEASE_TYPE, &node.keys.release)?;
    let sha256 = signature::sha256_hex(bytes.as_bytes());
    let deliver_at = policy.delivers_at(quarter);
    let new =
        NewRelease { number, quarter, policy: policy.hash(), bytes: &bytes, sha256: &sha256, deliver_at };
    store::releases::seal(connection, &new, now)?;
    let sealed = store::releases::sealed(connection)?;
    sealed.into_iter().find(|release| release.quarter == quarter).ok_or(DutyError::NotPrepared { quarter })
}

/// Keeps the aggregator's statement, once it is verified to be about this borough.
///
/// # Errors
/// Where it is not signed by the region's receipt key, or about another borough.
pub fn keep_statement(node: &Node, signed: &str) -> Result<Statement, DutyError> {
    let statement: Statement = signature::open(signed, STATEMENT_TYPE, &node.bundle()?.receipt_key)?;
    if statement.borough != node.borough {
        return Err(DutyError::Delivery {
            reason: format!("the statement is about {}, this is {}", statement.borough, node.borough),
        });
    }
    node.store
        .write(|connection| Ok::<_, DutyError>(store::releases::keep_statement(connection, signed)?))?;
    Ok(statement)
}

fn check_statement(node: &Node, quarter: Quarter, now: Moment) -> Result<(), DutyError> {
    let (signed, sealed) = node.store.read(|connection| -> Result<_, DutyError> {
        Ok((store::releases::statement(connection)?, store::releases::sealed(connection)?))
    })?;
    let missing = || DutyError::NoStatement { quarter };
    let signed = signed.ok_or_else(missing)?;
    let statement: Statement = signature::open(&signed, STATEMENT_TYPE, &node.bundle()?.receipt_key)?;
    let age = now.unix() - statement.issued_at.unix();
    if statement.borough != node.borough || !(-300..=STATEMENT_LIFE_S).contains(&age) {
        return Err(missing());
    }
    let Some(theirs) = statement.last else {
        return Ok(());
    };
    let known = sealed.iter().any(|ours| {
        ours.number == theirs.id.number
            && ours.quarter == theirs.id.quarter
            && ours.sha256 == theirs.release_sha256
    });
    if known {
        return Ok(());
    }
    Err(DutyError::Behind {
        theirs: format!("{} for {}", theirs.id.number, theirs.id.quarter),
        ours: sealed
            .last()
            .map_or_else(|| "none".to_owned(), |own| format!("{} for {}", own.number, own.quarter)),
    })
}
