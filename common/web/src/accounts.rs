//! The command `account`, the same in both programs: people who sign in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tenfold_common::clock::Moment;
use tenfold_store::{Account, Role, Store, accounts};

use crate::{println, program};

/// People who sign in here.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add a person
    Add(Add),
    /// List people and roles
    List,
}

/// Add a person with one of the program's roles.
#[derive(Debug, Args)]
pub struct Add {
    /// What the person types to sign in
    name: String,
    /// How pages and records name the person
    #[arg(long, value_name = "NAME")]
    display_name: String,
    /// What the person may do. In a node: analyst, approver, auditor. At the aggregator: viewer,
    /// programme-lead, certifying-officer, administrator
    #[arg(long)]
    role: Role,
    /// File that holds the password, at least 12 characters
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

impl AccountCommand {
    /// Runs the command for a program with these roles.
    ///
    /// # Errors
    /// Where the role is another program's, the password too short, or the name taken.
    pub fn run(self, store: &Store, roles: &[Role], now: Moment) -> anyhow::Result<()> {
        match self {
            Self::Add(add) => {
                let known: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                let known = known.join(", ");
                anyhow::ensure!(roles.contains(&add.role), "there is no {} here, expected {known}", add.role);
                let account = Account { name: add.name, display_name: add.display_name, role: add.role };
                accounts::add(store, &account, &program::secret(&add.password_file)?, now)?;
                println!("{} may now sign in as {}.", account.name, account.role);
            }
            Self::List => {
                let mut table = program::table(&["Name", "Person", "Role"]);
                for account in accounts::all(store)? {
                    table.add_row([account.name, account.display_name, account.role.to_string()]);
                }
                println!("{table}");
            }
        }
        Ok(())
    }
}
