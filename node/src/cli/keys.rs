//! `keys`: where the node's keys stand.

use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_store::Role;
use tenfold_web::{println, program};

use super::{Person, releases::runtime};
use crate::{
    duties::{KEYS, Node, forget, rotate},
    keys::{self, KeyName, Places, Stands},
    settings::Settings,
};

/// What can be done with the node's keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    List(List),
    Rotate(Rotate),
    DestroyJournal(DestroyJournal),
}

/// Where each of the node's keys stands: among the credentials that systemd gave this process, or in the folder
/// `keys` of the node. Prints no key. Changes nothing, and works where a key is missing.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Destroy the key under which the journal names family lines, at the end of the horizon.
///
/// From then on nobody can tell which families were counted, and this node counts none again, under whatever policy:
/// extend a horizon before, not after. Refused until the last quarter of the policy adopted last is sealed, receipted
/// and due. An approver does it; end `serve` first. Backups of the key are yours to destroy.
#[derive(Debug, Args)]
pub(super) struct DestroyJournal {
    /// Say that you mean it: it cannot be undone
    #[arg(long, required = true)]
    for_ever: bool,
    #[command(flatten)]
    person: Person,
}

/// Make a new release key, and have the region keep it beside the old one.
///
/// Releases sealed before stay signed by the old key and are taken and verified by it for ever; the next one is signed by
/// the new key. The answer may be lost: run it again, or `deliver`; nothing is sealed until it has come. The new key is
/// written into the node's key folder. Where the old key may have been stolen, that is not enough: telephone the region.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Who rotates
    #[arg(long, value_name = "NAME")]
    by: String,
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
    pub(super) fn run(
        &self,
        settings: &Settings,
        open: impl FnOnce() -> anyhow::Result<Node>,
    ) -> anyhow::Result<()> {
        match self {
            Self::List(list) => list.run(settings),
            Self::Rotate(command) => {
                let link = runtime()?.block_on(rotate::rotate(&open()?, &settings.way()?, &command.by))?;
                println!(
                    "Releases are signed by key {} from number {} on; those before stay as they are. Back the key folder up.",
                    link.new_key.id(),
                    link.from_release
                );
                Ok(())
            }
            Self::DestroyJournal(command) => command.run(&open()?),
        }
    }
}

impl DestroyJournal {
    fn run(&self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Approver)?;
        let left = forget::destroy_journal(node, &by)?;
        println!("The journal's key is destroyed: nobody can tell any more which families were counted.");
        if left {
            println!(
                "Its credential {} is left: delete it where systemd keeps it, and the line of the unit.",
                KeyName::Journal.credential()
            );
        }
        println!("Destroy its copies in backups too, and start `serve` anew if it runs.");
        Ok(())
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
