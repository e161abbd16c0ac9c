//! Where a quarter stands and what it counts, in the words of the pages; pure.

use tenfold_common::clock::Moment;
use tenfold_web::{problems::sentence, words};

use crate::{
    duties::look::{QuarterState, StreamCounts},
    release::stages::{Refusal, RefusalKind},
    web::view::{LabelCount, RefusedLine, ReleaseLine, Step, StreamReview, Tag, Tone},
};

/// A quarter's state in the words of the pages.
pub fn line(state: &QuarterState, now: Moment) -> ReleaseLine {
    let step = |at: Moment, by: &str| Step {
        day: words::short_day(at.day()),
        time: words::time(at),
        by: by.to_owned(),
    };
    let (tag, next) = standing(state, now);
    let (name, months) = match state.opening {
        true => {
            let to = words::short_day(state.quarter.last_day());
            ("Opening position".to_owned(), format!("everything to {to}"))
        }
        false => (state.quarter.short_name(), state.quarter.months()),
    };
    let sealed = state.sealed.as_ref();
    ReleaseLine {
        quarter: state.quarter.to_string(),
        name,
        months,
        opening: state.opening,
        state: tag,
        next,
        prepared: state.preparation.as_ref().map(|done| step(done.prepared_at, &done.prepared_by)),
        approved: state.approval.as_ref().map(|done| step(done.approved_at, &done.approved_by)),
        sealed: sealed.map(|done| step(done.sealed_at, &format!("number {}", done.number))),
        receipted: sealed.and_then(|done| done.receipted_at).map(|at| step(at, "")),
    }
}

/// The refusals of a quarter, newest first.
pub(super) fn answered(state: &QuarterState) -> Vec<RefusedLine> {
    let line = |refusal: &Refusal| RefusedLine {
        answer: match refusal.kind {
            RefusalKind::NotYet => "Not yet",
            RefusalKind::Void => "Void",
        },
        reason: refusal.reason.words(),
        comment: refusal.comment.clone(),
        said: Step {
            day: words::short_day(refusal.refused_at.day()),
            time: words::time(refusal.refused_at),
            by: refusal.refused_by.clone(),
        },
    };
    state.refusals.iter().rev().map(line).collect()
}

/// Where a quarter stands, and what happens next or why it does not.
pub(super) fn standing(state: &QuarterState, now: Moment) -> (Tag, String) {
    let late = now >= state.due_at;
    let waits = if late { Tone::Stops } else { Tone::Waits };
    let by = |words: &str| {
        let due = words::moment(state.due_at);
        if late { format!("{words} It was due by {due}.") } else { format!("{words} It is due by {due}.") }
    };
    match (&state.sealed, &state.approval, &state.preparation) {
        (Some(sealed), _, _) if sealed.receipted_at.is_some() && state.void().is_some() => (
            Tag::new("Void", Tone::Good),
            "The region knows; its families are counted in the next quarter.".to_owned(),
        ),
        (Some(sealed), _, _) if sealed.receipted_at.is_some() => (
            Tag::new("Receipted", Tone::Good),
            "The region keeps it; the same bytes stand for ever.".to_owned(),
        ),
        (Some(sealed), _, _) => match &sealed.last_problem {
            Some(problem) => (
                Tag::new("Not delivered", Tone::Stops),
                format!(
                    "{} The node tries again by itself ({} so far).",
                    sentence(problem),
                    tries(sealed.attempts)
                ),
            ),
            None if now < sealed.deliver_at => (
                Tag::new("Sealed", Tone::Moves),
                format!("It leaves at {}.", words::moment(sealed.deliver_at)),
            ),
            None => (Tag::new("Sealed", Tone::Moves), "It is due to leave now.".to_owned()),
        },
        (None, _, _) if state.void().is_some() => (
            Tag::new("Void", Tone::Moves),
            by("Nothing is drawn for it. The region is told once its statement is fresh."),
        ),
        (None, Some(_), _) => (
            Tag::new("Approved", Tone::Moves),
            by("It is drawn and sealed once the aggregator’s statement is fresh."),
        ),
        (None, None, Some(_)) if state.not_yet().is_some() => {
            (Tag::new("Not yet", waits), by("An analyst puts it right and prepares it again."))
        }
        (None, None, Some(_)) => {
            (Tag::new("Awaits approval", waits), by("Another person reviews and approves it."))
        }
        (None, None, None) if now < state.recording_ends => (
            Tag::new("Recording", Tone::Plain),
            format!("Its recording period ends at {}.", words::moment(state.recording_ends)),
        ),
        (None, None, None) => (Tag::new("To be prepared", waits), by("An analyst prepares it.")),
    }
}

fn tries(count: u32) -> String {
    words::counted(u64::from(count), "try", "tries")
}

/// What a quarter counts beside the one before it.
pub(super) fn review(now: &[StreamCounts], before: Option<&[StreamCounts]>) -> Vec<StreamReview> {
    now.iter()
        .map(|stream| {
            let earlier = before.and_then(|before| before.iter().find(|other| other.title == stream.title));
            let pair = |counts: &[(String, i64)], earlier: Option<&[(String, i64)]>| -> Vec<LabelCount> {
                let of =
                    |label: &str| earlier?.iter().find(|(other, _)| other == label).map(|(_, count)| *count);
                counts
                    .iter()
                    .map(|(label, now)| LabelCount { label: label.clone(), now: *now, before: of(label) })
                    .collect()
            };
            let set_before = |name: &str| {
                earlier?.labels.iter().find(|(other, _)| other == name).map(|(_, counts)| counts.as_slice())
            };
            StreamReview {
                title: stream.title.clone(),
                total: stream.total,
                total_before: earlier.map(|earlier| earlier.total),
                labels: stream
                    .labels
                    .iter()
                    .map(|(name, counts)| (name.clone(), pair(counts, set_before(name))))
                    .collect(),
                places: pair(&stream.places, earlier.map(|earlier| earlier.places.as_slice())),
            }
        })
        .collect()
}

/// What an approver should look at twice; never a gate, because a gate on true figures would speak.
pub(super) fn advice(streams: &[StreamReview]) -> Vec<String> {
    streams
        .iter()
        .filter_map(|stream| {
            let title = &stream.title;
            match stream.total_before {
                _ if stream.total == 0 => Some(format!("{title}: no family is counted this quarter.")),
                Some(before) if before >= 10 && (stream.total > 2 * before || 2 * stream.total < before) => {
                    Some(format!("{title}: {} families after {before} the quarter before.", stream.total))
                }
                _ => None,
            }
        })
        .collect()
}
