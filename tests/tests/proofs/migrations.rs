//! That both databases have the same tables, with the same columns in the same order, each with its meaning.

use std::{collections::BTreeMap, fs, path::Path};

/// A column: its name and whether the end of its line says what it is.
type Column = (String, bool);

/// The tables that the migrations of a folder create, in all their files.
fn tables(folder: &Path) -> BTreeMap<String, Vec<Column>> {
    let mut tables = BTreeMap::new();
    let mut migrations: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    migrations.sort();
    for migration in migrations {
        read(&fs::read_to_string(migration.join("up.sql")).unwrap(), &mut tables);
    }
    tables
}

fn read(sql: &str, tables: &mut BTreeMap<String, Vec<Column>>) {
    let mut open: Option<String> = None;
    for line in sql.lines() {
        if let Some(name) = line.strip_prefix("CREATE TABLE ") {
            let name = name.trim_end_matches(" (").to_owned();
            assert!(tables.insert(name.clone(), Vec::new()).is_none(), "{name} is created twice");
            open = Some(name);
        } else if line.starts_with(')') {
            open = None;
        } else if let Some(table) = &open {
            let word = line.split_whitespace().next().unwrap_or_default();
            if word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') && !word.is_empty() {
                let said = line.split_once("-- ").is_some_and(|(_, meaning)| !meaning.trim().is_empty());
                tables.get_mut(table).unwrap().push((word.to_owned(), said));
            }
        } else {
            // A column added later would escape the comparison.
            assert!(!line.contains("ALTER TABLE"), "teach this test to read: {line}");
        }
    }
}

fn faults(program: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(program);
    let (sqlite, postgres) = (tables(&folder.join("sqlite")), tables(&folder.join("postgres")));
    assert!(sqlite.len() >= 4, "{program}: only {} tables were read", sqlite.len());
    let mut faults = Vec::new();
    let names = |columns: &[Column]| columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    for table in sqlite.keys().chain(postgres.keys()) {
        let [Some(one), Some(other)] = [&sqlite, &postgres].map(|tables| tables.get(table)) else {
            faults.push(format!("{program}.{table} is in one folder only"));
            continue;
        };
        if names(one) != names(other) {
            faults.push(format!("{program}.{table}: {:?} and {:?}", names(one), names(other)));
        }
    }
    for (tables, database) in [(&sqlite, "sqlite"), (&postgres, "postgres")] {
        for (table, columns) in tables {
            let silent = columns.iter().filter(|(_, said)| !said);
            faults.extend(
                silent.map(|(name, _)| format!("{database} {program}.{table}.{name} is not explained")),
            );
        }
    }
    faults.dedup();
    faults
}

#[test]
fn both_databases_have_the_same_explained_columns() {
    let faults: Vec<String> = ["shared", "node", "aggregator"].into_iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What must be found: a column missing, out of order, or without its meaning.
#[test]
fn the_reader_sees_columns_and_meanings() {
    let mut tables = BTreeMap::new();
    read(
        "CREATE TABLE a (\n    id INTEGER, -- one\n    b TEXT,\n    UNIQUE (id, b)\n) STRICT;\n",
        &mut tables,
    );
    assert_eq!(tables["a"], [("id".to_owned(), true), ("b".to_owned(), false)]);
}
