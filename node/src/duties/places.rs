//! The borough's own file of places: which ward a property or a postcode lies in, where the source does not say.

use std::path::Path;

use serde::Serialize;
use tenfold_common::geography::{WardCode, borough};
use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, require, settle};
use crate::{register::identifiers::Uprn, store};

/// What became of a file of places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlacesTaken {
    /// Places taken.
    pub places: usize,
    /// Lines without a property reference or postcode, or whose ward is none of this borough: passed over.
    pub passed_over: usize,
}

/// Takes a file of places with the headings `uprn` or `postcode`, and `ward`; it replaces the one before.
///
/// # Errors
/// Where the file cannot be read or has other headings.
pub fn take(
    node: &Node,
    file: &Path,
    dated: chrono::NaiveDate,
    by: &Account,
) -> Result<PlacesTaken, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let unreadable = |error: csv::Error| DutyError::File {
        path: file.to_owned(),
        source: std::io::Error::other(error.kind_words()),
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(file).map_err(unreadable)?;
    let headings = reader.headers().map_err(unreadable)?.clone();
    let place = |wanted: &str| {
        headings.iter().position(|h| h.trim().trim_start_matches('\u{feff}').eq_ignore_ascii_case(wanted))
    };
    let (uprn, postcode, ward) = (place("uprn"), place("postcode"), place("ward"));
    let (Some(ward), true) = (ward, uprn.is_some() || postcode.is_some()) else {
        let reason = format!(
            "{} has the headings {}, expected uprn or postcode, and ward",
            file.display(),
            headings.iter().collect::<Vec<_>>().join(", ")
        );
        return Err(DutyError::Decision { reason });
    };
    let known = borough(&node.borough).map_or(&[][..], |borough| &borough.wards);
    let mut taken = PlacesTaken::default();
    let mut places = Vec::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(str::trim).unwrap_or_default();
        let code: Option<WardCode> = cell(Some(ward)).parse().ok();
        let code = code.filter(|code| known.iter().any(|ward| ward.code == *code));
        let before = places.len();
        if let Some(code) = code {
            if let Ok(uprn) = cell(uprn).parse::<Uprn>() {
                places.push(("uprn", uprn.as_str().to_owned(), code.to_string()));
            }
            let postcode = store::places::folded(cell(postcode));
            if !postcode.is_empty() {
                places.push(("postcode", postcode, code.to_string()));
            }
        }
        if places.len() > before { taken.places += 1 } else { taken.passed_over += 1 }
    }
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        store::places::replace(connection, &places, dated)?;
        let mentions = settle::open(connection)?;
        settle::settle(connection, mentions, None, now)?;
        acts::record(connection, now, &by.name, "places-taken", &format!("{} of {dated}", taken.places))?;
        Ok(taken)
    })
}

/// The kind of a CSV error without any value of the file.
trait KindWords {
    fn kind_words(&self) -> &'static str;
}

impl KindWords for csv::Error {
    fn kind_words(&self) -> &'static str {
        match self.kind() {
            csv::ErrorKind::Io(_) => "the file cannot be read",
            csv::ErrorKind::Utf8 { .. } => "the file is not UTF-8 text",
            _ => "the file is no CSV",
        }
    }
}
