//! Release keys that followed the first: each in a file named after its public half.

use std::{fs::File, io};

use tenfold_common::protocol::{PublicKey, SigningKey, signature::write_secret};

use super::{KeyName, Keys, KeysError};

fn file(key: &PublicKey) -> String {
    format!("release-{}.pem", key.id())
}

impl Keys {
    /// The release key of a public half, from the credentials or the folder.
    ///
    /// # Errors
    /// Where it stands in neither place.
    pub fn release_key(&self, public: &PublicKey) -> Result<SigningKey, KeysError> {
        let unusable = |error: String| super::unusable(KeyName::Release, error);
        let missing =
            || KeysError::NoReleaseKey { file: file(public), folder: self.places.folder().to_owned() };
        let (bytes, _) = self.places.find_file(&file(public))?.ok_or_else(missing)?;
        let pem = String::from_utf8(bytes).map_err(|_| unusable("no text".to_owned()))?;
        let key = SigningKey::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        if key.public() == *public { Ok(key) } else { Err(missing()) }
    }

    /// Makes a release key and writes it beside the others.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn new_release_key(&self) -> Result<SigningKey, KeysError> {
        let folder = self.places.folder();
        let attempt = || {
            let key = SigningKey::generate().map_err(io::Error::other)?;
            write_secret(&folder.join(file(&key.public())), key.secret_pem().as_bytes())?;
            File::open(folder)?.sync_all()?;
            Ok(key)
        };
        attempt().map_err(|source| KeysError::NotWritable { folder: folder.to_owned(), source })
    }
}
