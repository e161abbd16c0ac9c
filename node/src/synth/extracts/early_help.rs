//! Early-help assessments, one row a child, in the two shapes that boroughs export.

use chrono::{Days, NaiveDate};

use super::{Sheet, System, british};
use crate::synth::{
    SynthPlan,
    family::{Ending, Family},
    people::Invented,
};

const LIQUIDLOGIC: &[&str] = &[
    "Early Help Number",
    "Child ID",
    "Child Forename",
    "Child Surname",
    "Date of Birth",
    "Gender",
    "NHS Number",
    "UPN",
    "Carer Forename",
    "Carer Surname",
    "Carer Date of Birth",
    "Carer Gender",
    "Carer NI Number",
    "Address",
    "Postcode",
    "UPRN",
    "Ward Code",
    "Assessment Type",
    "Assessment Start Date",
    "Assessment Completed Date",
    "Whole Family",
    "Plan Date",
    "Key Worker",
    "Key Worker Start Date",
    "Crime or ASB",
    "School Attendance",
    "Child Needs Help",
    "Work and Money",
    "Domestic Abuse",
    "Health",
];
const MOSAIC: &[&str] = &[
    "WORKFLOW_STEP_ID",
    "SUBJECT_PERSON_ID",
    "SUBJECT_FIRST_NAMES",
    "SUBJECT_LAST_NAME",
    "SUBJECT_DOB",
    "SUBJECT_SEX",
    "SUBJECT_NHS_NO",
    "SUBJECT_UPN",
    "CARER_FIRST_NAMES",
    "CARER_LAST_NAME",
    "CARER_DOB",
    "CARER_SEX",
    "CARER_NINO",
    "ADDRESS_LINE",
    "POSTCODE",
    "UPRN",
    "WARD_CODE",
    "STEP_TYPE",
    "STARTED_ON",
    "COMPLETED_ON",
    "WHOLE_FAMILY_YN",
    "PLAN_ON",
    "ALLOCATED_WORKER",
    "ALLOCATED_ON",
    "NEED_CRIME",
    "NEED_SCHOOL",
    "NEED_CHILD",
    "NEED_WORK",
    "NEED_DVA",
    "NEED_HEALTH",
];

/// The words one system uses.
struct Words {
    date: fn(NaiveDate) -> String,
    sex: [&'static str; 2],
    kind: [&'static str; 2],
    flag: [&'static str; 2],
}

fn words(system: System) -> Words {
    match system {
        System::Liquidlogic => {
            Words { date: british, sex: ["F", "M"], kind: ["Initial", "Review"], flag: ["Y", "N"] }
        }
        System::Mosaic => Words {
            date: |day| day.format("%Y-%b-%d 00:00:00").to_string(),
            sex: ["FEMALE", "MALE"],
            kind: ["ASSESSMENT", "REVIEW"],
            flag: ["1", "0"],
        },
    }
}

/// The early-help file of one quarter.
pub(super) fn sheet(plan: &SynthPlan, system: System, families: &[Family], index: usize) -> Sheet {
    let mut sheet = match system {
        System::Liquidlogic => Sheet::new("early_help_assessments.csv", LIQUIDLOGIC),
        System::Mosaic => Sheet::new("eh_workflow_steps.csv", MOSAIC),
    };
    let words = words(system);
    for family in families {
        if index == family.assessed_in {
            initial(&mut sheet, &words, family, !family.plan_is_late, false);
            if family.is_duplicated {
                duplicate(&mut sheet, &words, family);
            }
        }
        let late = family.plan_is_late && index == family.assessed_in + 1;
        let moved = family.moves_in == Some(index);
        if late || moved {
            initial(&mut sheet, &words, family, true, family.moves_in.is_some_and(|quarter| quarter <= index));
        }
        if family.problems.contains(&6) && family.ending == Ending::Progress(index) {
            let on = family.review_on(plan, index);
            let child = &family.children[0];
            let row = row(&words, family, child, &child.case_id, Step::Review(on), true, false);
            sheet.rows.push(row);
        }
    }
    sheet
}

enum Step {
    Initial,
    Review(NaiveDate),
}

fn initial(sheet: &mut Sheet, words: &Words, family: &Family, planned: bool, moved: bool) {
    for child in &family.children {
        sheet.rows.push(row(words, family, child, &child.case_id, Step::Initial, planned, moved));
    }
}

/// The first child once more, under another id and with its name spelt another way.
fn duplicate(sheet: &mut Sheet, words: &Words, family: &Family) {
    let child = &family.children[0];
    let again = Invented { surname: child.surname.to_uppercase(), ..child.clone() };
    let case_id = format!("9{}", child.case_id);
    sheet.rows.push(row(words, family, &again, &case_id, Step::Initial, !family.plan_is_late, false));
}

fn row(
    words: &Words,
    family: &Family,
    child: &Invented,
    case_id: &str,
    step: Step,
    planned: bool,
    moved: bool,
) -> Vec<String> {
    let sex = |person: &Invented| words.sex[usize::from(!person.female)].to_owned();
    let (kind, on, suffix) = match step {
        Step::Initial => (words.kind[0], family.assessed, "A"),
        Step::Review(on) => (words.kind[1], on, "R"),
    };
    let started = match step {
        Step::Initial => on - Days::new(14),
        Step::Review(_) => on,
    };
    let when_planned = |days: u64| {
        if planned { (words.date)(family.assessed + Days::new(days)) } else { String::new() }
    };
    // A move keeps the ward unknown where it was, else the new address is outside every known ward.
    let uprn = if moved { format!("2{}", family.uprn) } else { family.uprn.clone() };
    let mut row = vec![
        format!("EH{case_id}{suffix}"),
        case_id.to_owned(),
        child.forename.to_owned(),
        child.surname.clone(),
        (words.date)(child.born),
        sex(child),
        if family.lacks_nhs_numbers { String::new() } else { child.nhs_number.clone() },
        child.upn.clone(),
        family.carer.forename.to_owned(),
        family.carer.surname.clone(),
        (words.date)(family.carer.born),
        sex(&family.carer),
        family.carer.ni_number.clone(),
        format!("{} {} Street", 1 + family.number % 140, family.carer.surname),
        family.postcode.clone(),
        uprn,
        family.ward.as_ref().map(ToString::to_string).unwrap_or_default(),
        kind.to_owned(),
        (words.date)(started),
        (words.date)(on),
        words.flag[0].to_owned(),
        when_planned(3),
        if planned { format!("Worker {}", 1 + family.number % 12) } else { String::new() },
        when_planned(5),
    ];
    for problem in 1..=6 {
        row.push(match step {
            Step::Initial if family.problems.contains(&problem) => words.flag[0].to_owned(),
            Step::Initial => words.flag[1].to_owned(),
            Step::Review(_) if problem == 6 => words.flag[1].to_owned(),
            Step::Review(_) => String::new(),
        });
    }
    row
}
