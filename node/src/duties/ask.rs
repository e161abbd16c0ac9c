//! Check lists: the people about whom another body is asked, in the layout in which its answer comes back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::{privacy::policy::ATTACHED, spreadsheet};
use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, record::recorded, require};
use crate::{
    intake::{Mapping, field::Field},
    register::{SourceKind, families::FamilyNumber, matching::PersonNumber},
    release::selection::surviving,
    store::{self, person::Told},
};

/// A check list as a file.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CheckList {
    /// The file, CSV in UTF-8 with a mark.
    #[serde(skip)]
    pub text: String,
    /// How many people are on it.
    pub people: usize,
    /// People of whom something is missing by which they could be found, and what.
    pub incomplete: Vec<(String, String)>,
}

impl std::fmt::Debug for CheckList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a check list of {} people", self.people)
    }
}

/// The layout in which a body answers: one for answers, else the extract's; the borough's own before the shipped.
fn layout(mappings: &[Mapping], source: SourceKind) -> Option<&Mapping> {
    let of_source = || mappings.iter().rev().filter(|mapping| mapping.kind == source);
    of_source().find(|mapping| mapping.is_answer()).or_else(|| of_source().next())
}

/// Whom a body is asked about, by age in years: adults for benefits and jobs, pupils for schools, everybody for
/// the police.
fn is_asked(source: SourceKind, born: Option<NaiveDate>, today: NaiveDate) -> bool {
    let age = born.and_then(|born| today.years_since(born));
    match source {
        SourceKind::Dwp => age.is_none_or(|age| age >= 16),
        SourceKind::SchoolSessions => age.is_none_or(|age| (4..19).contains(&age)),
        _ => true,
    }
}

/// Writes the people of attached families for a body to be asked; the act is logged.
///
/// # Errors
/// Where no agreement covers the source, or its layout has no place for people.
pub fn check_list(node: &Node, source: SourceKind, by: &Account) -> Result<CheckList, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let mappings = node.mappings()?;
    let mapping = layout(&mappings, source).ok_or_else(|| DutyError::Decision {
        reason: format!("no layout is known for {}", source.as_str()),
    })?;
    node.store.write(|connection| {
        let agreement = store::loads::agreement_for(connection, source)?.ok_or_else(|| {
            let source = source.as_str();
            DutyError::Decision {
                reason: format!(
                    "no sharing agreement is recorded for {source}, so nobody's name goes there; record it with `tenfold-node agreement record {source} --reference …`"
                ),
            }
        })?;
        let merges = store::register::line_merges(connection)?;
        let attached = recorded(connection, ATTACHED, &merges)?;
        let silent = store::rights::silent_lines(connection)?;
        let mut asked: Vec<(PersonNumber, FamilyNumber)> = Vec::new();
        store::register::families(connection, |file| {
            let line = surviving(&file.line, &merges);
            if !attached.contains(line) || silent.contains(line) {
                return;
            }
            for member in file.members.iter().filter(|m| is_asked(source, m.birth_date, now.day())) {
                let number = |id: &str| id[1..].parse().ok();
                asked.extend(number(&member.id.0).zip(number(&file.family.0)));
            }
        })?;
        let homes = store::person::homes(connection)?;
        let mut list = Vec::new();
        for (person, family) in asked {
            let told = store::person::written_as(connection, person)?;
            list.push((person, cells(&told, homes.get(&family))));
        }
        let written = written(mapping, &list)?;
        let object = format!("{} under {agreement}", source.as_str());
        acts::record(connection, now, &by.name, "check-list-written", &object)?;
        Ok(written)
    })
}

/// What is known of a person, by field; of several mentions the first that says it.
fn cells(told: &[Told], home: Option<&store::person::Home>) -> BTreeMap<Field, String> {
    let mut cells = BTreeMap::new();
    let mut say = |field, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            cells.entry(field).or_insert(value);
        }
    };
    for told in told {
        say(Field::GivenName, Some(told.given_name.clone()));
        say(Field::FamilyName, Some(told.family_name.clone()));
        say(Field::BirthDate, told.birth_date.map(|day| day.format("%d/%m/%Y").to_string()));
        say(Field::NhsNumber, told.nhs_number.clone());
        say(Field::Upn, told.upn.clone());
        say(Field::NiNumber, told.ni_number.clone());
    }
    if let Some(home) = home {
        say(Field::Address, home.address.clone());
        say(Field::Postcode, home.postcode.clone());
        say(Field::Uprn, home.uprn.clone());
    }
    cells
}

fn written(
    mapping: &Mapping,
    list: &[(PersonNumber, BTreeMap<Field, String>)],
) -> Result<CheckList, DutyError> {
    let unwritable = |_| DutyError::Decision { reason: "the check list cannot be written".to_owned() };
    let mut file = csv::Writer::from_writer(Vec::new());
    // The address comes last where the layout has none: a body finds people by it.
    let columns: Vec<(&str, Field)> =
        mapping.columns.iter().map(|column| (column.heading.as_str(), column.field)).collect();
    let has = |field| columns.iter().any(|(_, known)| *known == field);
    let extra: Vec<(&str, Field)> = [("Address", Field::Address), ("Postcode", Field::Postcode)]
        .into_iter()
        .filter(|(_, field)| !has(*field))
        .collect();
    let all: Vec<(&str, Field)> = columns.into_iter().chain(extra).collect();
    file.write_record(all.iter().map(|(heading, _)| heading)).map_err(unwritable)?;
    let mut incomplete = Vec::new();
    for (person, cells) in list {
        let cell = |field| spreadsheet::cell(cells.get(field).map_or("", String::as_str));
        file.write_record(all.iter().map(|(_, field)| cell(field).into_owned())).map_err(unwritable)?;
        let wanted = [
            (Field::FamilyName, "surname"),
            (Field::BirthDate, "date of birth"),
            (Field::Address, "address"),
            (Field::Postcode, "postcode"),
        ];
        let missing: Vec<&str> = wanted
            .into_iter()
            .filter(|(field, _)| !cells.contains_key(field))
            .map(|(_, word)| word)
            .collect();
        if !missing.is_empty() {
            incomplete.push((format!("P{person}"), missing.join(", ")));
        }
    }
    let bytes = file.into_inner().map_err(|error| unwritable(error.into_error().into()))?;
    let text = format!("\u{feff}{}", String::from_utf8_lossy(&bytes));
    Ok(CheckList { text, people: list.len(), incomplete })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_the_layout_of_the_answer_and_names_what_is_missing() {
        let mapping = layout(Mapping::shipped(), SourceKind::Dwp).unwrap();
        assert!(mapping.is_answer());
        let told = Told {
            given_name: "Dana".into(),
            family_name: "Fern".into(),
            birth_date: "1980-05-03".parse().ok(),
            sex: None,
            nhs_number: None,
            upn: None,
            ni_number: Some("QQ100001".into()),
            case_id: None,
        };
        let list = written(mapping, &[(7, cells(&[told], None))]).unwrap();
        let mut reader = csv::Reader::from_reader(list.text.trim_start_matches('\u{feff}').as_bytes());
        let headings = reader.headers().unwrap().clone();
        assert!(mapping.columns.iter().all(|column| headings.iter().any(|h| h == column.heading)));
        let row = reader.records().next().unwrap().unwrap();
        let cell = |heading: &str| headings.iter().position(|h| h == heading).and_then(|at| row.get(at));
        assert_eq!((cell("NI Number"), cell("Postcode")), (Some("QQ100001"), Some("")));
        assert_eq!(list.incomplete, [("P7".to_owned(), "address, postcode".to_owned())]);
    }

    #[test]
    fn adults_are_asked_of_the_benefits_office_and_pupils_of_schools() {
        let today = "2015-07-20".parse().unwrap();
        let asked = |source, born: &str| is_asked(source, born.parse().ok(), today);
        assert!(asked(SourceKind::Dwp, "1980-01-01") && !asked(SourceKind::Dwp, "2005-01-01"));
        assert!(
            asked(SourceKind::SchoolSessions, "2005-01-01")
                && !asked(SourceKind::SchoolSessions, "1980-01-01")
        );
        assert!(asked(SourceKind::Dwp, "") && asked(SourceKind::Police, "2005-01-01"));
    }
}
