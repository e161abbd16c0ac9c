//! The command `account`, the same in both programs: people who sign in.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::{
    Account, Role, Store, accounts, passwords,
    signing::{self, KeptKey},
};

use crate::{println, program};

/// People who sign in here.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add a person
    Add(Add),
    /// List people and roles
    List,
    /// Change your own password; your signing key stays yours
    Password(Password),
    /// Set a person's password as an administrator; makes a new signing key, for everybody to see
    Reset(Reset),
    /// Make the signing key of an approver whose account has none
    Key(Key),
    /// List every signing key there ever was, with its dates
    Keys(Keys),
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

/// Change your own password. An approver's signing key is sealed under the new one; where an administrator had chosen
/// the old one, a new key takes its place.
#[derive(Debug, Args)]
pub struct Password {
    /// The account
    name: String,
    /// File that holds the password until now
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// File that holds the new one, at least 12 characters
    #[arg(long, value_name = "FILE")]
    new_password_file: PathBuf,
}

/// Set a person's password as an administrator. An approver's signing key cannot be opened without the old one: it is
/// retired, and a new one made that lists and pages show as such.
#[derive(Debug, Args)]
pub struct Reset {
    /// The account
    name: String,
    /// File that holds the new password, at least 12 characters
    #[arg(long, value_name = "FILE")]
    new_password_file: PathBuf,
}

/// Make the signing key of an approver whose account was made before approvers had one.
#[derive(Debug, Args)]
pub struct Key {
    /// The account
    name: String,
    /// File that holds its password
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

/// List every signing key there ever was.
#[derive(Debug, Args)]
pub struct Keys {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct ListedKey {
    key: String,
    public_key: String,
    account: String,
    origin: &'static str,
    made_at: Moment,
    retired_at: Option<Moment>,
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
            Self::Password(change) => {
                let old = program::secret(&change.password_file)?;
                let new = program::secret(&change.new_password_file)?;
                let changed = passwords::change(store, &change.name, &old, &new, now)?;
                anyhow::ensure!(changed.is_some(), "name or password are wrong");
                println!("The password of {} is changed; sign in anew.", change.name);
            }
            Self::Reset(reset) => {
                let account =
                    passwords::reset(store, &reset.name, &program::secret(&reset.new_password_file)?, now)?;
                println!("The password of {} is set.", account.name);
                if account.role.signs() {
                    println!("A new signing key was made, for everybody to see: account keys");
                }
            }
            Self::Key(key) => {
                let made = signing::make(store, &key.name, &program::secret(&key.password_file)?, now)?;
                let public = made.context("name or password are wrong")?;
                println!("{} signs with key {} from now on.", key.name, public.id());
            }
            Self::Keys(keys) => return list_keys(store, keys.json),
        }
        Ok(())
    }
}

fn list_keys(store: &Store, json: bool) -> anyhow::Result<()> {
    let kept = store.read(signing::all)?;
    if json {
        let listed: Vec<ListedKey> = kept.into_iter().map(ListedKey::from).collect();
        return program::print_json(&listed);
    }
    let mut table = program::table(&["Key", "Account", "Made", "Retired", "Made under"]);
    for key in kept {
        table.add_row([
            key.public.id(),
            key.account,
            key.made_at.to_string(),
            key.retired_at.map(|at| at.to_string()).unwrap_or_default(),
            key.origin.words().to_owned(),
        ]);
    }
    println!("{table}");
    Ok(())
}

impl From<KeptKey> for ListedKey {
    fn from(key: KeptKey) -> Self {
        Self {
            key: key.public.id(),
            public_key: key.public.to_string(),
            account: key.account,
            origin: key.origin.as_str(),
            made_at: key.made_at,
            retired_at: key.retired_at,
        }
    }
}
