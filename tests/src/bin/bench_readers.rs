//! How long a million rows take to be read, and to be loaded, beside the sqlite3 shell's `.import` of the same file.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::Command,
    time::Instant,
};

use anyhow::{Context, ensure};
use clap::Parser;
use tenfold_common::privacy::Rho;
use tenfold_node::{
    duties::{
        create::{self, Making},
        load::{self, GivenFile, LoadRequest},
    },
    intake::{Extract, Mapping, ReadContext, ReadError},
    register::{Days, SourceKind, identifiers::Upn},
};
use tenfold_store::{Account, DatabaseUrl, Role};

/// Time the readers on school sessions.
#[derive(Debug, Parser)]
struct Bench {
    /// How many rows
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// How often; the best counts
    #[arg(long, default_value_t = 3)]
    times: u32,
    /// As a workbook too
    #[arg(long)]
    workbook: bool,
}

fn main() -> anyhow::Result<()> {
    let bench = Bench::parse();
    let folder = tempfile::tempdir()?;
    let text = folder.path().join("sessions.csv");
    write(&text, bench.rows)?;
    let size = fs::metadata(&text)?.len();
    println!("{} rows, {} MB", bench.rows, size / 1_000_000);
    let import =
        (0..bench.times).map(|time| import(folder.path(), &text, time)).collect::<Result<Vec<f64>, _>>()?;
    let best = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    println!("sqlite3 .import: {:.2} s", best(&import));
    let times = (0..bench.times).map(|_| read(&text, bench.rows)).collect::<Result<Vec<f64>, _>>()?;
    println!("open and read: {:.2} s, {:.2} times as long", best(&times), best(&times) / best(&import));
    peak();
    let times =
        (0..bench.times).map(|time| load(folder.path(), &text, time)).collect::<Result<Vec<f64>, _>>()?;
    println!(
        "loaded, matched and committed: {:.2} s, {:.2} times as long",
        best(&times),
        best(&times) / best(&import)
    );
    peak();
    if bench.workbook {
        let workbook = folder.path().join("sessions.xlsx");
        as_workbook(&text, &workbook)?;
        println!(
            "the workbook, {} MB: {:.2} s",
            fs::metadata(&workbook)?.len() / 1_000_000,
            read(&workbook, bench.rows)?
        );
    }
    peak();
    Ok(())
}

/// Prints the most memory the process ever had.
fn peak() {
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    }
}

/// Loads the file into a new node as an analyst does.
fn load(folder: &Path, text: &Path, time: u32) -> anyhow::Result<f64> {
    let clock = folder.join(format!("clock-{time}"));
    fs::write(&clock, "2015-07-20T09:00:00Z\n")?;
    let now = "2015-07-20T09:00:00Z".parse()?;
    let making = Making {
        borough: "E08000001".parse()?,
        rehearsal_clock: Some(clock),
        cap: Rho::from_nano(250_000_000),
        officer: "ig-officer".to_owned(),
    };
    let home = folder.join(format!("node-{time}"));
    let url = DatabaseUrl::Sqlite(home.with_extension("sqlite"));
    let node = create::create(&home, &url, &making, now)?;
    load::record_agreement(&node, SourceKind::SchoolSessions, "bench", "ig-officer")?;
    let by =
        Account { name: "analyst".to_owned(), display_name: "An Analyst".to_owned(), role: Role::Analyst };
    let covers = Days { from: "2015-04-01".parse()?, to: "2015-07-19".parse()? };
    let request = LoadRequest::new(covers.to, covers);
    let began = Instant::now();
    let reports = load::load(&node, &[GivenFile::at(text)], &request, &by, |_, _, _| {})?;
    let taken = began.elapsed().as_secs_f64();
    ensure!(reports[0].outcome == load::Outcome::Loaded, "{:?}", reports[0].file_faults);
    Ok(taken)
}

fn write(path: &Path, rows: u32) -> anyhow::Result<()> {
    let mapping = mapping()?;
    let mut file = BufWriter::new(File::create(path)?);
    let headings: Vec<&str> = mapping.columns.iter().map(|column| column.heading.as_str()).collect();
    writeln!(file, "{}", headings.join(","))?;
    for pupil in 0..rows.div_ceil(4) {
        let upn =
            ('A'..='Z').map(|letter| format!("{letter}350{pupil:09}")).find(|upn| upn.parse::<Upn>().is_ok());
        let upn = upn.context("one letter fits")?;
        let born = format!("{:02}/{:02}/{}", pupil % 28 + 1, pupil % 12 + 1, 1999 + pupil % 10);
        for (code, sessions) in
            [('/', 100), ('I', 12), ('O', 5), ('E', 3)].iter().take((rows - pupil * 4).min(4) as usize)
        {
            writeln!(
                file,
                "{upn},Given{},Surname{},{born},Summer,13/04/2015,17/07/2015,120,{code},{sessions}",
                pupil % 499,
                pupil % 9_001
            )?;
        }
    }
    Ok(file.flush()?)
}

fn mapping() -> anyhow::Result<&'static Mapping> {
    Mapping::shipped().iter().find(|mapping| mapping.name == "school_sessions").context("a shipped mapping")
}

fn read(path: &Path, rows: u32) -> anyhow::Result<f64> {
    let began = Instant::now();
    let tables = Extract::open(path)?;
    let mut taken = 0;
    let read = tables[0].read(mapping()?, ReadContext::default(), |row| {
        taken += u32::from(row.outcome.is_ok());
        Ok::<(), std::convert::Infallible>(())
    });
    if let Err(ReadError::File(faults)) = read {
        return Err(faults.into());
    }
    ensure!(taken == rows, "{taken} of {rows} rows were taken");
    Ok(began.elapsed().as_secs_f64())
}

fn import(folder: &Path, text: &Path, time: u32) -> anyhow::Result<f64> {
    let database = folder.join(format!("{time}.sqlite"));
    let began = Instant::now();
    let status = Command::new("sqlite3")
        .arg(&database)
        .args(["-cmd", "PRAGMA journal_mode=WAL", "-cmd", "PRAGMA synchronous=FULL"])
        .arg(format!(".import --csv {} sessions", text.display()))
        .stdout(std::process::Stdio::null())
        .status()?;
    ensure!(status.success(), "sqlite3 failed");
    Ok(began.elapsed().as_secs_f64())
}

fn as_workbook(text: &Path, path: &Path) -> anyhow::Result<()> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(text)?;
    for (row, record) in (0..).zip(reader.records()) {
        for (column, cell) in (0..).zip(record?.iter()) {
            match cell.parse::<u32>() {
                Ok(number) => sheet.write(row, column, number)?,
                Err(_) => sheet.write(row, column, cell)?,
            };
        }
    }
    Ok(workbook.save(path)?)
}
