//! Many rows at once: each database in the way that suits it, past the enum that serves both.

/// Inserts a slice of rows into a table: one prepared statement over and over on SQLite, a thousand rows a
/// statement on PostgreSQL.
#[macro_export]
macro_rules! insert {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::AnyConnection::Sqlite(inner) => {
                for row in $rows {
                    ::diesel::RunQueryDsl::execute(::diesel::insert_into($table).values(row), inner)?;
                }
            }
            $crate::AnyConnection::Postgres(inner) => {
                for rows in $rows.chunks(1_000) {
                    ::diesel::RunQueryDsl::execute(::diesel::insert_into($table).values(rows), inner)?;
                }
            }
        }
    };
}
