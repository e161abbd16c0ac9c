//! A framework's editions: what held in each financial year.

use chrono::{Datelike, NaiveDate};

use super::{Floor, Framework, Money};

/// What a framework said in one financial year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition<'a> {
    /// The financial year, such as `2015-16`.
    pub financial_year: String,
    /// Its first day within the framework.
    pub from: NaiveDate,
    /// Its last day within the framework.
    pub to: NaiveDate,
    /// The attendance floors that held on some day of it, by rising date.
    pub floors: Vec<&'a Floor>,
    /// What was paid, by rising date.
    pub money: Vec<&'a Money>,
}

impl Framework {
    /// What is paid on a day; the first amounts also before their day.
    pub fn money_on(&self, day: NaiveDate) -> &Money {
        let held = self.money.iter().rev().find(|money| money.from <= day);
        held.or(self.money.first()).expect("a framework without money is refused when it is read")
    }

    /// The edition of every financial year in which the framework holds.
    pub fn editions(&self) -> Vec<Edition<'_>> {
        let mut editions = Vec::new();
        let mut from = self.valid.from;
        while from <= self.valid.to {
            let year = if from.month() >= 4 { from.year() } else { from.year() - 1 };
            let Some(next) = NaiveDate::from_ymd_opt(year + 1, 4, 1) else { break };
            let to = next.pred_opt().map_or(self.valid.to, |last| last.min(self.valid.to));
            editions.push(Edition {
                financial_year: format!("{year}-{:02}", (year + 1) % 100),
                from,
                to,
                floors: held(&self.attendance.floors, |floor| floor.from, from, to),
                money: held(&self.money, |money| money.from, from, to),
            });
            from = next;
        }
        editions
    }

    /// The edition that holds on a day.
    pub fn edition(&self, on: NaiveDate) -> Option<Edition<'_>> {
        self.editions().into_iter().find(|edition| edition.from <= on && on <= edition.to)
    }
}

/// The dated values that held on some day of a span.
fn held<T>(all: &[T], since: impl Fn(&T) -> NaiveDate, from: NaiveDate, to: NaiveDate) -> Vec<&T> {
    let first = all.iter().rposition(|value| since(value) <= from).unwrap_or(0);
    all.iter().skip(first).filter(|value| since(value) <= to).collect()
}
