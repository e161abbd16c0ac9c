//! Verdicts with reasons: who is eligible, who is attached, who has a result, and what is missing.
//!
//! A framework's rules are data; this is the engine that holds a family's records against them on a
//! given day. Records dated later are not seen, so any past verdict can be had again. Silence is
//! progress only where its source covers the window and the people concerned were there to be seen:
//! what is missing is not zero.

mod answers;
mod attendance;
mod closing;
mod differences;
mod employment;
mod guards;
mod joining;
mod progress;
mod signs;
mod verdict;
mod words;

use chrono::NaiveDate;
use tenfold_common::framework::{Counted, Framework, ResultKind};

use crate::register::{Coverage, FamilyFile, ProblemNumber};

pub use closing::closed;
pub use differences::{Difference, differences};
pub use joining::Joining;
pub use signs::source_of;
pub use verdict::{
    Absence, Answer, Evidence, FamilyResult, Finding, Judged, Missing, Status, Unknown, Verdict,
};

/// Whether somebody is under 18 on a day (Children Act 1989 section 105).
pub fn is_child(born: NaiveDate, on: NaiveDate) -> bool {
    joining::is_under(born, 18, on)
}

/// Holds a family's records against a framework on a day.
///
/// The order of records does not matter.
pub fn decide(file: &FamilyFile, coverage: &Coverage, framework: &Framework, on: NaiveDate) -> Verdict {
    let coverage = &*answers::heard(file, coverage, on);
    let joining = Joining::of(file, framework, on);
    let findings = signs::findings(file, framework, joining.day().unwrap_or(on), on);
    let problems: Vec<ProblemNumber> = findings.iter().map(|finding| finding.problem).collect();
    let needed = framework.eligibility.problems_at_least as usize;
    let shown = first_days(&findings, framework.eligibility.counted);

    let mut missing = Vec::new();
    if shown.len() < needed {
        missing.push(Missing::Problems { present: shown.len(), needed });
    }
    if !joining.dependent_child {
        missing.push(Missing::DependentChild);
    }
    let eligible = missing.is_empty();
    missing.extend(joining.missing(framework));
    let received = file.episodes.iter().filter(|episode| episode.opened <= on);
    let received = received.filter_map(|episode| episode.received_from.as_ref()).min();
    missing.extend(received.cloned().map(Missing::ReceivedFrom));

    let reached = shown.get(needed.saturating_sub(1)).copied().unwrap_or(NaiveDate::MIN);
    let attached_on = joining.day().filter(|_| missing.is_empty()).map(|day| day.max(reached));
    let mut verdict = Verdict {
        on,
        status: if eligible { Status::Eligible } else { Status::BelowThreshold },
        problems,
        findings,
        attached_on,
        joining,
        attendance: None,
        employment: None,
        result: None,
        missing,
    };
    if let Some(attached_on) = attached_on {
        let case = Case { file, coverage, framework, attached_on, on };
        for finding in &mut verdict.findings {
            finding.criteria = progress::judge(&case, finding.problem);
        }
        look_for_a_result(&case, &mut verdict);
    }
    verdict
}

/// A family that is attached, and everything needed to judge it.
struct Case<'a> {
    file: &'a FamilyFile,
    coverage: &'a Coverage,
    framework: &'a Framework,
    attached_on: NaiveDate,
    on: NaiveDate,
}

/// The first day of each problem or need that is counted, in order.
fn first_days(findings: &[Finding], counted: Counted) -> Vec<NaiveDate> {
    let mut first: Vec<NaiveDate> = match counted {
        Counted::Problems => findings.iter().filter_map(|f| f.evidence.iter().map(|e| e.on).min()).collect(),
        Counted::Needs => findings.iter().flat_map(|f| f.evidence.iter().map(|e| e.on)).collect(),
    };
    first.sort_unstable();
    first
}

fn look_for_a_result(case: &Case<'_>, verdict: &mut Verdict) {
    let framework = case.framework;
    let results = &framework.results;
    let asked: Vec<&Finding> = verdict.findings.iter().filter(|f| results.asks_about(f.problem)).collect();
    let progressed: Vec<ProblemNumber> =
        asked.iter().filter(|finding| finding.progressed()).map(|finding| finding.problem).collect();
    let floor = framework.attendance.terms.map(|terms| attendance::floor(case, terms));
    let employment = framework.employment.as_ref().map(|rule| employment::continuous(case, rule));
    let ended = joining::ended(case);

    let holds = |kind: &ResultKind| match kind {
        ResultKind::Progress => !asked.is_empty() && progressed.len() == asked.len(),
        ResultKind::Employment => employment.is_some_and(Answer::is_met),
    };
    // Where no child is of school age the floor asks nothing; it never makes a result by itself.
    let floor_held = floor.is_some_and(|floor| floor.is_met() || floor == Answer::NoLongerApplies);
    let allowed = |kind: &ResultKind| floor_held || !framework.attendance.asked_of.contains(kind);
    let held = results.kinds.iter().any(holds);
    let kind = results.kinds.iter().find(|kind| holds(kind) && allowed(kind)).copied();
    verdict.attendance = floor;
    verdict.employment = employment;
    if let Some(kind) = kind.filter(|_| ended.is_none()) {
        verdict.status = Status::Claimable;
        verdict.result = Some(FamilyResult { kind, problems: progressed });
        return;
    }
    verdict.status = if progressed.is_empty() { Status::Attached } else { Status::InProgress };
    let mut missing: Vec<Missing> = ended.map(|on| Missing::Ended { on }).into_iter().collect();
    if !results.kinds.iter().all(allowed) {
        let answer = floor.unwrap_or(Answer::NotKnown(Unknown::NoRule));
        missing.push(Missing::AttendanceFloor(answer));
    }
    if !held {
        if asked.is_empty() && results.kinds.contains(&ResultKind::Progress) {
            missing.push(Missing::NothingAsked);
        }
        for finding in &asked {
            if finding.criteria.is_empty() {
                missing.push(Missing::EmptySlot { problem: finding.problem });
            }
            let open = finding.criteria.iter().filter(|judged| !judged.answer.lets_pass());
            missing.extend(open.map(|judged| Missing::Progress {
                problem: finding.problem,
                indicator: judged.indicator,
                answer: judged.answer,
            }));
            let vacuous = !finding.criteria.is_empty() && !finding.progressed();
            if vacuous && finding.criteria.iter().all(|judged| judged.answer.lets_pass()) {
                missing.push(Missing::NothingReduced { problem: finding.problem });
            }
        }
        if results.kinds.contains(&ResultKind::Employment) {
            missing.extend(employment.map(Missing::Employment));
        }
    }
    verdict.missing.extend(missing);
}

#[cfg(test)]
mod tests;
