//! Where a quarter stands, in the words of the pages; pure.

use tenfold_common::clock::Moment;
use tenfold_web::{problems::sentence, words};

use crate::{
    duties::look::QuarterState,
    web::view::{RefusedLine, ReleaseLine, Step, Tag, Tone},
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
        approved: state.approval.as_ref().map(|done| step(done.approved_at, &done.decider())),
        sealed: sealed.map(|done| step(done.sealed_at, &format!("number {}", done.number))),
        receipted: sealed.and_then(|done| done.receipted_at).map(|at| step(at, "")),
    }
}

/// That and why a quarter is void.
pub(super) fn answered(state: &QuarterState) -> Option<RefusedLine> {
    let refusal = state.void.as_ref()?;
    Some(RefusedLine {
        reason: refusal.reason.words(),
        comment: refusal.comment.clone(),
        said: Step {
            day: words::short_day(refusal.refused_at.day()),
            time: words::time(refusal.refused_at),
            by: refusal.refused_by.clone(),
        },
    })
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
        (Some(sealed), _, _) if sealed.receipted_at.is_some() && state.void.is_some() => (
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
        (None, _, _) if state.void.is_some() => (
            Tag::new("Void", Tone::Moves),
            by("Nothing is drawn for it. The region is told once its statement is fresh."),
        ),
        (None, Some(_), _) => (
            Tag::new("Approved", Tone::Moves),
            by("It is drawn and sealed once the aggregator’s statement is fresh."),
        ),
        (None, None, Some(_)) if let Some(returned) = state.returned() => (
            Tag::new("Returned", waits),
            by(&format!(
                "{} returned it with a comment. An analyst prepares it again.",
                returned.returned_by
            )),
        ),
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
