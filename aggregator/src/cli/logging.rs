//! `log`: what was accepted, as everybody can prove it; and what to do after a backup was put back.

use clap::{Args, Subcommand};
use tenfold_common::log::LogFile;
use tenfold_web::{log as shown, println, program};

use super::figures::named;
use crate::duties::{Aggregator, log, recover};

#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
    Show(shown::Show),
    Export(shown::Export),
    /// Say that a backup was put back: nothing is accepted until every borough has shown what it knows
    Restored(By),
    /// Accept again without boroughs that cannot be heard: only where no checkpoint knows of more
    Resume(Resume),
    /// How a recovery goes: what is known, who was not heard yet, which releases are awaited
    Recovery(Recovery),
}

/// Who does it.
#[derive(Debug, Args)]
pub(super) struct By {
    /// Who
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Accept again without boroughs that cannot be heard, on a person's word.
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Who gives the word
    #[arg(long, value_name = "NAME")]
    by: String,
    /// A borough showed more than is here and is gone for ever: what it knew is lost. Should it come back after all, it
    /// will say that the log is another one
    #[arg(long)]
    lost: bool,
}

/// How a recovery goes.
#[derive(Debug, Args)]
pub(super) struct Recovery {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl LogCommand {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        match self {
            Self::Show(show) => show.print(&log::whole(aggregator)?.0),
            Self::Export(export) => {
                let (entries, checkpoint) = log::whole(aggregator)?;
                let receipt_key = aggregator.receipt_key.public();
                export.write(&LogFile { receipt_key, entries, checkpoints: vec![checkpoint] })
            }
            Self::Restored(command) => {
                recover::restored(aggregator, &command.by)?;
                println!(
                    "Nothing is accepted until every enrolled borough has shown what it knows: log recovery."
                );
                Ok(())
            }
            Self::Resume(command) => {
                let word = if command.lost { recover::Word::Lost } else { recover::Word::Whole };
                recover::resume(aggregator, word, &command.by)?;
                println!("Accepting again.");
                Ok(())
            }
            Self::Recovery(command) => {
                let (progress, awaited) = (recover::progress(aggregator)?, recover::awaited(aggregator)?);
                if command.json {
                    return program::print_json(&(progress, awaited));
                }
                println!("{}", in_words(progress.as_ref()));
                for release in awaited {
                    println!("Awaited, its borough sends it again by itself: {release}");
                }
                Ok(())
            }
        }
    }
}

/// A recovery in words.
pub(super) fn in_words(progress: Option<&recover::Progress>) -> String {
    let Some(progress) = progress else { return "The log is whole; releases are accepted.".to_owned() };
    let (recovery, size) = (&progress.recovery, progress.size);
    let told_by = named(&recovery.told_by);
    if recovery.forked {
        return format!(
            "NOTHING IS ACCEPTED since {}: {told_by} showed a checkpoint of another history that this aggregator \
             signed. Put back the newest backup there is.",
            recovery.since
        );
    }
    let unheard = match progress.unheard.is_empty() {
        true => "everybody was heard".to_owned(),
        false => {
            let unheard: Vec<String> = progress.unheard.iter().map(|code| named(code)).collect();
            format!("not heard yet: {}", unheard.join(", "))
        }
    };
    let lacking = match progress.lacking.is_empty() {
        true => String::new(),
        false => format!("; nobody has given back yet: {}", progress.lacking.join(", ")),
    };
    format!(
        "NOTHING IS ACCEPTED since {}: a backup was put back ({told_by}). The log has {size} entries, {} are known \
         of; {unheard}{lacking}.",
        recovery.since,
        recovery.known_size.max(recovery.had_size)
    )
}
