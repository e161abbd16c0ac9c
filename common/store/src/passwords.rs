//! Changes of a password: by the person, who keeps the key, and by an administrator, who makes a new one.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;

use crate::{
    Account, AccountError, AnyConnection, Store, accounts, acts,
    schema::{account, session},
    signing::{Anew, Origin, Sealed},
};

/// Changes a person's own password: the same signing key is sealed under the new one, or a new key is made where the
/// old password was an administrator's choice. Every session of the person ends. Nothing where name or old password
/// are wrong.
///
/// # Errors
/// Where the new password is not acceptable, the account is locked, or the store fails.
pub fn change(
    store: &Store,
    name: &str,
    old: &str,
    new: &str,
    now: Moment,
) -> Result<Option<Account>, AccountError> {
    let Some(found) = accounts::verify(store, name, old, now)? else { return Ok(None) };
    let hash = accounts::hash(new)?;
    let key = Anew::under(store, &found, old, new)?;
    store
        .write(|connection| {
            set(connection, name, hash)?;
            key.keep(connection, now)?;
            Ok(acts::record(connection, now, name, "password-changed", name)?)
        })
        .map(|()| Some(found))
}

/// Sets a person's password, by an administrator: the key under the old one is retired for good and a new one made,
/// for everybody to see. Every session of the person ends.
///
/// # Errors
/// `Unknown` where there is no such account, where the password is not acceptable, or the store fails.
pub fn reset(store: &Store, name: &str, new: &str, now: Moment) -> Result<Account, AccountError> {
    let unknown = || AccountError::Unknown { name: name.to_owned() };
    let found = accounts::find(store, name)?.ok_or_else(unknown)?;
    let hash = accounts::hash(new)?;
    let key = Sealed::new(&found, new)?;
    store
        .write(|connection| {
            set(connection, name, hash)?;
            if let Some(key) = key {
                key.keep(connection, Origin::Given, now)?;
            }
            Ok(acts::record(connection, now, "administration", "password-reset", name)?)
        })
        .map(|()| found)
}

fn set(connection: &mut AnyConnection, name: &str, hash: String) -> Result<(), AccountError> {
    diesel::update(account::table.find(name))
        .set((
            account::password_hash.eq(hash),
            account::failures.eq(0),
            account::locked_until.eq(None::<crate::ColumnTime>),
        ))
        .execute(connection)?;
    diesel::delete(session::table.filter(session::account.eq(name))).execute(connection)?;
    Ok(())
}
