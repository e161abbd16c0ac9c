//! The audit worksheet: one row a drawn line, with the council's own references, to be filled in and kept.

use tenfold_common::spreadsheet;

/// One row of the worksheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The claim's number.
    pub claim: i64,
    /// The family.
    pub family: String,
    /// The council's own numbers of the family's assessments and cases.
    pub references: Vec<String>,
    /// Progress or employment.
    pub result: String,
    /// The problems claimed, in words.
    pub problems: Vec<String>,
    /// Why it is checked: drawn, or discretion.
    pub why: String,
    /// What it rests on, in words.
    pub evidence: Vec<String>,
    /// What was claimed for the family before Tenfold, in words.
    pub before: Vec<String>,
    /// What was found so far; empty while nothing was.
    pub finding: String,
    /// Why, where it is invalid.
    pub reason: String,
}

/// The worksheet as CSV.
///
/// # Errors
/// Where the writer fails.
pub fn csv(rows: &[Row]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "Claim",
        "Family",
        "Council references",
        "Result",
        "Problems",
        "Checked because",
        "Evidence",
        "Claimed before Tenfold",
        "Finding (valid or invalid)",
        "Reason",
    ])?;
    for row in rows {
        let cells = [
            row.claim.to_string(),
            row.family.clone(),
            row.references.join("; "),
            row.result.clone(),
            row.problems.join("; "),
            row.why.clone(),
            row.evidence.join("; "),
            row.before.join("; "),
            row.finding.clone(),
            row.reason.clone(),
        ];
        writer.write_record(cells.iter().map(|text| spreadsheet::cell(text).into_owned()))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worksheet_is_as_literally_here() {
        let row = Row {
            claim: 7,
            family: "F3".to_owned(),
            references: vec!["EH-001".to_owned(), "EH-002".to_owned()],
            result: "progress".to_owned(),
            problems: vec!["Health".to_owned(), "Domestic abuse".to_owned()],
            why: "discretion".to_owned(),
            evidence: vec!["=cmd()".to_owned()],
            before: vec!["TF-1 before Tenfold, refused".to_owned()],
            finding: String::new(),
            reason: "@x".to_owned(),
        };
        let text = csv(&[row]).unwrap();
        let last = text.lines().last().unwrap();
        assert_eq!(
            last,
            "7,F3,EH-001; EH-002,progress,Health; Domestic abuse,discretion,'=cmd(),\"TF-1 before Tenfold, refused\",,'@x"
        );
    }
}
