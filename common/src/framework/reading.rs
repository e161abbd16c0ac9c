//! A framework's TOML walked key by key, so that one reading names every fault.

use std::{cell::RefCell, collections::BTreeSet, str::FromStr};

use chrono::NaiveDate;
use toml::Value;

use super::{Confirmation, FrameworkFault, Provenance};

/// One table of the document, with its place in words.
pub(super) struct Table<'a> {
    place: String,
    values: Option<&'a toml::Table>,
    asked: RefCell<BTreeSet<&'static str>>,
    faults: &'a RefCell<Vec<FrameworkFault>>,
}

impl<'a> Table<'a> {
    /// The document's top.
    pub(super) fn top(values: &'a toml::Table, faults: &'a RefCell<Vec<FrameworkFault>>) -> Self {
        Self { place: "top".to_owned(), values: Some(values), asked: RefCell::default(), faults }
    }

    /// Where this table stands.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn fault(&self, fault: FrameworkFault) {
        self.faults.borrow_mut().push(fault);
    }

    fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(key);
        self.values?.get(key)
    }

    /// A value that must be there and be read; what replaces it never leaves this module, for a fault is kept.
    fn needed<T: Default>(
        &self,
        key: &'static str,
        expected: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> T {
        let place = || self.place.clone();
        match self.value(key) {
            // A table that is itself missing was named already.
            None if self.values.is_none() => T::default(),
            None => {
                self.fault(FrameworkFault::Missing { place: place(), key: key.to_owned(), expected });
                T::default()
            }
            Some(value) => read(value).unwrap_or_else(|| {
                self.fault(FrameworkFault::WrongKind { place: place(), key: key.to_owned(), expected });
                T::default()
            }),
        }
    }

    pub(super) fn text(&self, key: &'static str) -> String {
        self.needed(key, "a text that is not empty", |value| {
            value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
        })
    }

    pub(super) fn flag(&self, key: &'static str) -> bool {
        self.needed(key, "true or false", Value::as_bool)
    }

    /// A whole number within bounds; what lies outside is a fault.
    pub(super) fn whole(&self, key: &'static str, least: i64, most: i64) -> u32 {
        let number = self.needed(key, "a whole number", |value| value.as_integer().map(Some));
        let Some(found) = number else { return 0 };
        if !(least..=most).contains(&found) {
            let key = key.to_owned();
            self.fault(FrameworkFault::OutOfRange { place: self.place.clone(), key, found, least, most });
        }
        u32::try_from(found).unwrap_or(0)
    }

    /// A whole number that may be left out.
    pub(super) fn optional_whole(&self, key: &'static str, least: i64, most: i64) -> Option<u32> {
        self.value(key).map(|_| self.whole(key, least, most))
    }

    /// A flag that may be left out.
    pub(super) fn optional_flag(&self, key: &'static str) -> Option<bool> {
        self.value(key).map(|_| self.flag(key))
    }

    /// Small numbers that may be left out; none then.
    pub(super) fn optional_numbers(&self, key: &'static str) -> Vec<u8> {
        let read = |value: &'a Value| -> Option<Vec<u8>> {
            let items = value.as_array()?.iter();
            items.map(|item| item.as_integer().and_then(|number| u8::try_from(number).ok())).collect()
        };
        if self.value(key).is_none() { Vec::new() } else { self.needed(key, "a list of whole numbers", read) }
    }

    pub(super) fn day(&self, key: &'static str) -> NaiveDate {
        self.needed(key, "a date such as 2015-04-01", |value| {
            let date = value.as_datetime()?.date?;
            NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
        })
    }

    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        self.needed(key, "a list of texts", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    /// A word of a closed list.
    pub(super) fn word<T: FromStr>(&self, key: &'static str, known: &[&'static str]) -> Option<T> {
        let text = self.needed(key, "a word", |value| value.as_str().map(str::to_owned));
        if text.is_empty() { None } else { self.known_word(key, &text, known) }
    }

    /// A word of a closed list that may be left out.
    pub(super) fn optional_word<T: FromStr>(&self, key: &'static str, known: &[&'static str]) -> Option<T> {
        self.value(key).and_then(|_| self.word(key, known))
    }

    /// Words of a closed list.
    pub(super) fn words<T: FromStr>(&self, key: &'static str, known: &[&'static str]) -> Vec<T> {
        self.texts(key).iter().filter_map(|text| self.known_word(key, text, known)).collect()
    }

    fn known_word<T: FromStr>(&self, key: &str, text: &str, known: &[&'static str]) -> Option<T> {
        let word = text.parse().ok();
        if word.is_none() {
            self.fault(FrameworkFault::UnknownWord {
                place: self.place.clone(),
                key: key.to_owned(),
                found: text.to_owned(),
                expected: known.join(", "),
            });
        }
        word
    }

    /// The source of a rule, and whether it was read there or who confirmed it.
    pub(super) fn provenance(&self) -> Provenance {
        let source = self.text("source");
        if self.value("confirmed_by").is_none() && self.value("confirmed_on").is_none() {
            return Provenance { source, confirmed: self.flag("confirmed"), confirmation: None };
        }
        let confirmation = Confirmation { by: self.text("confirmed_by"), on: self.day("confirmed_on") };
        Provenance { source, confirmed: true, confirmation: Some(confirmation) }
    }

    /// A table below this one.
    pub(super) fn below(&self, key: &'static str) -> Self {
        let values = self.needed(key, "a table", |value| value.as_table().map(Some));
        self.child(key.to_owned(), values)
    }

    /// A table below this one that may be left out.
    pub(super) fn optional_below(&self, key: &'static str) -> Option<Self> {
        self.value(key).map(|_| self.below(key))
    }

    /// The tables of a list that may be left out; none then.
    pub(super) fn optional_list(&self, key: &'static str) -> Vec<Self> {
        if self.value(key).is_none() { Vec::new() } else { self.list(key) }
    }

    /// The tables of a list below this one.
    pub(super) fn list(&self, key: &'static str) -> Vec<Self> {
        let items: Vec<&toml::Table> = self
            .needed(key, "a list of tables", |value| value.as_array()?.iter().map(Value::as_table).collect());
        let name = |at: usize| format!("{key} {}", at + 1);
        items.into_iter().enumerate().map(|(at, values)| self.child(name(at), Some(values))).collect()
    }

    fn child(&self, name: String, values: Option<&'a toml::Table>) -> Self {
        let place = if self.place == "top" { name } else { format!("{}, {name}", self.place) };
        Self { place, values, asked: RefCell::default(), faults: self.faults }
    }

    /// Names every key that nobody asked for.
    pub(super) fn done(self) {
        let asked = self.asked.borrow();
        for key in self.values.into_iter().flat_map(toml::Table::keys) {
            if !asked.contains(key.as_str()) {
                self.fault(FrameworkFault::UnknownKey { place: self.place.clone(), key: key.clone() });
            }
        }
    }
}
