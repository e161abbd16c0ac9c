//! `mapping`: what sources' columns mean; shown, checked, proposed, and as empty workbooks.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use tenfold_web::{print, println, program};

use crate::{
    intake::{Extract, FolderFault, Mapping, suggest, template},
    register::SourceKind,
};

/// Mappings say what a source's columns, dates and codes mean; a file is recognised by its headings.
///
/// Those that ship with the program are examples of our own reading. To make one for your own export:
/// `mapping suggest FILE > ours.toml`, correct it, `mapping check ours.toml`.
#[derive(Debug, Args)]
pub(super) struct MappingCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the mappings that are known
    List(List),
    /// Show one: its columns, what they mean, its codes
    Show(Show),
    /// Check a mapping file; every fault is named
    Check(Check),
    Suggest(Suggest),
    Template(Template),
}

/// Where a borough's own mappings are.
#[derive(Debug, Args)]
struct Own {
    /// Folder of your own mappings (*.toml); one of a shipped name takes its place
    #[arg(long, value_name = "FOLDER")]
    mappings: Option<PathBuf>,
}

impl Own {
    fn all(&self) -> Result<Vec<Mapping>, FolderFault> {
        match &self.mappings {
            Some(folder) => Mapping::with_folder(folder),
            None => Ok(Mapping::shipped().to_vec()),
        }
    }

    fn named(&self, name: &str) -> anyhow::Result<Mapping> {
        let all = self.all()?;
        let names: Vec<String> = all.iter().map(|mapping| mapping.name.clone()).collect();
        let found = all.into_iter().find(|mapping| mapping.name == name);
        found.with_context(|| format!("there is no mapping {name:?}, expected one of {}", names.join(", ")))
    }
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    own: Own,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Show {
    /// Its name
    name: String,
    #[command(flatten)]
    own: Own,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Check {
    /// The mapping file
    file: PathBuf,
}

/// Propose a mapping for a file: by the likeness of its headings and by what its columns hold.
///
/// The proposal goes to standard output as a mapping file; what a person has to decide is marked "check". Codes
/// found in coded columns are listed with a guess. Nothing is loaded.
#[derive(Debug, Args)]
struct Suggest {
    /// A CSV file or workbook
    file: PathBuf,
    /// What its records are, where that is known: early-help, school-sessions, police, dwp, …
    #[arg(long, value_parser = super::records::source)]
    kind: Option<SourceKind>,
    /// The sheet of a workbook [default: the first]
    #[arg(long)]
    sheet: Option<String>,
    #[command(flatten)]
    own: Own,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Write an empty workbook with a mapping's headings, for partners without a system.
///
/// Each heading carries a note of what it means; coded columns offer their codes; dates and long numbers are
/// formatted so that the spreadsheet does not change them.
#[derive(Debug, Args)]
struct Template {
    /// The mapping's name
    name: String,
    /// The workbook to write
    #[arg(long, value_name = "FILE.xlsx")]
    out: PathBuf,
    #[command(flatten)]
    own: Own,
}

impl MappingCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.verb {
            Verb::List(command) => list(&command.own.all()?, command.json),
            Verb::Show(command) => show(&command.own.named(&command.name)?, command.json),
            Verb::Check(command) => check(&command.file),
            Verb::Suggest(command) => command.run(),
            Verb::Template(command) => {
                let mapping = command.own.named(&command.name)?;
                let bytes = template::template(&mapping)?;
                fs::write(&command.out, bytes)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{} is an empty workbook for {}.", command.out.display(), mapping.title);
                Ok(())
            }
        }
    }
}

fn list(mappings: &[Mapping], json: bool) -> anyhow::Result<()> {
    if json {
        return program::print_json(&mappings);
    }
    let mut table = program::table(&["Name", "Of", "Kind", "Columns"]);
    for mapping in mappings {
        table.add_row([
            mapping.name.clone(),
            mapping.title.clone(),
            mapping.kind.as_str().to_owned(),
            mapping.columns.len().to_string(),
        ]);
    }
    println!("{table}");
    Ok(())
}

fn show(mapping: &Mapping, json: bool) -> anyhow::Result<()> {
    if json {
        return program::print_json(mapping);
    }
    println!("{} ({}), records of {}", mapping.title, mapping.name, mapping.kind.as_str());
    let mut table = program::table(&["Heading", "Field", "Meaning", ""]);
    for column in &mapping.columns {
        let must = match (mapping.requires(column.field), column.optional) {
            (true, _) => "must be filled",
            (false, true) => "column may be missing",
            (false, false) => "",
        };
        table.add_row([
            column.heading.clone(),
            column.field.to_string(),
            column.field.meaning(),
            must.to_owned(),
        ]);
    }
    println!("{table}");
    let mut table = program::table(&["List", "Code", "Stands for"]);
    for (list, codes) in &mapping.codes {
        for (code, word) in codes {
            table.add_row([list.name(), code, word]);
        }
    }
    for (field, word) in &mapping.fixed {
        table.add_row([field.to_string(), "every row".to_owned(), word.clone()]);
    }
    if table.row_count() > 0 {
        println!("{table}");
    }
    Ok(())
}

fn check(file: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    match Mapping::from_toml(&text) {
        Ok(mapping) => {
            println!(
                "{}: {} columns of {}, nothing wrong.",
                mapping.name,
                mapping.columns.len(),
                mapping.kind.as_str()
            );
            Ok(())
        }
        Err(faults) => {
            faults.0.iter().for_each(|fault| println!("{fault}"));
            bail!("{} has {} fault(s)", file.display(), faults.0.len())
        }
    }
}

impl Suggest {
    fn run(self) -> anyhow::Result<()> {
        let tables = Extract::open(&self.file).with_context(|| format!("{}", self.file.display()))?;
        let sheets: Vec<&str> = tables.iter().filter_map(Extract::sheet).collect();
        let wanted = self.sheet.as_deref();
        let table = tables.iter().find(|table| wanted.is_none() || table.sheet() == wanted);
        let table = table
            .with_context(|| format!("there is no such sheet, expected one of {}", sheets.join(", ")))?;
        let rows = table.first_rows(1_000)?;
        let suggestion = suggest::suggest(table.headings(), &rows, self.kind, &self.own.all()?);
        if self.json {
            return program::print_json(&suggestion);
        }
        let name =
            self.file.file_stem().unwrap_or_default().to_string_lossy().to_lowercase().replace(' ', "_");
        print!("{}", suggestion.to_toml(&name));
        Ok(())
    }
}
