//! A key opens by its person's password alone, and old public keys stay.

use diesel_migrations::EmbeddedMigrations;
use tenfold_common::protocol::signature;

use super::*;
use crate::{DatabaseUrl, Role, migrations::MigrationSet, passwords};

const PASSWORD: &str = "correct horse battery";

struct World {
    _folder: tempfile::TempDir,
    store: Store,
}

fn at(second: i64) -> Moment {
    "2016-04-01T00:00:00Z".parse::<Moment>().unwrap().plus_seconds(second)
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let none = MigrationSet { sqlite: EmbeddedMigrations::new(&[]), postgres: EmbeddedMigrations::new(&[]) };
    let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("db")), none).unwrap();
    for (name, role) in [("ben", Role::Approver), ("cara", Role::Approver), ("amina", Role::Analyst)] {
        let account = Account { name: name.into(), display_name: name.into(), role };
        accounts::add(&store, &account, PASSWORD, at(0)).unwrap();
    }
    World { _folder: folder, store }
}

impl World {
    fn keys(&self, name: &str) -> Vec<KeptKey> {
        let all = self.store.read(all).unwrap();
        all.into_iter().filter(|key| key.account == name).collect()
    }

    fn sql(&self, sql: &str) -> Result<usize, StoreError> {
        self.store.write(|connection| Ok(diesel::sql_query(sql).execute(connection)?))
    }

    fn open(&self, name: &str, password: &str, second: i64) -> Option<Signer> {
        open(&self.store, name, password, at(second)).unwrap()
    }
}

#[test]
fn a_key_opens_by_its_persons_password_alone() {
    let world = world();
    let signer = world.open("ben", PASSWORD, 1).unwrap();
    assert_eq!(signer.account().name, "ben");
    assert_eq!(format!("{signer:?}"), "signer ben");
    let kept = &world.keys("ben")[0];
    let signed = signature::sign(&"yes", "t", signer.key()).unwrap();
    assert_eq!(signature::open::<String>(&signed, "t", &kept.public).unwrap(), "yes");
    assert!(signature::open::<String>(&signed, "t", &world.keys("cara")[0].public).is_err());
    assert!(world.open("ben", "correct horse buttery", 1).is_none());
    assert!(matches!(open(&world.store, "amina", PASSWORD, at(1)), Err(AccountError::Signs { .. })));
    // Nothing in the row is the key itself, and nobody else's password or name opens it.
    let row: Row = world.store.read(|connection| in_force(connection, "ben")).unwrap().unwrap();
    let sealed = hex::decode(row.sealed.as_ref().unwrap()).unwrap();
    assert!(!sealed.windows(7).any(|window| window == b"PRIVATE"));
    world.sql("DROP TRIGGER signing_key_is_only_sealed_anew_or_retired").unwrap();
    world.sql("UPDATE signing_key SET account = 'amina' WHERE account = 'cara'").unwrap();
    assert!(matches!(open(&world.store, "cara", PASSWORD, at(1)), Err(AccountError::NoKey { .. })));
    world.sql("UPDATE signing_key SET account = 'cara' WHERE account = 'ben'").unwrap();
    assert!(matches!(open(&world.store, "cara", PASSWORD, at(1)), Err(AccountError::BrokenKey { .. })));
}

#[test]
fn a_new_password_seals_the_same_key_and_a_reset_makes_another() {
    let world = world();
    let given = world.keys("ben").remove(0);
    assert_eq!((given.origin, given.in_force(at(0))), (Origin::Given, true));
    // The first password was an administrator's choice: the first change makes a key nobody else ever opened.
    assert!(
        passwords::change(&world.store, "ben", "a wrong password", "ben's own password", at(5))
            .unwrap()
            .is_none()
    );
    passwords::change(&world.store, "ben", PASSWORD, "ben's own password", at(5)).unwrap().unwrap();
    let own = world.open("ben", "ben's own password", 6).unwrap().key().public();
    assert_ne!(own, given.public);
    passwords::change(&world.store, "ben", "ben's own password", "ben's own, anew", at(7)).unwrap().unwrap();
    assert!(world.open("ben", "ben's own password", 8).is_none());
    assert_eq!(world.open("ben", "ben's own, anew", 8).unwrap().key().public(), own);
    passwords::reset(&world.store, "ben", "set by somebody", at(9)).unwrap();
    assert!(world.open("ben", "ben's own, anew", 10).is_none());
    assert_ne!(world.open("ben", "set by somebody", 10).unwrap().key().public(), own);
    // All three stand, each with its time, and each in the trail.
    let keys = world.keys("ben");
    assert_eq!(
        keys.iter().map(|key| key.origin).collect::<Vec<_>>(),
        [Origin::Given, Origin::Own, Origin::Given]
    );
    let expected: [(i64, &[usize]); 5] = [(4, &[0]), (5, &[0, 1]), (8, &[1]), (9, &[1, 2]), (99, &[2])];
    for (second, in_force) in expected {
        let found: Vec<usize> = (0..3).filter(|&key| keys[key].in_force(at(second))).collect();
        assert_eq!(found, in_force, "at {second}");
    }
    let acts = world.store.read(acts::all).unwrap();
    for key in &keys {
        assert!(acts.iter().any(|act| act.verb == KEY_MADE && act.object == key.made_as()));
    }
    assert!(matches!(
        passwords::reset(&world.store, "dan", PASSWORD, at(9)),
        Err(AccountError::Unknown { .. })
    ));
    assert!(passwords::change(&world.store, "ben", "set by somebody", "short", at(9)).is_err());
    // A retired key's private half is gone.
    let left = "UPDATE signing_key SET salt = salt WHERE retired_at IS NOT NULL AND sealed IS NOT NULL";
    assert_eq!(world.sql(left).unwrap(), 0);
}

#[test]
fn an_account_from_before_gets_its_key_once() {
    let world = world();
    world.sql("DROP TRIGGER signing_key_is_never_deleted").unwrap();
    world.sql("DELETE FROM signing_key WHERE account = 'ben'").unwrap();
    let told = open(&world.store, "ben", PASSWORD, at(1)).unwrap_err().to_string();
    assert!(told.contains("account key ben --password-file"), "{told}");
    assert!(make(&world.store, "ben", "a wrong password", at(1)).unwrap().is_none());
    let public = make(&world.store, "ben", PASSWORD, at(1)).unwrap().unwrap();
    assert_eq!(world.open("ben", PASSWORD, 2).unwrap().key().public(), public);
    assert!(matches!(make(&world.store, "ben", PASSWORD, at(2)), Err(AccountError::HasKey { .. })));
    assert!(matches!(make(&world.store, "amina", PASSWORD, at(2)), Err(AccountError::Signs { .. })));
}

#[test]
fn a_public_key_is_never_changed_or_deleted() {
    let world = world();
    for sql in [
        "DELETE FROM signing_key",
        "UPDATE signing_key SET made_at = '2015-01-01 00:00:00'",
        "UPDATE signing_key SET origin = 'own'",
        "UPDATE signing_key SET public_key = public_key || 'A'",
        "INSERT INTO signing_key SELECT 'x', account, origin, made_at, NULL, salt, sealed FROM signing_key",
    ] {
        assert!(world.sql(sql).is_err(), "{sql}");
    }
    passwords::reset(&world.store, "ben", "set by somebody", at(9)).unwrap();
    assert!(world.sql("UPDATE signing_key SET retired_at = NULL WHERE retired_at IS NOT NULL").is_err());
}
