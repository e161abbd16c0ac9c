//! Keys among credentials, in the folder, in both and in neither.

use super::*;

/// A made node's key folder beside an empty folder of credentials.
fn made() -> (tempfile::TempDir, Places) {
    let folder = tempfile::tempdir().unwrap();
    let (keys, credentials) = (folder.path().join("keys"), folder.path().join("credentials"));
    Keys::create(&keys).unwrap();
    fs::create_dir(&credentials).unwrap();
    (folder, Places::with(&keys, Some(credentials)))
}

/// Moves a key from the folder to the credentials.
fn moved(folder: &tempfile::TempDir, key: KeyName) {
    copied(folder, key);
    fs::remove_file(folder.path().join("keys").join(key.file())).unwrap();
}

fn copied(folder: &tempfile::TempDir, key: KeyName) {
    let credential = folder.path().join("credentials").join(key.credential());
    fs::copy(folder.path().join("keys").join(key.file()), credential).unwrap();
}

fn stand(places: &Places) -> Vec<Option<Stands>> {
    list(places).into_iter().map(|(_, stands)| stands.ok()).collect()
}

#[test]
fn a_key_is_looked_for_among_the_credentials_then_in_the_folder() {
    let (folder, places) = made();
    let line = crate::register::LineId("L1".into());
    let before = Keys::open(places.clone(), false).unwrap();
    let names = |keys: &Keys| {
        (keys.journal().unwrap().name(&line), keys.release.public(), keys.tls_key_pem().unwrap())
    };
    assert_eq!(stand(&places), [Some(Stands::Folder); 4]);
    for key in KeyName::ALL {
        moved(&folder, key);
        let keys = Keys::open(places.clone(), false).unwrap();
        assert_eq!(names(&keys), names(&before), "{key:?}");
    }
    assert_eq!(stand(&places), [Some(Stands::Credentials); 4]);
    assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 0);
}

#[test]
fn the_same_key_in_both_places_opens_and_another_is_refused() {
    let (folder, places) = made();
    copied(&folder, KeyName::Journal);
    Keys::open(places.clone(), false).unwrap();
    assert_eq!(stand(&places)[2], Some(Stands::Both));
    fs::write(folder.path().join("credentials/tenfold-journal.key"), [7; 32]).unwrap();
    let refused = Keys::open(places.clone(), false).unwrap_err();
    assert!(matches!(&refused, KeysError::Differs { file, .. } if file == "journal.key"), "{refused}");
    assert_eq!(stand(&places)[2], None);
}

#[test]
fn a_key_in_neither_place_is_named_with_both() {
    let (folder, places) = made();
    fs::remove_file(folder.path().join("keys/freeze.key")).unwrap();
    let told = Keys::open(places.clone(), false).unwrap_err().to_string();
    assert!(told.contains("freeze.key is not in") && told.contains("tenfold-freeze.key"), "{told}");
    assert!(told.contains("has others"), "{told}");
    let without = Places::with(&folder.path().join("keys"), None);
    assert!(Keys::open(without, false).unwrap_err().to_string().contains("has none"));
    assert_eq!(stand(&places).iter().filter(|stands| stands.is_none()).count(), 1);
}

#[test]
fn a_key_of_another_length_or_kind_is_refused() {
    for (key, bytes) in [
        (KeyName::Freeze, vec![1; 31]),
        (KeyName::Journal, vec![1; 33]),
        (KeyName::Journal, vec![]),
        (KeyName::Release, b"no key".to_vec()),
        (KeyName::Release, vec![0xff; 32]),
    ] {
        let (folder, places) = made();
        moved(&folder, key);
        fs::write(folder.path().join("credentials").join(key.credential()), &bytes).unwrap();
        let refused = Keys::open(places, false).unwrap_err();
        assert!(matches!(refused, KeysError::Unusable { .. }), "{key:?}: {refused}");
        assert!(refused.to_string().contains("expected a"), "{refused}");
    }
}

#[test]
fn a_destroyed_journal_key_is_gone_and_not_asked_for() {
    let (folder, places) = made();
    copied(&folder, KeyName::Journal);
    let keys = Keys::open(places.clone(), false).unwrap();
    assert!(keys.destroy_journal().unwrap(), "the credential is not the node's to remove, and it says so");
    assert!(!folder.path().join("keys/journal.key").exists());
    let after = Keys::open(places.clone(), true).unwrap();
    assert!(matches!(after.journal(), Err(KeysError::JournalDestroyed)));
    fs::remove_file(folder.path().join("credentials/tenfold-journal.key")).unwrap();
    assert!(!after.destroy_journal().unwrap(), "a repeat is an answer");
    Keys::open(places.clone(), true).unwrap();
    assert!(matches!(Keys::open(places, false), Err(KeysError::Missing { .. })));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, places) = made();
    for key in KeyName::ALL {
        let path = folder.path().join("keys").join(key.file());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let told = places.find(key).unwrap_err().to_string();
        assert!(told.contains(&format!("chmod 600 {}", path.display())), "{key:?}: {told}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    Keys::open(places, false).unwrap();
}
