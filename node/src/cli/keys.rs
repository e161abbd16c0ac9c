//! `keys`: where the node's keys stand.

use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_web::{println, program};

use crate::{
    duties::KEYS,
    keys::{self, KeyName, Places, Stands},
    settings::Settings,
};

/// What can be done with the node's keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    List(List),
}

/// Where each of the node's keys stands: among the credentials that systemd gave this process, or in the folder
/// `keys` of the node. Prints no key. Changes nothing, and works where a key is missing.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line {
    key: KeyName,
    file: &'static str,
    credential: String,
    purpose: &'static str,
    stands: Option<Stands>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl KeysCommand {
    pub(super) fn run(&self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::List(list) => list.run(settings),
        }
    }
}

impl List {
    fn run(&self, settings: &Settings) -> anyhow::Result<()> {
        let found = keys::list(&Places::of(&settings.data.join(KEYS)));
        let lines: Vec<Line> = found
            .into_iter()
            .map(|(key, stands)| Line {
                key,
                file: key.file(),
                credential: key.credential(),
                purpose: key.purpose(),
                fault: stands.as_ref().err().map(ToString::to_string),
                stands: stands.ok(),
            })
            .collect();
        if self.json {
            return program::print_json(&lines);
        }
        let mut table = program::table(&["Key", "What it does", "Stands in"]);
        for line in lines {
            let stands = line.stands.map(|stands| stands.in_words().to_owned());
            table.add_row([
                line.file.to_owned(),
                line.purpose.to_owned(),
                stands.or(line.fault).unwrap_or_default(),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}
