//! Every privacy spend, chained; and the key under which the journal names family lines.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tenfold_common::{clock::Moment, privacy::Rho};

use crate::register::LineId;

/// What a ledger line records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// The officer set the lifetime cap.
    Cap,
    /// A policy was adopted: one stream's charge for its whole horizon.
    Adoption,
    /// A quarter of a stream was granted, under the horizon's charge.
    Release,
    /// A quarter of a stream was declared void: it is never granted.
    Void,
}

impl LineKind {
    /// The word in the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::Adoption => "adoption",
            Self::Release => "release",
            Self::Void => "void",
        }
    }
}

/// One line of the ledger. Holds nothing that depends on a family's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// `cap`, `adoption`, `release` or `void`.
    pub kind: String,
    /// The account that decided it.
    pub actor: String,
    /// Hash of the policy, empty for a cap.
    pub policy: String,
    /// The stream, empty for a cap.
    pub stream: String,
    /// The quarter, empty for cap and adoption.
    pub quarter: String,
    /// The cap or the charge.
    pub amount: Rho,
    /// SHA-256 over the hash before and this line.
    pub hash: String,
}

/// The first thing wrong with a ledger.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LedgerFault {
    /// A line is missing or doubled.
    #[error("line {found} stands where line {expected} was expected")]
    Gap {
        /// The number found.
        found: i64,
        /// The number expected.
        expected: i64,
    },
    /// A line or one before it was changed.
    #[error("line {seq} does not carry the hash of what stands in it and before it")]
    Chain {
        /// The line.
        seq: i64,
    },
    /// The head names another end.
    #[error("the ledger's head names line {head}, the last line is {last}")]
    Head {
        /// What the head says.
        head: i64,
        /// The last line.
        last: i64,
    },
    /// More was charged than the cap allows.
    #[error("line {seq} brings the lifetime charge to ρ = {sum}, above the cap of {cap}")]
    OverCap {
        /// The line.
        seq: i64,
        /// The sum of the dearest charge of each stream.
        sum: Rho,
        /// The cap in force.
        cap: Rho,
    },
    /// A release without the charge of its stream.
    #[error("line {seq} releases a stream that was never charged under its policy")]
    NotCharged {
        /// The line.
        seq: i64,
    },
    /// A quarter is both released and void.
    #[error(
        "line {seq} stands beside another of the same stream and quarter: it is released or void, never both"
    )]
    Twice {
        /// The line.
        seq: i64,
    },
    /// A sealed release names a ledger line that is not there.
    #[error("the release for {quarter} names a ledger line that is not in the ledger")]
    NoSuchLine {
        /// The quarter.
        quarter: String,
    },
    /// A sealed release was changed, or its receipt does not verify.
    #[error("the release for {quarter}: {reason}")]
    Release {
        /// The quarter.
        quarter: String,
        /// What is wrong.
        reason: String,
    },
    /// A decision that is kept does not hold by its signature.
    #[error("{what}: {reason}")]
    Decision {
        /// Which.
        what: String,
        /// What does not hold.
        reason: String,
    },
    /// A quarter was charged in another name or key than its approval has.
    #[error("line {seq} charges {quarter} in another name or under another key than its approval")]
    Decided {
        /// The line.
        seq: i64,
        /// The quarter.
        quarter: String,
    },
    /// A signing key that no act tells of.
    #[error("the signing key {id} of {account} stands there, and no act tells that it was made")]
    Key {
        /// The key.
        id: String,
        /// Whose it is said to be.
        account: String,
    },
}

/// The hash of a line, given the hash before it.
pub fn link(before: &str, line: &LedgerLine) -> String {
    let mut hasher = Sha256::new();
    let amount = line.amount.nano().to_string();
    let (seq, at) = (line.seq.to_string(), line.at.to_string());
    for part in
        [before, &seq, &at, &line.kind, &line.actor, &line.policy, &line.stream, &line.quarter, &amount]
    {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

/// The largest charge that any policy made for each stream, in the order in which streams were first charged.
pub fn dearest(lines: &[LedgerLine]) -> Vec<(String, Rho)> {
    let mut streams: Vec<(String, Rho)> = Vec::new();
    for line in lines.iter().filter(|line| line.kind == LineKind::Adoption.as_str()) {
        match streams.iter_mut().find(|(stream, _)| *stream == line.stream) {
            Some((_, most)) => *most = line.amount.max(*most),
            None => streams.push((line.stream.clone(), line.amount)),
        }
    }
    streams
}

/// What a family line may have lost at most: the sum over streams of the largest charge any policy made.
pub fn lifetime(lines: &[LedgerLine]) -> Rho {
    dearest(lines).into_iter().map(|(_, most)| most).sum()
}

/// The cap in force.
pub fn cap(lines: &[LedgerLine]) -> Rho {
    let caps = lines.iter().filter(|line| line.kind == LineKind::Cap.as_str());
    caps.map(|line| line.amount).next_back().unwrap_or_default()
}

/// Verifies a whole ledger offline and names the first fault.
///
/// # Errors
/// The first fault.
pub fn verify(lines: &[LedgerLine], head: (i64, &str)) -> Result<(), LedgerFault> {
    let mut before = "";
    for (at, line) in lines.iter().enumerate() {
        let expected = at as i64 + 1;
        if line.seq != expected {
            return Err(LedgerFault::Gap { found: line.seq, expected });
        }
        if line.hash != link(before, line) {
            return Err(LedgerFault::Chain { seq: line.seq });
        }
        before = &line.hash;
        let so_far = &lines[..=at];
        let (sum, cap) = (lifetime(so_far), cap(so_far));
        if line.kind == LineKind::Adoption.as_str() && sum > cap {
            return Err(LedgerFault::OverCap { seq: line.seq, sum, cap });
        }
        let charged = |other: &LedgerLine| {
            other.kind == LineKind::Adoption.as_str()
                && other.policy == line.policy
                && other.stream == line.stream
        };
        if line.kind == LineKind::Release.as_str() && !so_far.iter().any(charged) {
            return Err(LedgerFault::NotCharged { seq: line.seq });
        }
        let same = |other: &LedgerLine| {
            (&other.policy, &other.stream, &other.quarter) == (&line.policy, &line.stream, &line.quarter)
        };
        if !line.quarter.is_empty() && lines[..at].iter().any(same) {
            return Err(LedgerFault::Twice { seq: line.seq });
        }
    }
    let last = lines.last().map_or(0, |line| line.seq);
    if head != (last, before) {
        return Err(LedgerFault::Head { head: head.0, last });
    }
    Ok(())
}

/// The key under which the journal names lines; kept for the whole horizon, never printed.
pub struct JournalKey([u8; 32]);

impl std::fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("journal key")
    }
}

impl JournalKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// How the journal names a line: HMAC-SHA256, in hexadecimal.
    pub fn name(&self, line: &LineId) -> String {
        self.hmac(&[&line.0])
    }

    /// How an erased family's strong identifier is remembered: the same, never equal to a line's name.
    pub fn identifier(&self, kind: &str, value: &str) -> String {
        self.hmac(&["identifier", "\0", kind, "\0", value])
    }

    fn hmac(&self, parts: &[&str]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        parts.iter().for_each(|part| mac.update(part.as_bytes()));
        hex::encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Vec<LedgerLine> {
        let kinds = [
            (LineKind::Cap, "", "", "", 250),
            (LineKind::Adoption, "p", "attached", "", 100),
            (LineKind::Adoption, "p", "result-recorded", "", 90),
            (LineKind::Release, "p", "attached", "2015-Q2", 0),
        ];
        let mut lines: Vec<LedgerLine> = Vec::new();
        for (kind, policy, stream, quarter, nano) in kinds {
            let mut line = LedgerLine {
                seq: lines.len() as i64 + 1,
                at: "2015-04-01T00:00:00Z".parse().unwrap(),
                kind: kind.as_str().into(),
                actor: "officer".into(),
                policy: policy.into(),
                stream: stream.into(),
                quarter: quarter.into(),
                amount: Rho::from_nano(nano),
                hash: String::new(),
            };
            line.hash = link(lines.last().map_or("", |line| &line.hash), &line);
            lines.push(line);
        }
        lines
    }

    fn check(lines: &[LedgerLine]) -> Result<(), LedgerFault> {
        let last = lines.last().map_or((0, ""), |line| (line.seq, line.hash.as_str()));
        verify(lines, last)
    }

    fn rehash(lines: &mut [LedgerLine]) {
        for at in 0..lines.len() {
            let before = at.checked_sub(1).map_or(String::new(), |at| lines[at].hash.clone());
            lines[at].hash = link(&before, &lines[at]);
        }
    }

    #[test]
    fn a_sound_ledger_verifies_and_every_fault_is_named() {
        let sound = ledger();
        assert_eq!(check(&sound), Ok(()));
        assert_eq!(lifetime(&sound), Rho::from_nano(190));
        let mut changed = sound.clone();
        changed[1].amount = Rho::from_nano(1);
        assert_eq!(check(&changed), Err(LedgerFault::Chain { seq: 2 }));
        let mut shorter = sound.clone();
        shorter.remove(1);
        assert_eq!(check(&shorter), Err(LedgerFault::Gap { found: 3, expected: 2 }));
        assert_eq!(verify(&sound[..3], (4, &sound[3].hash)), Err(LedgerFault::Head { head: 4, last: 3 }));
        let mut over = sound.clone();
        over[2].amount = Rho::from_nano(151);
        rehash(&mut over);
        assert!(matches!(check(&over), Err(LedgerFault::OverCap { seq: 3, .. })));
        let mut stranger = sound;
        stranger[3].stream = "closed".into();
        rehash(&mut stranger);
        assert_eq!(check(&stranger), Err(LedgerFault::NotCharged { seq: 4 }));
    }

    #[test]
    fn a_line_has_one_name_under_one_key() {
        let line = LineId("L1".into());
        let name = JournalKey::from_bytes([1; 32]).name(&line);
        assert_eq!(name, JournalKey::from_bytes([1; 32]).name(&line));
        assert_ne!(name, JournalKey::from_bytes([2; 32]).name(&line));
        assert_ne!(name, JournalKey::from_bytes([1; 32]).name(&LineId("L2".into())));
    }
}
