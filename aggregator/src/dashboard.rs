//! What a reader sees: figures, intervals, gaps. Pure: a picture in, values for pages and files out.

pub mod borough;
pub mod completeness;
pub mod measure;
pub mod missing;
pub mod overview;
pub mod questions;
pub mod side_by_side;
pub mod tidy;

use std::collections::BTreeMap;

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::BoroughCode,
    privacy::{
        Succession,
        policy::{ATTACHED, RESULT},
    },
    protocol::notice::Away,
    statistics::Shown,
};
use tenfold_web::words;

use crate::combine::{
    Accepted, AcceptedReleases, Area, Cell, CombineError, Combined, Reading, Span, borough_name,
};

/// Everything the pages are made of, as it stood at one moment.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The policies, one after another.
    pub policy: Succession,
    /// Every stream of every borough, decoded.
    pub combined: Combined,
    /// What was received.
    pub releases: AcceptedReleases,
    /// The quarter of each enrolled borough's first release.
    pub joined: BTreeMap<BoroughCode, Quarter>,
    /// The boroughs that paused or left, by their own word.
    pub away: BTreeMap<BoroughCode, Away>,
    /// The moment.
    pub now: Moment,
}

impl Picture {
    /// A picture of what was received.
    ///
    /// # Errors
    /// Where releases do not fit the policy.
    pub fn new(
        policies: impl Into<Succession>,
        releases: AcceptedReleases,
        now: Moment,
    ) -> Result<Self, CombineError> {
        let policy = policies.into();
        let combined = Combined::new(&policy, &releases)?;
        Ok(Self { policy, combined, releases, joined: BTreeMap::new(), away: BTreeMap::new(), now })
    }

    /// The same, knowing the quarter of each borough's first release.
    pub fn joined(self, joined: BTreeMap<BoroughCode, Quarter>) -> Self {
        Self { joined, ..self }
    }

    /// The same, knowing which boroughs paused or left.
    pub fn without(self, away: BTreeMap<BoroughCode, Away>) -> Self {
        Self { away, ..self }
    }

    /// Whether a borough had paused or left before a quarter of it was due, if it has.
    pub fn away(&self, borough: &BoroughCode, quarter: Quarter) -> Option<Away> {
        self.away.get(borough).copied().filter(|away| away.since <= self.policy.due_at(quarter))
    }

    /// Whether a borough's first release is for a later quarter.
    pub fn joined_after(&self, borough: &BoroughCode, quarter: Quarter) -> bool {
        self.joined.get(borough).is_some_and(|first| *first > quarter)
    }

    /// Whether a quarter is the opening position of a borough that joined later than the region began.
    pub fn opened_late(&self, borough: &BoroughCode, quarter: Quarter) -> bool {
        let first = self.policy.first_quarter();
        let own = self.joined.get(borough).is_some_and(|joined| *joined == quarter);
        own && quarter > first && self.policy.newest().policy().opening
    }

    /// The newest quarter any borough released, if one did.
    pub fn newest(&self) -> Option<Quarter> {
        let last = self.combined.quarters().checked_sub(1)?;
        Some(self.quarter(last))
    }

    /// The quarter with an index in the horizon.
    pub fn quarter(&self, index: usize) -> Quarter {
        self.policy.first_quarter().plus(i32::try_from(index).unwrap_or(i32::MAX))
    }

    /// What readers call a period by itself: the opening position holds everything before it too and is no
    /// quarter's activity.
    pub fn quarter_name(&self, index: usize) -> String {
        let name = self.policy.period_name(self.quarter(index));
        if self.is_opening(index) { name.replacen('o', "O", 1) } else { name }
    }

    /// Whether a period is the opening position.
    pub fn is_opening(&self, index: usize) -> bool {
        self.policy.is_opening(self.quarter(index))
    }

    /// The first period that is a quarter's activity.
    pub fn first_activity(&self) -> usize {
        usize::from(self.is_opening(0))
    }

    /// The index of a quarter, if any borough released so far.
    pub fn index(&self, quarter: Quarter) -> Option<usize> {
        self.policy.quarter_index(quarter).ok().filter(|&index| index < self.combined.quarters())
    }

    /// The boroughs of the policy, in alphabetical order.
    pub fn boroughs(&self) -> Vec<BoroughCode> {
        self.policy.boroughs()
    }

    /// The region and then every borough.
    pub fn areas(&self) -> Vec<Area> {
        std::iter::once(Area::Region).chain(self.boroughs().into_iter().map(Area::Borough)).collect()
    }

    /// A borough's release for a quarter, if it is here.
    pub fn release(&self, borough: &BoroughCode, quarter: Quarter) -> Option<&Accepted> {
        self.releases.get(borough)?.iter().find(|release| release.quarter == quarter)
    }

    /// A figure.
    ///
    /// # Errors
    /// Where there is no such area, stream or cell.
    pub fn reading(
        &self,
        area: &Area,
        stream: &str,
        cell: Cell,
        span: Span,
    ) -> Result<Reading, CombineError> {
        self.combined.reading(area, stream, cell, span)
    }

    /// The title of a stream.
    pub fn title(&self, stream: &str) -> String {
        self.policy.stream(stream).map_or_else(|_| stream.to_owned(), |found| found.title.clone())
    }
}

/// The streams every page begins with.
pub const HEADLINES: [&str; 2] = [ATTACHED, RESULT];

/// A figure and its interval in one cell, or that there is none.
fn told(reading: &Reading) -> String {
    match reading.estimate {
        Some(estimate) => told_shown(&estimate.display()),
        None if !reading.void.is_empty() => "void".to_owned(),
        None if !reading.opening.is_empty() => "opening position".to_owned(),
        None => tenfold_web::charts::NO_RELEASE.to_owned(),
    }
}

fn told_shown(shown: &Shown) -> String {
    format!("{} ({})", words::whole(shown.value), words::interval(shown))
}

/// Who is missing from a figure, void in it, or in it with the void quarter before.
fn remarks(reading: &Reading) -> String {
    let said = |boroughs: &[BoroughCode], what: &str| {
        boroughs.iter().map(|code| format!("{}{what}", borough_name(code))).collect::<Vec<_>>()
    };
    let mut all = said(&reading.missing, "");
    all.extend(said(&reading.opening, " (opening position)"));
    all.extend(said(&reading.void, " (void)"));
    all.extend(said(&reading.carrying, " (with the void quarter before)"));
    all.join(", ")
}

/// Names of boroughs in a sentence.
fn names(boroughs: &[BoroughCode]) -> String {
    boroughs.iter().map(borough_name).collect::<Vec<_>>().join(", ")
}
