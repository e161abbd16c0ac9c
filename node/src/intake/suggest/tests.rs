//! What is proposed for strange files, and that a proposal for a known one is what ships.

use super::*;
use crate::intake::Extract;

fn proposed(file: &str, kind: Option<SourceKind>) -> Suggestion {
    let table = Extract::from_bytes(file.as_bytes()).unwrap().remove(0);
    suggest(table.headings(), &table.first_rows(1_000).unwrap(), kind, Mapping::shipped())
}

#[test]
fn a_strange_file_is_understood_by_headings_and_cells() {
    let file = "Incident Ref,First Name,Last Name,DOB,NHS,Beat,Incident Category,Home PC,Incident Dt\n\
                I17,Ivy,Larkfold,03/05/2005,943 476 5919,North,ASB,M1 1AE,04/06/2015\n\
                I18,Otto,Hennock,13/05/2005,9434765919,South,Proven offense,OL9 9ZZ,05/06/2015\n";
    let suggestion = proposed(file, Some(SourceKind::Police));
    insta::assert_snapshot!(suggestion.to_toml("asb"), @r##"
    # Proposed from a file's headings and cells: check every line before it is used.
    name = "asb"
    title = "asb"  # check: what people call such a file
    kind = "police"
    date_formats = ["dd/mm/yyyy"]

    column = [
        { heading = "Incident Ref", field = "reference" },  # the heading is like "Incident Reference"
        { heading = "First Name", field = "given-name" },  # the heading is like "Forename"
        { heading = "Last Name", field = "family-name" },  # the heading is like "Surname"
        { heading = "DOB", field = "birth-date" },  # the heading is like "Date of Birth"
        # not read: "NHS", like no heading that is known
        # not read: "Beat", like no heading that is known
        { heading = "Incident Category", field = "incident-kind" },  # the heading is like "Category"
        { heading = "Home PC", field = "postcode" },  # its cells are postcodes
        { heading = "Incident Dt", field = "on" },  # the heading is like "Incident Date"
    ]

    [codes.incident-kind]
    "ASB" = "anti-social-behaviour"  # check
    "Proven offense" = "offence"  # check
    "##);
    let early_help = proposed(file, Some(SourceKind::EarlyHelp));
    let nhs = early_help.columns.iter().find(|column| column.heading == "NHS").unwrap();
    assert_eq!((nhs.field, nhs.why.as_str()), (Some(Field::NhsNumber), "its cells are NHS numbers"));
}

#[test]
fn a_proposal_for_each_shipped_layout_is_that_mapping() {
    for mapping in Mapping::shipped() {
        let headings: Vec<String> = mapping.columns.iter().map(|column| column.heading.clone()).collect();
        let suggestion = suggest(&headings, &[], Some(mapping.kind), Mapping::shipped());
        for (column, proposed) in mapping.columns.iter().zip(&suggestion.columns) {
            assert_eq!(proposed.field, Some(column.field), "{} of {}", column.heading, mapping.name);
        }
        let any = suggest(&headings, &[], None, Mapping::shipped());
        assert_eq!(any.kind, mapping.kind, "{}", mapping.name);
    }
}

#[test]
fn a_corrected_proposal_is_a_mapping() {
    let file = "UPN,Pupil Forename,Pupil Surname,Date of Birth,Term,Term Start,Term End,Sessions Possible,Reason Code,Sessions\n\
                C100000000000,Ivy,Larkfold,2005-05-03,Summer,2015-04-13,2015-07-17,120,/,110\n\
                C100000000000,Ivy,Larkfold,2005-05-03,Summer,2015-04-13,2015-07-17,120,Z9,10\n";
    let suggestion = proposed(file, None);
    assert_eq!(suggestion.kind, SourceKind::SchoolSessions);
    assert_eq!(suggestion.date_formats, [DateFormat::YearMonthDay]);
    let toml = suggestion.to_toml("sessions");
    assert!(toml.contains("# \"Z9\" = one of present, absent"), "{toml}");
    let mapping = Mapping::from_toml(&toml).unwrap();
    let reading = crate::intake::read(file.as_bytes(), &mapping).unwrap();
    assert_eq!((reading.rows.len(), reading.rows_at_fault()), (1, 1));
}
