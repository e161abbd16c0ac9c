//! Makes a node: its folder, keys, database, cap, and the request with which it asks to be enrolled.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    privacy::Rho,
    protocol::{
        enrolment::{EnrolmentRequest, REQUEST_FORMAT, REQUEST_TYPE},
        signature,
    },
};
use tenfold_store::{DatabaseUrl, Store, acts};

use super::{DutyError, KEYS, Node};
use crate::{
    keys::Keys,
    ledger::LineKind,
    store::{self, ledger::Entry},
};

/// What a new node is made of.
#[derive(Clone, Debug)]
pub struct Making {
    /// The borough, for ever.
    pub borough: BoroughCode,
    /// The clock file of a rehearsal, for ever.
    pub rehearsal_clock: Option<PathBuf>,
    /// The lifetime cap of every family line.
    pub cap: Rho,
    /// The information-governance officer who sets it.
    pub officer: String,
}

/// Makes a node in a folder, or finds the very same one made and goes on.
///
/// # Errors
/// Where another borough's node is there, or something cannot be written.
pub fn create(
    folder: &Path,
    database: &DatabaseUrl,
    making: &Making,
    now: Moment,
) -> Result<Node, DutyError> {
    let file = |source| DutyError::File { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(file)?;
    Keys::create(&folder.join(KEYS))?;
    let opened = Store::open(database, store::MIGRATIONS)?;
    let clock = making.rehearsal_clock.as_ref().map(|path| path.canonicalize().unwrap_or(path.clone()));
    let clock = clock.map(|path| path.to_string_lossy().into_owned());
    opened.write(|connection| -> Result<(), DutyError> {
        match store::identity::find(connection)? {
            Some(identity) if identity.borough == making.borough && identity.rehearsal_clock == clock => {
                Ok(())
            }
            Some(identity) => {
                Err(DutyError::NodeExists { folder: folder.to_owned(), borough: identity.borough })
            }
            None => {
                store::identity::create(connection, &making.borough, clock.as_deref(), now)?;
                let cap = Entry {
                    kind: LineKind::Cap,
                    actor: &making.officer,
                    policy: "",
                    stream: "",
                    quarter: None,
                    amount: making.cap,
                };
                store::ledger::append(connection, cap, now)?;
                acts::record(connection, now, &making.officer, "node-made", making.borough.as_str())?;
                Ok(())
            }
        }
    })?;
    Node::open(folder, database)
}

/// The request with which the node asks the region to enrol it, signed by its release key.
///
/// # Errors
/// Where the TLS key cannot be read or used.
pub fn enrolment_request(node: &Node) -> Result<String, DutyError> {
    let unusable = |source: rcgen::Error| DutyError::File {
        path: node.folder.join(KEYS),
        source: std::io::Error::other(source),
    };
    let pair = rcgen::KeyPair::from_pem(&node.keys.tls_key_pem()?).map_err(unusable)?;
    let params = rcgen::CertificateParams::default();
    let csr = params.serialize_request(&pair).and_then(|csr| csr.pem()).map_err(unusable)?;
    let request = EnrolmentRequest {
        format: REQUEST_FORMAT.to_owned(),
        borough: node.borough.clone(),
        csr_pem: csr,
        release_key: node.release_key()?.public(),
        made_at: node.now(),
    };
    Ok(signature::sign(&request, REQUEST_TYPE, &*node.release_key()?)?)
}
