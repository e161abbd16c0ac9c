//! People's own signing keys: Ed25519, each sealed under a key derived from its person's password.
//!
//! Whoever holds the database, and the service itself, sees sealed keys only: to sign, the person's password has to
//! be given. Public keys are kept for ever with their dates, so that what one signed verifies for ever.

use std::{fmt, str::FromStr};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    protocol::{PublicKey, SigningKey},
};

use crate::{
    Account, AccountError, AnyConnection, ColumnTime, Store, StoreError, accounts, acts, schema::signing_key,
};

/// Memory of the key derivation in KiB, its passes and lanes: Argon2id as for the passwords themselves, since who
/// holds the database may try passwords against either.
const DERIVATION: (u32, u32, u32) = (Params::DEFAULT_M_COST, Params::DEFAULT_T_COST, Params::DEFAULT_P_COST);

/// A person whose own key is open, for one act: made by the password alone, never kept.
pub struct Signer {
    account: Account,
    key: SigningKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signer {}", self.account.name)
    }
}

impl Signer {
    /// Whose key it is.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }
}

/// Under whose password a key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One that an administrator set: with the account, or by a reset.
    Given,
    /// One of the person's own.
    Own,
}

impl Origin {
    /// The word used in columns and lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Own => "own",
        }
    }
}

impl Origin {
    /// For lists and pages.
    pub fn words(self) -> &'static str {
        match self {
            Self::Given => "a password that an administrator set",
            Self::Own => "a password of the person's own",
        }
    }
}

impl FromStr for Origin {
    type Err = StoreError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = [Self::Given, Self::Own].into_iter().find(|origin| origin.as_str() == word);
        known.ok_or_else(|| unreadable("no origin"))
    }
}

/// A public key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// The key.
    pub public: PublicKey,
    /// Whose it is.
    pub account: String,
    /// Under whose password it was made.
    pub origin: Origin,
    /// From when it signs.
    pub made_at: Moment,
    /// After when it signs nothing any more.
    pub retired_at: Option<Moment>,
}

impl KeptKey {
    /// Whether it was in force at a moment; what was signed in the second of its retirement stays good.
    pub fn in_force(&self, at: Moment) -> bool {
        self.made_at <= at && self.retired_at.is_none_or(|retired| at <= retired)
    }

    /// What the trail of acts says of its making: a key without such an act was put there behind the program's back.
    pub fn made_as(&self) -> String {
        format!("{} {} {}", self.account, self.public.id(), self.origin.as_str())
    }
}

/// The verb of the act that tells of a new key.
pub const KEY_MADE: &str = "signing-key-made";

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = signing_key, treat_none_as_default_value = false)]
struct Row {
    public_key: String,
    account: String,
    origin: String,
    made_at: ColumnTime,
    retired_at: Option<ColumnTime>,
    salt: Option<String>,
    sealed: Option<String>,
}

impl Row {
    fn kept(self) -> Result<KeptKey, StoreError> {
        Ok(KeptKey {
            public: self.public_key.parse().map_err(|_| unreadable("no public key"))?,
            account: self.account,
            origin: self.origin.parse()?,
            made_at: Moment::from_naive(self.made_at),
            retired_at: self.retired_at.map(Moment::from_naive),
        })
    }
}

/// Every public key there ever was, in the order they were made.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<KeptKey>, StoreError> {
    let order = (signing_key::made_at.asc(), signing_key::public_key.asc());
    let rows: Vec<Row> = signing_key::table.order(order).load(connection)?;
    rows.into_iter().map(Row::kept).collect()
}

/// Opens a person's own key for one act; nothing where name or password are wrong.
///
/// # Errors
/// `Signs` where the role signs nothing, `NoKey` where the account has no key, `Locked` after repeated failures, or where the store fails.
pub fn open(store: &Store, name: &str, password: &str, now: Moment) -> Result<Option<Signer>, AccountError> {
    let Some(account) = accounts::verify(store, name, password, now)? else { return Ok(None) };
    if !account.role.signs() {
        return Err(AccountError::Signs { role: account.role });
    }
    let row = store.read(|connection| in_force(connection, name))?;
    let key = row.ok_or_else(|| AccountError::NoKey { name: name.to_owned() })?.open(password)?;
    Ok(Some(Signer { account, key }))
}

/// Makes a person's key where the account has none: it was made before keys were.
///
/// # Errors
/// `HasKey` where it has one, `Signs` where the role signs nothing; nothing where name or password are wrong.
pub fn make(
    store: &Store,
    name: &str,
    password: &str,
    now: Moment,
) -> Result<Option<PublicKey>, AccountError> {
    let Some(account) = accounts::verify(store, name, password, now)? else { return Ok(None) };
    let sealed = Sealed::new(&account, password)?.ok_or(AccountError::Signs { role: account.role })?;
    store.write(|connection| {
        if in_force(connection, name)?.is_some() {
            return Err(AccountError::HasKey { name: name.to_owned() });
        }
        let public = sealed.public.clone();
        sealed.keep(connection, Origin::Own, now)?;
        Ok(Some(public))
    })
}

/// A key that is sealed and not kept yet. Sealing takes a moment and is done outside of transactions.
pub(crate) struct Sealed {
    account: String,
    public: PublicKey,
    salt: [u8; 16],
    bytes: Vec<u8>,
}

impl Sealed {
    /// A new key for an account whose role signs; nothing for others.
    pub(crate) fn new(account: &Account, password: &str) -> Result<Option<Self>, AccountError> {
        if !account.role.signs() {
            return Ok(None);
        }
        let key = SigningKey::generate().map_err(|_| AccountError::Hash)?;
        Self::under(&account.name, &key, password).map(Some)
    }

    fn under(account: &str, key: &SigningKey, password: &str) -> Result<Self, AccountError> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt)
            .and_then(|()| getrandom::fill(&mut nonce))
            .map_err(|_| AccountError::Hash)?;
        let public = key.public();
        let bound = bound(account, &public.to_string());
        let payload = Payload { msg: key.secret_pem().as_bytes(), aad: bound.as_bytes() };
        let sealed = cipher(password, &salt)?.encrypt(&XNonce::from(nonce), payload);
        let bytes = [nonce.as_slice(), &sealed.map_err(|_| AccountError::Hash)?].concat();
        Ok(Self { account: account.to_owned(), public, salt, bytes })
    }

    /// Keeps a new key; the one in force until now is retired, and its private half destroyed.
    pub(crate) fn keep(
        self,
        connection: &mut AnyConnection,
        origin: Origin,
        now: Moment,
    ) -> Result<(), AccountError> {
        let before = signing_key::table
            .filter(signing_key::account.eq(&self.account))
            .filter(signing_key::retired_at.is_null());
        diesel::update(before)
            .set((
                signing_key::retired_at.eq(now.naive()),
                signing_key::salt.eq(None::<String>),
                signing_key::sealed.eq(None::<String>),
            ))
            .execute(connection)?;
        let row = Row {
            public_key: self.public.to_string(),
            account: self.account,
            origin: origin.as_str().to_owned(),
            made_at: now.naive(),
            retired_at: None,
            salt: Some(hex::encode(self.salt)),
            sealed: Some(hex::encode(self.bytes)),
        };
        diesel::insert_into(signing_key::table).values(&row).execute(connection)?;
        let kept = row.kept()?;
        Ok(acts::record(connection, now, "administration", KEY_MADE, &kept.made_as())?)
    }

    /// Keeps the same key sealed anew.
    pub(crate) fn keep_again(self, connection: &mut AnyConnection) -> Result<(), AccountError> {
        diesel::update(signing_key::table.find(self.public.to_string()))
            .set((
                signing_key::salt.eq(Some(hex::encode(self.salt))),
                signing_key::sealed.eq(Some(hex::encode(self.bytes))),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// What a new password makes of a person's key: the same one sealed anew where it was made under a password of the
/// person's own, a new one where an administrator knew the password it was made under.
pub(crate) enum Anew {
    /// The role signs nothing.
    None,
    /// The same key under the new password.
    Same(Sealed),
    /// A new key.
    New(Sealed),
}

impl Anew {
    pub(crate) fn under(
        store: &Store,
        account: &Account,
        old: &str,
        new: &str,
    ) -> Result<Self, AccountError> {
        let row = store.read(|connection| in_force(connection, &account.name))?;
        match row.filter(|row| row.origin == Origin::Own.as_str()) {
            Some(row) => Sealed::under(&account.name, &row.open(old)?, new).map(Self::Same),
            None => Ok(Sealed::new(account, new)?.map_or(Self::None, Self::New)),
        }
    }

    pub(crate) fn keep(self, connection: &mut AnyConnection, now: Moment) -> Result<(), AccountError> {
        match self {
            Self::None => Ok(()),
            Self::Same(sealed) => sealed.keep_again(connection),
            Self::New(sealed) => sealed.keep(connection, Origin::Own, now),
        }
    }
}

impl Row {
    fn open(self, password: &str) -> Result<SigningKey, AccountError> {
        let broken = || AccountError::BrokenKey { name: self.account.clone() };
        let bytes = |text: &Option<String>| text.as_ref().and_then(|text| hex::decode(text).ok());
        let (salt, sealed) = bytes(&self.salt).zip(bytes(&self.sealed)).ok_or_else(broken)?;
        let (nonce, sealed) = sealed.split_first_chunk::<24>().ok_or_else(broken)?;
        let bound = bound(&self.account, &self.public_key);
        let payload = Payload { msg: sealed, aad: bound.as_bytes() };
        let pem = cipher(password, &salt)?.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
        let pem = String::from_utf8(pem).map_err(|_| broken())?;
        let key = SigningKey::from_pem(&pem).map_err(|_| broken())?;
        if key.public().to_string() == self.public_key { Ok(key) } else { Err(broken()) }
    }
}

fn in_force(connection: &mut AnyConnection, name: &str) -> Result<Option<Row>, AccountError> {
    let own = signing_key::table.filter(signing_key::account.eq(name));
    Ok(own.filter(signing_key::retired_at.is_null()).first(connection).optional()?)
}

fn cipher(password: &str, salt: &[u8]) -> Result<XChaCha20Poly1305, AccountError> {
    let (memory, passes, lanes) = DERIVATION;
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(|_| AccountError::Hash)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut key)
        .map_err(|_| AccountError::Hash)?;
    Ok(XChaCha20Poly1305::new(&key.into()))
}

/// What a sealed key is bound to: it opens for nobody else's name.
fn bound(account: &str, public: &str) -> String {
    format!("signing-key|{account}|{public}")
}

fn unreadable(reason: &str) -> StoreError {
    StoreError::Unreadable { table: "signing_key", reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
