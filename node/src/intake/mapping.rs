//! A mapping: what a source's columns, dates and codes mean. Read whole, or refused with every fault named.

mod fault;
mod folder;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

pub use fault::{FolderFault, MappingFault, MappingFaults};

use serde::{Deserialize, Serialize};

use crate::{
    intake::{
        date::DateFormat,
        field::{CodeList, Field, essential, knows},
    },
    register::SourceKind,
};

/// One column of a source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The heading, as the source writes it.
    pub heading: String,
    /// What it means.
    pub field: Field,
    /// Whether every row must fill it, besides the fields that a record cannot do without.
    #[serde(default)]
    pub required: bool,
    /// Whether a file may come without it; what its records cannot do without it must have.
    #[serde(default)]
    pub optional: bool,
}

/// Whose numbers a source may declare to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// Two rows with one `case-id` are one person.
    Person,
    /// Two rows with one `family-id` are one family.
    Family,
}

impl Authority {
    /// The field whose numbers decide.
    pub fn field(self) -> Field {
        match self {
            Self::Person => Field::CaseId,
            Self::Family => Field::FamilyId,
        }
    }
}

/// What a source's columns, dates and codes mean.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Its name, for reports and provenance.
    pub name: String,
    /// What people call such a file.
    pub title: String,
    /// What kind of records it holds.
    pub kind: SourceKind,
    /// Whose ids the case ids are: sources with the same word share their ids of children.
    #[serde(default)]
    pub case_system: Option<String>,
    /// Whether its own numbers decide who is who, whatever names and dates say: of people, of families.
    #[serde(default)]
    pub authoritative: Vec<Authority>,
    /// What the source never writes because it is the same for every row: the register's word of a coded field.
    #[serde(default)]
    pub fixed: BTreeMap<Field, String>,
    /// How it writes dates; tried in this order.
    pub date_formats: Vec<DateFormat>,
    /// Its columns.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
    /// Its codes, by list: code to the register's word.
    #[serde(default)]
    pub codes: BTreeMap<CodeList, BTreeMap<String, String>>,
}

static SHIPPED: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    [
        include_str!("../../../config/mappings/early_help_liquidlogic.toml"),
        include_str!("../../../config/mappings/early_help_mosaic.toml"),
        include_str!("../../../config/mappings/spreadsheet_tracker.toml"),
        include_str!("../../../config/mappings/school_sessions.toml"),
        include_str!("../../../config/mappings/police_incidents.toml"),
        include_str!("../../../config/mappings/dwp_spells.toml"),
        include_str!("../../../config/mappings/dwp_answer.toml"),
        include_str!("../../../config/mappings/social_care.toml"),
        include_str!("../../../config/mappings/episodes.toml"),
        include_str!("../../../config/mappings/housing.toml"),
        include_str!("../../../config/mappings/circumstances.toml"),
        include_str!("../../../config/mappings/history.toml"),
    ]
    .into_iter()
    .map(|text| Mapping::from_toml(text).expect("a test reads every shipped mapping"))
    .collect()
});

impl Mapping {
    /// The mappings that ship with the program.
    pub fn shipped() -> &'static [Self] {
        &SHIPPED
    }

    /// Reads a mapping whole.
    ///
    /// # Errors
    /// Every fault it has.
    pub fn from_toml(text: &str) -> Result<Self, MappingFaults> {
        let mapping: Self = toml::from_str(text).map_err(|error| {
            let reason = error.message().to_owned();
            MappingFaults(vec![MappingFault::Unreadable { reason }])
        })?;
        let faults = mapping.faults();
        if faults.is_empty() { Ok(mapping) } else { Err(MappingFaults(faults)) }
    }

    /// Whether such a file answers a check list: it speaks of the people on the list and of nobody else.
    pub fn is_answer(&self) -> bool {
        self.columns.iter().any(|column| column.field == Field::Answer)
    }

    /// The fields without which a row of it says nothing.
    pub fn essential(&self) -> &'static [Field] {
        if self.is_answer() { &[Field::Answer] } else { essential(self.kind) }
    }

    /// Whether every row must fill a field.
    pub fn requires(&self, field: Field) -> bool {
        self.essential().contains(&field)
            || self.columns.iter().any(|column| column.field == field && column.required)
    }

    /// The columns without which a file is not what this mapping says.
    pub fn headings_needed(&self) -> impl Iterator<Item = &Column> {
        let essential = self.essential();
        self.columns.iter().filter(|column| !column.optional || essential.contains(&column.field))
    }

    /// The heading mapped to a field.
    pub fn heading(&self, field: Field) -> Option<&str> {
        let column = self.columns.iter().find(|column| column.field == field);
        column.map(|column| column.heading.as_str())
    }

    fn faults(&self) -> Vec<MappingFault> {
        let mut faults = Vec::new();
        let mut headings = BTreeSet::new();
        let mut fields = BTreeSet::new();
        for Column { heading, field, .. } in &self.columns {
            let field = *field;
            if !headings.insert(heading.trim().to_lowercase()) {
                let heading = heading.clone();
                faults.push(MappingFault::HeadingTwice { heading });
            }
            if !fields.insert(field) {
                faults.push(MappingFault::FieldTwice { field });
            }
            if !knows(self.kind, field) {
                faults.push(MappingFault::ForeignField { field });
            }
            if let Some(list) = field.code_list().filter(|list| !self.codes.contains_key(list)) {
                let list = list.name();
                faults.push(MappingFault::MissingList { field, list });
            }
        }
        for (field, word) in &self.fixed {
            let known = field.code_list().is_some_and(|list| list.words().contains(&word.as_str()));
            if !known || fields.contains(field) || !knows(self.kind, *field) {
                let (field, word) = (*field, word.clone());
                faults.push(MappingFault::WronglyFixed { field, word });
            }
        }
        for field in
            self.authoritative.iter().map(|authority| authority.field()).filter(|f| !fields.contains(f))
        {
            faults.push(MappingFault::NoAuthority { field });
        }
        let given = |field: &Field| fields.contains(field) || self.fixed.contains_key(field);
        for &field in self.essential().iter().filter(|field| !given(field)) {
            faults.push(MappingFault::MissingField { field });
        }
        for (list, codes) in &self.codes {
            for (code, word) in codes.iter().filter(|(_, word)| !list.words().contains(&word.as_str())) {
                faults.push(MappingFault::UnknownWord {
                    list: list.name(),
                    code: code.clone(),
                    word: word.clone(),
                    expected: list.words().join(", "),
                });
            }
        }
        if self.date_formats.is_empty() && fields.iter().any(|field| field.is_date()) {
            faults.push(MappingFault::NoDateFormat);
        }
        if [Field::CaseId, Field::FamilyId].iter().any(|f| fields.contains(f)) && self.case_system.is_none() {
            faults.push(MappingFault::NoCaseSystem);
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_mappings_are_sound() {
        assert_eq!(Mapping::shipped().len(), 12);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let text = r#"
            name = "x"
            title = "x"
            kind = "early-help"
            date_formats = []
            column = [
                { heading = "A", field = "reference" },
                { heading = " a", field = "reference" },
                { heading = "B", field = "case-id" },
                { heading = "C", field = "sex" },
                { heading = "D", field = "session-code" },
                { heading = "E", field = "from" },
            ]
            [codes.session-code]
            I = "ill"
        "#;
        let faults = Mapping::from_toml(text).unwrap_err().0;
        assert_eq!(
            faults,
            [
                MappingFault::HeadingTwice { heading: " a".into() },
                MappingFault::FieldTwice { field: Field::Reference },
                MappingFault::MissingList { field: Field::Sex, list: "sex" },
                MappingFault::ForeignField { field: Field::SessionCode },
                MappingFault::MissingField { field: Field::GivenName },
                MappingFault::MissingField { field: Field::FamilyName },
                MappingFault::MissingField { field: Field::AssessmentKind },
                MappingFault::UnknownWord {
                    list: "session-code",
                    code: "I".into(),
                    word: "ill".into(),
                    expected: "present, absent, authorised".into(),
                },
                MappingFault::NoDateFormat,
                MappingFault::NoCaseSystem,
            ]
        );
        assert!(Mapping::from_toml("name = 1").is_err());
        assert!(Mapping::from_toml("nonsense = 'x'").is_err());
    }
}
