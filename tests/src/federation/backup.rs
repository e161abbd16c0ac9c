//! Backups of the region: its database as it stood, put back while nobody is served.

use std::{fs, path::Path, sync::Arc};

use tenfold_aggregator::duties::Aggregator;
use tenfold_store::{DatabaseUrl, Store, StoreError};

use super::Running;
use crate::postgres;

/// A copy of a database as it stands now, in a folder that need not exist.
///
/// # Errors
/// Where it cannot be copied.
pub fn copy_database(store: &Store, folder: &Path) -> anyhow::Result<DatabaseUrl> {
    match store.url() {
        used @ DatabaseUrl::Postgres(_) => postgres::copy_of(used),
        DatabaseUrl::Sqlite(_) => {
            fs::create_dir_all(folder)?;
            let file = folder.join("copy.sqlite");
            let copy = format!("VACUUM INTO '{}'", file.display());
            store.read(|connection| {
                Ok::<_, StoreError>(diesel::RunQueryDsl::execute(diesel::sql_query(copy), connection)?)
            })?;
            Ok(DatabaseUrl::Sqlite(file))
        }
    }
}

/// What a restore puts back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// The database; the program's folder stays as it is.
    Database,
    /// The whole machine, as a snapshot has it: nothing beside the database remembers what came after.
    Machine,
}

impl Running {
    /// The region's database as it stands now.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub fn back_up(&self, name: &str) -> anyhow::Result<DatabaseUrl> {
        copy_database(&self.aggregator.store, &self.folder().join(name))
    }

    /// Puts a backup of the region back, and serves again.
    ///
    /// # Errors
    /// Where it cannot be opened or served.
    pub async fn put_back(&mut self, backup: &DatabaseUrl, restored: Restored) -> anyhow::Result<()> {
        self.break_off().await?;
        if restored == Restored::Machine {
            fs::remove_file(self.aggregator.folder.join("log.size"))?;
        }
        let mut aggregator = Aggregator::open(&self.aggregator.folder, backup)?;
        aggregator.clock = Arc::new(self.clock.clone());
        self.aggregator = aggregator;
        self.mend().await
    }
}
