//! The store's own tests once more, on PostgreSQL: accounts, sessions, the chain of acts, a newer database.

use std::thread;

use diesel::RunQueryDsl as _;
use tenfold_common::clock::Moment;
use tenfold_node::store::MIGRATIONS;
use tenfold_store::{Account, Role, Store, StoreError, accounts, acts, sessions};
use tenfold_tests::postgres;

fn store() -> anyhow::Result<Store> {
    Ok(Store::open(&postgres::fresh_database()?, MIGRATIONS)?)
}

fn now() -> Moment {
    "2016-04-01T00:00:00Z".parse().expect("a moment written out here")
}

fn execute(store: &Store, sql: &str) -> Result<usize, StoreError> {
    store.write(|connection| Ok(diesel::sql_query(sql).execute(connection)?))
}

#[test]
fn four_writers_at_once_keep_one_chain() -> anyhow::Result<()> {
    let store = store()?;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    store.write(|connection| acts::record(connection, now(), "a", "b", "c")).unwrap();
                }
            });
        }
    });
    let acts = store.read(acts::all)?;
    assert_eq!((acts.len(), acts::first_fault(&acts)), (100, None));
    let mut forged = acts;
    forged[41].actor = "someone else".into();
    assert_eq!(acts::first_fault(&forged), Some(42));
    for sql in ["UPDATE act SET actor = 'x'", "DELETE FROM act", "TRUNCATE act"] {
        assert!(matches!(execute(&store, sql), Err(StoreError::Refused { .. })), "{sql}");
    }
    Ok(())
}

#[test]
fn an_account_signs_in_and_locks_after_five_failures() -> anyhow::Result<()> {
    let store = store()?;
    let account =
        Account { name: "analyst".into(), display_name: "Zoë Ångström".into(), role: Role::Analyst };
    accounts::add(&store, &account, "a long password", now())?;
    assert!(accounts::add(&store, &account, "a long password", now()).is_err(), "a name is taken once");
    assert_eq!(accounts::verify(&store, "analyst", "a long password", now())?.as_ref(), Some(&account));
    let token = sessions::open(&store, &account, now())?;
    let session = sessions::find(&store, token.reveal(), now())?;
    assert_eq!(session.map(|session| session.account), Some(account.clone()));
    let ended = now().plus_seconds(sessions::SESSION_LIFE_S);
    assert!(sessions::find(&store, token.reveal(), ended)?.is_none());
    for _ in 0..5 {
        assert_eq!(accounts::verify(&store, "analyst", "a wrong password", now())?, None);
    }
    assert!(accounts::verify(&store, "analyst", "a long password", now()).is_err());
    let later = now().plus_seconds(3600);
    assert_eq!(accounts::verify(&store, "analyst", "a long password", later)?, Some(account));
    Ok(())
}

#[test]
fn a_database_newer_than_the_program_is_refused_and_left_as_it_is() -> anyhow::Result<()> {
    let store = store()?;
    let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')";
    execute(&store, sql)?;
    let told = Store::open(store.url(), MIGRATIONS).unwrap_err();
    assert!(matches!(told, StoreError::Newer { .. }), "{told}");
    assert!(told.to_string().contains("was written by a newer version of this program"), "{told}");
    Ok(())
}

/// Columns that decide an order are sorted bytewise although this server's language is not.
#[test]
fn codes_sort_as_bytes_where_the_servers_language_does_not() -> anyhow::Result<()> {
    let store = store()?;
    // In British English "a" comes before "B"; as bytes "B" comes first.
    let by_language = "INSERT INTO node (id, borough, created_at) SELECT 1, 'x', now() WHERE 'a'::text < 'B'";
    assert_eq!(execute(&store, by_language)?, 1, "this server sorts bytewise: the test would prove nothing");
    for stream in ["a", "B"] {
        let sql = format!("INSERT INTO journal VALUES ('n', '{stream}', 'p', 'q', 'counted')");
        assert_eq!(execute(&store, &sql)?, 1);
    }
    let bytewise = "UPDATE node SET borough = (SELECT stream FROM journal ORDER BY stream LIMIT 1) \
                    WHERE (SELECT stream FROM journal ORDER BY stream LIMIT 1) = 'B'";
    assert_eq!(execute(&store, bytewise)?, 1);
    Ok(())
}
