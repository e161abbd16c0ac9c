//! Local accounts: names, roles, Argon2id passwords, and a lock-out that survives a restart.

use std::{fmt, str::FromStr};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde::{Deserialize, Serialize};
use tenfold_common::clock::Moment;

use crate::{
    AnyConnection, ColumnTime, Store, StoreError, acts,
    schema::account,
    signing::{Origin, Sealed},
};

/// What a person may do. A node knows the first three, the aggregator the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Loads extracts, decides outcomes, prepares releases.
    Analyst,
    /// Approves releases for information governance.
    Approver,
    /// Reads everything; audits claims, and changes nothing else.
    Auditor,
    /// Reads the region's dashboards.
    Viewer,
    /// Prepares the national return.
    ProgrammeLead,
    /// Signs the national return off.
    CertifyingOfficer,
    /// Manages enrolment and accounts.
    Administrator,
}

impl Role {
    /// The roles of a borough's node.
    pub const NODE: &[Self] = &[Self::Analyst, Self::Approver, Self::Auditor];
    /// The roles of the region's aggregator.
    pub const AGGREGATOR: &[Self] =
        &[Self::Viewer, Self::ProgrammeLead, Self::CertifyingOfficer, Self::Administrator];

    /// Whether people of this role sign what they decide with a key of their own.
    pub fn signs(self) -> bool {
        self == Self::Approver
    }

    /// The word used in files, commands and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Viewer => "viewer",
            Self::ProgrammeLead => "programme-lead",
            Self::CertifyingOfficer => "certifying-officer",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = AccountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = Self::NODE.iter().chain(Self::AGGREGATOR);
        all.copied().find(|role| role.as_str() == text).ok_or(AccountError::Role { text: text.to_owned() })
    }
}

/// An account, without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the person types to sign in.
    pub name: String,
    /// How pages and records name the person.
    pub display_name: String,
    /// What the person may do.
    pub role: Role,
}

/// Why an account cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The role is not known.
    #[error(
        "{text:?} is not a role, expected one of analyst, approver, auditor, viewer, programme-lead, certifying-officer, administrator"
    )]
    Role {
        /// What was given.
        text: String,
    },
    /// The name is not acceptable.
    #[error("{text:?} is not an account name, expected 2 to 40 of a-z, 0-9, dot and hyphen")]
    Name {
        /// What was given.
        text: String,
    },
    /// The password is too short.
    #[error("the password has {length} characters, expected at least 12")]
    TooShort {
        /// Its length.
        length: usize,
    },
    /// The name is taken.
    #[error("there is already an account named {name:?}")]
    Taken {
        /// The name.
        name: String,
    },
    /// Too many failures.
    #[error("this account is locked until {until} after repeated failed sign-ins")]
    Locked {
        /// Until when.
        until: Moment,
    },
    /// There is no such account.
    #[error("there is no account named {name:?}; `account list` names them")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The account was made before signing keys were.
    #[error(
        "{name} has no signing key yet, and signs nothing without: make one with `account key {name} --password-file FILE`"
    )]
    NoKey {
        /// Whose.
        name: String,
    },
    /// The account has a key.
    #[error("{name} has a signing key already; a new one comes with `account reset {name}` only")]
    HasKey {
        /// Whose.
        name: String,
    },
    /// The sealed key does not open under the account's own password.
    #[error(
        "the signing key of {name} does not open under the password: it was altered, or restored beside another account table; an administrator makes a new one with `account reset {name}`"
    )]
    BrokenKey {
        /// Whose.
        name: String,
    },
    /// The role signs nothing.
    #[error("an account with the role {role} signs nothing; approvers do, each with a key of the own")]
    Signs {
        /// The role.
        role: Role,
    },
    /// The password cannot be hashed.
    #[error("the password could not be hashed, or its key not made")]
    Hash,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for AccountError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

const FAILURES_BEFORE_LOCK: i32 = 5;
const LOCK_S: i64 = 15 * 60;

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = account, treat_none_as_default_value = false)]
struct Row {
    name: String,
    display_name: String,
    role: String,
    password_hash: String,
    created_at: ColumnTime,
    failures: i32,
    locked_until: Option<ColumnTime>,
}

impl Row {
    fn account(self) -> Result<Account, AccountError> {
        Ok(Account { name: self.name, display_name: self.display_name, role: self.role.parse()? })
    }
}

/// Adds an account, with a signing key where its role signs.
///
/// # Errors
/// Where name or password are not acceptable, or the name is taken.
pub fn add(store: &Store, account: &Account, password: &str, now: Moment) -> Result<(), AccountError> {
    let name = &account.name;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    if !(2..=40).contains(&name.len()) || !name.bytes().all(fits) {
        return Err(AccountError::Name { text: name.clone() });
    }
    let hash = hash(password)?;
    let key = Sealed::new(account, password)?;
    let row = Row {
        name: name.clone(),
        display_name: account.display_name.clone(),
        role: account.role.to_string(),
        password_hash: hash,
        created_at: now.naive(),
        failures: 0,
        locked_until: None,
    };
    store.write(|connection| {
        match diesel::insert_into(account::table).values(&row).execute(connection).map_err(StoreError::from) {
            Err(StoreError::AlreadyRecorded { .. }) => Err(AccountError::Taken { name: name.clone() }),
            Err(error) => Err(error.into()),
            Ok(_) => {
                acts::record(connection, now, "administration", "account-added", name)?;
                key.map_or(Ok(()), |key| key.keep(connection, Origin::Given, now))
            }
        }
    })
}

/// The hash of an acceptable password, in PHC form.
pub(crate) fn hash(password: &str) -> Result<String, AccountError> {
    let length = password.chars().count();
    if length < 12 {
        return Err(AccountError::TooShort { length });
    }
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| AccountError::Hash)?;
    Ok(hash.to_string())
}

/// The account with a name.
///
/// # Errors
/// Where the store fails.
pub fn find(store: &Store, name: &str) -> Result<Option<Account>, AccountError> {
    store.read(|connection| row(connection, name)?.map(Row::account).transpose())
}

/// All accounts by name.
///
/// # Errors
/// Where the store fails.
pub fn all(store: &Store) -> Result<Vec<Account>, AccountError> {
    store.read(|connection| {
        let rows: Vec<Row> = account::table.order(account::name.asc()).load(connection)?;
        rows.into_iter().map(Row::account).collect()
    })
}

/// The account whose name and password these are; nothing where they are not.
///
/// An unknown name costs as much time as a wrong password. Five failures lock the account for a quarter
/// of an hour.
///
/// # Errors
/// Where the account is locked or the store fails.
pub fn verify(
    store: &Store,
    name: &str,
    password: &str,
    now: Moment,
) -> Result<Option<Account>, AccountError> {
    let found = store.read(|connection| row(connection, name))?;
    let Some(found) = found else {
        // Spend the same effort on a name that does not exist.
        let _ = Argon2::default().hash_password(password.as_bytes());
        return Ok(None);
    };
    if let Some(until) = found.locked_until.map(Moment::from_naive).filter(|&until| until > now) {
        return Err(AccountError::Locked { until });
    }
    let hash = argon2::PasswordHash::new(&found.password_hash).map_err(|_| AccountError::Hash)?;
    let right = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    let failures = if right { 0 } else { found.failures + 1 };
    let locked = failures >= FAILURES_BEFORE_LOCK;
    if failures != found.failures {
        store.write(|connection| -> Result<(), AccountError> {
            diesel::update(account::table.find(name))
                .set((
                    account::failures.eq(if locked { 0 } else { failures }),
                    account::locked_until.eq(locked.then(|| now.plus_seconds(LOCK_S).naive())),
                ))
                .execute(connection)?;
            if locked {
                acts::record(connection, now, name, "account-locked", name)?;
            }
            Ok(())
        })?;
    }
    if right { found.account().map(Some) } else { Ok(None) }
}

fn row(connection: &mut AnyConnection, name: &str) -> Result<Option<Row>, AccountError> {
    Ok(account::table.find(name).first(connection).optional()?)
}
