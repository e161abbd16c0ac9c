//! The right to draw: asked for once the quarter is charged, given once by the region, used once.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    protocol::{
        draw::{DRAW_REQUEST_FORMAT, DRAW_REQUEST_TYPE, DrawRequest},
        signature,
    },
};
use tenfold_store::AnyConnection;

use super::{
    DutyError, Node,
    seal::{self, Waiting},
    witness,
};
use crate::{release::freeze::random, store};

/// The nonces this process asked with and did not carry, by their hashes: only it may use the rights given for them, and
/// until that is over only it can show the region that it knows them. So a copy of the node's folder has neither the
/// right nor a way to another.
#[derive(Clone, Default)]
pub struct Asked(Arc<Mutex<BTreeMap<String, String>>>);

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked(…)")
    }
}

impl Asked {
    fn remember(&self, nonce_sha256: String, nonce: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(nonce_sha256, nonce);
    }

    fn nonce(&self, nonce_sha256: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(nonce_sha256).cloned()
    }

    fn all(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Charges the quarter that waits to be sealed and writes a request for the right to draw it, to be sent by this
/// process; nothing where none waits. The answer is kept by [`seal::keep_statement`].
///
/// # Privacy
/// Nothing is drawn here. The nonce is random, the ledger's head depends on no family's records. Until the attempt is over
/// its nonce stands nowhere but in this process.
///
/// # Errors
/// As [`seal::seal_next`].
pub fn request(node: &Node) -> Result<Option<String>, DutyError> {
    ask(node, false)
}

/// The same to be carried to the region as a file, whose answer comes back as one and may be used by a later process.
/// The quarter is charged only then, when the region's word is there.
///
/// # Errors
/// Where the node or its database fails.
pub fn request_carried(node: &Node) -> Result<Option<String>, DutyError> {
    ask(node, true)
}

fn ask(node: &Node, carried: bool) -> Result<Option<String>, DutyError> {
    let Some(waiting) = seal::waiting(node)? else { return Ok(None) };
    let now = node.now();
    if !carried {
        seal::check_statement(node, &waiting, now)?;
        if let Waiting::Approved { charge, .. } = &waiting {
            seal::charge(node, charge, now)?;
        }
    }
    let nonce = hex::encode(random::<32>()?);
    let nonce_sha256 = signature::sha256_hex(nonce.as_bytes());
    let (quarter, policy) = (waiting.quarter(), waiting.policy().hash().to_owned());
    let (previous, ledger_head, checkpoint) = node.store.write(|connection| {
        // Head first: one writer at a time.
        tenfold_store::acts::take_turn(connection)?;
        let attempts = store::attempts::since_last(connection)?.into_iter();
        let previous =
            attempts.filter_map(|(asked, nonce)| nonce.or_else(|| node.asked.nonce(&asked))).collect();
        store::attempts::begin(connection, quarter, &nonce_sha256, carried.then_some(nonce.as_str()), now)?;
        Ok::<_, DutyError>((previous, store::ledger::head(connection)?.1, witness::newest(connection)?))
    })?;
    if !carried {
        node.asked.remember(nonce_sha256, nonce.clone());
    }
    let request = DrawRequest {
        format: DRAW_REQUEST_FORMAT.to_owned(),
        borough: node.borough.clone(),
        quarter,
        policy,
        ledger_head,
        nonce,
        previous,
        checkpoint,
        asked_at: now,
    };
    Ok(Some(signature::sign(&request, DRAW_REQUEST_TYPE, &*node.release_key()?)?))
}

/// Uses the right that the kept statement gives for this quarter. From here on it is gone, whatever becomes of the
/// draw: after a crash a person at the region says that there is no other copy.
///
/// # Errors
/// `NoRight` where the statement gives none for the newest attempt, or another writer used it.
pub(super) fn take(node: &Node, quarter: Quarter, policy: &str, now: Moment) -> Result<(), DutyError> {
    let statement = seal::statement(node)?;
    node.store.write(|connection| {
        tenfold_store::acts::take_turn(connection)?;
        let unused = store::attempts::unused(connection, quarter)?;
        let right = statement.and_then(|statement| statement.right);
        let right = right.filter(|right| (right.quarter, right.policy.as_str()) == (quarter, policy));
        let unused = unused.filter(|(asked, carried)| *carried || node.asked.nonce(asked).is_some());
        let taken = match right.zip(unused) {
            Some((right, (asked, _))) if right.nonce_sha256 == asked => {
                store::attempts::take(connection, &asked, now)?
            }
            _ => false,
        };
        if taken { Ok(()) } else { Err(DutyError::NoRight { quarter }) }
    })
}

/// The attempts of this process are over, sealed or not: from here on the node knows their nonces whoever asks next. In
/// the transaction that seals, or after what came to nothing; never while a draw may still be made under them.
///
/// # Errors
/// Where the database cannot be written.
pub(super) fn over(node: &Node, connection: &mut AnyConnection) -> Result<(), DutyError> {
    for (nonce_sha256, nonce) in node.asked.all() {
        store::attempts::tell(connection, &nonce_sha256, &nonce)?;
    }
    Ok(())
}

/// The same by itself, where nothing is sealed.
///
/// # Errors
/// As [`over`].
pub(super) fn let_go(node: &Node) -> Result<(), DutyError> {
    node.store.write(|connection| {
        tenfold_store::acts::take_turn(connection)?;
        over(node, connection)
    })
}
