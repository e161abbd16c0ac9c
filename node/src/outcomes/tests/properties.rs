//! What holds for every family: order, need, adverse events, the unknown.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn the_order_of_records_does_not_matter(seed in any::<u64>(), at in 0_u64..900) {
        let mut file = reviewed();
        file.members.push(person("sister", "2008-01-01"));
        file.members.push(person("brother", "2009-01-01"));
        file.incidents = (1..=9).map(|n| incident(&format!("2015-0{n}-01"), if n % 2 == 0 {
            IncidentKind::Offence
        } else {
            IncidentKind::DomesticAbuse
        })).collect();
        file.benefits = vec![spell("2014-01-01", Some("2015-01-01")), spell("2015-03-01", Some("2015-06-30"))];
        file.jobs = vec![spell("2015-07-01", Some("2015-09-01")), spell("2015-09-02", None)];
        let day = day("2014-06-01") + chrono::Days::new(at);
        let verdict = |file: &FamilyFile| decide(file, &coverage("2015-12-31"), Framework::shipped(), day);
        let expected = verdict(&file);
        let turn = |len: usize| (seed as usize) % len;
        let (a, b, c, d) = (turn(4), turn(2), turn(4), turn(9));
        file.members.rotate_left(a);
        file.assessments.rotate_left(b);
        file.sessions.rotate_left(c);
        file.incidents.rotate_left(d);
        if seed % 2 == 0 {
            file.benefits.reverse();
            file.jobs.reverse();
            file.incidents.reverse();
            file.members.reverse();
        }
        prop_assert_eq!(verdict(&file), expected);
    }
}
