//! What is put aside while rows are read.

use tenfold_store::AnyConnection;

use super::{
    super::DutyError,
    report::{ToldFault, ToldQuery, tell, tell_query},
};
use crate::{
    intake::{Fault, query::Query},
    store,
};

/// So many faults and questions of a file are told; the others wait in the quarantine.
const MOST_TOLD: usize = 1_000;

/// So many are held before they are written.
const HELD: usize = 2_000;

/// What is put aside while rows are read: faults for the quarantine, questions for the analyst.
pub(super) struct Aside {
    load: i64,
    faults: Vec<Fault>,
    faults_kept: i64,
    told: Vec<ToldFault>,
    queries: Vec<Query>,
    queries_kept: i64,
    asked: Vec<ToldQuery>,
}

impl Aside {
    pub(super) fn of(load: i64) -> Self {
        Self {
            load,
            faults: Vec::new(),
            faults_kept: 0,
            told: Vec::new(),
            queries: Vec::new(),
            queries_kept: 0,
            asked: Vec::new(),
        }
    }

    pub(super) fn put(
        &mut self,
        connection: &mut AnyConnection,
        faults: Vec<Fault>,
    ) -> Result<(), DutyError> {
        let room = MOST_TOLD.saturating_sub(self.told.len());
        self.told.extend(faults.iter().take(room).map(tell));
        self.faults.extend(faults);
        if self.faults.len() >= HELD { self.keep(connection) } else { Ok(()) }
    }

    pub(super) fn ask(
        &mut self,
        connection: &mut AnyConnection,
        queries: Vec<Query>,
    ) -> Result<(), DutyError> {
        let room = MOST_TOLD.saturating_sub(self.asked.len());
        self.asked.extend(queries.iter().take(room).map(tell_query));
        self.queries.extend(queries);
        if self.queries.len() >= HELD { self.keep(connection) } else { Ok(()) }
    }

    fn keep(&mut self, connection: &mut AnyConnection) -> Result<(), DutyError> {
        store::loads::quarantine(connection, self.load, self.faults_kept, &self.faults)?;
        store::queries::keep(connection, self.load, self.queries_kept, &self.queries)?;
        self.faults_kept += self.faults.len() as i64;
        self.queries_kept += self.queries.len() as i64;
        self.faults.clear();
        self.queries.clear();
        Ok(())
    }

    pub(super) fn finish(
        mut self,
        connection: &mut AnyConnection,
    ) -> Result<(Vec<ToldFault>, Vec<ToldQuery>), DutyError> {
        self.keep(connection)?;
        Ok((self.told, self.asked))
    }
}
