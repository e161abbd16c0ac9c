//! Rotates the release key: a new one is made here, signed in by the old one, and in force once the region has it.

use std::sync::Arc;

use tenfold_common::protocol::{
    PublicKey, SigningKey,
    rotation::{
        self, KeyLink, KeyRotated, KeyRotation, ROTATED_FORMAT, ROTATED_TYPE, ROTATION_FORMAT, SignedRotation,
    },
    signature,
};
use tenfold_store::{AnyConnection, acts};

use super::{DutyError, Node, witness};
use crate::{region::Way, store};

impl Node {
    /// The key that signs what is sent now; another process of this node may have rotated it.
    ///
    /// # Errors
    /// Where it stands nowhere.
    pub fn release_key(&self) -> Result<Arc<SigningKey>, DutyError> {
        let links = self.store.read(store::release_keys::in_force)?;
        self.release_key_after(&links)
    }

    fn release_key_after(&self, links: &[KeyLink]) -> Result<Arc<SigningKey>, DutyError> {
        match links.last() {
            Some(link) if link.new_key != self.keys.release.public() => {
                Ok(Arc::new(self.keys.release_key(&link.new_key)?))
            }
            _ => Ok(self.keys.release.clone()),
        }
    }

    /// The key that seals, within a transaction; nothing is sealed while a rotation waits for its answer.
    ///
    /// # Errors
    /// `KeyPending` while one waits.
    pub(super) fn sealing_key(&self, connection: &mut AnyConnection) -> Result<Arc<SigningKey>, DutyError> {
        if let Some(pending) = store::release_keys::pending(connection)? {
            return Err(DutyError::KeyPending { key: pending.link.new_key.id() });
        }
        self.release_key_within(connection)
    }

    /// The key that signs now, within a transaction.
    ///
    /// # Errors
    /// As [`Self::release_key`].
    pub(super) fn release_key_within(
        &self,
        connection: &mut AnyConnection,
    ) -> Result<Arc<SigningKey>, DutyError> {
        self.release_key_after(&store::release_keys::in_force(connection)?)
    }

    /// Every key of this node that ever signed, oldest first, each with the number of the first release it signs.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn release_keys(&self) -> Result<Vec<(PublicKey, u32)>, DutyError> {
        let links = self.store.read(store::release_keys::in_force)?;
        let first = links.first().map_or_else(|| self.keys.release.public(), |link| link.old_key.clone());
        let keys = rotation::keys_with(&first, &links);
        Ok(keys.into_iter().map(|(key, from)| (key.clone(), from)).collect())
    }

    /// The key that signed a release of this node.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn key_of_release(&self, number: u32) -> Result<PublicKey, DutyError> {
        let keys = self.release_keys()?;
        let signs = keys.iter().rfind(|(_, from)| *from <= number).or(keys.first());
        Ok(signs.map_or_else(|| self.keys.release.public(), |(key, _)| key.clone()))
    }
}

/// Makes a new release key and has the region keep it; one that waits for its answer goes out again instead. Says which
/// key signs now.
///
/// # Errors
/// Where the key cannot be written, or the region cannot be reached or refuses; the old key then stays in force, and
/// nothing is sealed until the rotation is answered.
pub async fn rotate(node: &Node, way: &Way, by: &str) -> Result<KeyLink, DutyError> {
    {
        let (node, by) = (node.clone(), by.to_owned());
        let store = node.store.clone();
        store.run(move |_| begin(&node, &by)).await?;
    }
    match when_pending(node, way).await? {
        Some(link) => Ok(link),
        None => Err(DutyError::Delivery { reason: "another process rotated the key meanwhile".to_owned() }),
    }
}

/// Sends a rotation again that has no answer yet.
///
/// # Errors
/// As [`rotate`].
pub async fn when_pending(node: &Node, way: &Way) -> Result<Option<KeyLink>, DutyError> {
    let pending = node.store.run(|store| store.read(store::release_keys::pending)).await?;
    let Some(pending) = pending else { return Ok(None) };
    let region = node.region(way)?;
    let answer = match region.rotate(pending.request.clone()).await {
        Err(error) if error.is_key_lost() => {
            let node = node.clone();
            let store = node.store.clone();
            return store.run(move |_| give_up(&node, &pending)).await;
        }
        answer => answer.map_err(|error| DutyError::Delivery {
            reason: format!("the new release key is not in force: {error}"),
        })?,
    };
    // As with every answer: what it speaks of is kept here first.
    witness::follow(node, &region).await?;
    let node = node.clone();
    let store = node.store.clone();
    store.run(move |_| finish(&node, pending, &answer)).await.map(Some)
}

/// Writes key and rotation down, before anybody hears of them.
fn begin(node: &Node, by: &str) -> Result<(), DutyError> {
    node.bundle()?;
    if node.store.read(store::release_keys::pending)?.is_some() {
        return Ok(());
    }
    let old = node.release_key()?;
    let new = node.keys.new_release_key()?;
    let now = node.now();
    node.store.write(|connection| {
        // Head first: nothing is sealed between the number that is read and the rotation that names it.
        acts::take_turn(connection)?;
        if store::release_keys::pending(connection)?.is_some() {
            return Ok(());
        }
        let sealed = store::releases::sealed(connection)?;
        let link = KeyLink {
            old_key: old.public(),
            new_key: new.public(),
            from_release: sealed.last().map_or(0, |release| release.number) + 1,
        };
        let rotation = KeyRotation {
            format: ROTATION_FORMAT.to_owned(),
            borough: node.borough.clone(),
            old_key: link.old_key.clone(),
            new_key: link.new_key.clone(),
            from_release: link.from_release,
            made_at: now,
        };
        let request = SignedRotation::sign(&rotation, &old, &new)?;
        let request = serde_json::to_string(&request)
            .map_err(|error| DutyError::Bundle { reason: error.to_string() })?;
        store::release_keys::begin(connection, &link, &request, by, now)?;
        Ok(acts::record(connection, now, by, "release-key-made", &link.new_key.id())?)
    })
}

/// The region was told that the new key is lost while it waited: the key before goes on.
fn give_up(node: &Node, pending: &store::release_keys::Kept) -> Result<Option<KeyLink>, DutyError> {
    let now = node.now();
    let key = pending.link.new_key.id();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        store::release_keys::give_up(connection, pending.number, now)?;
        Ok::<_, DutyError>(acts::record(connection, now, "the node itself", "release-key-given-up", &key)?)
    })?;
    Err(DutyError::KeyGivenUp { key, goes_on: pending.link.old_key.id() })
}

fn finish(node: &Node, pending: store::release_keys::Kept, answer: &str) -> Result<KeyLink, DutyError> {
    let kept: KeyRotated = signature::open(answer.trim(), ROTATED_TYPE, &node.bundle()?.receipt_key)?;
    let link = pending.link;
    let fits = kept.format == ROTATED_FORMAT
        && (&kept.borough, &kept.new_key, kept.from_release)
            == (&node.borough, &link.new_key, link.from_release);
    if !fits {
        return Err(DutyError::Delivery { reason: "the region's answer is about another key".to_owned() });
    }
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        // Another process of this node was as quick.
        if store::release_keys::pending(connection)?.is_some() {
            store::release_keys::answered(connection, pending.number, answer.trim())?;
            let from = format!("{} from release {}", link.new_key.id(), link.from_release);
            acts::record(connection, node.now(), "the node itself", "release-key-rotated", &from)?;
        }
        Ok::<_, DutyError>(())
    })?;
    Ok(link)
}
