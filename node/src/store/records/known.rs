//! What is there already, by what makes a row the same as one before.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::{QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use crate::{
    register::SourceKind,
    store::schema::{assessment, care_spell, episode, incident, session_count, spell},
};

/// What is there of one kind of record, by what makes a row the same as one before.
#[derive(Debug, Default)]
pub struct Known(HashSet<String>);

impl Known {
    /// What is there of the records of a source.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn of(connection: &mut AnyConnection, source: SourceKind) -> Result<Self, StoreError> {
        let keys = match source {
            SourceKind::EarlyHelp => {
                let keys = (assessment::reference, assessment::child, assessment::kind);
                let rows: Vec<(String, i64, String)> = assessment::table.select(keys).load(connection)?;
                rows.into_iter().map(|(reference, child, kind)| told(&[&reference, &child, &kind])).collect()
            }
            SourceKind::Police => {
                let keys = (incident::reference, incident::folded_name, incident::birth_date);
                let rows: Vec<(String, String, String)> = incident::table.select(keys).load(connection)?;
                rows.into_iter().map(|(reference, name, born)| told(&[&reference, &name, &born])).collect()
            }
            SourceKind::Episodes => {
                let keys = (episode::reference, episode::child);
                let rows: Vec<(String, i64)> = episode::table.select(keys).load(connection)?;
                rows.into_iter().map(|(reference, child)| told(&[&reference, &child])).collect()
            }
            SourceKind::SchoolSessions => triples(
                session_count::table
                    .select((session_count::pupil, session_count::code, session_count::term_from))
                    .load(connection)?,
            ),
            SourceKind::Housing | SourceKind::Circumstances => Default::default(),
            SourceKind::Dwp => {
                let keys = (spell::person, spell::kind, spell::from_day, spell::description);
                let rows: Vec<(i64, String, NaiveDate, String)> =
                    spell::table.select(keys).load(connection)?;
                rows.into_iter()
                    .map(|(person, kind, day, what)| told(&[&person, &kind, &day, &what]))
                    .collect()
            }
            SourceKind::SocialCare => triples(
                care_spell::table
                    .select((care_spell::child, care_spell::kind, care_spell::from_day))
                    .load(connection)?,
            ),
        };
        Ok(Self(keys.into_iter().collect()))
    }

    /// Whether a row of this key is new; it is known from then on.
    pub(super) fn is_new(&mut self, key: String) -> bool {
        self.0.insert(key)
    }
}

fn triples(rows: Vec<(i64, String, NaiveDate)>) -> Vec<String> {
    rows.into_iter().map(|(person, word, day)| told(&[&person, &word, &day])).collect()
}

/// The parts of a key in one text, each ended by a character that no cell holds.
pub(super) fn told(parts: &[&dyn std::fmt::Display]) -> String {
    parts.iter().map(|part| format!("{part}\u{1f}")).collect()
}
