//! Takes files into the register, table by table; what is refused is rolled back by itself.

use std::collections::HashMap;

use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, acts, part};

use super::{
    super::DutyError,
    aside::Aside,
    given::{GivenFile, LoadRequest},
    once,
    report::{LoadReport, Outcome, told_file},
};
use crate::{
    intake::{
        Extract, FileFault, Mapping,
        mapping::Authority,
        reader::{ReadContext, ReadError},
        recognise,
        summary::Summary,
    },
    register::{SourceKind, settle::MentionNumber},
    store::{
        self,
        loads::Load,
        rows::{Mentions, Rows},
    },
};

/// The files on their way in.
pub(super) struct Taker<'a> {
    pub(super) mentions: Mentions,
    pub(super) mappings: &'a [Mapping],
    pub(super) request: &'a LoadRequest,
    pub(super) by: &'a str,
    pub(super) now: Moment,
    pub(super) spoken_of: Vec<(i64, HashMap<MentionNumber, u64>)>,
}

impl Taker<'_> {
    pub(super) fn file(
        &mut self,
        connection: &mut AnyConnection,
        file: &GivenFile,
        reports: &mut Vec<LoadReport>,
        progress: &mut impl FnMut(&str, u64, u64),
    ) -> Result<(), DutyError> {
        let (extracts, sha256) = match file.open() {
            Ok(opened) => opened,
            Err(faults) => {
                reports.push(LoadReport::refused(&file.name, None, faults));
                return Ok(());
            }
        };
        let several = extracts.len() > 1;
        for extract in &extracts {
            let sheet = extract.sheet().filter(|_| several);
            let name = sheet.map_or_else(|| file.name.clone(), |sheet| format!("{} [{sheet}]", file.name));
            match recognise(extract.headings(), self.mappings) {
                Ok(mapping) => {
                    let table = Table { name: &name, sha256: &sha256, extract, mapping };
                    let known = self.mentions.len();
                    let taken = part(connection, |connection| self.table(connection, &table, progress));
                    reports.push(match taken {
                        Ok(report) => report,
                        Err(Taken::Refused(report)) => {
                            self.mentions.forget_after(known);
                            *report
                        }
                        Err(Taken::Failed(error)) => return Err(error),
                    });
                }
                Err(unknown) => {
                    reports.push(LoadReport::refused(&name, None, vec![unknown.to_string()]));
                }
            }
        }
        Ok(())
    }

    fn table(
        &mut self,
        connection: &mut AnyConnection,
        table: &Table<'_>,
        progress: &mut impl FnMut(&str, u64, u64),
    ) -> Result<LoadReport, Taken> {
        let Table { name, sha256, extract, mapping } = *table;
        let mut report = LoadReport::refused(name, Some(mapping.title.clone()), Vec::new());
        let Some(agreement) = store::loads::agreement_for(connection, mapping.kind)? else {
            return Err(report.because(format!(
                "no sharing agreement is recorded for {0}; record it with `tenfold-node agreement record {0} --reference …`",
                mapping.kind.as_str()
            )));
        };
        if mapping.kind == SourceKind::History
            && self.request.mends.is_none()
            && let Some(load) = once::taken(connection, &mapping.name, name, sha256)?
        {
            return if load.file_sha256 == sha256 {
                report.outcome = Outcome::TakenBefore;
                report.notes.push(once::known(&load));
                Ok(report)
            } else {
                Err(report.because(once::refusal(&load)))
            };
        }
        if let Some(sentence) = self.objection(connection, table)? {
            return Err(report.because(sentence));
        }
        let id = store::loads::next_number(connection)?;
        let request = self.request;
        store::loads::keep(
            connection,
            &Load {
                id,
                mapping: mapping.name.clone(),
                source: mapping.kind.as_str().to_owned(),
                file_name: name.to_owned(),
                file_sha256: sha256.to_owned(),
                agreement,
                authority: mapping
                    .case_system
                    .clone()
                    .filter(|_| mapping.authoritative.contains(&Authority::Person))
                    .unwrap_or_default(),
                headings: written(extract.headings()),
                area: request.area.clone(),
                as_of: request.as_of,
                covers_from: request.covers.from,
                covers_to: request.covers.to,
                loaded_at: self.now.naive(),
                loaded_by: self.by.to_owned(),
                rows_taken: 0,
                rows_unmatched: 0,
                rows_quarantined: 0,
                quality: String::new(),
                mends: request.mends,
                answers: i32::from(mapping.is_answer()),
                undone_at: None,
                undone_by: None,
            },
        )?;
        let (mut rows, mut aside) =
            (Rows::of(id, mapping.authoritative.contains(&Authority::Family)), Aside::of(id));
        let context = ReadContext { as_of: Some(request.as_of), covers: Some(request.covers) };
        let read = extract.read_ahead(mapping, context, |row| -> Result<(), DutyError> {
            if row.line % 1_024 == 0 {
                progress(name, row.at_byte, extract.bytes());
            }
            match row.outcome {
                Ok((record, queries)) => {
                    aside.ask(connection, queries)?;
                    Ok(rows.take(connection, &mut self.mentions, row.line, record)?)
                }
                Err(faults) => aside.put(connection, faults),
            }
        });
        let summary = match read {
            Ok(summary) => summary,
            // Headings and nothing under them: on the analyst's word nothing happened in these days.
            Err(ReadError::File(faults)) if faults.0 == [FileFault::NoRows] && request.take_good_rows => {
                Summary::default()
            }
            Err(ReadError::File(faults)) => return Err(report.for_all(told_file(&faults))),
            Err(ReadError::Stopped(error)) => return Err(Taken::Failed(error)),
        };
        let (told, asked) = aside.finish(connection)?;
        (report.faults, report.queries) = (told, asked);
        report.rows = summary.rows - summary.faulty;
        report.quarantined = summary.faulty;
        report.queried = summary.queried;
        report.notes.clone_from(&summary.notes);
        report.columns.clone_from(&summary.columns);
        if summary.faulty > 0 && !request.take_good_rows {
            return Err(report.because(format!(
                "{} of {} rows cannot be taken; mend them, or load again and take the good rows (--take-good-rows)",
                summary.faulty, summary.rows
            )));
        }
        let spoken_of = rows.finish(connection)?;
        self.spoken_of.push((id, spoken_of));
        // Numbers and texts only: it cannot fail to be written.
        let quality = serde_json::to_string(&summary).unwrap_or_default();
        store::loads::count(connection, id, report.rows, report.quarantined, &quality)?;
        if let Some(mended) = request.mends {
            store::loads::mend(connection, mended, id)?;
        }
        acts::record(connection, self.now, self.by, "loaded", &format!("load {id}"))?;
        (report.outcome, report.load) = (Outcome::Loaded, Some(id));
        Ok(report)
    }

    /// What speaks against taking a file at all, besides its rows.
    fn objection(
        &self,
        connection: &mut AnyConnection,
        table: &Table<'_>,
    ) -> Result<Option<String>, DutyError> {
        let request = self.request;
        if let Some(mended) = request.mends {
            let Some(load) = store::loads::find(connection, mended)?.filter(|load| load.undone_at.is_none())
            else {
                return Ok(Some(format!("there is no load {mended} whose quarantine could be mended")));
            };
            if load.mapping != table.mapping.name {
                return Ok(Some(format!(
                    "load {mended} was {}, expected rows of the same kind to mend its quarantine",
                    load.mapping
                )));
            }
        }
        let same = |load: &&Load| load.file_sha256 == table.sha256 && load.file_name == table.name;
        let other_days =
            |load: &&Load| (load.covers_from, load.covers_to) != (request.covers.from, request.covers.to);
        let loads = store::loads::standing(connection)?;
        Ok(loads.iter().filter(same).find(other_days).map(|load| {
            format!(
                "the same file was taken before as load {}, for {} to {}: an old file is not news of other days; \
                 export it again, or give the dates that it covers",
                load.id, load.covers_from, load.covers_to
            )
        }))
    }
}

/// One table of a file, recognised.
#[derive(Clone, Copy)]
struct Table<'a> {
    name: &'a str,
    sha256: &'a str,
    extract: &'a Extract,
    mapping: &'a Mapping,
}

/// Why a table was not taken; everything it wrote is rolled back.
enum Taken {
    Refused(Box<LoadReport>),
    Failed(DutyError),
}

impl From<DutyError> for Taken {
    fn from(error: DutyError) -> Self {
        Self::Failed(error)
    }
}

impl From<tenfold_store::StoreError> for Taken {
    fn from(error: tenfold_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl LoadReport {
    fn because(self, reason: String) -> Taken {
        self.for_all(vec![reason])
    }

    fn for_all(mut self, reasons: Vec<String>) -> Taken {
        (self.file_faults, self.rows) = (reasons, 0);
        Taken::Refused(Box::new(self))
    }
}

/// Headings as a line of CSV.
fn written(headings: &[String]) -> String {
    let mut line = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and what was read as text is text.
    let _ = line.write_record(headings);
    let bytes = line.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
