//! Looks at where every quarter stands, what was charged, and what a prepared quarter counts. Changes nothing.

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::borough,
    privacy::{GroupKind, Rho, StreamPolicy, StreamShape, Table, VerifiedPolicy, VerifiedQuestion},
};
use tenfold_store::AnyConnection;

use super::{DutyError, Node, prepare, question};
use crate::{
    ledger,
    release::{
        Tables, True,
        freeze::Place,
        review::{Precision, YearReview, YearStream},
    },
    store::{
        self,
        refusals::Refusal,
        releases::{Approval, Preparation, Sealed},
    },
};

pub use tenfold_store::signing::KeptKey;

pub use crate::{
    release::{review::StreamCounts, stages::Returned},
    store::loads::{KeptFault, Load, SourceState},
};

/// Where one quarter stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarterState {
    /// The quarter.
    pub quarter: Quarter,
    /// Whether it is the opening position and no quarter's activity.
    pub opening: bool,
    /// When its recording period ends.
    pub recording_ends: Moment,
    /// When its sealed bytes leave.
    pub delivers_at: Moment,
    /// From when it is late.
    pub due_at: Moment,
    /// Its preparation.
    pub preparation: Option<Preparation>,
    /// Its returns, oldest first.
    pub returns: Vec<Returned>,
    /// Its approval.
    pub approval: Option<Approval>,
    /// That it was declared void, if it was.
    pub void: Option<Refusal>,
    /// Its sealed release.
    pub sealed: Option<Sealed>,
    /// Whether it is the quarter that is released next.
    pub is_next: bool,
}

impl QuarterState {
    /// The return of the tables that are frozen now, if they were returned.
    pub fn returned(&self) -> Option<&Returned> {
        let hash = &self.preparation.as_ref()?.salted_hash;
        self.returns.iter().find(|returned| returned.salted_hash == *hash)
    }
}

/// What was charged of the lifetime allowance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// The cap.
    pub cap: Rho,
    /// What any line may have lost at most.
    pub spent: Rho,
    /// The dearest charge of each stream.
    pub streams: Vec<(String, Rho)>,
}

/// Every signing key of an approver there ever was, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn signing_keys(node: &Node) -> Result<Vec<KeptKey>, DutyError> {
    Ok(node.store.read(tenfold_store::signing::all)?)
}

/// What is loaded, for every kind of source.
///
/// # Errors
/// Where the database cannot be read.
pub fn sources(node: &Node) -> Result<Vec<SourceState>, DutyError> {
    Ok(node.store.read(store::loads::sources)?)
}

/// All loads, undone ones too, with how many rows of each wait in quarantine.
///
/// # Errors
/// Where the database cannot be read.
pub fn loads(node: &Node) -> Result<Vec<(Load, i64)>, DutyError> {
    node.store.read(|connection| {
        let mut loads = Vec::new();
        for load in store::loads::all(connection)? {
            let waiting =
                if load.rows_quarantined > 0 { store::loads::waiting(connection, load.id)? } else { 0 };
            loads.push((load, waiting));
        }
        Ok(loads)
    })
}

/// A load with its faults, by line.
///
/// # Errors
/// Where the database cannot be read.
pub fn load(node: &Node, id: i64) -> Result<Option<(Load, Vec<KeptFault>)>, DutyError> {
    node.store.read(|connection| {
        let Some(load) = store::loads::find(connection, id)? else { return Ok(None) };
        Ok(Some((load, store::loads::faults(connection, id)?)))
    })
}

/// Every quarter from the horizon's first to the one that is next, oldest first; empty without a policy.
///
/// # Errors
/// Where the database cannot be read.
pub fn quarters(node: &Node) -> Result<Vec<QuarterState>, DutyError> {
    let policies = match node.succession() {
        Ok(policies) => policies,
        Err(DutyError::NoPolicy | DutyError::NotEnrolled) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    node.store.read(|connection| {
        let sealed = store::releases::sealed(connection)?;
        let (next, _) = prepare::next_quarter(connection, policies.newest())?;
        let first = sealed.first().map_or(next, |release| release.quarter);
        let refusals = store::refusals::all(connection)?;
        let mut quarters = Vec::new();
        let mut quarter = first;
        while quarter <= next {
            let policy = policies.nearest(quarter);
            quarters.push(QuarterState {
                quarter,
                opening: policy.is_opening(quarter),
                recording_ends: policy.recording_ends(quarter),
                delivers_at: policy.delivers_at(quarter),
                due_at: policy.due_at(quarter),
                preparation: store::releases::preparation_of(connection, quarter)?,
                returns: store::returns::of_quarter(connection, quarter)?,
                approval: store::releases::approval_of(connection, quarter)?,
                void: refusals.iter().find(|refusal| refusal.quarter == quarter).cloned(),
                sealed: sealed.iter().find(|release| release.quarter == quarter).cloned(),
                is_next: quarter == next,
            });
            quarter = quarter.next();
        }
        Ok(quarters)
    })
}

/// The lifetime allowance as the ledger has it.
///
/// # Errors
/// Where the database cannot be read.
pub fn budget(node: &Node) -> Result<BudgetState, DutyError> {
    let lines = node.store.read(store::ledger::lines)?;
    Ok(BudgetState {
        cap: ledger::cap(&lines),
        spent: ledger::lifetime(&lines),
        streams: ledger::dearest(&lines),
    })
}

/// What a quarter counts as it was frozen, stream by stream; nothing where it is not prepared.
///
/// # Privacy
/// Exact figures, for the borough's own people only: never logged, written or sent.
///
/// # Errors
/// Where the frozen tables cannot be read back.
pub fn counts(node: &Node, quarter: Quarter) -> Result<Option<Vec<StreamCounts>>, DutyError> {
    let policy = node.policy_of(quarter)?;
    node.store.read(|connection| {
        let prepared = store::releases::preparation_of(connection, quarter)?;
        let void = store::refusals::void(connection)?.contains_key(&quarter);
        if void || prepared.is_none_or(|prepared| prepared.policy != policy.hash()) {
            return Ok(None);
        }
        let tables = prepare::thaw(node, connection, &policy, quarter)?;
        let asked = question::of_quarter(node, connection, &policy, quarter)?;
        let answers = question::thaw(node, connection, &asked, quarter)?;
        Ok(Some(counted(node, &policy, &tables, (&asked, &answers))?))
    })
}

/// What a quarter counted when it was last returned; nothing where it was not, or is approved since.
///
/// # Privacy
/// As [`counts`].
///
/// # Errors
/// Where the tables cannot be read back.
pub fn counts_returned(node: &Node, quarter: Quarter) -> Result<Option<Vec<StreamCounts>>, DutyError> {
    let policy = node.policy_of(quarter)?;
    node.store.read(|connection| {
        let asked = question::of_quarter(node, connection, &policy, quarter)?;
        let streams = policy.policy().streams.iter().map(|stream| (policy.hash(), stream.name.clone()));
        let questions = asked.iter().map(|question| (question.hash(), question.ledger_name()));
        let streams = returned(node, connection, streams, quarter)?;
        let Some((streams, answers)) = streams.zip(returned(node, connection, questions, quarter)?) else {
            return Ok(None);
        };
        Ok(Some(counted(node, &policy, &streams, (&asked, &answers))?))
    })
}

/// Tables as they stood at the quarter's last return; nothing where one of them is not kept.
fn returned<'a>(
    node: &Node,
    connection: &mut AnyConnection,
    tables: impl Iterator<Item = (&'a str, String)>,
    quarter: Quarter,
) -> Result<Option<True<Tables>>, DutyError> {
    let tables: Vec<(&str, String)> = tables.collect();
    let mut sealed = Vec::with_capacity(tables.len());
    for (policy, stream) in &tables {
        match store::returns::table(connection, policy, stream, quarter)? {
            Some(bytes) => sealed.push((Place { policy, stream, quarter }, bytes)),
            None => return Ok(None),
        }
    }
    Ok(Some(True::thaw(&sealed, &node.keys.freeze)?))
}

/// A year's exact figures by place, as they leave with the quarter that ends it; nothing in another quarter, or where
/// everything leaves every quarter. `void` are the quarters that count as zero.
///
/// # Privacy
/// As [`counts`].
///
/// # Errors
/// Where the frozen tables cannot be read back.
pub(super) fn year(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
    (void, precision): (&[usize], &Precision),
) -> Result<Option<YearReview>, DutyError> {
    let years = policy.policy().years();
    let Some(year) = years.ended_by(policy.quarter_index(quarter)?) else { return Ok(None) };
    let counted = years.counted(void)[year].clone();
    let mut tables = Vec::new();
    for index in counted.clone().filter(|index| !void.contains(index)) {
        tables.push(prepare::thaw(
            node,
            connection,
            policy,
            policy.policy().first_quarter.plus(index as i32),
        )?);
    }
    let places = place_names(node, policy)?;
    let streams = policy.policy().streams.iter().enumerate().filter_map(|(at, stream)| {
        let quarters: Vec<&Table> = tables.iter().map(|tables| &tables.show_locally()[at]).collect();
        YearStream::of(stream, &places, &quarters, precision)
    });
    let streams: Vec<YearStream> = streams.collect();
    let review = YearReview { name: policy.year_name(&counted), streams };
    Ok((!review.streams.is_empty()).then_some(review))
}

fn counted(
    node: &Node,
    policy: &VerifiedPolicy,
    tables: &True<Tables>,
    (asked, answers): (&[VerifiedQuestion], &True<Tables>),
) -> Result<Vec<StreamCounts>, DutyError> {
    let places = place_names(node, policy)?;
    let streams = policy.policy().streams.iter().zip(tables.show_locally());
    let streams = streams.map(|(stream, table)| in_families(stream, &places, table));
    let answers = asked.iter().zip(answers.show_locally());
    let answers = answers.filter_map(|(question, table)| {
        let counts = table.first()?;
        Some(answered(question, &places, counts))
    });
    Ok(streams.chain(answers).collect())
}

/// A question's table as numbers of families by its labels, and by place where it asks for that.
fn answered(question: &VerifiedQuestion, places: &[String], counts: &[i64]) -> StreamCounts {
    let says = question.question();
    let labels = says.labels.len();
    let of_label = |label: usize| counts.iter().skip(label).step_by(labels).sum();
    let by_place = counts.chunks(labels).map(|of_place| of_place.iter().sum());
    StreamCounts {
        title: says.title.clone(),
        quarters: Some(format!("{} to {}", says.from, says.to)),
        total: counts.iter().sum(),
        labels: vec![(
            says.by.title().to_lowercase(),
            says.labels.iter().cloned().zip((0..labels).map(of_label)).collect(),
        )],
        places: if says.by_place { places.iter().cloned().zip(by_place).collect() } else { Vec::new() },
    }
}

fn place_names(node: &Node, policy: &VerifiedPolicy) -> Result<Vec<String>, DutyError> {
    let known = borough(&node.borough).map_or(&[][..], |borough| &borough.wards);
    let mut names: Vec<String> = policy
        .wards(&node.borough)?
        .iter()
        .map(|code| {
            let ward = known.iter().find(|ward| &ward.code == code);
            ward.map_or_else(|| code.to_string(), |ward| ward.name.clone())
        })
        .collect();
    names.push("Not known or elsewhere".to_owned());
    Ok(names)
}

/// A table as numbers of families: labels that may be many are counted as Σ ±1 and turned back here.
fn in_families(stream: &StreamPolicy, places: &[String], table: &Table) -> StreamCounts {
    let shape: StreamShape = stream.shape(places.len());
    let total = table.first().and_then(|cells| cells.first()).copied().unwrap_or_default();
    let mut counts = StreamCounts {
        title: stream.title.clone(),
        quarters: None,
        total,
        labels: Vec::new(),
        places: Vec::new(),
    };
    for (group, cells) in shape.groups().iter().zip(table) {
        match group.kind {
            GroupKind::Place => counts.places = places.iter().cloned().zip(cells.iter().copied()).collect(),
            GroupKind::Label(at) => {
                let set = &shape.label_sets()[at];
                let families = cells.iter().map(|&cell| set.families(total, cell));
                counts.labels.push((set.name.clone(), set.labels.iter().cloned().zip(families).collect()));
            }
            GroupKind::Total | GroupKind::LabelByPlace(_) => {}
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::{Contribution, Every, LabelKind, LabelSet, LabelValue};

    use super::*;

    #[test]
    fn labels_are_turned_back_into_families() {
        let stream = StreamPolicy {
            name: "attached".into(),
            title: "Families attached".into(),
            share: Rho::ZERO,
            by_place: true,
            places_every: Every::Year,
            label_sets: vec![LabelSet {
                name: "problem".into(),
                kind: LabelKind::Many,
                labels: vec!["crime".into(), "school".into()],
                by_place: true,
            }],
            scales: Vec::new(),
        };
        let places = ["North".to_owned(), "Not known or elsewhere".to_owned()];
        let shape = stream.shape(2);
        let mut table = shape.empty_table();
        for (place, labels) in [(0, vec![0, 1]), (0, vec![1]), (1, vec![])] {
            let family = Contribution { place, labels: vec![LabelValue::Many(labels)] };
            shape.add(&mut table, &family).unwrap();
        }
        let counts = in_families(&stream, &places, &table);
        assert_eq!(counts.total, 3);
        assert_eq!(counts.labels, [("problem".into(), vec![("crime".into(), 1), ("school".into(), 2)])]);
        assert_eq!(counts.places, [("North".into(), 2), ("Not known or elsewhere".into(), 1)]);
    }
}
