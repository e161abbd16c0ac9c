//! What the node's pages show, as plain values: words and numbers ready to be read, nothing to be worked out.
//!
//! These are for the borough's own screens: they hold exact figures and must not be written anywhere else.

/// How a state is coloured; the words always say it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Good,
    /// Somebody has to act.
    Waits,
    /// Something is wrong.
    Stops,
    /// On its way by itself.
    Moves,
    /// Neither.
    Plain,
}

impl Tone {
    /// The class of a tag.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waits => "waits",
            Self::Stops => "stops",
            Self::Moves => "moves",
            Self::Plain => "plain",
        }
    }
}

/// A state in words with its colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The words.
    pub words: String,
    /// The colour.
    pub tone: Tone,
}

impl Tag {
    /// A tag.
    pub fn new(words: impl Into<String>, tone: Tone) -> Self {
        Self { words: words.into(), tone }
    }
}

/// Something that waits for a person or a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What waits.
    pub what: String,
    /// Why, and what to do.
    pub why: String,
    /// Where it is done, if on a page.
    pub href: Option<String>,
    /// How urgent it looks.
    pub tag: Tag,
}

/// What is loaded from one kind of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// The source in words.
    pub title: String,
    /// The agreement under which it is loaded; `None` where none is recorded and nothing may be loaded.
    pub agreement: Option<String>,
    /// The newest as-of date in words.
    pub as_of: Option<String>,
    /// The days it covers, in words, a period each; empty where nothing is loaded.
    pub coverage: Vec<String>,
    /// Rows taken, in words.
    pub rows_taken: String,
    /// Rows in quarantine.
    pub rows_quarantined: u64,
    /// The newest load's page.
    pub newest: Option<String>,
}

/// One step of a release: when and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The day, short.
    pub day: String,
    /// The time in UTC.
    pub time: String,
    /// By whom; empty where a duty did it.
    pub by: String,
}

/// One quarter's release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseLine {
    /// The quarter as in addresses, such as `2015-Q2`.
    pub quarter: String,
    /// The quarter in words, such as `2015-16 quarter 1`.
    pub name: String,
    /// Its months, such as `Apr to Jun 2015`.
    pub months: String,
    /// Whether it is the opening position.
    pub opening: bool,
    /// Where it stands.
    pub state: Tag,
    /// What happens next, or why it does not.
    pub next: String,
    /// Prepared.
    pub prepared: Option<Step>,
    /// Approved.
    pub approved: Option<Step>,
    /// Sealed, with the release's number in place of a name.
    pub sealed: Option<Step>,
    /// Delivered and receipted: the receipt is the proof of delivery.
    pub receipted: Option<Step>,
}

/// A standing approval of routine quarters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingLine {
    /// Its number.
    pub number: i64,
    /// Whether it stands.
    pub state: Tag,
    /// When and by whom it was given.
    pub given: Step,
    /// Until when, in words.
    pub until: String,
    /// Whose preparations it covers.
    pub preparer: String,
    /// When and by whom it was revoked.
    pub revoked: Option<Step>,
    /// Quarters approved under it, each with who put it to use.
    pub uses: Vec<String>,
    /// Whether it may be revoked.
    pub stands: bool,
}

/// A signing key of an approver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// Its short name, as the ledger has it.
    pub id: String,
    /// Whose it is.
    pub account: String,
    /// From when it signs, in words.
    pub made: String,
    /// From when it signs nothing, in words.
    pub retired: Option<String>,
    /// Under whose password it was made, in words.
    pub origin: &'static str,
}

/// What an approver answered instead of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Why, in words.
    pub reason: &'static str,
    /// The comment, or empty.
    pub comment: String,
    /// When and by whom.
    pub said: Step,
}

/// What was spent of the family lines' allowance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The borough's lifetime cap, ρ.
    pub cap: String,
    /// What any family line may have lost at most, ρ.
    pub spent: String,
    /// What is left, ρ.
    pub left: String,
    /// Spent of cap in hundredths, for the bar.
    pub spent_percent: u32,
    /// The streams with their charges.
    pub streams: Vec<(String, String)>,
}

/// What happened to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// The file's name as chosen.
    pub file_name: String,
    /// What it was recognised as, in words; `None` where it was not.
    pub recognised_as: Option<String>,
    /// Loaded, refused, or tried only.
    pub state: Tag,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What is wrong with the file as a whole.
    pub file_faults: Vec<String>,
    /// What is wrong with single rows; at most [`MOST_FAULTS`].
    pub faults: Vec<FaultLine>,
    /// Faults there are beyond those shown.
    pub faults_not_shown: u64,
    /// The load's page, where it was loaded.
    pub href: Option<String>,
}

/// How many faults a page shows; the quarantine file has all.
pub const MOST_FAULTS: usize = 200;

/// One fault of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// The line in the file, the heading being line 1.
    pub line: u64,
    /// The column, where it is one column's.
    pub column: String,
    /// What was wrong, and what was expected. May quote the value.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

/// One load as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadDetail {
    /// Its number.
    pub id: i64,
    /// The file's name.
    pub file_name: String,
    /// The source in words.
    pub source: String,
    /// Facts in their order: name and value.
    pub facts: Vec<(String, String)>,
    /// Faults of the rows in quarantine; at most [`MOST_FAULTS`].
    pub faults: Vec<FaultLine>,
    /// Faults there are beyond those shown.
    pub faults_not_shown: u64,
    /// Questions its rows raise.
    pub questions: Vec<QuestionLine>,
    /// When it was undone and by whom, in words.
    pub undone: Option<String>,
    /// Whether the reader may see what rows say.
    pub may_read: bool,
    /// Why it cannot be undone, if it stands and cannot.
    pub stays: Option<String>,
    /// Whether the reader may undo it.
    pub may_undo: bool,
}

/// A question with its explanation, if one was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionLine {
    /// Line in the file.
    pub line: i64,
    /// The column, or empty.
    pub column: String,
    /// The question.
    pub question: String,
    /// The explanation, or empty.
    pub explanation: String,
}
