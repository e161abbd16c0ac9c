use std::collections::BTreeMap;

use proptest::prelude::*;
use tenfold_common::privacy::question::REFERRAL_SOURCES;

use super::*;
use crate::{
    register::{Assessment, AssessmentKind, FamilyId, Origin, Person, PersonId, Sex},
    release::tally::{Event, Labels},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(day: u32) -> Moment {
    "2015-04-01T00:00:00Z".parse::<Moment>().unwrap().plus_days(i64::from(day))
}

fn event(line: usize, on: u32) -> RecordedEvent {
    RecordedEvent {
        line: LineId(format!("L{line}")),
        family: FamilyId(format!("F{line}")),
        stream: "attached".into(),
        recorded_at: moment(on),
        event: Event { ward: None, labels: Labels::default() },
    }
}

fn family(born: &[Option<&str>], referred: &[(&str, Option<&str>)]) -> FamilyFile {
    let person = |(at, born): (usize, &Option<&str>)| Person {
        id: PersonId(at.to_string()),
        given_name: String::new(),
        family_name: String::new(),
        birth_date: born.map(day),
        sex: Sex::NotKnown,
    };
    let assessment = |&(started, source): &(&str, Option<&str>)| Assessment {
        child: PersonId("0".into()),
        kind: AssessmentKind::Initial,
        started: day(started),
        completed: None,
        whole_family: None,
        plan_made: None,
        key_worker_from: None,
        needs: BTreeMap::new(),
        referral_source: source.map(str::to_owned),
        origin: Origin::default(),
    };
    FamilyFile {
        family: FamilyId("F1".into()),
        line: LineId("L1".into()),
        members: born.iter().enumerate().map(person).collect(),
        ward: None,
        assessments: referred.iter().map(assessment).collect(),
        sessions: Vec::new(),
        incidents: Vec::new(),
        benefits: Vec::new(),
        jobs: Vec::new(),
        care: Vec::new(),
        episodes: Vec::new(),
        housing: Vec::new(),
        circumstances: Vec::new(),
    }
}

#[test]
fn children_are_under_18_on_the_day_and_born_by_then() {
    let on = day("2015-09-10");
    let of = |born: &[Option<&str>]| CHILDREN[label(Characteristic::Children, Some(&family(born, &[])), on)];
    assert_eq!(of(&[Some("1980-01-01")]), "none");
    assert_eq!(of(&[Some("1980-01-01"), Some("1997-09-11")]), "one", "18 tomorrow");
    assert_eq!(of(&[Some("1980-01-01"), Some("1997-09-10")]), "none", "18 today");
    assert_eq!(of(&[Some("2015-09-10"), Some("2015-09-11"), None]), "one", "not born, and not known");
    assert_eq!(of(&[Some("2010-01-01"); 3]), "three");
    assert_eq!(of(&[Some("2010-01-01"); 4]), "four or more");
    assert_eq!(of(&[Some("2010-01-01"); 9]), "four or more");
    assert_eq!(of(&[None, None]), "not recorded");
    assert_eq!(CHILDREN[label(Characteristic::Children, None, on)], "not recorded");
}

#[test]
fn the_first_assessment_that_tells_who_referred_speaks() {
    let on = day("2015-09-10");
    let of = |referred: &[(&str, Option<&str>)]| {
        REFERRAL_SOURCES[label(Characteristic::ReferralSource, Some(&family(&[], referred)), on)]
    };
    assert_eq!(of(&[]), "not recorded");
    assert_eq!(of(&[("2015-01-01", None)]), "not recorded");
    let told = [("2015-06-01", Some("police")), ("2015-01-01", None), ("2015-02-01", Some("health"))];
    assert_eq!(of(&told), "health");
    assert_eq!(of(&[("2015-09-11", Some("police"))]), "not recorded", "begun after the day");
    let one_day = [("2015-06-01", Some("police")), ("2015-06-01", Some("housing"))];
    assert_eq!(of(&one_day), "housing");
    assert_eq!(of(&[one_day[1], one_day[0]]), "housing", "whatever the order of rows");
}

#[test]
fn the_first_event_of_a_line_decides_and_none_outside_the_quarters() {
    let lines = |events: &[RecordedEvent], merges: &Merges| -> Vec<String> {
        asked(events, merges, Some(moment(10)), moment(20))
            .iter()
            .map(|event| event.line.to_string())
            .collect()
    };
    let events = [event(1, 9), event(2, 10), event(3, 19), event(4, 20)];
    assert_eq!(lines(&events, &Merges::new()), ["L2", "L3"]);
    assert_eq!(asked(&events, &Merges::new(), None, moment(20)).len(), 3, "the first period of all");
    let merged = Merges::from([(LineId("L3".into()), LineId("L1".into()))]);
    assert_eq!(lines(&events, &merged), ["L2"], "the line was recorded before");
}

proptest! {
    /// Take every event of one surviving line away: every other line is asked about as before.
    #[test]
    fn a_line_decides_about_itself_alone(
        days in proptest::collection::vec(0_u32..30, 1..12),
        merged in proptest::collection::vec((0_usize..12, 0_usize..12), 0..4),
        away in 0_usize..12,
    ) {
        // A line goes up in one of a smaller number, so no merge points back.
        let merges: Merges = merged
            .into_iter()
            .filter(|(from, into)| into < from)
            .map(|(from, into)| (LineId(format!("L{from}")), LineId(format!("L{into}"))))
            .collect();
        let mut events: Vec<RecordedEvent> =
            days.iter().enumerate().map(|(line, on)| event(line, *on)).collect();
        events.sort_by_key(|event| event.recorded_at);
        let gone = surviving(&LineId(format!("L{away}")), &merges).clone();
        let without: Vec<RecordedEvent> =
            events.iter().filter(|event| *surviving(&event.line, &merges) != gone).cloned().collect();
        let chosen = |events: &[RecordedEvent]| -> Vec<LineId> {
            let chosen = asked(events, &merges, Some(moment(10)), moment(20));
            chosen.iter().map(|event| surviving(&event.line, &merges).clone()).collect()
        };
        let (with, without) = (chosen(&events), chosen(&without));
        let once: BTreeSet<&LineId> = with.iter().collect();
        prop_assert_eq!(once.len(), with.len(), "a line is asked about once");
        let others: Vec<LineId> = with.into_iter().filter(|line| *line != gone).collect();
        prop_assert_eq!(others, without);
    }
}
