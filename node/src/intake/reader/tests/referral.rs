//! Who asked for help, in the source's words and in the register's.

use super::*;

/// The register's words for who asked; a word that the list does not name is another source and stops no row.
#[test]
fn who_asked_for_help_is_read_and_never_stops_a_row() {
    let text = std::str::from_utf8(TWELVE_ROWS).unwrap();
    let (headings, row) = (text.lines().next().unwrap(), text.lines().nth(1).unwrap());
    let of = |cell: &str| {
        let file = format!("{headings},Referral Source\n{row},{cell}\n");
        let reading = read(file.as_bytes(), mapping("early_help_liquidlogic")).unwrap();
        assert!(reading.faults.is_empty(), "{:?}", reading.faults);
        let Record::Assessment(assessed) = &reading.rows[0].1 else { panic!("it is an assessment") };
        assessed.referral_source.clone()
    };
    assert_eq!(of("School").as_deref(), Some("school or nursery"));
    assert_eq!(of("police").as_deref(), Some("police"), "whatever the case");
    assert_eq!(of("Probation").as_deref(), Some("other"));
    assert_eq!(of(""), None);
    let without = read(TWELVE_ROWS, mapping("early_help_liquidlogic")).unwrap();
    let Record::Assessment(assessed) = &without.rows[0].1 else { panic!("it is an assessment") };
    assert_eq!(assessed.referral_source, None);
}
