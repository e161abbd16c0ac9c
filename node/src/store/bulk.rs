//! Rows by the hundred thousand: each database in the way that suits it, past the enum that serves both.

/// As [`insert!`], for rows by the hundred thousand: on SQLite dozens go into one statement. An array's length is
/// part of its type, so diesel knows the statement by its type and keeps it prepared; for that the rows must
/// borrow nothing.
macro_rules! insert_many {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            ::tenfold_store::AnyConnection::Sqlite(inner) => {
                let (many, few) = $rows.as_chunks::<{ $crate::store::bulk::IN_ONE }>();
                for rows in many {
                    ::diesel::RunQueryDsl::execute(::diesel::insert_into($table).values(rows), inner)?;
                }
                for row in few {
                    ::diesel::RunQueryDsl::execute(::diesel::insert_into($table).values(row), inner)?;
                }
            }
            ::tenfold_store::AnyConnection::Postgres(inner) => {
                for rows in $rows.chunks(1_000) {
                    ::diesel::RunQueryDsl::execute(::diesel::insert_into($table).values(rows), inner)?;
                }
            }
        }
    };
}

/// So many rows go into one statement on SQLite; measured, more save nothing further.
pub(crate) const IN_ONE: usize = 32;

pub(crate) use insert_many;
pub(crate) use tenfold_store::insert;
