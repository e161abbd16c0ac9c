//! Why work with a family stands closed, in the words that regions count by. A move is no closure.

use chrono::NaiveDate;
use tenfold_common::privacy::policy::REASONS;

use crate::register::FamilyFile;

/// The words of a source's mapping after which the work goes on elsewhere.
const MOVES: [&str; 3] = ["moved away", "transferred", "transfer out"];
const OTHER: &str = "other";
const NOT_RECORDED: &str = "not recorded";

/// Why all work with a family stands closed on a day, as one of [`REASONS`]; none where work goes on or never
/// began, or where it ended by a move.
///
/// The last closure decides; of two on one day, one with a reason before one without.
pub fn closed(file: &FamilyFile, on: NaiveDate) -> Option<&'static str> {
    let known = || file.episodes.iter().filter(|episode| episode.opened <= on);
    if known().any(|episode| episode.closed.is_none_or(|day| day > on)) {
        return None;
    }
    let last = known().filter_map(|episode| episode.closed).max()?;
    let reasons = known().filter(|episode| episode.closed == Some(last));
    let words = reasons.filter_map(|episode| plain(episode.reason.as_deref()?)).min();
    let Some(words) = words else { return Some(NOT_RECORDED) };
    if MOVES.contains(&words.as_str()) {
        return None;
    }
    Some(REASONS.into_iter().find(|reason| *reason == words).unwrap_or(OTHER))
}

/// A reason without case and hyphens; none where it says nothing.
fn plain(reason: &str) -> Option<String> {
    let words = reason.trim().replace('-', " ").to_lowercase();
    (!words.is_empty()).then_some(words)
}
