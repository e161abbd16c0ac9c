//! What is counted: one family in each cell. A label says in which quarter a family came, so that over the horizon
//! every cell of every label must come to exactly 1: a 2 is a double count, a 0 a loss.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::{
        Contribution, Every, GroupScale, LabelKind, LabelSet, LabelValue, Policy, Rho, StreamPolicy, Table,
        TimeMatrix, VerifiedPolicy,
        policy::{ATTACHED, PROBLEM},
    },
};
use tenfold_node::{
    register::{FamilyId, LineId},
    release::{
        noise::{NoiseError, NoiseSource},
        selection::RecordedEvent,
        tally::{Event, Labels},
    },
};

/// The quarter in which families came, from 0.
pub(super) type Origin = usize;

/// How many quarters any horizon has at most.
pub(super) const ORIGINS: usize = 12;
/// Places of every borough: two wards, and *not known or elsewhere*.
pub(super) const PLACES: usize = 3;
/// Released by place every quarter, and once a year.
const STREAMS: [(&str, Every); 2] = [("came", Every::Quarter), ("came-by-year", Every::Year)];
/// The label set of both.
const ORIGIN: &str = "origin";

/// The default policy made small: so many quarters, three places a borough, three streams.
pub(crate) fn small(mut policy: Policy, quarters: usize) -> Policy {
    let rows = |matrix: &TimeMatrix, rows: usize| {
        TimeMatrix::from_rows(matrix.rows()[..rows].to_vec()).expect("fewer rows of a matrix are one")
    };
    policy.time_matrix = rows(&policy.time_matrix, quarters);
    policy.yearly_matrix = rows(&policy.yearly_matrix, policy.years().count());
    policy.boroughs.iter_mut().for_each(|places| places.wards.truncate(PLACES - 1));
    let scaled = |stream: StreamPolicy| {
        let groups = stream.shape(PLACES).groups().len();
        // No noise is drawn in a simulation: any scale serves whose charge is within the share.
        StreamPolicy { scales: vec![GroupScale { places: PLACES, sigma: vec![1_000_000; groups] }], ..stream }
    };
    let share = Rho::from_nano(policy.total.nano() / 10);
    let attached = StreamPolicy { share, ..policy.streams[0].clone() };
    let mut streams = vec![StreamPolicy { places_every: Every::Quarter, ..attached.clone() }];
    for (name, places_every) in STREAMS {
        let labels = (0..ORIGINS).map(|origin| origin.to_string()).collect();
        let set = LabelSet { name: ORIGIN.to_owned(), kind: LabelKind::One, labels, by_place: true };
        let (name, title) = (name.to_owned(), "Families that came".to_owned());
        streams.push(StreamPolicy { name, title, places_every, label_sets: vec![set], ..attached.clone() });
    }
    policy.streams = streams.into_iter().map(scaled).collect();
    policy
}

/// The families that come in a quarter: one a place and stream.
pub(super) fn families(
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    origin: Origin,
    now: Moment,
    streams: impl Fn(&str) -> bool,
) -> Vec<RecordedEvent> {
    let wards = geography::borough(borough).map(|borough| borough.wards.as_slice()).unwrap_or_default();
    let named = policy.policy().streams.iter().filter(|stream| streams(&stream.name));
    let events = named.flat_map(|stream| {
        (0..PLACES).map(move |place| {
            let labels = match stream.name.as_str() {
                ATTACHED => (PROBLEM.to_owned(), stream.label_sets[0].labels.clone()),
                _ => (ORIGIN.to_owned(), vec![origin.to_string()]),
            };
            RecordedEvent {
                line: LineId(format!("L{origin}-{place}")),
                family: FamilyId(format!("F{origin}-{place}")),
                stream: stream.name.clone(),
                recorded_at: now,
                event: Event {
                    // The last of them lives nobody knows where.
                    ward: wards.get(place).filter(|_| place + 1 < PLACES).map(|ward| ward.code.clone()),
                    labels: Labels(BTreeMap::from([labels])),
                },
            }
        })
    });
    events.collect()
}

/// The true table of a stream in a quarter that counts the families of some origins, from the words above alone.
pub(super) fn truth(stream: &StreamPolicy, origins: &BTreeSet<Origin>) -> anyhow::Result<Table> {
    let shape = stream.shape(PLACES);
    let mut table = shape.empty_table();
    for &origin in origins {
        for place in 0..PLACES {
            let label = match stream.name.as_str() {
                ATTACHED => LabelValue::Many((0..stream.label_sets[0].labels.len()).collect()),
                _ => LabelValue::One(origin),
            };
            shape.add(&mut table, &Contribution { place, labels: vec![label] })?;
        }
    }
    Ok(table)
}

/// How many families of each stream came in all with so many origins.
pub(super) fn total(origins: usize) -> usize {
    origins * PLACES
}

/// Headings of an early-help extract.
const HEADINGS: &str = "Early Help Number,Child ID,Child Forename,Child Surname,Date of Birth,Gender,NHS Number,UPN,\
    Carer Forename,Carer Surname,Carer Date of Birth,Carer Gender,Carer NI Number,Address,Postcode,UPRN,Ward Code,\
    Assessment Type,Assessment Start Date,Assessment Completed Date,Whole Family,Plan Date,Key Worker,\
    Key Worker Start Date,Crime or ASB,School Attendance,Child Needs Help,Work and Money,Domestic Abuse,Health";

/// The same families as an extract: each is assessed in the quarter and has every headline problem.
pub(super) fn extract(borough: &BoroughCode, origin: Origin, quarter: Quarter) -> String {
    let wards = geography::borough(borough).map(|borough| borough.wards.as_slice()).unwrap_or_default();
    let mut text = format!("{HEADINGS}\n");
    for place in 0..PLACES {
        let number = origin * PLACES + place;
        let name =
            [["Arn", "Bel", "Cor", "Dun", "Elm", "Fro"], ["wick", "shaw", "moor", "ley", "stead", "garth"]];
        let surname = format!("{}{}", name[0][number % 6], name[1][number / 6 % 6]);
        let child = ["Amber", "Robin", "Jude", "Skye", "Corin", "Tamsin", "Piers"][number % 7];
        let carer = ["Dana", "Lowell", "Ines", "Bryn", "Marta"][number % 5];
        let (day, month, year) = (number % 28 + 1, number % 12 + 1, 2001 + number % 9);
        let ward = wards.get(place).filter(|_| place + 1 < PLACES).map_or("", |ward| ward.code.as_str());
        let on = |days: i64| {
            let day = Moment::at_start_of(quarter.first_day()).plus_days(days).day();
            day.format("%d/%m/%Y").to_string()
        };
        text += &format!(
            "EH{number:04},C{number:04},{child},{surname},{day:02}/{month:02}/{year},F,,,{carer},{surname},\
             {day:02}/{month:02}/{},F,,{} {surname} Street,BL{} {}AA,{},{ward},Initial,{},{},Y,{},A Worker,{},\
             Y,Y,Y,Y,Y,Y\n",
            1970 + number % 20,
            number + 1,
            number % 9 + 1,
            number % 9,
            100_000_000_100 + number,
            on(10),
            on(20),
            on(25),
            on(26),
        );
    }
    text
}

/// Noise that is zero, so that every number can be held against the truth; and a process that may die in the draw.
#[derive(Debug, Default)]
pub(super) struct Exact {
    dies_after: Option<Cell<u32>>,
}

impl Exact {
    /// Dies after so many groups.
    pub(super) fn dying_after(groups: u32) -> Self {
        Self { dies_after: Some(Cell::new(groups)) }
    }
}

impl NoiseSource for Exact {
    fn add(&self, values: &[i64], _: u64, _: u64) -> Result<Vec<i64>, NoiseError> {
        if let Some(left) = &self.dies_after {
            left.set(left.get().checked_sub(1).ok_or(NoiseError::Refused)?);
        }
        Ok(values.to_vec())
    }
}
