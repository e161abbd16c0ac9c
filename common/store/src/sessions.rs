//! Sessions: a random token in a cookie, its hash in the database.

use std::fmt;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use sha2::{Digest, Sha256};
use tenfold_common::clock::Moment;

use crate::{Account, AccountError, ColumnTime, Store, StoreError, accounts, acts, schema::session};

/// How long a session lasts, in seconds.
pub const SESSION_LIFE_S: i64 = 8 * 3600;

/// A session's secret, as the cookie carries it; never printed.
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("session token")
    }
}

impl Token {
    /// The cookie's value.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Who is signed in, and the token every form of theirs carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The account.
    pub account: Account,
    /// What every form of this session carries.
    pub form_token: String,
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = session)]
struct Row {
    token_hash: String,
    account: String,
    form_token: String,
    opened_at: ColumnTime,
    expires_at: ColumnTime,
}

/// Opens a session and forgets those that have expired.
///
/// # Errors
/// Where the store or the system's randomness fails.
pub fn open(store: &Store, account: &Account, now: Moment) -> Result<Token, AccountError> {
    let token = random()?;
    let row = Row {
        token_hash: hash(&token),
        account: account.name.clone(),
        form_token: random()?,
        opened_at: now.naive(),
        expires_at: now.plus_seconds(SESSION_LIFE_S).naive(),
    };
    store.write(|connection| -> Result<(), AccountError> {
        diesel::delete(session::table.filter(session::expires_at.le(now.naive()))).execute(connection)?;
        diesel::insert_into(session::table).values(&row).execute(connection)?;
        Ok(acts::record(connection, now, &account.name, "signed-in", &account.name)?)
    })?;
    Ok(Token(token))
}

/// The session a cookie's token opens, while it lasts.
///
/// # Errors
/// Where the store fails.
pub fn find(store: &Store, token: &str, now: Moment) -> Result<Option<Session>, AccountError> {
    let row: Option<Row> = store.read(|connection| -> Result<_, AccountError> {
        Ok(session::table.find(hash(token)).first(connection).optional()?)
    })?;
    let Some(row) = row.filter(|row| Moment::from_naive(row.expires_at) > now) else {
        return Ok(None);
    };
    let account = accounts::find(store, &row.account)?;
    Ok(account.map(|account| Session { account, form_token: row.form_token }))
}

/// Ends a session.
///
/// # Errors
/// Where the store fails.
pub fn close(store: &Store, token: &str) -> Result<(), AccountError> {
    store.write(|connection| {
        diesel::delete(session::table.find(hash(token))).execute(connection)?;
        Ok(())
    })
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn random() -> Result<String, AccountError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| StoreError::Failed { reason: "the system gave no random bytes".to_owned() })?;
    Ok(hex::encode(bytes))
}
