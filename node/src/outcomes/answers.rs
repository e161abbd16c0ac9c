//! Answers to check lists: what a source was asked about, it covers for the people who were on the list.
//!
//! An answer speaks of nobody else, so a load of answers covers no days by itself. For one family it does: where
//! everybody concerned was asked about the same days, silence about those who were traced is a no. Who was asked
//! and not traced stays away from that source's records (see the guards), so nothing is progress by them.

use std::{borrow::Cow, collections::BTreeSet};

use chrono::NaiveDate;

use super::{guards::has_left_for_ever, joining::is_under};
use crate::register::{Circumstance, CircumstanceKind, Coverage, Days, FamilyFile, SourceKind};

/// The coverage with the days about which every one of the family's people was asked.
pub(super) fn heard<'a>(file: &FamilyFile, coverage: &'a Coverage, on: NaiveDate) -> Cow<'a, Coverage> {
    let answers: Vec<(SourceKind, Days, &Circumstance)> =
        file.circumstances.iter().filter(|c| c.from <= on).filter_map(answer).collect();
    let asked: BTreeSet<(SourceKind, Days)> =
        answers.iter().map(|(source, days, _)| (*source, *days)).collect();
    let mut coverage = Cow::Borrowed(coverage);
    for (source, days) in asked {
        let concerned = file.members.iter().filter(|member| {
            let grown = member.birth_date.is_none_or(|born| !is_under(born, least_age(source), days.to));
            grown && !has_left_for_ever(&file.circumstances, &member.id, days.from)
        });
        let mut somebody = false;
        let spoken_of = concerned.inspect(|_| somebody = true).all(|member| {
            answers.iter().any(|(of, span, answer)| {
                *of == source && answer.person == member.id && span.from <= days.from && days.to <= span.to
            })
        });
        if spoken_of && somebody {
            coverage.to_mut().0.entry(source).or_default().push(days);
        }
    }
    coverage
}

/// An answer with its days; none of a circumstance that is no answer, or goes on without end.
fn answer(told: &Circumstance) -> Option<(SourceKind, Days, &Circumstance)> {
    let is_answer = matches!(told.kind, CircumstanceKind::Traced | CircumstanceKind::NotTraced);
    let days = Days { from: told.from, to: told.to? };
    Some((told.source.filter(|_| is_answer)?, days, told))
}

/// From which age a source has records of people at all.
fn least_age(source: SourceKind) -> u32 {
    match source {
        SourceKind::Dwp | SourceKind::Housing => 16,
        SourceKind::Police => 10,
        _ => 0,
    }
}
