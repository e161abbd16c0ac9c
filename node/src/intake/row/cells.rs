//! Cells into values: each reader gives what a cell says, or a fault with the cell's heading.

use std::{collections::HashSet, str::FromStr, sync::LazyLock};

use chrono::{Datelike, NaiveDate};
use tenfold_common::geography::{self, BOUNDARY_SET, WardCode};

use super::{Plan, Row};
use crate::{
    intake::{
        date::{DateFault, DateFormat},
        fault::{FaultKind, examples},
        field::{CodeList, Field},
        recognise::folded,
    },
    register::{Sex, identifiers::is_placeholder_identifier},
};

/// Texts that say no more than a blank cell.
const PLACEHOLDERS: [&str; 13] = [
    "unknown",
    "n/a",
    "not known",
    "not recorded",
    "not given",
    "not stated",
    "withheld",
    "address withheld",
    "n/k",
    "nk",
    "(blank)",
    "-",
    "?",
];

/// What a spreadsheet writes where a formula failed or a column is too narrow.
const FORMULA_ERRORS: [&str; 10] =
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#DATA!", "########", "#SPILL!"];

/// Wards of the shipped boundary set.
static WARDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    geography::boroughs()
        .iter()
        .flat_map(|borough| borough.wards.iter().map(|ward| ward.code.as_str()))
        .collect()
});

impl<'a> Row<'a> {
    /// 1 January 1900 is what systems write for a birth date they do not have: it would join strangers.
    pub(super) fn birth_date(&mut self, field: Field) -> Option<NaiveDate> {
        let day = self.date(field).filter(|day| day.year() > 1900)?;
        match self.plan.context.as_of {
            Some(as_of) if day > as_of => {
                let found = self.text(field).unwrap_or_default().to_owned();
                self.fault(field, FaultKind::NotYetBorn { found, as_of: as_of.to_string() });
                None
            }
            _ => Some(day),
        }
    }

    pub(super) fn date(&mut self, field: Field) -> Option<NaiveDate> {
        let text = self.text(field)?;
        let day = self.day(text);
        match day {
            Ok(day) => {
                self.tally.day(field, day);
                Some(day)
            }
            Err(fault) => {
                self.wrong(field, text, |row, found| match fault {
                    DateFault::Impossible => FaultKind::ImpossibleDate { found },
                    DateFault::ShortYear => FaultKind::ShortYear { found },
                    DateFault::Shape if is_day_number(&found) => FaultKind::DayNumber { found },
                    DateFault::Shape => {
                        let expected = examples(&row.plan.mapping.date_formats);
                        FaultKind::NotADate { found, expected }
                    }
                });
                None
            }
        }
    }

    /// The day that a text names in any of the mapping's formats, or of the sheet's own.
    fn day(&self, text: &str) -> Result<NaiveDate, DateFault> {
        let mut worst = DateFault::Shape;
        let sheet = self.plan.epoch.map(|_| &DateFormat::YearMonthDay);
        for format in self.plan.mapping.date_formats.iter().chain(sheet) {
            match format.parse(text, self.plan.context.as_of) {
                Ok(day) => return Ok(day),
                Err(DateFault::Shape) => {}
                Err(fault) => worst = fault,
            }
        }
        let number = self.plan.epoch.filter(|_| is_day_number(text));
        number.zip(text.parse().ok()).and_then(|(epoch, number)| epoch.day(number)).ok_or(worst)
    }

    pub(super) fn identifier<T: FromStr<Err: std::fmt::Display>>(&mut self, field: Field) -> Option<T> {
        let text = self.text(field).filter(|text| !is_placeholder_identifier(text))?;
        match text.parse() {
            Ok(identifier) => Some(identifier),
            Err(error) => {
                self.wrong(field, text, |_, found| {
                    // Codes of places quote the text themselves; the reason alone is wanted here.
                    let reason = error.to_string();
                    let reason = reason.strip_prefix(&format!("{found:?} is ")).unwrap_or(&reason).to_owned();
                    FaultKind::BadIdentifier { found, reason }
                });
                None
            }
        }
    }

    /// A ward that is in the boundary set; one that is not is kept as not known, and asked about.
    pub(super) fn ward(&mut self) -> Option<WardCode> {
        let ward: WardCode = self.identifier(Field::Ward)?;
        if WARDS.contains(ward.as_str()) {
            return Some(ward);
        }
        let question = format!(
            "the ward {ward} is none of the {BOUNDARY_SET}, and is kept as not known; was it abolished, or is it outside the region?"
        );
        self.ask(Some(Field::Ward), "ward-not-known", question);
        None
    }

    /// A forename; several in one cell, joined as people join them, are several people.
    pub(super) fn given_name(&mut self, field: Field) -> String {
        let text = self.text(field).unwrap_or_default();
        if is_several(text) {
            let found = text.to_owned();
            self.fault(field, FaultKind::SeveralPeople { found });
        }
        text.to_owned()
    }

    pub(super) fn number(&mut self, field: Field) -> Option<u32> {
        let text = self.text(field)?;
        let number = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        match number {
            Some(number) => self.tally.number(field, number),
            None => self.wrong(field, text, |_, found| FaultKind::NotANumber { found }),
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
                self.wrong(field, found, |row, found| {
                    let codes = row.plan.codes[field.slot()].iter();
                    let expected = codes.map(|code| code.code).collect::<Vec<_>>().join(", ");
                    FaultKind::UnknownCode { found, expected }
                });
                None
            }
        }
    }

    /// The register's word of a coded cell, or the code that is not in the list; a blank cell says what the
    /// mapping says of the whole source.
    pub(super) fn word(&self, field: Field) -> Option<Result<&'a str, &'a str>> {
        let plan: &'a Plan<'a> = self.plan;
        let Some(text) = self.text(field) else {
            return plan.mapping.fixed.get(&field).map(|word| Ok(word.as_str()));
        };
        let codes = &plan.codes[field.slot()];
        let known = codes.iter().find(|code| code.code == text).or_else(|| {
            let text = folded(text);
            codes.iter().find(|code| code.folded == text)
        });
        // A sheet's own yes and no need no list.
        let own = match (plan.epoch, field.code_list(), text) {
            (Some(_), Some(CodeList::Flag), "TRUE") => Some("yes"),
            (Some(_), Some(CodeList::Flag), "FALSE") => Some("no"),
            _ => None,
        };
        Some(known.map(|code| code.word).or(own).ok_or(text))
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

    /// A cell that cannot be read: for a reason that is seen on any cell, or for the field's own.
    fn wrong(&mut self, field: Field, text: &str, kind: impl FnOnce(&Self, String) -> FaultKind) {
        let found = text.to_owned();
        let kind = if is_several(text) { FaultKind::SeveralPeople { found } } else { kind(self, found) };
        self.fault(field, kind);
    }

    pub(super) fn ask(&mut self, field: Option<Field>, rule: &'static str, question: String) {
        self.queries.push((field, rule, question));
    }
}

/// What a cell says, trimmed; nothing where it is blank or says that it is.
pub(super) fn filled(cell: &str) -> Option<&str> {
    let text = cell.trim();
    let blank = text.is_empty() || PLACEHOLDERS.iter().any(|word| word.eq_ignore_ascii_case(text));
    (!blank).then_some(text)
}

/// What a spreadsheet has made of a cell, whatever should stand there.
pub(super) fn spoilt(text: &str) -> Option<FaultKind> {
    let bytes = text.as_bytes();
    let found = || text.to_owned();
    match bytes.first()? {
        b'#' if FORMULA_ERRORS.iter().any(|error| text.starts_with(error)) => {
            Some(FaultKind::FormulaError { found: found() })
        }
        b'0'..=b'9' if is_rounded(bytes) => Some(FaultKind::Rounded { found: found() }),
        _ => None,
    }
}

/// 9.43E+09.
fn is_rounded(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().position(|byte| *byte == b'E' || *byte == b'e') else {
        return false;
    };
    let (number, power) = (&bytes[..at], &bytes[at + 1..]);
    power.len() >= 2
        && power[0] == b'+'
        && power[1..].iter().all(u8::is_ascii_digit)
        && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

fn is_day_number(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_several(text: &str) -> bool {
    text.contains(['&', ';', '+', '\n']) || text.contains(" and ")
}

/// Whether a cell heads a row of sums.
pub(super) fn is_total(text: &str) -> bool {
    let text = text.trim_end_matches([':', ' ']);
    ["total", "totals", "grand total", "sub-total", "subtotal", "sum"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text))
}
