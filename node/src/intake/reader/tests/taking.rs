//! Row after row, here or ahead in a thread of its own, for as long as somebody takes them.

use super::*;

#[test]
fn whoever_takes_the_rows_may_stop() {
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let tables = Extract::from_bytes(sessions(&row.repeat(3)).as_bytes()).unwrap();
    let mut seen = Vec::new();
    let stopped = tables[0].read(mapping("school_sessions"), ReadContext::default(), |read| {
        seen.push((read.line, read.at_byte));
        if seen.len() < 2 { Ok(()) } else { Err("enough") }
    });
    assert!(matches!(stopped, Err(ReadError::Stopped("enough"))));
    let start = sessions("").len();
    let ends = [start + row.len(), start + 2 * row.len()].map(|end| end as u64);
    assert_eq!(seen, [(2, ends[0]), (3, ends[1])]);
}

#[test]
fn reading_ahead_reads_the_same_in_the_same_order() {
    let good = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let bad = good.replace("03/05/2005", "03/55/2005");
    for rows in [0, 1, 511, 512, 513, 5_000] {
        let text: String = (0..rows).map(|row| if row % 7 == 6 { bad.as_str() } else { good }).collect();
        let tables = Extract::from_bytes(sessions(&text).as_bytes()).unwrap();
        let gather = |rows: &mut Vec<_>, row: super::ReadRow| {
            rows.push((row.line, row.at_byte, row.outcome.is_ok()));
            Ok::<(), ()>(())
        };
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let mapping = mapping("school_sessions");
        let read = tables[0].read(mapping, ReadContext::default(), |row| gather(&mut one, row));
        let ahead = tables[0].read_ahead(mapping, ReadContext::default(), |row| gather(&mut other, row));
        assert_eq!(format!("{read:?}"), format!("{ahead:?}"));
        assert_eq!((one.len(), &one), (rows, &other));
    }
}

#[test]
fn reading_ahead_ends_when_nobody_takes_any_more() {
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let tables = Extract::from_bytes(sessions(&row.repeat(20_000)).as_bytes()).unwrap();
    let mut taken = 0;
    let stopped = tables[0].read_ahead(mapping("school_sessions"), ReadContext::default(), |_| {
        taken += 1;
        if taken < 700 { Ok(()) } else { Err("enough") }
    });
    assert!(matches!(stopped, Err(ReadError::Stopped("enough"))));
    assert_eq!(taken, 700);
}
