//! Where the region's certificates and keys stand: a certificate is swapped in one step, and its key is found by it.
//!
//! The key of a new certificate is written under a name of its own, made of the public key; then the certificate's file
//! takes the place of the old one in one rename. A crash between the two leaves the old pair.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use tenfold_common::protocol::signature::{read_secret, write_secret};
use tenfold_web::tls;

use super::DutyError;
use crate::enrolment::Issued;

/// The certificate of a name and its key.
///
/// # Errors
/// Where one of them is not there.
pub(super) fn read(folder: &Path, name: &str) -> Result<Issued, DutyError> {
    let certificate_pem = certificate(folder, name)?;
    let own = folder.join(own_key(name, &certificate_pem)?);
    let first = folder.join(format!("{name}.key.pem"));
    let path = if own.exists() { own } else { first };
    let file = |source| DutyError::File { path: path.clone(), source };
    let bytes = read_secret(&path).map_err(file)?;
    let key_pem = String::from_utf8(bytes).map_err(|error| file(io::Error::other(error)))?;
    Ok(Issued { certificate_pem, key_pem })
}

/// The certificate of a name.
///
/// # Errors
/// Where it is not there.
pub(super) fn certificate(folder: &Path, name: &str) -> Result<String, DutyError> {
    text(&folder.join(format!("{name}.crt.pem")))
}

/// Puts a new certificate and key in the place of the old ones, and forgets the old key.
///
/// # Errors
/// Where a file cannot be written; the old pair then stands.
pub(super) fn replace(folder: &Path, name: &str, new: &Issued) -> Result<(), DutyError> {
    let old = certificate(folder, name)?;
    let key = folder.join(own_key(name, &new.certificate_pem)?);
    let path = folder.join(format!("{name}.crt.pem"));
    let attempt = || {
        write_secret(&key, new.key_pem.as_bytes())?;
        let beside = folder.join(format!("{name}.crt.pem.new"));
        let mut file = File::create(&beside)?;
        file.write_all(new.certificate_pem.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(folder)?.sync_all()
    };
    attempt().map_err(|source| DutyError::File { path: path.clone(), source })?;
    // From here on nothing asks for the old key; where it cannot be removed, nothing is worse than before.
    for old in [folder.join(own_key(name, &old)?), folder.join(format!("{name}.key.pem"))] {
        match fs::remove_file(&old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!("{} is not needed any more and cannot be removed: {error}", old.display());
            }
            _ => {}
        }
    }
    Ok(())
}

fn own_key(name: &str, certificate_pem: &str) -> Result<String, DutyError> {
    Ok(format!("{name}-{}.key.pem", tls::key_id_of_pem(certificate_pem)?))
}

fn text(path: &Path) -> Result<String, DutyError> {
    fs::read_to_string(path).map_err(|source| DutyError::File { path: path.to_owned(), source })
}
