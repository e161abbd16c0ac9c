//! The extracts' headings and file names: our reading of what such systems export.

use super::{CaseSystem, Extract};

const EARLY_HELP: &[&str] = &[
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
    "Referral Source",
];
const WORKFLOW_STEPS: &[&str] = &[
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
    "REFERRED_BY",
];
const SESSIONS: &[&str] = &[
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
];
const POLICE: &[&str] =
    &["Incident Reference", "Incident Date", "Category", "Forename", "Surname", "Date of Birth", "Postcode"];
const DWP: &[&str] = &[
    "NI Number",
    "Forename",
    "Surname",
    "Date of Birth",
    "Spell Type",
    "Description",
    "Start Date",
    "End Date",
];
const SOCIAL_CARE: &[&str] =
    &["Child ID", "Forename", "Surname", "Date of Birth", "NHS Number", "Status", "Start Date", "End Date"];
const EPISODES: &[&str] =
    &["Early Help Number", "Child ID", "Episode Start", "Episode End", "End Reason", "Received From"];

/// The headings of an extract.
pub(super) fn headings(extract: Extract, system: CaseSystem) -> &'static [&'static str] {
    match (extract, system) {
        (Extract::EarlyHelp, CaseSystem::Liquidlogic) => EARLY_HELP,
        (Extract::EarlyHelp, CaseSystem::Mosaic) => WORKFLOW_STEPS,
        (Extract::Sessions, _) => SESSIONS,
        (Extract::Police, _) => POLICE,
        (Extract::Dwp, _) => DWP,
        (Extract::SocialCare, _) => SOCIAL_CARE,
        (Extract::Episodes, _) => EPISODES,
    }
}

/// The name of an extract's file.
pub(super) fn file_name(extract: Extract, system: CaseSystem) -> &'static str {
    match (extract, system) {
        (Extract::EarlyHelp, CaseSystem::Liquidlogic) => "early_help_assessments.csv",
        (Extract::EarlyHelp, CaseSystem::Mosaic) => "eh_workflow_steps.csv",
        (Extract::Sessions, _) => "school_sessions.csv",
        (Extract::Police, _) => "police_incidents.csv",
        (Extract::Dwp, _) => "dwp_spells.csv",
        (Extract::SocialCare, _) => "social_care.csv",
        (Extract::Episodes, _) => "episodes.csv",
    }
}
