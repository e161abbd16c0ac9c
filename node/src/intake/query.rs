//! Questions that a good row raises: it is taken, and somebody explains it.
//!
//! # Privacy
//! A question may quote what stands in the file; `Debug` shows place and rule and nothing else.

mod watch;

use std::fmt;

use tenfold_common::protocol::signature::sha256_hex;
pub(crate) use watch::{Watch, person};

use crate::{
    intake::{fault::Place, record::Record},
    register::matching::Who,
};

/// One question about one row; the row is taken all the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    /// Where.
    pub place: Place,
    /// The rule that asks: one stable word.
    pub rule: &'static str,
    /// What looks odd and what would explain it.
    pub question: String,
    /// The record's own key, hashed: an explanation given to it survives a resend of the same row and rule.
    pub own_key: String,
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.question)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.rule, self.place)
    }
}

/// A record's own key: the source's number of it where there is one, else the person, what it says and from when.
///
/// Hashed, because it stands in tables and addresses where no name belongs.
pub(crate) fn own_key(record: &Record) -> String {
    let kind = record.kind().as_str();
    let named = |who: &Who, what: &str, from: String| format!("{kind}|{}|{what}|{from}", known_by(who));
    let key = match record {
        Record::Assessment(row) => format!("{kind}|{}", row.reference),
        Record::Episode(row) => format!("{kind}|{}", row.reference),
        Record::Incident(row) => named(&row.person, &row.reference, String::new()),
        Record::Sessions(row) => named(&row.pupil, &row.code, format!("{}|{}", row.days.from, row.days.to)),
        Record::Spell(row) => {
            named(&row.person, &format!("{:?}|{}", row.kind, row.description), row.from.to_string())
        }
        Record::Answer(row) => match &row.spell {
            Some(spell) => {
                named(&row.person, &format!("{:?}|{}", spell.kind, spell.description), spell.from.to_string())
            }
            None => named(&row.person, if row.traced { "traced" } else { "not-traced" }, String::new()),
        },
        Record::Care(row) => named(&row.child, row.kind.as_str(), row.from.to_string()),
        Record::Housing(row) => named(&row.person, row.kind.as_str(), row.from.to_string()),
        Record::Circumstance(row) => named(&row.person, row.kind.as_str(), row.from.to_string()),
        Record::History(row) => {
            let reference = row.claim.as_ref().map(|claim| claim.reference.as_str()).unwrap_or_default();
            named(&row.person, &format!("{}|{reference}", row.programme), row.attached.to_string())
        }
    };
    sha256_hex(key.as_bytes())
}

/// The first of a person's keys, or the name and birth date.
fn known_by(who: &Who) -> String {
    let keys = [
        who.nhs_number.as_ref().map(|key| key.as_str()),
        who.upn.as_ref().map(|key| key.as_str()),
        who.ni_number.as_ref().map(|key| key.as_str()),
        who.case_id.as_ref().map(|case| case.id.as_str()),
    ];
    match keys.into_iter().flatten().next() {
        Some(key) => key.to_owned(),
        None => {
            format!("{}|{}", who.folded_name(), who.birth_date.map(|day| day.to_string()).unwrap_or_default())
        }
    }
}
