//! History is taken once from each source: what was before Tenfold does not change afterwards.

use tenfold_store::AnyConnection;

use super::{super::DutyError, LoadReport, Outcome};
use crate::{
    duties::claim::before,
    register::SourceKind,
    store::{self, loads::Load},
};

/// The load that stands of a source's history, if there is one; another sheet of the same file is none.
pub(super) fn taken(
    connection: &mut AnyConnection,
    mapping: &str,
    file_name: &str,
    sha256: &str,
) -> Result<Option<Load>, DutyError> {
    let loads = store::loads::standing(connection)?;
    let own = loads.into_iter().filter(|load| load.mapping == mapping && load.mends.is_none());
    let is_other_sheet = |load: &Load| load.file_sha256 == sha256 && sheet_of(&load.file_name, file_name);
    Ok(own.into_iter().find(|load| !is_other_sheet(load)))
}

/// Whether two tables are different sheets of one workbook.
fn sheet_of(one: &str, other: &str) -> bool {
    let sheet = |name: &str| name.ends_with(']').then(|| name.rfind(" [")).flatten();
    match (sheet(one), sheet(other)) {
        (Some(a), Some(b)) => one[..a] == other[..b] && one[a..] != other[b..],
        _ => false,
    }
}

/// What is said of the same file again.
pub(super) fn known(load: &Load) -> String {
    format!("the same file was taken before as load {}; history loads once, and nothing was changed", load.id)
}

/// What is said of another file.
pub(super) fn refusal(load: &Load) -> String {
    format!(
        "load {0} ({1}) holds the history of this source already, and history loads once: undo it first \
         (`tenfold-node load undo {0}`), or mend what waits in its quarantine (`tenfold-node load mend {0} FILE`)",
        load.id, load.file_name
    )
}

/// Says of what was loaded where families are claimed twice now: once before Tenfold, once here.
pub(super) fn tell_conflicts(
    connection: &mut AnyConnection,
    reports: &mut [LoadReport],
) -> Result<(), DutyError> {
    let cases = before::double_cases(connection)?;
    let of_before = cases.iter().flat_map(|case| &case.before);
    for report in reports.iter_mut().filter(|report| report.outcome == Outcome::Loaded) {
        let own = of_before.clone().filter(|claim| Some(claim.load) == report.load);
        let count = own.count();
        if count > 0 {
            report.notes.push(format!(
                "{count} claims of this file are of families that are claimed a second time; \
                 `tenfold-node claim double-cases` names them"
            ));
        }
    }
    Ok(())
}

/// Whether any of the reports is of a load that may bring claims of before Tenfold to a family.
pub(super) fn is_concerned(connection: &mut AnyConnection) -> Result<bool, DutyError> {
    let loads = store::loads::standing(connection)?;
    Ok(loads.iter().any(|load| load.source == SourceKind::History.as_str()))
}

#[cfg(test)]
mod tests {
    use super::sheet_of;

    #[test]
    fn sheets_of_one_workbook_are_told_from_the_same_sheet_again() {
        assert!(sheet_of("h.xlsx [2013]", "h.xlsx [2014]"));
        assert!(!sheet_of("h.xlsx [2013]", "h.xlsx [2013]"));
        assert!(!sheet_of("h.xlsx [2013]", "other.xlsx [2014]"));
        assert!(!sheet_of("h.csv", "h.csv"));
        assert!(!sheet_of("h.csv", "renamed.csv"));
    }
}
