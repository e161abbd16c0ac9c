//! That nothing makes the readers panic, and that a row which is read stands in the file.

use proptest::prelude::*;

use super::*;

fn headings_of(mapping: &Mapping) -> String {
    mapping.columns.iter().map(|column| column.heading.clone()).collect::<Vec<_>>().join(",")
}

fn any_mapping() -> impl Strategy<Value = &'static Mapping> {
    (0..Mapping::shipped().len()).prop_map(|at| &Mapping::shipped()[at])
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[0-9/]{1,10}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        Just("31/12/2015".to_owned()),
        Just("9.4E+09".to_owned()),
        Just("\"".to_owned()),
        Just("C100000000000".to_owned()),
        Just("Y".to_owned()),
        Just("/".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), mapping in any_mapping()) {
        let _ = read(&bytes, mapping);
        let mut file = headings_of(mapping).into_bytes();
        file.push(b'\n');
        file.extend(&bytes);
        let _ = read(&file, mapping);
    }

    #[test]
    fn every_row_is_taken_or_at_fault(
        mapping in any_mapping(),
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 1..12), 1..6),
    ) {
        let mut text = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        text.write_record(mapping.columns.iter().map(|column| &column.heading)).unwrap();
        let width = mapping.columns.len();
        for row in &rows {
            let cells: Vec<&str> = (0..width).map(|at| row[at % row.len()].as_str()).collect();
            text.write_record(&cells).unwrap();
        }
        let file = text.into_inner().unwrap();
        let tables = Extract::from_bytes(file.as_slice());
        prop_assume!(tables.is_ok());
        let Ok(reading) = tables.unwrap()[0].read_whole(mapping, ReadContext::default()) else { return Ok(()) };
        let summary = &reading.summary;
        prop_assert_eq!(summary.rows, reading.rows.len() as u64 + summary.faulty);
        prop_assert_eq!(summary.rows + summary.blank, rows.len() as u64);
        let whole = String::from_utf8_lossy(&file).into_owned();
        for fault in &reading.faults {
            prop_assert!(whole.contains(&fault.raw));
        }
    }
}
