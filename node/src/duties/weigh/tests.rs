//! Weighing on a real database: a slip is joined, a decision holds, doubt is asked.

use tempfile::TempDir;
use tenfold_common::privacy::Rho;
use tenfold_store::DatabaseUrl;

use super::*;
use crate::{
    duties::{
        create::{self, Making},
        load::{self, GivenFile, LoadRequest},
        matching,
    },
    register::{Days, SourceKind},
};

struct Office {
    node: Node,
    analyst: Account,
    _folder: TempDir,
}

impl Office {
    /// A node with school sessions of pupils without numbers: `given,surname,birth date`.
    fn with(pupils: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        std::fs::write(&clock, "2015-07-20T09:00:00Z\n").unwrap();
        let making = Making {
            borough: "E08000001".parse().unwrap(),
            rehearsal_clock: Some(clock),
            cap: Rho::from_nano(250_000_000),
            officer: "ig-officer".into(),
        };
        let url = DatabaseUrl::Sqlite(folder.path().join("node.sqlite"));
        let now = "2015-07-20T09:00:00Z".parse().unwrap();
        let node = create::create(&folder.path().join("node"), &url, &making, now).unwrap();
        let analyst =
            Account { name: "analyst".into(), display_name: "An Analyst".into(), role: Role::Analyst };
        load::record_agreement(&node, SourceKind::SchoolSessions, "ISA-1", "ig-officer").unwrap();
        let office = Self { node, analyst, _folder: folder };
        office.load(pupils);
        office
    }

    /// Loads school sessions of pupils.
    fn load(&self, pupils: &[&str]) {
        let mut text = "UPN,Pupil Forename,Pupil Surname,Date of Birth,Term,Term Start,Term End,\
                        Sessions Possible,Reason Code,Sessions\n"
            .to_owned();
        for pupil in pupils {
            text += &format!(",{pupil},Summer,13/04/2015,17/07/2015,120,I,3\n");
        }
        let day = |text: &str| text.parse().unwrap();
        let covers = Days { from: day("2015-04-01"), to: day("2015-06-30") };
        let request = LoadRequest { take_good_rows: false, ..LoadRequest::new(day("2015-07-01"), covers) };
        let file = GivenFile::of("sessions.csv", text.as_bytes());
        let reports = load::load(&self.node, &[file], &request, &self.analyst, |_, _, _| {}).unwrap();
        assert_eq!(reports[0].rows, pupils.len() as u64);
    }

    fn weigh(&self) -> Weighed {
        weigh(&self.node, Parameters::shipped(), &self.analyst).unwrap()
    }
}

const SLIP: [&str; 2] = ["Amber,Fernhollow,03/05/2005", "Ambre,Fernhollow,03/05/2005"];

#[test]
fn two_children_whose_names_differ_by_a_slip_are_one() {
    let office = Office::with(&SLIP);
    let weighed = office.weigh();
    assert_eq!((weighed.people, weighed.joined, weighed.asked), ((2, 1), 1, 0));
    assert!(!weighed.confirmed);
    // Weighing again comes to the same, and says it of the register without links.
    assert_eq!(office.weigh(), weighed);
    let trail = office.node.store.read(acts::all).unwrap();
    let last = trail.last().unwrap();
    assert_eq!((last.verb.as_str(), last.object.as_str()), ("match-weighed", "parameters shipped-2026-11"));
}

#[test]
fn whom_a_person_took_out_stays_out_when_names_are_weighed_again() {
    let office = Office::with(&SLIP);
    office.weigh();
    let number = matching::split_person(&office.node, 2, "cousins", &office.analyst).unwrap();
    assert_eq!(matching::queue(&office.node).unwrap().most.0, 2);
    let weighed = office.weigh();
    assert_eq!((weighed.people, weighed.joined, weighed.asked), ((2, 2), 0, 0));
    assert!(matching::queue(&office.node).unwrap().questions.is_empty());
    // Taken back, it is as if it had not been decided.
    matching::revoke(&office.node, number, &office.analyst).unwrap();
    assert_eq!(office.weigh().people, (2, 1));
}

#[test]
fn doubt_is_listed_with_its_weight_until_a_person_decides() {
    let office = Office::with(&["Amber,Fernhollow,03/05/2005", "Jude,Fernhollow,03/05/2005"]);
    let mut parameters = Parameters::shipped().clone();
    parameters.ask_bits = 0.0;
    let weighed = weigh(&office.node, &parameters, &office.analyst).unwrap();
    assert_eq!((weighed.people, weighed.joined, weighed.asked), ((2, 2), 0, 1));
    let queue = matching::queue(&office.node).unwrap();
    assert_eq!((queue.questions.len(), queue.most.0, queue.fewest.0), (1, 2, 1));
    let question = &queue.questions[0];
    let weight = question.weight.expect("it was weighed");
    assert!(weight > 5.0);
    let parts: Vec<(&str, &str)> =
        question.because.iter().map(|part| (part.field.as_str(), part.level.as_str())).collect();
    let agreed = [("forename", "other"), ("surname", "exact"), ("birth-date", "exact")];
    assert_eq!(parts, [&[("beforehand", "")], &agreed[..]].concat());
    let sum: i64 = question.because.iter().map(|part| part.millibits).sum();
    assert!((sum as f64 / 1_000.0 - weight).abs() < 0.003, "{sum} thousandths make {weight} bits");
    let against = question.because.iter().filter(|part| part.millibits < 0).map(|part| part.field.as_str());
    assert_eq!(against.collect::<Vec<_>>(), ["beforehand", "forename"]);
    matching::decide_people(&office.node, 1, 2, false, "twins", &office.analyst).unwrap();
    assert!(matching::queue(&office.node).unwrap().questions.is_empty());
    assert_eq!(weigh(&office.node, &parameters, &office.analyst).unwrap().asked, 0);
}

#[test]
fn who_arrived_since_the_last_weighing_is_counted() {
    let office = Office::with(&SLIP);
    assert_eq!((not_weighed(&office.node).unwrap(), arrived_since(&office.node).unwrap()), (2, 0));
    office.weigh();
    assert_eq!(not_weighed(&office.node).unwrap(), 0);
    // A third pupil, and one of the first two again.
    office.load(&["Jude,Marlowick,01/02/2006", SLIP[0]]);
    assert_eq!((not_weighed(&office.node).unwrap(), arrived_since(&office.node).unwrap()), (1, 1));
    assert_eq!(matching::queue(&office.node).unwrap().not_weighed, 1);
    office.weigh();
    assert_eq!(not_weighed(&office.node).unwrap(), 0);
}

#[test]
fn a_small_register_is_not_estimated_on() {
    let office = Office::with(&SLIP);
    let refused = estimate(&office.node, Parameters::shipped(), &office.analyst).unwrap_err();
    assert!(refused.to_string().starts_with("the register has 2 mentions of people, expected 2000 at least"));
    let officer = Account { role: Role::Approver, ..office.analyst.clone() };
    assert!(matches!(weigh(&office.node, Parameters::shipped(), &officer), Err(DutyError::Role { .. })));
}

#[test]
fn a_register_is_estimated_on_and_weighed_by_its_own_parameters() {
    let mut pupils = Vec::new();
    for pupil in 0..1_500usize {
        let name = |mut number: usize, parts: &[&str]| {
            let mut name = String::new();
            for _ in 0..3 {
                name += parts[number % parts.len()];
                number /= parts.len();
            }
            name
        };
        let given = name(pupil * 389 % 343, &["la", "mo", "ri", "ta", "ne", "so", "ki"]);
        let family = name(
            pupil * 617 % 1_000,
            &["fern", "marl", "oak", "wick", "dale", "thorn", "beck", "hol", "ash", "low"],
        );
        let day = pupil * 7_919 % 3_024;
        let (day, month, year) = (day % 28 + 1, day / 28 % 12 + 1, 2000 + day / 336);
        let born = format!("{day:02}/{month:02}/{year}");
        pupils.push(format!("{given},{family},{born}"));
        // One of three is there again, with a slip of the keyboard, of the date, or another surname.
        match pupil % 9 {
            0 => pupils.push(format!("{given},{}s,{born}", family)),
            3 => pupils.push(format!("{given}y,{family},{born}")),
            6 => pupils.push(format!("{given},{family},{day:02}/{month:02}/2009")),
            _ => {}
        }
    }
    let pupils: Vec<&str> = pupils.iter().map(String::as_str).collect();
    let office = Office::with(&pupils);
    let parameters = estimate(&office.node, Parameters::shipped(), &office.analyst).unwrap();
    assert!(parameters.confirmed && parameters.name == "register-2015-07-20");
    assert_eq!(Parameters::from_toml(&parameters.to_toml()).as_ref(), Ok(&parameters));
    // Nothing here tells of addresses: what is shipped stands.
    assert_eq!(parameters.fields["place"], Parameters::shipped().fields["place"]);
    assert_ne!(parameters.fields["surname"], Parameters::shipped().fields["surname"]);
    let weighed = weigh(&office.node, &parameters, &office.analyst).unwrap();
    assert_eq!(weighed.people.0, pupils.len());
    let doubles = pupils.len() - 1_500;
    assert!(weighed.joined > doubles / 2 && weighed.joined <= doubles, "{weighed:?}, {parameters:?}");
}
