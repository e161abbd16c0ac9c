//! TLS keys of renewed certificates: each in a file named after its public key, so that no key is ever overwritten.
//!
//! Which key is in use follows from the certificate alone. So a new certificate is swapped in by one write of the
//! database, and a crash before it leaves the old pair.
//!
//! A key whose certificate another authority makes may wait for days. Its request stands beside it until that
//! certificate is taken.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use tenfold_common::protocol::signature::write_secret;
use tenfold_web::tls;

use super::{KeyName, Keys, KeysError, Stands};

/// The request for a certificate whose answer has not come yet.
const PENDING: &str = "renewal-request.jws";

/// The file of a renewed key.
fn file(id: &str) -> String {
    format!("tls-{id}.pem")
}

/// The file of a request to another authority.
fn request_file(id: &str) -> String {
    format!("tls-{id}.csr")
}

impl Keys {
    /// The TLS key of a certificate, in PEM: one that was made for its renewal, or else the first.
    ///
    /// # Errors
    /// Where neither the credentials nor the folder hold the key of this certificate.
    pub fn tls_key_of(&self, chain_pem: &str) -> Result<String, KeysError> {
        self.tls_key_and_place(chain_pem).map(|(pem, _)| pem)
    }

    /// The same key with where it stands.
    ///
    /// # Errors
    /// As [`Self::tls_key_of`].
    pub fn tls_key_and_place(&self, chain_pem: &str) -> Result<(String, Stands), KeysError> {
        let id = tls::key_id_of_pem(chain_pem)
            .map_err(|error| KeysError::Certificate { reason: error.to_string() })?;
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).map_err(|_| super::unusable(KeyName::Tls, "no text".to_owned()))
        };
        if let Some((bytes, stands)) = self.places.find_file(&file(&id))? {
            return Ok((text(bytes)?, stands));
        }
        let (bytes, stands) = self.places.find(KeyName::Tls)?;
        let first = text(bytes)?;
        let pair = rcgen::KeyPair::from_pem(&first)
            .map_err(|error| super::unusable(KeyName::Tls, error.to_string()))?;
        if tls::key_id(pair.public_key_raw()) == id {
            return Ok((first, stands));
        }
        Err(KeysError::NotOfCertificate { file: file(&id), folder: self.places.folder().to_owned() })
    }

    /// Makes a TLS key for a renewal and writes it beside the others, before anything is asked with it.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn new_tls_key(&self) -> Result<rcgen::KeyPair, KeysError> {
        self.written(|folder| {
            let pair = rcgen::KeyPair::generate().map_err(io::Error::other)?;
            write_key(folder, &pair)?;
            Ok(pair)
        })
    }

    /// Makes a TLS key for a certificate of another authority, and the request for it in PEM. The key is kept until
    /// that certificate is taken.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn request_elsewhere(&self) -> Result<String, KeysError> {
        self.written(|folder| {
            let pair = rcgen::KeyPair::generate().map_err(io::Error::other)?;
            let request = rcgen::CertificateParams::default().serialize_request(&pair);
            let request = request.and_then(|request| request.pem()).map_err(io::Error::other)?;
            // The request first: a renewal in between must not take the key for one that nobody needs.
            let path = folder.join(request_file(&tls::key_id(pair.public_key_raw())));
            write_secret(&path, request.as_bytes())?;
            write_key(folder, &pair)?;
            Ok(request)
        })
    }

    /// Forgets the request to another authority whose answer this certificate is.
    ///
    /// # Errors
    /// Where its file cannot be removed.
    pub fn forget_request_elsewhere(&self, chain_pem: &str) -> Result<(), KeysError> {
        let id = tls::key_id_of_pem(chain_pem)
            .map_err(|error| KeysError::Certificate { reason: error.to_string() })?;
        remove(&self.places.folder().join(request_file(&id)))
    }

    /// Does what writes into the folder, and makes sure that it stays there.
    fn written<T>(&self, write: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, KeysError> {
        let folder = self.places.folder();
        let done = write(folder).and_then(|written| {
            File::open(folder)?.sync_all()?;
            Ok(written)
        });
        done.map_err(|source| KeysError::NotWritable { folder: folder.to_owned(), source })
    }

    /// Whether a new key could be written.
    ///
    /// # Errors
    /// Where it could not: in the words of the system.
    pub fn try_folder(&self) -> Result<(), KeysError> {
        let folder = self.places.folder();
        let probe = folder.join(".writable");
        let attempt = || {
            File::create(&probe)?;
            fs::remove_file(&probe)
        };
        attempt().map_err(|source| KeysError::NotWritable { folder: folder.to_owned(), source })
    }

    /// The request that waits for its answer, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn pending_renewal(&self) -> Result<Option<String>, KeysError> {
        let path = self.places.folder().join(PENDING);
        match fs::read_to_string(&path) {
            Ok(request) => Ok(Some(request)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeysError::File { path, source }),
        }
    }

    /// Keeps a request until its answer comes: whole or not at all, and never over another that waits.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep_pending_renewal(&self, request: &str) -> Result<String, KeysError> {
        let beside = self.places.folder().join(format!("{PENDING}.{}", std::process::id()));
        self.written(|folder| {
            let _ = fs::remove_file(&beside);
            write_secret(&beside, request.as_bytes())?;
            let linked = fs::hard_link(&beside, folder.join(PENDING));
            fs::remove_file(&beside)?;
            linked.or_else(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(()),
                _ => Err(error),
            })
        })?;
        Ok(self.pending_renewal()?.unwrap_or_else(|| request.to_owned()))
    }

    /// Forgets the request that waited.
    ///
    /// # Errors
    /// Where its file cannot be removed.
    pub fn forget_pending_renewal(&self) -> Result<(), KeysError> {
        remove(&self.places.folder().join(PENDING))
    }

    /// Removes renewed keys whose certificates are none of these and for which no request waits elsewhere.
    ///
    /// # Errors
    /// Where a file cannot be removed.
    pub fn keep_only_keys_of(&self, chains_pem: &[&str]) -> Result<(), KeysError> {
        let folder = self.places.folder();
        let kept: Vec<String> =
            chains_pem.iter().filter_map(|pem| tls::key_id_of_pem(pem).ok()).map(|id| file(&id)).collect();
        let read = |source| KeysError::File { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(read)? {
            let name = entry.map_err(read)?.file_name();
            let Some(name) = name.to_str() else { continue };
            let Some(id) = name.strip_prefix("tls-").and_then(|rest| rest.strip_suffix(".pem")) else {
                continue;
            };
            let waits = folder.join(request_file(id)).try_exists().map_err(read)?;
            if !waits && !kept.iter().any(|kept| kept == name) {
                remove(&folder.join(name))?;
            }
        }
        Ok(())
    }
}

fn write_key(folder: &Path, pair: &rcgen::KeyPair) -> io::Result<()> {
    let path = folder.join(file(&tls::key_id(pair.public_key_raw())));
    write_secret(&path, pair.serialize_pem().as_bytes())
}

fn remove(path: &Path) -> Result<(), KeysError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(KeysError::File { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
