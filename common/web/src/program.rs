//! What both programs do around their work: logs to standard error, exit codes, secrets by file.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::OnceLock,
};

use clap::builder::styling::{AnsiColor, Styles};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

/// The exit code of work that should be tried again later (sysexits.h, EX_TEMPFAIL).
pub const TRY_LATER: u8 = 75;

/// How help is coloured, in both programs.
pub const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Sends traces to standard error at the level asked for, such as `info` or `warn,tenfold_node=debug`.
pub fn trace(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call, as in tests that start both programs in one process, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .try_init();
}

/// Why standard output could not be written, the first time.
static UNWRITTEN: OnceLock<String> = OnceLock::new();

/// Writes to standard output. A reader that closes the pipe early, such as `head`, has what it wanted: the work
/// goes on and nothing more is said. What else goes wrong, such as a full disk, is told by [`finish`].
pub fn print(text: fmt::Arguments<'_>) {
    if let Err(error) = io::stdout().write_fmt(text)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error.to_string());
    }
}

/// `print!` in the programs: as [`print`](fn@crate::program::print). Import it where a command prints.
#[macro_export]
macro_rules! print {
    ($($part:tt)*) => { $crate::program::print(::std::format_args!($($part)*)) };
}

/// `println!` in the programs: as [`print`](fn@crate::program::print). Import it where a command prints.
#[macro_export]
macro_rules! println {
    () => { $crate::program::print(::std::format_args!("\n")) };
    ($($part:tt)*) => { $crate::program::print(::std::format_args!("{}\n", ::std::format_args!($($part)*))) };
}

/// Ends a program: what went wrong in one sentence on standard error, and its exit code.
pub fn finish(result: anyhow::Result<()>, try_later: impl Fn(&anyhow::Error) -> bool) -> ExitCode {
    // What was printed without a line's end waits until now.
    if let Err(error) = io::stdout().flush()
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error.to_string());
    }
    let unwritten = UNWRITTEN.get().map(|why| anyhow::anyhow!("standard output cannot be written: {why}"));
    match result.and(unwritten.map_or(Ok(()), Err)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
            let mut told = Vec::new();
            for part in chain {
                if !told.iter().any(|before: &String| before.contains(&part)) {
                    told.push(part);
                }
            }
            eprintln!("error: {}", told.join(": "));
            if try_later(&error) { ExitCode::from(TRY_LATER) } else { ExitCode::FAILURE }
        }
    }
}

/// Reads a secret from a file; its last line break is not part of it.
///
/// # Errors
/// Where the file cannot be read.
pub fn secret(path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).map_err(|error| {
        anyhow::anyhow!("the secret in {} cannot be read: {error}", PathBuf::from(path).display())
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A table for people, with headings, as wide as the terminal allows.
pub fn table(headings: &[&str]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .set_header(headings.iter().copied());
    table
}

/// Prints a value as JSON.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(format_args!("{}\n", serde_json::to_string_pretty(value)?));
    Ok(())
}

/// Prints settings as TOML.
///
/// # Errors
/// Where they cannot be written as TOML.
pub fn print_toml(value: &impl Serialize) -> anyhow::Result<()> {
    print(format_args!("{}", toml::to_string_pretty(value)?));
    Ok(())
}

/// A bar for work on files, on standard error where that is a terminal and nowhere else.
#[derive(Debug)]
pub struct Progress(indicatif::ProgressBar);

/// A bar for work on files.
pub fn progress() -> Progress {
    let bar = indicatif::ProgressBar::new(0);
    let style = indicatif::ProgressStyle::with_template("{msg:30!} {wide_bar} {bytes}/{total_bytes} {eta}");
    Progress(match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    })
}

impl Progress {
    /// Shows how much of a file is done, in bytes.
    pub fn show(&self, file: &str, done: u64, size: u64) {
        if self.0.message() != file {
            self.0.set_message(file.to_owned());
        }
        self.0.set_length(size);
        self.0.set_position(done);
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}
