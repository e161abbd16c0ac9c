//! Joins without files: by an invitation, or by a request that waits at the centre for a person; and asks how this node
//! stands with the region.

use std::{fs, path::PathBuf};

use tenfold_common::protocol::{
    Bundle, EnrolmentRequest,
    joining::{Application, Applied, Invitation, Standing, WHY_FORMAT, WHY_TYPE, WhyRequest},
    signature,
};
use tenfold_web::tls;

use super::{DutyError, Node, adopt, create};
use crate::{
    front::{Front, FrontError},
    region::Way,
};

/// What lets this node in.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An invitation, which names the root.
    Invited(Invitation),
    /// A person at the centre, and the root's fingerprint as it was told.
    Approved(String),
}

/// Sends the enrolment request to the region's pages and joins with the bundle. Nothing, where the request waits.
///
/// # Errors
/// Where the region refuses or cannot be reached, or the bundle is another's or has another root.
pub async fn apply(node: &Node, front: &Front, entry: &Entry, by: &str) -> Result<Option<Bundle>, DutyError> {
    let refuse = |reason: String| Err(DutyError::Bundle { reason });
    let (secret, root) = match entry {
        Entry::Invited(invitation) if invitation.borough != node.borough => {
            let (theirs, ours) = (&invitation.borough, &node.borough);
            return refuse(format!("the invitation is for {theirs}, this is the node of {ours}"));
        }
        Entry::Invited(invitation) => (invitation.secret().to_owned(), invitation.root.clone()),
        Entry::Approved(root) => (String::new(), root.clone()),
    };
    let request = {
        let node = node.clone();
        let store = node.store.clone();
        store.run(move |_| request(&node)).await?
    };
    let bundle = match front.enrol(&Application { request, secret }).await.map_err(in_words)? {
        Applied::Enrolled { bundle } => *bundle,
        Applied::Waiting => return Ok(None),
    };
    let (node, by) = (node.clone(), by.to_owned());
    let store = node.store.clone();
    store
        .run(move |_| {
            // It must be made over this node's own key, or what is joined with can never be used.
            node.keys.tls_key_of(&bundle.certificate_chain_pem)?;
            adopt::join(&node, &bundle, &root, &by)?;
            Ok(Some(bundle))
        })
        .await
}

/// Where the request is kept until it is answered: the same goes out again.
pub fn request_file(node: &Node) -> PathBuf {
    node.folder.join("enrolment-request.jws")
}

/// The request that `init` wrote, or a new one where that is gone, is another's or was answered before.
fn request(node: &Node) -> Result<String, DutyError> {
    let path = request_file(node);
    let known = node.identity()?.bundle;
    if let Ok(text) = fs::read_to_string(&path)
        && known.is_none()
        && let Ok(request) = EnrolmentRequest::open(text.trim())
        && (&request.borough, &request.release_key) == (&node.borough, &node.release_key()?.public())
    {
        return Ok(text);
    }
    let text = create::enrolment_request(node)?;
    if known.is_none() {
        fs::write(&path, &text).map_err(|source| DutyError::File { path, source })?;
    }
    Ok(text)
}

/// How this node stands with the region, as the region's pages say; nothing where its bundle names no such pages.
///
/// # Errors
/// Where they cannot be reached.
pub async fn standing(node: &Node, way: &Way) -> Result<Option<Standing>, DutyError> {
    let question = {
        let node = node.clone();
        let store = node.store.clone();
        store.run(move |_| question(&node)).await?
    };
    let Some((url, question)) = question else { return Ok(None) };
    let front = Front::open(&url, way).map_err(in_words)?;
    Ok(Some(front.why(question).await.map_err(in_words)?))
}

fn question(node: &Node) -> Result<Option<(String, String)>, DutyError> {
    let Some(bundle) = node.identity()?.bundle.filter(|bundle| !bundle.pages_url.is_empty()) else {
        return Ok(None);
    };
    let certificate = tls::fingerprint_of_pem(&bundle.certificate_chain_pem)
        .map_err(|error| DutyError::Bundle { reason: error.to_string() })?;
    let question = WhyRequest {
        format: WHY_FORMAT.to_owned(),
        borough: node.borough.clone(),
        release_key: node.release_key()?.public(),
        certificate,
        asked_at: node.now(),
    };
    Ok(Some((bundle.pages_url, signature::sign(&question, WHY_TYPE, &*node.release_key()?)?)))
}

/// In this node's words.
pub fn in_words(error: FrontError) -> DutyError {
    DutyError::Delivery { reason: error.to_string() }
}
