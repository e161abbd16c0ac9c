//! A one-off table: who is asked about, and the one cell each of them stands in.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tenfold_common::{
    clock::Moment,
    privacy::{Characteristic, Table, VerifiedQuestion, question::CHILDREN},
};

use super::{
    True,
    selection::{Merges, RecordedEvent, surviving},
};
use crate::{
    outcomes,
    register::{FamilyFile, LineId},
};

/// The events that a question asks about: of each surviving line the first one, where it was recorded at or after
/// `from`, if that is given, and before `until`. `events` are in the order they were recorded.
///
/// # Privacy
/// Whether a line's event is chosen depends on that line's own events and merges only. No journal is needed: a
/// question is drawn once, and its name is for ever.
pub fn asked<'a>(
    events: &'a [RecordedEvent],
    merges: &Merges,
    from: Option<Moment>,
    until: Moment,
) -> Vec<&'a RecordedEvent> {
    let mut seen: BTreeSet<&LineId> = BTreeSet::new();
    events
        .iter()
        .filter(|event| seen.insert(surviving(&event.line, merges)))
        .filter(|event| from.is_none_or(|from| event.recorded_at >= from) && event.recorded_at < until)
        .collect()
}

/// The label of a family, by its place in the characteristic's list; the last where nothing is recorded.
///
/// # Privacy
/// A function of the family's own records.
pub fn label(by: Characteristic, file: Option<&FamilyFile>, on: NaiveDate) -> usize {
    let not_recorded = by.labels().len() - 1;
    let Some(file) = file else { return not_recorded };
    match by {
        Characteristic::ReferralSource => {
            let known = file.assessments.iter().filter(|assessed| assessed.started <= on);
            let told = known.filter_map(|assessed| Some((assessed, assessed.referral_source.as_deref()?)));
            // The first that tells it; of several on one day the first word, whatever the order of rows.
            let first = told.min_by_key(|(assessed, word)| (assessed.started, *word));
            let place = |word| by.labels().iter().position(|label| *label == word);
            first.map_or(not_recorded, |(_, word)| place(word).unwrap_or(not_recorded))
        }
        Characteristic::Children => {
            let known = file.members.iter().filter_map(|person| person.birth_date);
            let ages: Vec<bool> = known.map(|born| outcomes::is_child(born, on)).collect();
            let children = ages.iter().filter(|child| **child).count();
            // The last label but one is for four and more.
            if ages.is_empty() { not_recorded } else { children.min(CHILDREN.len() - 2) }
        }
    }
}

/// The true table of a question: families by cell, one cell a family.
///
/// # Privacy
/// Adding or removing one line changes one cell by one.
pub fn tally(
    question: &VerifiedQuestion,
    cells: usize,
    families: impl IntoIterator<Item = (usize, usize)>,
) -> True<Table> {
    let mut counts = vec![0_i64; cells];
    for (place, label) in families {
        counts[question.cell(place, label)] += 1;
    }
    True::new(vec![counts])
}

#[cfg(test)]
mod tests;
