//! Cells into values: each reader gives what a cell says, or a fault with the cell's heading.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::{Plan, Row};
use crate::{
    intake::{
        date::DateFault,
        fault::{FaultKind, examples},
        field::Field,
        recognise::folded,
    },
    register::{Sex, identifiers::is_placeholder_identifier},
};

/// Texts that say no more than a blank cell.
const PLACEHOLDERS: [&str; 7] =
    ["unknown", "n/a", "not known", "not recorded", "not given", "withheld", "address withheld"];

impl<'a> Row<'a> {
    /// 1 January 1900 is what systems write for a birth date they do not have: it would join strangers.
    pub(super) fn birth_date(&mut self, field: Field) -> Option<NaiveDate> {
        self.date(field).filter(|day| day.year() > 1900)
    }

    pub(super) fn date(&mut self, field: Field) -> Option<NaiveDate> {
        let text = self.text(field)?;
        let mut impossible = false;
        for format in &self.plan.mapping.date_formats {
            match format.parse(text) {
                Ok(day) => {
                    self.tally.day(field, day);
                    return Some(day);
                }
                Err(fault) => impossible |= fault == DateFault::Impossible,
            }
        }
        let found = text.to_owned();
        self.fault(
            field,
            if impossible {
                FaultKind::ImpossibleDate { found }
            } else {
                let expected = examples(&self.plan.mapping.date_formats);
                FaultKind::NotADate { found, expected }
            },
        );
        None
    }

    pub(super) fn identifier<T: FromStr<Err: std::fmt::Display>>(&mut self, field: Field) -> Option<T> {
        let text = self.text(field).filter(|text| !is_placeholder_identifier(text))?;
        match text.parse() {
            Ok(identifier) => Some(identifier),
            Err(error) => {
                // Codes of places quote the text themselves; the reason alone is wanted here.
                let reason = error.to_string();
                let reason = reason.strip_prefix(&format!("{text:?} is ")).unwrap_or(&reason);
                let (found, reason) = (text.to_owned(), reason.to_owned());
                self.fault(field, FaultKind::BadIdentifier { found, reason });
                None
            }
        }
    }

    pub(super) fn number(&mut self, field: Field) -> Option<u32> {
        let text = self.text(field)?;
        let number = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        match number {
            Some(number) => self.tally.number(field, number),
            None => {
                let found = text.to_owned();
                self.fault(field, FaultKind::NotANumber { found });
            }
        }
        number
    }

    pub(super) fn sex(&self, field: Field) -> Option<Sex> {
        Some(match self.word(field)? {
            Ok("female") => Sex::Female,
            Ok("male") => Sex::Male,
            _ => Sex::NotKnown,
        })
    }

    pub(super) fn code(&mut self, field: Field) -> Option<&'a str> {
        match self.word(field)? {
            Ok(word) => Some(word),
            Err(found) => {
                let list = field.code_list().and_then(|list| self.plan.mapping.codes.get(&list));
                let codes: Vec<&str> =
                    list.into_iter().flat_map(|codes| codes.keys().map(String::as_str)).collect();
                let (found, expected) = (found.to_owned(), codes.join(", "));
                self.fault(field, FaultKind::UnknownCode { found, expected });
                None
            }
        }
    }

    pub(super) fn word(&self, field: Field) -> Option<Result<&'a str, &'a str>> {
        let text = self.text(field)?;
        let plan: &'a Plan<'a> = self.plan;
        let codes = &plan.codes[field.slot()];
        let known = codes.iter().find(|code| code.code == text).or_else(|| {
            let text = folded(text);
            codes.iter().find(|code| code.folded == text)
        });
        Some(known.map(|code| code.word).ok_or(text))
    }

    pub(super) fn owned(&self, field: Field) -> Option<String> {
        self.text(field).map(str::to_owned)
    }

    /// What a cell says; nothing where it is blank or says that it is.
    pub(super) fn text(&self, field: Field) -> Option<&'a str> {
        self.values[field.slot()]
    }

    pub(super) fn fault(&mut self, field: Field, kind: FaultKind) {
        self.faults.push((Some(field), kind));
    }
}

/// What a cell says, trimmed; nothing where it is blank or says that it is.
pub(super) fn filled(cell: &str) -> Option<&str> {
    let text = cell.trim();
    let blank = text.is_empty() || PLACEHOLDERS.iter().any(|word| word.eq_ignore_ascii_case(text));
    (!blank).then_some(text)
}
