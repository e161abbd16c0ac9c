//! What the cells of a column are: dates, identifiers whose check digits fit, codes.

use std::collections::BTreeSet;

use tenfold_common::geography::{BoroughCode, WardCode};

use crate::{
    intake::{date::DateFormat, field::Field},
    register::identifiers::{NhsNumber, NiNumber, Upn, Uprn, is_placeholder_identifier},
};

const FORMATS: [DateFormat; 5] = [
    DateFormat::DayMonthYear,
    DateFormat::YearMonthDay,
    DateFormat::YearMonthNameDay,
    DateFormat::DayMonthNameYear,
    DateFormat::DayMonthShortYear,
];

/// A list of codes is no longer than this.
const MOST_CODES: usize = 30;

/// The filled cells of one column.
pub(super) struct Values {
    cells: Vec<String>,
    distinct: BTreeSet<String>,
    format: Option<DateFormat>,
}

impl Values {
    pub(super) fn of(rows: &[Vec<String>], at: usize) -> Self {
        let cells: Vec<String> = rows
            .iter()
            .filter_map(|row| row.get(at))
            .filter(|cell| !is_placeholder_identifier(cell))
            .cloned()
            .collect();
        let distinct =
            rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty()).cloned().collect();
        let mut values = Self { cells, distinct, format: None };
        values.format =
            FORMATS.into_iter().find(|format| values.mostly(|cell| format.parse(cell, None).is_ok()));
        values
    }

    /// Whether nine in ten cells are something.
    fn mostly(&self, is: impl Fn(&str) -> bool) -> bool {
        let count = self.cells.iter().filter(|cell| is(cell)).count();
        !self.cells.is_empty() && count * 10 >= self.cells.len() * 9
    }

    pub(super) fn distinct(&self) -> impl Iterator<Item = &str> {
        self.distinct.iter().map(String::as_str)
    }

    /// Whether a column of such cells could mean a field at all.
    pub(super) fn could_be(&self, field: Field) -> bool {
        if self.distinct.is_empty() {
            return true;
        }
        if field.is_date() || self.format.is_some() {
            return field.is_date() == self.format.is_some();
        }
        field.code_list().is_none() || self.distinct.len() <= MOST_CODES
    }

    /// What the cells are, where that alone tells a field.
    pub(super) fn shape_of(&self, field: Field) -> Option<&'static str> {
        let (shape, fits) = match field {
            Field::NhsNumber => ("NHS numbers", self.mostly(|cell| cell.parse::<NhsNumber>().is_ok())),
            Field::Upn => ("unique pupil numbers", self.mostly(|cell| cell.parse::<Upn>().is_ok())),
            Field::NiNumber | Field::CarerNiNumber => {
                ("National Insurance numbers", self.mostly(|cell| cell.parse::<NiNumber>().is_ok()))
            }
            Field::Uprn => {
                let is = |cell: &str| cell.len() >= 11 && cell.parse::<Uprn>().is_ok();
                ("property references", self.mostly(is))
            }
            Field::Ward => ("ward codes", self.mostly(|cell| cell.parse::<WardCode>().is_ok())),
            Field::ReceivedFrom => ("borough codes", self.mostly(|cell| cell.parse::<BoroughCode>().is_ok())),
            Field::Postcode => ("postcodes", self.mostly(is_postcode)),
            _ => return None,
        };
        fits.then_some(shape)
    }
}

/// The ways in which the date columns are written, the commonest first.
pub(super) fn date_formats(values: &[Values]) -> Vec<DateFormat> {
    let mut formats: Vec<(usize, DateFormat)> = FORMATS
        .into_iter()
        .map(|format| (values.iter().filter(|values| values.format == Some(format)).count(), format))
        .filter(|(count, _)| *count > 0)
        .collect();
    formats.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    formats.into_iter().map(|(_, format)| format).collect()
}

/// One or two letters, a digit, up to one more letter or digit; a digit and two letters.
fn is_postcode(text: &str) -> bool {
    let text: Vec<u8> =
        text.bytes().filter(|byte| *byte != b' ').map(|byte| byte.to_ascii_uppercase()).collect();
    let [outward @ .., digit, first, second] = text.as_slice() else {
        return false;
    };
    let letters = outward.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    (2..=4).contains(&outward.len())
        && (1..=2).contains(&letters)
        && outward[letters..].first().is_some_and(u8::is_ascii_digit)
        && outward[letters..].iter().all(u8::is_ascii_alphanumeric)
        && digit.is_ascii_digit()
        && first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
}
