//! What can be wrong with a framework or a plan, each as a sentence with its place.

/// One thing wrong with a framework.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkFault {
    /// The text is not TOML.
    #[error("the text is not TOML: {reason}")]
    NotToml {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// A key is missing.
    #[error("{place}: {key:?} is missing, expected {expected}")]
    Missing {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A value is of the wrong kind.
    #[error("{place}: {key:?} is of another kind, expected {expected}")]
    WrongKind {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A key is not known.
    #[error("{place}: {key:?} is not a known key, expected it spelled otherwise or left out")]
    UnknownKey {
        /// The table.
        place: String,
        /// The key.
        key: String,
    },
    /// A word is not in its list.
    #[error("{place}: {key:?} is {found:?}, expected one of {expected}")]
    UnknownWord {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What stood there.
        found: String,
        /// The list.
        expected: String,
    },
    /// A number is out of its range.
    #[error("{place}: {key:?} is {found}, expected {least} to {most}")]
    OutOfRange {
        /// The table.
        place: String,
        /// The key.
        key: String,
        /// What stood there.
        found: i64,
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Two entries are the same where each must differ.
    #[error("{place}: {what} {value:?} stands there more than once, expected each once")]
    Repeated {
        /// The list.
        place: String,
        /// `number`, `label`, …
        what: &'static str,
        /// What is repeated.
        value: String,
    },
    /// Two rules cannot both hold.
    #[error("{place}: {found}, expected {expected}")]
    Contradiction {
        /// Where.
        place: String,
        /// What was found.
        found: String,
        /// What would agree.
        expected: String,
    },
}

/// Everything that is wrong with a framework.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the framework is refused, {} faults: {}", faults.len(), in_one_line(faults))]
pub struct FrameworkFaults {
    /// The faults in the order of the document.
    pub faults: Vec<FrameworkFault>,
}

fn in_one_line(faults: &[FrameworkFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
