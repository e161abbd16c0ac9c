//! Every row that a claim relies on, found again in its file on the disk and read there once more.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use chrono::NaiveDate;
use tenfold_common::protocol::signature::sha256_hex;
use tenfold_node::{
    claims::evidence::Relied,
    duties::claim::trace::ClaimDetail,
    intake::{Mapping, field::Field},
    register::Origin,
    store::{self, person::Told},
};

use crate::federation::Member;

/// A row's cells by their fields.
type Cells = BTreeMap<Field, String>;

/// Files as they lie on the disk, by SHA-256.
#[derive(Debug, Default)]
pub struct OnDisk(BTreeMap<String, (PathBuf, String)>);

impl OnDisk {
    /// Reads the files of a folder.
    ///
    /// # Errors
    /// Where one cannot be read as text.
    pub fn add(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let bytes = fs::read(&path)?;
            self.0.insert(sha256_hex(&bytes), (path, String::from_utf8(bytes)?));
        }
        Ok(())
    }

    /// Whether a file of this SHA-256 is there.
    pub fn has(&self, sha256: &str) -> bool {
        self.0.contains_key(sha256)
    }

    /// Looks up every row of a claim's evidence and compares what stands there with what the claim keeps: the
    /// person, the days, the values. Says how many rows it compared.
    ///
    /// # Errors
    /// Where a row is not there or says something else.
    pub fn compare(&self, member: &Member, claim: &ClaimDetail) -> anyhow::Result<usize> {
        let mut compared = 0;
        for line in &claim.evidence {
            let Some(item) = &line.relied else { continue };
            ensure!(line.places.len() == item.records.len(), "a record has no place");
            for (record, place) in item.records.iter().zip(&line.places) {
                ensure!(!record.origins.is_empty(), "{} has no row", record.record);
                let number: i64 = record.person.0[1..].parse()?;
                let told =
                    member.node.store.read(|connection| store::person::written_as(connection, number))?;
                let rows: Vec<Cells> =
                    record.origins.iter().map(|origin| self.row(claim, *origin)).collect::<Result<_, _>>()?;
                for row in &rows {
                    ensure!(told.iter().any(|told| is_of(row, told)), "{place} is about somebody else");
                    says_the_days(row, record).with_context(|| place.clone())?;
                    says_the_values(row, record).with_context(|| place.clone())?;
                }
                adds_up(&rows, record).with_context(|| place.clone())?;
                compared += rows.len();
            }
        }
        Ok(compared)
    }

    fn row(&self, claim: &ClaimDetail, origin: Origin) -> anyhow::Result<Cells> {
        let file = claim.files.iter().find(|file| file.load == origin.load).context("its load is unknown")?;
        let (path, text) = self.0.get(&file.sha256).context("its file is not on the disk")?;
        ensure!(path.ends_with(&file.file), "{} is called {}", path.display(), file.file);
        let lines: Vec<&str> = text.lines().collect();
        let at = usize::try_from(origin.line - 1)?;
        let (head, row) = (lines.first().context("no headings")?, lines.get(at).context("no such line")?);
        let (head, row) = (record(head.trim_start_matches('\u{feff}'))?, record(row)?);
        let mapping = Mapping::shipped().iter().find(|mapping| {
            mapping.columns.iter().all(|column| head.iter().any(|cell| cell == column.heading))
        });
        let columns = &mapping.context("no mapping has these headings")?.columns;
        let cell = |heading: &str| head.iter().position(|h| h == heading).and_then(|at| row.get(at));
        let cells = columns.iter().filter_map(|column| Some((column.field, cell(&column.heading)?)));
        Ok(cells.map(|(field, text)| (field, text.trim().to_owned())).collect())
    }
}

fn record(line: &str) -> anyhow::Result<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    Ok(reader.records().next().context("an empty line")??)
}

/// Whether a row names a person as one of the sources does: by a key, or by surname and date of birth.
fn is_of(row: &Cells, told: &Told) -> bool {
    let keys = [
        (Field::CaseId, &told.case_id),
        (Field::NhsNumber, &told.nhs_number),
        (Field::Upn, &told.upn),
        (Field::NiNumber, &told.ni_number),
    ];
    let filled = |field: Field| row.get(&field).filter(|cell| !cell.is_empty());
    let same = |(field, key): (Field, &Option<String>)| {
        // The register keeps a case system's name with its number.
        key.as_ref().zip(filled(field)).is_some_and(|(key, cell)| key == cell)
    };
    let named = filled(Field::FamilyName).is_some_and(|name| name.eq_ignore_ascii_case(&told.family_name));
    keys.into_iter().any(same) || (named && date(row, Field::BirthDate) == told.birth_date)
}

fn date(row: &Cells, field: Field) -> Option<NaiveDate> {
    let text = row.get(&field)?;
    let formats = ["%d/%m/%Y", "%Y-%b-%d 00:00:00"];
    formats.into_iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok())
}

fn says_the_days(row: &Cells, record: &Relied) -> anyhow::Result<()> {
    let from = date(row, Field::From).or_else(|| date(row, Field::On));
    let to = date(row, Field::To).or_else(|| date(row, Field::On));
    ensure!((from, to) == (Some(record.from), record.to), "{} began or ended otherwise", record.record);
    Ok(())
}

fn says_the_values(row: &Cells, record: &Relied) -> anyhow::Result<()> {
    let cell = |field: Field| row.get(&field).map(String::as_str).unwrap_or_default();
    for (name, value) in &record.values {
        let flag = if value == "yes" { ["Y", "1"] } else { ["N", "0"] };
        let holds = match name.as_str() {
            "possible" => cell(Field::SessionsPossible) == value,
            "absent" | "absent with leave" => true,
            "whole family" => flag.contains(&cell(Field::WholeFamily)),
            "plan made" => date(row, Field::PlanMade).is_some_and(|day| day.to_string() == *value),
            "key worker from" => date(row, Field::KeyWorkerFrom).is_some_and(|day| day.to_string() == *value),
            "kind" => cell(Field::AssessmentKind).to_lowercase().replace("assessment", "initial") == *value,
            need => {
                let number = need.strip_prefix("need ").context("a value nobody looks up")?.parse()?;
                flag.contains(&cell(Field::Need(number)))
            }
        };
        ensure!(holds, "{name} is not {value}");
    }
    Ok(())
}

/// Absences under all codes of a term are what the claim says was missed.
fn adds_up(rows: &[Cells], record: &Relied) -> anyhow::Result<()> {
    for (name, codes) in [("absent", &["I", "O", "E"][..]), ("absent with leave", &["I"])] {
        let Some(absent) = record.values.get(name) else { continue };
        let of_code =
            |row: &&Cells| row.get(&Field::SessionCode).is_some_and(|c| codes.contains(&c.as_str()));
        let absences = rows.iter().filter(of_code);
        let sum: u32 = absences.map(|row| row[&Field::Sessions].parse::<u32>()).sum::<Result<_, _>>()?;
        ensure!(sum.to_string() == *absent, "{absent} sessions {name}, the rows say {sum}");
    }
    Ok(())
}
