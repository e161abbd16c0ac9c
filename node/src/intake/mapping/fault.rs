//! What is wrong with a mapping, and with a folder of them.

use std::fmt;

use crate::intake::field::Field;

/// One thing wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingFault {
    /// It is not TOML, or has keys or words this program does not know.
    #[error("the file cannot be read as a mapping: {reason}")]
    Unreadable {
        /// What the parser said.
        reason: String,
    },
    /// Two columns have one heading.
    #[error("the heading {heading:?} is mapped twice, expected once")]
    HeadingTwice {
        /// Which.
        heading: String,
    },
    /// Two columns mean the same field.
    #[error("the field {field} is mapped twice, expected once")]
    FieldTwice {
        /// Which.
        field: Field,
    },
    /// The field does not belong to such records.
    #[error("the field {field} does not belong to records of this kind; leave the column out")]
    ForeignField {
        /// Which.
        field: Field,
    },
    /// A field that records of this kind cannot do without has no column.
    #[error("no column is mapped to {field}, which records of this kind need")]
    MissingField {
        /// Which.
        field: Field,
    },
    /// A field is looked up in a list that is not given.
    #[error("the field {field} needs the code list [codes.{list}], which is not given")]
    MissingList {
        /// Which field.
        field: Field,
        /// Which list.
        list: &'static str,
    },
    /// A code stands for a word that the register does not have.
    #[error("the code {code:?} of [codes.{list}] stands for {word:?}, expected one of {expected}")]
    UnknownWord {
        /// Which list.
        list: &'static str,
        /// Which code.
        code: String,
        /// What it stands for.
        word: String,
        /// The register's words.
        expected: String,
    },
    /// There is a date among the fields and no way to read it.
    #[error("no date format is given, expected at least one of dd/mm/yyyy, yyyy-mm-dd, yyyy-Mon-dd hh:mm:ss")]
    NoDateFormat,
    /// A field is fixed and mapped, or fixed to no word of the register.
    #[error(
        "the field {field} is fixed to {word:?}, expected a coded field without a column, and one of its words"
    )]
    WronglyFixed {
        /// Which field.
        field: Field,
        /// To what.
        word: String,
    },
    /// A source is to decide by numbers that it does not send.
    #[error(
        "the source is declared authoritative and no column is mapped to {field}; map it or leave the word out"
    )]
    NoAuthority {
        /// The field that is not mapped.
        field: Field,
    },
    /// Case ids are mapped without saying whose they are.
    #[error("case-id is mapped and case_system is not given; name the system whose ids they are")]
    NoCaseSystem,
}

/// Everything that is wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingFaults(pub Vec<MappingFault>);

impl fmt::Display for MappingFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mapping has {} fault(s)", self.0.len())?;
        for fault in &self.0 {
            write!(f, "; {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for MappingFaults {}

/// A folder of mappings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// The folder or a file in it cannot be read.
    #[error("{path} cannot be read ({reason}), expected a folder of mapping files (*.toml)")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A mapping has faults.
    #[error("{file}: {faults}")]
    Faulty {
        /// The file's name.
        file: String,
        /// Everything that is wrong with it.
        faults: MappingFaults,
    },
    /// Two files of the folder say the same name.
    #[error("{file}: the name {name:?} is taken by another file of the folder, expected one file a mapping")]
    NameTwice {
        /// The second file.
        file: String,
        /// The name.
        name: String,
    },
}
