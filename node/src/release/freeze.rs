//! Frozen tables: written once, encrypted at rest, and hashed only with a fresh salt.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};
use tenfold_common::{calendar::Quarter, privacy::Table};

use super::{Tables, True};

/// The key under which tables are frozen; never printed.
pub struct FreezeKey([u8; 32]);

impl std::fmt::Debug for FreezeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("freeze key")
    }
}

/// Which table it is; bound into the ciphertext.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Hash of the policy.
    pub policy: &'a str,
    /// Name of the stream.
    pub stream: &'a str,
    /// The quarter.
    pub quarter: Quarter,
}

/// Why a table cannot be frozen or thawed.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// The bytes were not written under this key for this place.
    #[error(
        "the frozen table of {stream} for {quarter} cannot be opened with this node's key; restore the key folder together with the database"
    )]
    Unreadable {
        /// The stream.
        stream: String,
        /// The quarter.
        quarter: Quarter,
    },
}

impl FreezeKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals the salt of a preparation's hash: without it the hash tells nothing, with it the tables can be held
    /// against what was approved.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn seal_salt(&self, salt: &[u8; 32], policy: &str, quarter: Quarter) -> Result<Vec<u8>, FreezeError> {
        self.seal(salt, Place { policy, stream: SALT, quarter })
    }

    /// Opens the salt of a preparation's hash.
    ///
    /// # Errors
    /// Where it was sealed under another key or for another quarter.
    pub fn open_salt(&self, sealed: &[u8], policy: &str, quarter: Quarter) -> Result<[u8; 32], FreezeError> {
        let place = Place { policy, stream: SALT, quarter };
        self.open(sealed, place)?.try_into().map_err(|_| place.unreadable())
    }

    fn seal(&self, plain: &[u8], place: Place<'_>) -> Result<Vec<u8>, FreezeError> {
        let nonce: [u8; 24] = random()?;
        let bound = place.bound();
        let payload = Payload { msg: plain, aad: bound.as_bytes() };
        let sealed =
            self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| FreezeError::NoRandomness)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, bytes: &[u8], place: Place<'_>) -> Result<Vec<u8>, FreezeError> {
        let (nonce, sealed) = bytes.split_first_chunk::<24>().ok_or_else(|| place.unreadable())?;
        let bound = place.bound();
        let payload = Payload { msg: sealed, aad: bound.as_bytes() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| place.unreadable())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

/// In place of a stream's name, which is never empty: the salt of the hash over all streams.
const SALT: &str = "";

impl Place<'_> {
    fn bound(&self) -> String {
        format!("{}|{}|{}", self.policy, self.stream, self.quarter)
    }

    fn unreadable(&self) -> FreezeError {
        FreezeError::Unreadable { stream: self.stream.to_owned(), quarter: self.quarter }
    }
}

/// Fresh random bytes.
///
/// # Errors
/// Where the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], FreezeError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| FreezeError::NoRandomness)?;
    Ok(bytes)
}

impl True<Tables> {
    /// Encrypts the table of one stream for the store.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn freeze(&self, stream: usize, key: &FreezeKey, place: Place<'_>) -> Result<Vec<u8>, FreezeError> {
        let plain = serde_json::to_vec(&self.0[stream]).map_err(|_| place.unreadable())?;
        key.seal(&plain, place)
    }

    /// SHA-256 over a salt of 32 fresh random bytes, these tables of all streams and those of the quarter's
    /// questions: what an approver's approval names.
    pub fn salted_hash(&self, questions: &Self, salt: &[u8; 32]) -> String {
        let plain = serde_json::to_vec(&(&self.0, &questions.0)).unwrap_or_default();
        hex::encode(Sha256::new().chain_update(salt).chain_update(plain).finalize())
    }

    /// Opens the tables of all streams of one quarter.
    ///
    /// # Errors
    /// Where one was written under another key or for another place.
    pub fn thaw(sealed: &[(Place<'_>, Vec<u8>)], key: &FreezeKey) -> Result<Self, FreezeError> {
        let tables = sealed.iter().map(|(place, bytes)| thaw(bytes, key, *place));
        Ok(Self::new(tables.collect::<Result<_, _>>()?))
    }
}

fn thaw(bytes: &[u8], key: &FreezeKey, place: Place<'_>) -> Result<Table, FreezeError> {
    let plain = key.open(bytes, place)?;
    serde_json::from_slice(&plain).map_err(|_| place.unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_its_key_and_in_its_place() {
        let key = FreezeKey::from_bytes([7; 32]);
        let place = Place { policy: "p", stream: "attached", quarter: "2015-Q2".parse().unwrap() };
        let tables = True::new(vec![vec![vec![5, -3]]]);
        let sealed = tables.freeze(0, &key, place).unwrap();
        assert!(!sealed.windows(3).any(|window| window == b"5,-"));
        let opened = True::thaw(&[(place, sealed.clone())], &key).unwrap();
        assert_eq!(opened.show_locally(), tables.show_locally());
        let elsewhere = Place { quarter: "2015-Q3".parse().unwrap(), ..place };
        assert!(True::thaw(&[(elsewhere, sealed.clone())], &key).is_err());
        assert!(True::thaw(&[(place, sealed.clone())], &FreezeKey::from_bytes([8; 32])).is_err());
        assert!(True::thaw(&[(place, sealed[..20].to_vec())], &key).is_err());
        assert_eq!(format!("{tables:?}"), "True(…)");
        let salt = key.seal_salt(&[9; 32], "p", place.quarter).unwrap();
        assert_eq!(key.open_salt(&salt, "p", place.quarter).unwrap(), [9; 32]);
        assert!(key.open_salt(&salt, "p", elsewhere.quarter).is_err());
        assert!(key.open_salt(&sealed, "p", place.quarter).is_err());
    }
}
