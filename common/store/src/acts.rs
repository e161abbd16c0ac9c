//! Acts of people, in a hash chain that the database refuses to change.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use sha2::{Digest, Sha256};
use tenfold_common::clock::Moment;

use crate::{
    AnyConnection, ColumnTime, StoreError,
    schema::{act, act_head},
};

/// One act, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = act, treat_none_as_default_value = false)]
pub struct Act {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When, in UTC.
    pub at: ColumnTime,
    /// The account, or the name of a duty.
    pub actor: String,
    /// What was done.
    pub verb: String,
    /// To what; never a person's data.
    pub object: String,
    /// SHA-256 over the hash before and this row.
    pub hash: String,
}

/// Records an act within the caller's transaction.
///
/// # Errors
/// Where the database refuses.
pub fn record(
    connection: &mut AnyConnection,
    now: Moment,
    actor: &str,
    verb: &str,
    object: &str,
) -> Result<(), StoreError> {
    // Head first: this takes the lock that orders all writers.
    diesel::update(act_head::table).set(act_head::seq.eq(act_head::seq + 1)).execute(connection)?;
    let (seq, before): (i64, String) =
        act_head::table.select((act_head::seq, act_head::hash)).first(connection)?;
    let hash = link(&before, seq, now, actor, verb, object);
    let row = Act {
        seq,
        at: now.naive(),
        actor: actor.to_owned(),
        verb: verb.to_owned(),
        object: object.to_owned(),
        hash: hash.clone(),
    };
    diesel::insert_into(act::table).values(&row).execute(connection)?;
    diesel::update(act_head::table).set(act_head::hash.eq(hash)).execute(connection)?;
    Ok(())
}

/// Waits for its turn among all writers: who reads in order to write calls this first.
///
/// SQLite's transactions are ordered already; on PostgreSQL this takes the row that every act takes.
///
/// # Errors
/// Where the database refuses.
pub fn take_turn(connection: &mut AnyConnection) -> Result<(), StoreError> {
    diesel::update(act_head::table).set(act_head::seq.eq(act_head::seq)).execute(connection)?;
    Ok(())
}

/// All acts, first to last.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Act>, StoreError> {
    Ok(act::table.order(act::seq.asc()).load(connection)?)
}

/// The number of the first act at which the chain breaks, if it does.
pub fn first_fault(acts: &[Act]) -> Option<i64> {
    let mut before = String::new();
    for (at, act) in acts.iter().enumerate() {
        let moment = Moment::from_naive(act.at);
        let expected = link(&before, act.seq, moment, &act.actor, &act.verb, &act.object);
        if act.seq != at as i64 + 1 || act.hash != expected {
            return Some(act.seq);
        }
        before.clone_from(&act.hash);
    }
    None
}

fn link(before: &str, seq: i64, at: Moment, actor: &str, verb: &str, object: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [before, &seq.to_string(), &at.to_string(), actor, verb, object] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}
