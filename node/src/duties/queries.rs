//! Questions that good rows raise: listed, and explained once for as long as the row says the same.

use tenfold_store::{Account, Role, acts};

use super::{DutyError, LoadFault, Node, require};
use crate::store;

pub use crate::store::queries::KeptQuery;

/// The questions of one load, or of all.
///
/// # Errors
/// Where the database cannot be read.
pub fn list(node: &Node, load: Option<i64>) -> Result<Vec<KeptQuery>, DutyError> {
    Ok(node.store.read(|connection| store::queries::all(connection, load))?)
}

/// Explains a question.
///
/// # Errors
/// Where there is none of that number, or the explanation is blank.
pub fn explain(node: &Node, load: i64, number: i64, text: &str, by: &Account) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    if text.trim().is_empty() {
        return Err(DutyError::Decision { reason: "an explanation needs words".to_owned() });
    }
    let now = node.now();
    node.store.write(|connection| {
        let found = store::queries::all(connection, Some(load))?;
        let query = found.iter().find(|query| query.number == number);
        let query = query.ok_or(DutyError::Load(LoadFault::NoQuery { load, number }))?;
        store::queries::explain(connection, query, text.trim(), &by.name, now)?;
        let object = format!("load {load} question {number}");
        Ok(acts::record(connection, now, &by.name, "query-explained", &object)?)
    })
}
