//! Rows that a node must put into quarantine: each a copy of a good one with one thing wrong.

use super::{CaseSystem, Extract};
use crate::synth::dice::Dice;

/// A copy with an impossible date, text in a number, or a needed value missing.
pub(super) fn copy(
    extract: Extract,
    system: CaseSystem,
    mut row: Vec<String>,
    dice: &mut Dice,
) -> Vec<String> {
    let impossible = match (extract, system) {
        (Extract::EarlyHelp, CaseSystem::Mosaic) => "2015-Feb-31 00:00:00",
        _ => "31/02/2015",
    };
    // Columns by their place in the headings.
    let faults: &[(usize, &str)] = match extract {
        // Completed, started, type of assessment.
        Extract::EarlyHelp => &[(19, impossible), (18, impossible), (18, ""), (17, "")],
        // Sessions possible, sessions, term start.
        Extract::Sessions => &[(7, "about 120"), (9, "some"), (5, impossible), (5, "")],
        // Date and category.
        Extract::Police => &[(1, impossible), (1, ""), (2, "")],
        // Spell type and start.
        Extract::Dwp => &[(6, impossible), (6, ""), (4, "")],
        // Status and start.
        Extract::SocialCare => &[(6, impossible), (6, ""), (5, "")],
        // Start of the episode.
        Extract::Episodes => &[(2, impossible), (2, "")],
    };
    let (column, wrong) = dice.pick(faults);
    row[*column] = (*wrong).to_owned();
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::extracts::headings::headings;

    #[test]
    fn the_columns_are_those_meant() {
        let heading = |extract, at: usize| headings(extract, CaseSystem::Liquidlogic)[at];
        assert_eq!(
            [17, 18, 19].map(|at| heading(Extract::EarlyHelp, at)),
            ["Assessment Type", "Assessment Start Date", "Assessment Completed Date"]
        );
        assert_eq!(headings(Extract::EarlyHelp, CaseSystem::Mosaic)[17], "STEP_TYPE");
        assert_eq!(
            [5, 7, 9].map(|at| heading(Extract::Sessions, at)),
            ["Term Start", "Sessions Possible", "Sessions"]
        );
        assert_eq!([1, 2].map(|at| heading(Extract::Police, at)), ["Incident Date", "Category"]);
        assert_eq!([4, 6].map(|at| heading(Extract::Dwp, at)), ["Spell Type", "Start Date"]);
        assert_eq!([5, 6].map(|at| heading(Extract::SocialCare, at)), ["Status", "Start Date"]);
        assert_eq!(heading(Extract::Episodes, 2), "Episode Start");
    }
}
