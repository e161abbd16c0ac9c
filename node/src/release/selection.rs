//! Which recorded events a quarter counts: each line once a stream, ever, whatever was merged with it.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_common::clock::Moment;

use super::tally::Event;
use crate::{
    ledger::JournalKey,
    register::{FamilyId, LineId},
};

/// An event with the line it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The family line.
    pub line: LineId,
    /// The family when it was recorded.
    pub family: FamilyId,
    /// The stream.
    pub stream: String,
    /// When this node recorded it: decides the quarter.
    pub recorded_at: Moment,
    /// Place and labels.
    pub event: Event,
}

/// Merged lines, each with the line it was merged into.
pub type Merges = BTreeMap<LineId, LineId>;

/// The line that stands for this one after all merges.
pub fn surviving<'a>(line: &'a LineId, merges: &'a Merges) -> &'a LineId {
    let mut line = line;
    // A merge never points back, so this ends after at most as many steps as there are merges.
    for _ in 0..=merges.len() {
        match merges.get(line) {
            Some(into) => line = into,
            None => break,
        }
    }
    line
}

/// The events of one stream that are counted in the period ending before `until`: the first event of each
/// surviving line of which no part was journalled. `events` are in the order they were recorded.
///
/// # Privacy
/// Whether a line's event is chosen depends on that line's own events, merges and journal rows only.
pub fn countable<'a>(
    events: &'a [RecordedEvent],
    merges: &Merges,
    journalled: &BTreeSet<String>,
    key: &JournalKey,
    until: Moment,
) -> Vec<&'a RecordedEvent> {
    let mut parts: BTreeMap<&LineId, Vec<&LineId>> = BTreeMap::new();
    for merged in merges.keys() {
        parts.entry(surviving(merged, merges)).or_default().push(merged);
    }
    let mut seen = BTreeSet::new();
    events
        .iter()
        .filter(|event| event.recorded_at < until)
        .filter(|event| {
            let line = surviving(&event.line, merges);
            let others = parts.get(line).map(Vec::as_slice).unwrap_or_default();
            let counted = |part: &LineId| journalled.contains(&key.name(part));
            seen.insert(line) && !counted(line) && !others.iter().any(|part| counted(part))
        })
        .collect()
}

/// What a stream has counted, with the lines that came back after an erasure: the journal knows those by other names,
/// `returned` by the names of what was erased.
///
/// # Privacy
/// Whether a line is added depends on its own people's numbers and on journal rows.
pub fn with_returned(
    mut journalled: BTreeSet<String>,
    returned: &BTreeMap<LineId, BTreeSet<String>>,
    key: &JournalKey,
) -> BTreeSet<String> {
    let counted = returned.iter().filter(|(_, names)| !names.is_disjoint(&journalled));
    let again: Vec<String> = counted.map(|(line, _)| key.name(line)).collect();
    journalled.extend(again);
    journalled
}

/// Leaves out the events of lines that have their event from before Tenfold: those are counted in the opening
/// position, or never.
///
/// # Privacy
/// Whether a line's events stay depends on that line's own history and merges only.
pub fn without(events: &mut Vec<RecordedEvent>, before: &BTreeSet<LineId>, merges: &Merges) {
    events.retain(|event| !before.contains(surviving(&event.line, merges)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::tally::Labels;

    fn event(line: &str, at: &str) -> RecordedEvent {
        RecordedEvent {
            line: LineId(line.into()),
            family: FamilyId(line.into()),
            stream: "attached".into(),
            recorded_at: at.parse().unwrap(),
            event: Event { ward: None, labels: Labels::default() },
        }
    }

    #[test]
    fn a_line_counts_once_whatever_was_merged() {
        let key = JournalKey::from_bytes([3; 32]);
        let events = [
            event("a", "2015-05-01T00:00:00Z"),
            event("b", "2015-05-02T00:00:00Z"),
            event("c", "2015-05-03T00:00:00Z"),
            event("d", "2015-09-01T00:00:00Z"),
        ];
        let until = "2015-07-29T00:00:00Z".parse().unwrap();
        let chosen = |merges: &[(&str, &str)], journalled: &[&str]| -> Vec<String> {
            let merges =
                merges.iter().map(|(from, to)| (LineId((*from).into()), LineId((*to).into()))).collect();
            let journalled = journalled.iter().map(|line| key.name(&LineId((*line).into()))).collect();
            let found = countable(&events, &merges, &journalled, &key, until);
            found.iter().map(|event| event.line.to_string()).collect()
        };
        assert_eq!(chosen(&[], &[]), ["a", "b", "c"]);
        assert_eq!(chosen(&[], &["b"]), ["a", "c"]);
        assert_eq!(chosen(&[("b", "a")], &[]), ["a", "c"]);
        assert_eq!(chosen(&[("b", "a")], &["b"]), ["c"]);
        assert_eq!(chosen(&[("a", "b"), ("b", "c")], &["a"]), [""; 0]);
        assert_eq!(chosen(&[("z", "a")], &["z"]), ["b", "c"]);
    }

    #[test]
    fn a_line_of_before_has_no_event_of_a_quarter_whatever_was_merged() {
        let all = ["a", "b", "c"].map(|line| event(line, "2015-05-01T00:00:00Z"));
        let line = |name: &str| LineId(name.into());
        let left = |before: &[&str], merges: &[(&str, &str)]| -> Vec<String> {
            let mut events = all.to_vec();
            let before = before.iter().map(|name| line(name)).collect();
            let merges = merges.iter().map(|(from, to)| (line(from), line(to))).collect();
            without(&mut events, &before, &merges);
            events.iter().map(|event| event.line.to_string()).collect()
        };
        assert_eq!(left(&[], &[]), ["a", "b", "c"]);
        assert_eq!(left(&["b"], &[]), ["a", "c"]);
        assert_eq!(left(&["a"], &[("c", "a")]), ["b"]);
    }
}
