//! A new release key beside the old one: which key signed which release, for ever.

use serde::{Deserialize, Serialize};

use super::signature::{self, PublicKey, SignatureError, SigningKey};
use crate::{clock::Moment, geography::BoroughCode};

/// The media type of a signed rotation.
pub const ROTATION_TYPE: &str = "tenfold-release-key+jws";

/// The format of a rotation.
pub const ROTATION_FORMAT: &str = "tenfold-release-key/1";

/// A borough's word that releases from a number on are signed by another key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// Always `tenfold-release-key/1`.
    pub format: String,
    /// The borough.
    pub borough: BoroughCode,
    /// The key that signed the releases before.
    pub old_key: PublicKey,
    /// The key that signs from then on.
    pub new_key: PublicKey,
    /// The number of the first release it signs.
    pub from_release: u32,
    /// When it was made.
    pub made_at: Moment,
}

/// A rotation as it travels: the same content signed by the old key and by the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedRotation {
    /// By the old key, which has the say.
    pub by_old: String,
    /// By the new key, which is thereby known to be in the same hands.
    pub by_new: String,
}

impl SignedRotation {
    /// Signs a rotation with both keys.
    ///
    /// # Errors
    /// Where it has no canonical bytes.
    pub fn sign(rotation: &KeyRotation, old: &SigningKey, new: &SigningKey) -> Result<Self, SignatureError> {
        Ok(Self {
            by_old: signature::sign(rotation, ROTATION_TYPE, old)?,
            by_new: signature::sign(rotation, ROTATION_TYPE, new)?,
        })
    }

    /// What both keys signed.
    ///
    /// # Errors
    /// Where one of them did not sign it, or they signed different things.
    pub fn open(&self) -> Result<KeyRotation, SignatureError> {
        let claimed: KeyRotation = signature::peek(&self.by_old)?;
        let old: KeyRotation = signature::open(&self.by_old, ROTATION_TYPE, &claimed.old_key)?;
        let new: KeyRotation = signature::open(&self.by_new, ROTATION_TYPE, &claimed.new_key)?;
        if old == new { Ok(old) } else { Err(SignatureError::Content) }
    }
}

/// The media type of the answer.
pub const ROTATED_TYPE: &str = "tenfold-release-key-kept+jws";

/// The format of the answer.
pub const ROTATED_FORMAT: &str = "tenfold-release-key-kept/1";

/// The region's word that it knows both keys; signed by its receipt key, the same for every repetition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// Always `tenfold-release-key-kept/1`.
    pub format: String,
    /// The borough.
    pub borough: BoroughCode,
    /// The key that signs from then on.
    pub new_key: PublicKey,
    /// The number of the first release it signs.
    pub from_release: u32,
    /// Since when it is kept.
    pub kept_at: Moment,
}

/// One rotation, as both sides keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLink {
    /// The key before.
    pub old_key: PublicKey,
    /// The key after.
    pub new_key: PublicKey,
    /// The number of the first release that the key after signs.
    pub from_release: u32,
}

/// The keys that followed each other, of which this is one, oldest first, each with the number of the first release it
/// signs.
pub fn keys_with<'a>(one: &'a PublicKey, links: &'a [KeyLink]) -> Vec<(&'a PublicKey, u32)> {
    keys_without(one, links, &[])
}

/// The same without those that were lost before they signed anything: the key before goes on.
pub fn keys_without<'a>(
    one: &'a PublicKey,
    links: &'a [KeyLink],
    lost: &[PublicKey],
) -> Vec<(&'a PublicKey, u32)> {
    let mut first = one;
    for link in links.iter().rev() {
        if link.new_key == *first {
            first = &link.old_key;
        }
    }
    let mut keys = vec![(first, 0)];
    for link in links.iter().filter(|link| !lost.contains(&link.new_key)) {
        if keys.last().is_some_and(|(newest, _)| **newest == link.old_key) {
            keys.push((&link.new_key, link.from_release));
        }
    }
    keys
}

/// The key that signs a release, by its number, of the keys of which this is one and without those that were lost.
pub fn key_of_release<'a>(
    one: &'a PublicKey,
    links: &'a [KeyLink],
    lost: &[PublicKey],
    number: u32,
) -> &'a PublicKey {
    let signs = keys_without(one, links, lost).into_iter().rfind(|(_, from)| *from <= number);
    signs.map_or(one, |(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Vec<SigningKey> {
        (0..3).map(|_| SigningKey::generate().unwrap()).collect()
    }

    fn link(old: &SigningKey, new: &SigningKey, from_release: u32) -> KeyLink {
        KeyLink { old_key: old.public(), new_key: new.public(), from_release }
    }

    #[test]
    fn each_release_has_one_key() {
        let keys = keys();
        let links = [link(&keys[0], &keys[1], 3), link(&keys[1], &keys[2], 5)];
        let first = keys[0].public();
        let signs: Vec<usize> = (1..=6)
            .map(|number| {
                let key = key_of_release(&first, &links, &[], number);
                keys.iter().position(|known| known.public() == *key).unwrap()
            })
            .collect();
        assert_eq!(signs, [0, 0, 1, 1, 2, 2]);
        // Whichever of them an enrolment names: what an earlier one signed may still be on its way.
        let newest = keys[2].public();
        assert_eq!(*key_of_release(&newest, &links, &[], 1), first);
        assert_eq!(*key_of_release(&newest, &links, &[], 6), newest);
        assert_eq!(keys_with(&first, &links[1..]), [(&first, 0)], "a link of other keys is none");
    }

    #[test]
    fn the_key_before_a_lost_one_goes_on() {
        let keys = keys();
        let (first, lost, after) = (keys[0].public(), [keys[1].public()], keys[2].public());
        let links = [link(&keys[0], &keys[1], 3), link(&keys[0], &keys[2], 5)];
        // Whichever of them a certificate was enrolled with.
        for one in [&first, &lost[0], &after] {
            assert_eq!(keys_without(one, &links, &lost), [(&first, 0), (&after, 5)]);
            assert_eq!(*key_of_release(one, &links, &lost, 4), first);
            assert_eq!(*key_of_release(one, &links, &lost, 5), after);
        }
    }

    #[test]
    fn both_keys_sign_the_same_or_nothing_is_opened() {
        let keys = keys();
        let rotation = KeyRotation {
            format: ROTATION_FORMAT.to_owned(),
            borough: "E08000001".parse().unwrap(),
            old_key: keys[0].public(),
            new_key: keys[1].public(),
            from_release: 3,
            made_at: "2016-04-01T09:00:00Z".parse().unwrap(),
        };
        let signed = SignedRotation::sign(&rotation, &keys[0], &keys[1]).unwrap();
        assert_eq!(signed.open().unwrap(), rotation);
        let by_one = SignedRotation { by_new: signed.by_old.clone(), ..signed.clone() };
        assert!(by_one.open().is_err());
        let by_other = SignedRotation::sign(&rotation, &keys[0], &keys[2]).unwrap();
        assert!(by_other.open().is_err());
        let later = KeyRotation { from_release: 4, ..rotation };
        let later = SignedRotation::sign(&later, &keys[0], &keys[1]).unwrap();
        let mixed = SignedRotation { by_new: later.by_new, ..signed };
        assert!(matches!(mixed.open(), Err(SignatureError::Content)));
    }
}
