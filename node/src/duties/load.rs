//! Loads extracts: each recognised by its headings, good rows taken on the analyst's word, bad rows kept apart.

use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::{clock::Moment, protocol::signature::sha256_hex};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, require};
use crate::{
    intake::{Extract, Fault, Mapping, Reading, Record, recognise},
    register::{
        SourceKind,
        families::{Families, Household},
        matching::{PersonIndex, PersonNumber, Who},
    },
    store::{
        self,
        loads::Load,
        records::{self, Known, Origin},
    },
};

/// A file as it was given.
#[derive(Clone)]
pub struct GivenFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What the analyst says of a load.
#[derive(Clone, Copy, Debug)]
pub struct LoadRequest {
    /// The day the data are current as of.
    pub as_of: NaiveDate,
    /// First day covered.
    pub covers_from: NaiveDate,
    /// Last day covered.
    pub covers_to: NaiveDate,
    /// Take the good rows although others are bad.
    pub take_good_rows: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its good rows were taken.
    Loaded,
    /// It would be taken; nothing was changed.
    WouldLoad,
    /// Nothing of it was taken.
    Refused,
}

/// One fault of one row, for the analyst's screen; `Debug` shows its place only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ToldFault {
    /// Line in the file, the headings being 1.
    pub line: u64,
    /// The column, where one is meant.
    pub column: Option<String>,
    /// What was wrong and what was expected.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Debug for ToldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a fault on line {}", self.line)
    }
}

/// What became of one file, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// The file's name.
    pub file: String,
    /// What it was recognised as.
    pub recognised_as: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Rows taken, or that would be.
    pub rows: usize,
    /// Rows that mean nobody of the register; kept, and looked at again when they are sent again.
    pub unmatched: usize,
    /// Rows in quarantine, or that would be.
    pub quarantined: usize,
    /// What is wrong with the file as a whole.
    pub file_faults: Vec<String>,
    /// What is wrong with its rows.
    pub faults: Vec<ToldFault>,
    /// The load's number.
    pub load: Option<i64>,
}

impl LoadReport {
    fn refused(file: &str, recognised_as: Option<String>, file_faults: Vec<String>) -> Self {
        let (faults, load) = (Vec::new(), None);
        let (rows, unmatched, quarantined) = (0, 0, 0);
        let (file, outcome) = (file.to_owned(), Outcome::Refused);
        Self { file, recognised_as, outcome, rows, unmatched, quarantined, file_faults, faults, load }
    }
}

/// Records the sharing agreement under which a source is loaded.
///
/// # Errors
/// Where the store fails.
pub fn record_agreement(node: &Node, source: SourceKind, reference: &str, by: &str) -> Result<(), DutyError> {
    let now = node.now();
    node.store.write(|connection| {
        store::loads::record_agreement(connection, source, reference, by, now)?;
        Ok(acts::record(connection, now, by, "agreement-recorded", source.as_str())?)
    })
}

/// The order in which sources are taken: who people are comes before what is said of them.
const ORDER: [SourceKind; 8] = [
    SourceKind::EarlyHelp,
    SourceKind::Episodes,
    SourceKind::SocialCare,
    SourceKind::SchoolSessions,
    SourceKind::Dwp,
    SourceKind::Police,
    SourceKind::Housing,
    SourceKind::Circumstances,
];

/// Loads files, all in one transaction: a crash leaves all of it or nothing.
///
/// # Errors
/// Where the role is another or the store fails. What is wrong with files stands in their reports.
pub fn load(
    node: &Node,
    files: &[GivenFile],
    request: LoadRequest,
    by: &Account,
) -> Result<Vec<LoadReport>, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let mut reports: Vec<Option<LoadReport>> = vec![None; files.len()];
    let mut readings = Vec::new();
    for (at, file) in files.iter().enumerate() {
        match read(file) {
            Ok((mapping, reading)) => readings.push((at, mapping, reading)),
            Err(report) => reports[at] = Some(*report),
        }
    }
    readings.sort_by_key(|(at, mapping, _)| (ORDER.iter().position(|kind| *kind == mapping.kind), *at));
    node.store.write(|connection| -> Result<(), DutyError> {
        // The register is read, matched against and written: the next load waits until this one has ended.
        acts::take_turn(connection)?;
        let mut taker = Taker::open(connection, now)?;
        for (at, mapping, reading) in &readings {
            let loading = Loading { file: &files[*at], mapping, reading, request, by: &by.name };
            reports[*at] = Some(taker.take(connection, &loading)?);
        }
        if taker.has_news {
            records::match_again(connection, &taker.people)?;
        }
        Ok(())
    })?;
    Ok(reports.into_iter().flatten().collect())
}

fn read(file: &GivenFile) -> Result<(&'static Mapping, Reading), Box<LoadReport>> {
    let refuse = |recognised, faults| Box::new(LoadReport::refused(&file.name, recognised, faults));
    let told = |faults: crate::intake::FileFaults| faults.0.iter().map(ToString::to_string).collect();
    let tables = Extract::from_bytes(file.bytes.as_slice()).map_err(|faults| refuse(None, told(faults)))?;
    let Some(extract) = tables.first() else {
        return Err(refuse(None, vec![crate::intake::FileFault::Empty.to_string()]));
    };
    let mapping = recognise(extract.headings(), Mapping::shipped())
        .map_err(|unknown| refuse(None, vec![unknown.to_string()]))?;
    let reading = extract
        .read_whole(mapping, Default::default())
        .map_err(|faults| refuse(Some(mapping.title.clone()), told(faults)))?;
    Ok((mapping, reading))
}

/// One file on its way in.
struct Loading<'a> {
    file: &'a GivenFile,
    mapping: &'a Mapping,
    reading: &'a Reading,
    request: LoadRequest,
    by: &'a str,
}

/// The register as it stands while rows are taken.
struct Taker {
    people: PersonIndex,
    families: Families,
    now: Moment,
    /// Whether anybody became known, or better known.
    has_news: bool,
}

impl Taker {
    fn open(connection: &mut AnyConnection, now: Moment) -> Result<Self, DutyError> {
        let people = store::people::index(connection)?;
        let families = store::people::families(connection)?;
        Ok(Self { people, families, now, has_news: false })
    }

    fn take(
        &mut self,
        connection: &mut AnyConnection,
        loading: &Loading<'_>,
    ) -> Result<LoadReport, DutyError> {
        let Loading { file, mapping, reading, request, .. } = loading;
        let mut report = LoadReport::refused(&file.name, Some(mapping.title.clone()), Vec::new());
        report.faults = reading.faults.iter().map(tell).collect();
        report.quarantined = reading.rows_at_fault();
        let Some(agreement) = store::loads::agreement_for(connection, mapping.kind)? else {
            report.file_faults = vec![format!(
                "no sharing agreement is recorded for {0}; record it with `tenfold-node agreement record {0} --reference …`",
                mapping.kind.as_str()
            )];
            return Ok(report);
        };
        if !reading.faults.is_empty() && !request.take_good_rows {
            report.file_faults = vec![format!(
                "{} of {} rows cannot be taken; mend them, or load again and take the good rows (--take-good-rows)",
                report.quarantined,
                report.quarantined + reading.rows.len()
            )];
            return Ok(report);
        }
        report.rows = reading.rows.len();
        if request.dry_run {
            report.outcome = Outcome::WouldLoad;
            return Ok(report);
        }
        let id = store::loads::next_number(connection)?;
        let new = Load {
            id,
            mapping: mapping.name.clone(),
            source: mapping.kind.as_str().to_owned(),
            file_name: file.name.clone(),
            file_sha256: sha256_hex(&file.bytes),
            agreement,
            as_of: request.as_of,
            covers_from: request.covers_from,
            covers_to: request.covers_to,
            loaded_at: self.now.naive(),
            loaded_by: loading.by.to_owned(),
            rows_taken: 0,
            rows_unmatched: 0,
            rows_quarantined: report.quarantined as i64,
        };
        store::loads::keep(connection, &new)?;
        let mut known = Known::of(connection, mapping.kind)?;
        for (line, record) in &reading.rows {
            let origin = Origin { load: id, line: line.cast_signed() };
            let matched = self.take_record(connection, &mut known, record, origin)?;
            report.unmatched += usize::from(!matched);
        }
        store::loads::count(connection, id, report.rows, report.unmatched)?;
        store::loads::quarantine(connection, id, &reading.faults)?;
        acts::record(connection, self.now, loading.by, "loaded", &format!("load {id}"))?;
        (report.outcome, report.load) = (Outcome::Loaded, Some(id));
        Ok(report)
    }

    /// Takes one record; whether anybody of the register is meant.
    fn take_record(
        &mut self,
        connection: &mut AnyConnection,
        known: &mut Known,
        record: &Record,
        origin: Origin,
    ) -> Result<bool, DutyError> {
        match record {
            Record::Assessment(row) => {
                let mut people = vec![self.admit(connection, &row.child, None)?];
                let mut surnames = vec![&row.child.family_name];
                if let Some(carer) = &row.carer {
                    people.push(self.admit(connection, carer, Some(people[0][0]))?);
                    surnames.push(&carer.family_name);
                }
                let child = people[0][0];
                let households: Vec<Household> = surnames
                    .into_iter()
                    .filter_map(|surname| Household::of(surname, row.address.uprn.as_ref()))
                    .collect();
                let changes = self.families.unite(&people.concat(), &households);
                store::people::apply(connection, &changes, self.now)?;
                if let Some(family) = self.families.of(child) {
                    store::people::settle(connection, family, &row.address, row.started)?;
                }
                records::take_assessment(connection, known, row, child, origin)?;
            }
            Record::Sessions(row) => {
                let pupil = self.admit(connection, &row.pupil, None)?;
                records::take_sessions(connection, known, row, pupil[0], origin)?;
            }
            Record::Incident(row) => {
                let person = self.people.find(&row.person);
                records::take_incident(connection, known, row, person, origin)?;
                return Ok(person.is_some());
            }
            Record::Spell(row) => {
                let person = self.admit(connection, &row.person, None)?;
                records::take_spell(connection, known, row, person[0], origin)?;
            }
            Record::Care(row) => {
                let child = self.admit(connection, &row.child, None)?;
                records::take_care(connection, known, row, child[0], origin)?;
            }
            Record::Housing(row) => {
                self.admit(connection, &row.person, None)?;
            }
            Record::Circumstance(row) => {
                self.admit(connection, &row.person, None)?;
            }
            Record::Episode(row) => {
                let child = self.admit(connection, &row.child, None)?;
                records::take_episode(connection, known, row, child[0], origin)?;
            }
        }
        Ok(true)
    }

    /// The person a row means, and others whom its keys also mean: all of one family.
    fn admit(
        &mut self,
        connection: &mut AnyConnection,
        who: &Who,
        carer_of: Option<PersonNumber>,
    ) -> Result<Vec<PersonNumber>, DutyError> {
        let admitted = self.people.admit(who, carer_of);
        self.has_news |= admitted.is_new || admitted.gave_name || admitted.gave_birth_date;
        store::people::write(connection, who, &admitted)?;
        let mut people = vec![admitted.person];
        people.extend(&admitted.bridged);
        if !admitted.bridged.is_empty() {
            let changes = self.families.unite(&people, &[]);
            store::people::apply(connection, &changes, self.now)?;
        }
        Ok(people)
    }
}

fn tell(fault: &Fault) -> ToldFault {
    ToldFault {
        line: fault.place.line,
        column: fault.place.column.clone(),
        reason: fault.kind.to_string(),
        fix: fault.kind.fix().to_owned(),
    }
}

#[cfg(test)]
mod tests;
