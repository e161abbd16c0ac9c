//! Files as a whole: encodings, delimiters, and what is refused because it is not whole or in another shape.

use super::*;

#[test]
fn encodings_and_marks_change_nothing() {
    let row = ",Siân,Ó Briain,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let plain = sessions(row);
    let marked = format!("\u{feff}{plain}");
    let (western, _, _) = encoding_rs::WINDOWS_1252.encode(&plain);
    let first = read(plain.as_bytes(), mapping("school_sessions")).unwrap();
    assert_eq!(first.rows.len(), 1);
    for bytes in [marked.as_bytes(), &western] {
        assert!(read(bytes, mapping("school_sessions")).unwrap() == first);
    }
}

#[test]
fn a_file_that_is_not_whole_is_refused_with_every_reason() {
    let refused = |bytes: &[u8]| read(bytes, mapping("school_sessions")).unwrap_err().0;
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110";
    assert_eq!(refused(b""), [FileFault::Empty]);
    assert_eq!(refused(b"UPN:Term\n1:2\n")[0], FileFault::WrongDelimiter);
    assert_eq!(refused(sessions("").as_bytes()), [FileFault::NoRows]);
    assert_eq!(
        refused(sessions(&format!("{row}\n,Amber,Fern")).as_bytes()),
        [FileFault::CutShort { line: 3, found: 3, expected: 10 }]
    );
    assert_eq!(
        refused(sessions(&format!("{row}\n,\"Amber,Fern\n{row}\n")).as_bytes()),
        [FileFault::OpenQuote { line: 3 }]
    );
    let file = sessions(row).replace("Term End", "Term Start").replace("UPN", "Pupil");
    assert_eq!(
        refused(file.as_bytes()),
        [
            FileFault::MissingHeading { heading: "UPN".into() },
            FileFault::HeadingTwice { heading: "Term Start".into() },
            FileFault::MissingHeading { heading: "Term End".into() },
        ]
    );
}

#[test]
fn a_file_in_another_shape_is_told_what_it_is() {
    let opened = |bytes: &[u8]| Extract::from_bytes(bytes).map(|tables| tables.len()).unwrap_err().0;
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let titled = format!("School sessions of the summer term\n\n{}", sessions(row));
    assert_eq!(opened(titled.as_bytes()), [FileFault::TitleAbove { line: 3 }]);
    let two = format!("Pupil,,,,Term,,,Sessions,,\n{}", sessions(row));
    assert_eq!(opened(two.as_bytes()), [FileFault::TwoHeadingRows { line: 1 }]);
    let mut hollow = sessions(row).into_bytes();
    let from = hollow.len() as u64;
    hollow.extend([0; 4_096]);
    assert_eq!(opened(&hollow), [FileFault::Hollow { from }]);
    assert_eq!(opened(b"GIF89a\x01\0\x01\0"), [FileFault::NotText]);
    assert_eq!(opened(b"\xef\xbb\xbf <html><table><tr><td>UPN"), [FileFault::MarkedUp]);
    assert_eq!(opened(b"PK\x03\x04 and no more"), [FileFault::HalfWorkbook]);
    let compound = |entry: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.extend([0; 70_000]);
        bytes.extend(entry.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    assert_eq!(opened(&compound("Workbook")), [FileFault::OldWorkbook]);
    assert_eq!(opened(&compound("EncryptedPackage")), [FileFault::Protected]);
}

#[test]
fn any_delimiter_and_encoding_reads_alike() {
    let row = ",Siân,Ó Briain,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let plain = sessions(row);
    let first = read(plain.as_bytes(), mapping("school_sessions")).unwrap();
    let mut wide = vec![0xff, 0xfe];
    wide.extend(plain.encode_utf16().flat_map(u16::to_le_bytes));
    let mut wider = vec![0xfe, 0xff];
    wider.extend(plain.encode_utf16().flat_map(u16::to_be_bytes));
    let named = format!("sep=;\r\n{}", plain.replace(',', ";").replace('\n', "\r\n"));
    let files = [
        wide,
        wider,
        named.clone().into_bytes(),
        plain.replace(',', "\t").into(),
        plain.replace(',', "|").into(),
    ];
    for file in files {
        let reading = read(&file, mapping("school_sessions")).unwrap();
        assert!(reading.rows.iter().map(|row| &row.1).eq(first.rows.iter().map(|row| &row.1)));
        assert!(reading.rows[0].0 == if file == named.as_bytes() { 3 } else { 2 });
    }
}

#[test]
fn a_quotation_mark_never_closed_does_not_fill_memory() {
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let file = sessions(&format!("{row},\"Amber,x\n{}", row.repeat(100_000)));
    let refused = read(file.as_bytes(), mapping("school_sessions")).unwrap_err();
    assert_eq!(refused.0, [FileFault::OpenQuote { line: 3 }]);
    let endless = sessions(&format!("{row}{}", "x".repeat(6 << 20)));
    let refused = read(endless.as_bytes(), mapping("school_sessions")).unwrap_err();
    assert_eq!(refused.0, [FileFault::RowTooLong { line: 3, most_mib: 4 }]);
}

#[test]
fn a_file_as_long_as_an_old_spreadsheet_was_cut_there() {
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let of = |rows: usize| read(sessions(&row.repeat(rows)).as_bytes(), mapping("school_sessions"));
    assert_eq!(of(65_535).unwrap_err().0, [FileFault::RowLimit { lines: 65_536 }]);
    assert_eq!(of(65_534).unwrap().rows.len(), 65_534);
}

#[test]
fn a_file_that_somebody_is_writing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.csv");
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    std::fs::write(&path, sessions(row)).unwrap();
    let tables = Extract::open(&path).unwrap();
    assert_eq!(tables[0].bytes(), sessions(row).len() as u64);
    std::fs::write(&path, sessions(&row.repeat(2))).unwrap();
    let refused = tables[0].read_whole(mapping("school_sessions"), ReadContext::default()).unwrap_err();
    assert_eq!(refused.0, [FileFault::Changing]);
    assert_eq!(Extract::open(folder.path()).map(|t| t.len()).unwrap_err().0, [FileFault::NotAFile]);
}
