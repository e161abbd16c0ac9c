//! The ledger, the journal and the policies in the database. Head first: one code path orders all writers.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment, privacy::Rho};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{approval, frozen_line, journal, ledger, ledger_head, policy};
use crate::ledger::{LedgerLine, LineKind, link};

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = ledger)]
struct Row {
    seq: i64,
    at: ColumnTime,
    kind: String,
    actor: String,
    policy: String,
    stream: String,
    quarter: String,
    nano_rho: i64,
    hash: String,
}

/// What to append.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What it records.
    pub kind: LineKind,
    /// The account that decided it.
    pub actor: &'a str,
    /// Hash of the policy, empty for a cap.
    pub policy: &'a str,
    /// The stream, empty for a cap.
    pub stream: &'a str,
    /// The quarter, for a release.
    pub quarter: Option<Quarter>,
    /// The cap or the charge.
    pub amount: Rho,
}

/// Appends a line within the caller's transaction and returns its hash.
///
/// # Errors
/// `Refused` where the cap would be passed or the charge is missing, `AlreadyRecorded` where this stream
/// was charged or this quarter granted before.
pub fn append(connection: &mut AnyConnection, entry: Entry<'_>, now: Moment) -> Result<String, StoreError> {
    diesel::update(ledger_head::table).set(ledger_head::seq.eq(ledger_head::seq + 1)).execute(connection)?;
    let (seq, before): (i64, String) =
        ledger_head::table.select((ledger_head::seq, ledger_head::hash)).first(connection)?;
    let mut line = LedgerLine {
        seq,
        at: now,
        kind: entry.kind.as_str().to_owned(),
        actor: entry.actor.to_owned(),
        policy: entry.policy.to_owned(),
        stream: entry.stream.to_owned(),
        quarter: entry.quarter.map(|quarter| quarter.to_string()).unwrap_or_default(),
        amount: entry.amount,
        hash: String::new(),
    };
    line.hash = link(&before, &line);
    let row = Row {
        seq,
        at: now.naive(),
        kind: line.kind,
        actor: line.actor,
        policy: line.policy,
        stream: line.stream,
        quarter: line.quarter,
        nano_rho: i64::try_from(line.amount.nano())
            .map_err(|_| StoreError::Failed { reason: "a charge is too large to be recorded".to_owned() })?,
        hash: line.hash.clone(),
    };
    diesel::insert_into(ledger::table).values(&row).execute(connection)?;
    diesel::update(ledger_head::table).set(ledger_head::hash.eq(&line.hash)).execute(connection)?;
    Ok(line.hash)
}

/// All lines, first to last.
///
/// # Errors
/// Where the database cannot be read.
pub fn lines(connection: &mut AnyConnection) -> Result<Vec<LedgerLine>, StoreError> {
    let rows: Vec<Row> = ledger::table.order(ledger::seq.asc()).load(connection)?;
    Ok(rows.into_iter().map(Row::line).collect())
}

/// Number and hash of the last line.
///
/// # Errors
/// Where the database cannot be read.
pub fn head(connection: &mut AnyConnection) -> Result<(i64, String), StoreError> {
    Ok(ledger_head::table.select((ledger_head::seq, ledger_head::hash)).first(connection)?)
}

/// The hash of the last line that grants a quarter under a policy, if it was granted.
///
/// # Errors
/// Where the database cannot be read.
pub fn granted(
    connection: &mut AnyConnection,
    policy: &str,
    quarter: Quarter,
) -> Result<Option<String>, StoreError> {
    Ok(ledger::table
        .filter(ledger::kind.eq(LineKind::Release.as_str()))
        .filter(ledger::policy.eq(policy))
        .filter(ledger::quarter.eq(quarter.to_string()))
        .order(ledger::seq.desc())
        .select(ledger::hash)
        .first(connection)
        .optional()?)
}

impl Row {
    fn line(self) -> LedgerLine {
        LedgerLine {
            seq: self.seq,
            at: Moment::from_naive(self.at),
            kind: self.kind,
            actor: self.actor,
            policy: self.policy,
            stream: self.stream,
            quarter: self.quarter,
            amount: Rho::from_nano(self.nano_rho.unsigned_abs()),
            hash: self.hash,
        }
    }
}

/// The word of a journal row that another borough's counting left.
const USED_ELSEWHERE: &str = "used-elsewhere";

#[derive(diesel::Insertable)]
#[diesel(table_name = journal)]
struct JournalRow<'a> {
    line_hmac: &'a str,
    stream: &'a str,
    policy: &'a str,
    quarter: &'a str,
    kind: &'a str,
}

/// The names of all lines that a stream has counted, here or elsewhere, under any policy.
///
/// # Errors
/// Where the database cannot be read.
pub fn journalled(connection: &mut AnyConnection, stream: &str) -> Result<BTreeSet<String>, StoreError> {
    let names: Vec<String> =
        journal::table.filter(journal::stream.eq(stream)).select(journal::line_hmac).load(connection)?;
    Ok(names.into_iter().collect())
}

/// Writes the journal rows of a quarter's frozen lines, within the transaction of its charge.
///
/// # Errors
/// `AlreadyRecorded` where a line was counted before: the charge then fails as a whole.
pub fn journal_quarter(
    connection: &mut AnyConnection,
    policy: &str,
    quarter: Quarter,
) -> Result<(), StoreError> {
    let quarter = quarter.to_string();
    let rows: Vec<(String, String, String)> = frozen_line::table
        .filter(frozen_line::quarter.eq(&quarter))
        .order((frozen_line::stream.asc(), frozen_line::line_hmac.asc()))
        .select((frozen_line::stream, frozen_line::line_hmac, frozen_line::kind))
        .load(connection)?;
    for (stream, line_hmac, kind) in &rows {
        let row = JournalRow { line_hmac, stream, policy, quarter: &quarter, kind };
        diesel::insert_into(journal::table).values(&row).execute(connection)?;
    }
    diesel::delete(frozen_line::table.filter(frozen_line::quarter.eq(&quarter))).execute(connection)?;
    Ok(())
}

/// The names of all lines of which another borough used a stream.
///
/// # Errors
/// Where the database cannot be read.
pub fn used_elsewhere(connection: &mut AnyConnection) -> Result<BTreeSet<String>, StoreError> {
    let names: Vec<String> = journal::table
        .filter(journal::kind.eq(USED_ELSEWHERE))
        .select(journal::line_hmac)
        .distinct()
        .load(connection)?;
    Ok(names.into_iter().collect())
}

/// Writes that another borough has used up a line's place in a stream; nothing happens where it stands already, or
/// where an approved quarter is about to count it: its charge will write the row.
///
/// # Errors
/// Where the database refuses.
pub fn journal_used_elsewhere(
    connection: &mut AnyConnection,
    line_hmac: &str,
    stream: &str,
) -> Result<bool, StoreError> {
    let known: i64 = journal::table.find((line_hmac, stream)).count().get_result(connection)?;
    let frozen: i64 = frozen_line::table
        .filter(frozen_line::line_hmac.eq(line_hmac))
        .filter(frozen_line::stream.eq(stream))
        .filter(frozen_line::quarter.eq_any(approval::table.select(approval::quarter)))
        .count()
        .get_result(connection)?;
    let new = known + frozen == 0;
    if new {
        let row = JournalRow { line_hmac, stream, policy: "", quarter: "", kind: USED_ELSEWHERE };
        diesel::insert_into(journal::table).values(&row).execute(connection)?;
    }
    Ok(new)
}

#[derive(diesel::Insertable)]
#[diesel(table_name = policy)]
struct PolicyRow<'a> {
    hash: &'a str,
    signed: &'a str,
    adopted_at: ColumnTime,
    adopted_by: &'a str,
}

/// Keeps an adopted policy.
///
/// # Errors
/// `AlreadyRecorded` where it was adopted before.
pub fn keep_policy(
    connection: &mut AnyConnection,
    hash: &str,
    signed: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let row = PolicyRow { hash, signed, adopted_at: now.naive(), adopted_by: by };
    diesel::insert_into(policy::table).values(&row).execute(connection)?;
    Ok(())
}

/// The signed policies that were adopted, the one charged last at the end.
///
/// # Errors
/// Where the database cannot be read.
pub fn policies(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let signed: BTreeMap<String, String> =
        policy::table.select((policy::hash, policy::signed)).load(connection)?.into_iter().collect();
    let charged: Vec<String> = ledger::table
        .filter(ledger::kind.eq(LineKind::Adoption.as_str()))
        .order(ledger::seq.asc())
        .select(ledger::policy)
        .load(connection)?;
    // The ledger has the order: two may be adopted within one second.
    let mut order: Vec<&String> = Vec::new();
    for hash in &charged {
        order.retain(|known| *known != hash);
        order.push(hash);
    }
    Ok(order.into_iter().filter_map(|hash| signed.get(hash).cloned()).collect())
}
