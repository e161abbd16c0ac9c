//! What only several rows of one file show: one person under two birth dates.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use chrono::NaiveDate;

use crate::{
    intake::record::Record,
    register::{
        identifiers::{NhsNumber, NiNumber, Upn},
        matching::Who,
    },
};

/// As many keys are remembered; no borough has so many people, and memory stays bounded whatever the file.
const MOST_KEYS: usize = 2_000_000;

/// The birth dates that a file has given so far, by hashed key.
pub(crate) struct Watch {
    births: HashMap<u64, NaiveDate>,
    hasher: RandomState,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self { births: HashMap::new(), hasher: RandomState::new() }
    }

    /// The birth date under which the same key stood before, where it is another.
    pub(crate) fn other_birth_date(&mut self, who: &Who) -> Option<NaiveDate> {
        let born = who.birth_date?;
        let case = who.case_id.as_ref().map(|case| case.id.as_str());
        let keys = [
            who.nhs_number.as_ref().map(NhsNumber::as_str),
            who.upn.as_ref().map(Upn::as_str),
            who.ni_number.as_ref().map(NiNumber::as_str),
            case,
        ];
        let mut other = None;
        for (kind, key) in keys.into_iter().enumerate() {
            let Some(key) = key else {
                continue;
            };
            let hash = self.hasher.hash_one((kind, key));
            match self.births.get(&hash) {
                Some(before) if *before != born => other = Some(*before),
                Some(_) => {}
                None if self.births.len() < MOST_KEYS => drop(self.births.insert(hash, born)),
                None => {}
            }
        }
        other
    }
}

/// The person a record is of first.
pub(crate) fn person(record: &Record) -> &Who {
    match record {
        Record::Assessment(row) => &row.child,
        Record::Sessions(row) => &row.pupil,
        Record::Incident(row) => &row.person,
        Record::Spell(row) => &row.person,
        Record::Care(row) => &row.child,
        Record::Episode(row) => &row.child,
        Record::Housing(row) => &row.person,
        Record::Circumstance(row) => &row.person,
        Record::History(row) => &row.person,
        Record::Answer(row) => &row.person,
    }
}
