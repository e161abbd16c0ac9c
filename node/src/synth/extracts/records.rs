//! Schools, police, DWP, social care and episodes: records that make each family's plan come true.

use chrono::{Datelike, Days, NaiveDate};

use super::{Sheet, british, british_or_blank, days_of};
use crate::synth::{
    SynthPlan,
    family::{Ending, Family},
};

/// First and last days of the three terms of a school year, as month and day.
const TERMS: [(&str, (u32, u32), (u32, u32)); 3] =
    [("Spring", (1, 5), (3, 24)), ("Summer", (4, 11), (7, 20)), ("Autumn", (9, 3), (12, 18))];

/// A family's first quarter in the extracts brings what was known of the year before.
fn is_new(family: &Family, index: usize) -> bool {
    family.assessed_in == index
}

/// Terms that ended in the days given.
fn terms_between(from: NaiveDate, to: NaiveDate) -> Vec<(String, NaiveDate, NaiveDate)> {
    let mut terms = Vec::new();
    for year in from.year()..=to.year() {
        for (name, begins, ends) in TERMS {
            let day = |(month, day): (u32, u32)| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
            if from <= day(ends) && day(ends) <= to {
                terms.push((format!("{name} {year}"), day(begins), day(ends)));
            }
        }
    }
    terms
}

/// School sessions by pupil, term and reason code.
pub(super) fn sessions(plan: &SynthPlan, families: &[Family], index: usize) -> Sheet {
    let mut sheet = Sheet::new(
        "school_sessions.csv",
        &[
            "UPN",
            "Pupil Forename",
            "Pupil Surname",
            "Date of Birth",
            "Term",
            "Term Start",
            "Term End",
            "Sessions Possible",
            "Reason Code",
            "Sessions",
        ],
    );
    let (first, last) = days_of(plan, index);
    for family in families.iter().filter(|family| family.assessed_in <= index) {
        let from = if is_new(family, index) { plan.first_quarter.plus(index as i32 - 3).first_day() } else { first };
        for (name, begins, ends) in terms_between(from, last) {
            let attends = attends_well(plan, family, ends);
            for (at, child) in family.children.iter().enumerate().filter(|(_, child)| !child.upn.is_empty()) {
                let varies = (family.number * 7 + at * 3 + usize::from(attends)) % 3;
                let counts = if attends {
                    [('/', 122 - varies), ('I', 2 + varies), ('O', 1)]
                } else {
                    [('/', 95 - varies), ('I', 10 + varies), ('O', 20)]
                };
                for (code, count) in counts {
                    sheet.rows.push(vec![
                        child.upn.clone(),
                        child.forename.to_owned(),
                        child.surname.clone(),
                        british(child.born),
                        name.clone(),
                        british(begins),
                        british(ends),
                        "125".to_owned(),
                        code.to_string(),
                        count.to_string(),
                    ]);
                }
            }
        }
    }
    sheet
}

/// Pupils of a family with a school problem attend badly until the three terms that carry its result.
fn attends_well(plan: &SynthPlan, family: &Family, term_ends: NaiveDate) -> bool {
    if !family.problems.contains(&2) {
        return true;
    }
    let Some(result) = family.result_in() else { return false };
    let (_, last) = days_of(plan, result);
    let known = terms_between(plan.first_quarter.plus(-8).first_day(), last);
    let carrying = &known[known.len().saturating_sub(3)..];
    carrying.first().is_some_and(|(_, _, ends)| term_ends >= *ends)
}

/// Whether a problem still shows in a quarter: the blocking one until the result lets it rest.
fn still_shows(family: &Family, problem: u8, index: usize) -> bool {
    if family.blocking != problem {
        return false;
    }
    match family.ending {
        // Its last sign lies two quarters before, so the window of six months is clear only now.
        Ending::Progress(result) => index + 2 <= result,
        Ending::Open | Ending::Employment(_) => true,
    }
}

/// Offences, anti-social behaviour and domestic-abuse incidents.
pub(super) fn incidents(plan: &SynthPlan, families: &[Family], index: usize) -> Sheet {
    let mut sheet = Sheet::new(
        "police_incidents.csv",
        &["Incident Reference", "Incident Date", "Category", "Forename", "Surname", "Date of Birth", "Postcode"],
    );
    let (first, last) = days_of(plan, index);
    for family in families.iter().filter(|family| family.assessed_in <= index) {
        for (problem, categories) in [(1, ["ASB", "Proven offence"]), (5, ["Domestic abuse"; 2])] {
            if !family.problems.contains(&problem) {
                continue;
            }
            let mut days = Vec::new();
            if is_new(family, index) {
                days.push(family.assessed - Days::new(40 + family.number as u64 % 200));
            }
            if still_shows(family, problem, index) && !is_new(family, index) {
                days.push(first + Days::new(40 + family.number as u64 % 40));
            } else if still_shows(family, problem, index) {
                days.push(last);
            }
            for (at, day) in days.into_iter().enumerate() {
                let person = if problem == 5 { &family.carer } else { &family.children[0] };
                sheet.rows.push(vec![
                    format!("INC{problem}{:05}{index:02}{at}", family.number),
                    british(day),
                    categories[family.number % 2].to_owned(),
                    person.forename.to_owned(),
                    person.surname.clone(),
                    british(person.born),
                    family.postcode.clone(),
                ]);
            }
        }
    }
    sheet
}

/// Benefit and job spells.
pub(super) fn spells(plan: &SynthPlan, families: &[Family], index: usize) -> Sheet {
    let mut sheet = Sheet::new(
        "dwp_spells.csv",
        &["NI Number", "Forename", "Surname", "Date of Birth", "Spell Type", "Description", "Start Date", "End Date"],
    );
    for family in families.iter().filter(|family| family.problems.contains(&4) && family.assessed_in <= index) {
        let began = family.assessed - Days::new(300 + family.number as u64 % 300);
        let (ended, job) = work(plan, family);
        let carer = &family.carer;
        let mut push = |kind: &str, what: &str, from: NaiveDate, to: Option<NaiveDate>| {
            sheet.rows.push(vec![
                carer.ni_number.clone(),
                carer.forename.to_owned(),
                carer.surname.clone(),
                british(carer.born),
                kind.to_owned(),
                what.to_owned(),
                british(from),
                british_or_blank(to),
            ]);
        };
        // A spell is reported when it is first known, and once more when its end is known.
        let (_, last) = days_of(plan, index);
        let end_is_new = ended.is_some_and(|day| in_quarter(plan, index, day)) && !is_new(family, index);
        if is_new(family, index) || end_is_new {
            push("Benefit", "Out of work", began, ended.filter(|&day| day <= last));
        }
        if let Some(job) = job.filter(|&job| {
            in_quarter(plan, index, job) || is_new(family, index) && job <= last
        }) {
            push("Employment", "PAYE", job, None);
        }
    }
    sheet
}

/// When the carer's benefit ended and a job that counts began.
fn work(plan: &SynthPlan, family: &Family) -> (Option<NaiveDate>, Option<NaiveDate>) {
    match family.ending {
        Ending::Employment(result) => {
            // 26 weeks in work are complete in the result's quarter and not in the one before.
            let (_, last) = days_of(plan, result);
            let job = last - Days::new(181 + family.number as u64 % 60);
            (job.pred_opt(), Some(job))
        }
        Ending::Open if family.blocking == 4 => (None, None),
        Ending::Progress(result) if family.blocking == 4 => {
            // Ends two quarters before, so the window of six months is clear only now; reported then.
            let (_, last) = days_of(plan, result.saturating_sub(2));
            (Some(last.max(family.assessed)), None)
        }
        Ending::Open | Ending::Progress(_) => (family.assessed.pred_opt(), None),
    }
}

/// Social-care statuses of children.
pub(super) fn care(plan: &SynthPlan, families: &[Family], index: usize) -> Sheet {
    let mut sheet = Sheet::new(
        "social_care.csv",
        &["Child ID", "Forename", "Surname", "Date of Birth", "NHS Number", "Status", "Start Date", "End Date"],
    );
    for family in families.iter().filter(|family| family.problems.contains(&3) && family.assessed_in <= index) {
        let began = family.assessed - Days::new(100 + family.number as u64 % 100);
        let ended = match family.ending {
            Ending::Progress(result) if family.blocking == 3 => {
                Some(days_of(plan, result.saturating_sub(2)).1.max(family.assessed))
            }
            Ending::Open | Ending::Employment(_) if family.blocking == 3 => None,
            _ => family.assessed.pred_opt(),
        };
        let (_, last) = days_of(plan, index);
        let end_is_new = ended.is_some_and(|day| in_quarter(plan, index, day)) && !is_new(family, index);
        if is_new(family, index) || end_is_new {
            let child = &family.children[0];
            sheet.rows.push(vec![
                child.case_id.clone(),
                child.forename.to_owned(),
                child.surname.clone(),
                british(child.born),
                if family.lacks_nhs_numbers { String::new() } else { child.nhs_number.clone() },
                if family.number % 4 == 0 { "CPP" } else { "CIN" }.to_owned(),
                british(began),
                british_or_blank(ended.filter(|&day| day <= last)),
            ]);
        }
    }
    sheet
}

/// Episodes of work: opened with the assessment, closed a quarter after the result.
pub(super) fn episodes(plan: &SynthPlan, families: &[Family], index: usize) -> Sheet {
    let mut sheet = Sheet::new(
        "episodes.csv",
        &["Early Help Number", "Child ID", "Episode Start", "Episode End", "End Reason", "Received From"],
    );
    let (first, _) = days_of(plan, index);
    for family in families {
        let child = &family.children[0];
        let closes = family.result_in().is_some_and(|result| result + 1 == index);
        if is_new(family, index) || closes {
            let closed = closes.then(|| first + Days::new(20));
            sheet.rows.push(vec![
                format!("EH{}A", child.case_id),
                child.case_id.clone(),
                british(family.assessed),
                british_or_blank(closed),
                if closes { "Outcomes met" } else { "" }.to_owned(),
                family.received_from.as_ref().map(ToString::to_string).unwrap_or_default(),
            ]);
        }
    }
    sheet
}

fn in_quarter(plan: &SynthPlan, index: usize, day: NaiveDate) -> bool {
    let (first, last) = days_of(plan, index);
    first <= day && day <= last
}
