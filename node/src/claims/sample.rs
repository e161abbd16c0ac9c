//! The internal-audit sample: a frozen list, the auditor's seed, and one sum a line.
//!
//! A line is drawn where HMAC-SHA256(seed, line) lies below the share. What becomes of a line depends on the
//! seed, the share and the line alone: adding a family changes no other's fate, and a larger share only adds
//! lines. Whoever holds the printed list and seed can draw again.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use statrs::distribution::{Binomial, DiscreteCDF};
use tenfold_common::framework::Audit;

use super::ClaimError;

/// A share in hundredths of a per cent, 0 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(u32);

impl Share {
    /// Every line.
    pub const ALL: Self = Self(10_000);

    /// A share of so many hundredths of a per cent; all where it would be more.
    pub fn of_basis_points(points: u32) -> Self {
        Self(points.min(Self::ALL.0))
    }

    /// In hundredths of a per cent.
    pub fn basis_points(self) -> u32 {
        self.0
    }

    /// As people write it: `12.5 %`.
    pub fn in_words(self) -> String {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => format!("{whole} %"),
            rest if rest % 10 == 0 => format!("{whole}.{} %", rest / 10),
            rest => format!("{whole}.{rest:02} %"),
        }
    }

    /// The share set before the draw: the framework's, raised so far that a list of this length yields the
    /// least number with the odds of [`RULES`]. A list no longer than the least number is checked whole.
    pub fn beforehand(lines: u32, rule: &Audit) -> Self {
        let asked = Self::of_basis_points(rule.share_percent.saturating_mul(100));
        if lines <= rule.at_least {
            return Self::ALL;
        }
        let Some(fewer) = rule.at_least.checked_sub(1) else { return asked };
        let too_few = |share: Self| {
            let odds = Binomial::new(f64::from(share.0) / 10_000.0, u64::from(lines));
            odds.map_or(0.0, |odds| odds.cdf(u64::from(fewer)))
        };
        let bound = f64::from(RULES.too_few_percent) / 100.0;
        let (mut low, mut high) = (asked.0, Self::ALL.0);
        while low < high {
            let middle = low.midpoint(high);
            if too_few(Self(middle)) <= bound { high = middle } else { low = middle + 1 }
        }
        Self(low)
    }

    /// The share after one more line was found invalid: grown by [`RULES`], up to all.
    pub fn grown(self) -> Self {
        Self::of_basis_points(self.0.saturating_mul(RULES.growth))
    }
}

/// What the audit does beyond the framework's own figures; a local setting that a borough confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRules {
    /// An invalid line multiplies the share by this.
    pub growth: u32,
    /// The chance, in per cent, at which a draw may bring fewer than the least number.
    pub too_few_percent: u32,
    /// Where this comes from.
    pub source: &'static str,
    /// Whether it was read there.
    pub confirmed: bool,
}

/// The one place of these rules.
pub const RULES: AuditRules = AuditRules {
    growth: 2,
    too_few_percent: 5,
    source: "assumption: each invalid line doubles the share, and a draw falls short of the least number once in twenty",
    confirmed: false,
};

/// The seed that the auditor gives.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(String);

impl Seed {
    /// The seed as the auditor wrote it, spaces at the ends left out.
    ///
    /// # Errors
    /// Where it is too short to surprise anybody, or too long to be typed again.
    pub fn new(text: &str) -> Result<Self, ClaimError> {
        let text = text.trim();
        let length = text.chars().count();
        if (16..=200).contains(&length) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClaimError::Seed { length })
        }
    }

    /// As it is printed for whoever draws again.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a line is drawn: HMAC-SHA256(seed, line) below the share, in exact integers.
    pub fn draws(&self, line: &str, share: Share) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())
            .expect("HMAC takes a key of any length (RFC 2104 section 3)");
        mac.update(line.as_bytes());
        let digest = mac.finalize().into_bytes();
        let first = digest.iter().take(8).fold(0_u128, |value, &byte| value << 8 | u128::from(byte));
        first * u128::from(Share::ALL.0) < u128::from(share.0) << 64
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a seed")
    }
}

/// The hash of a frozen list under a salt: what is logged before anybody knows the seed.
///
/// # Privacy
/// Says nothing about the lines to who does not hold the salt of 32 random bytes.
pub fn list_hash(salt: &[u8; 32], lines: &[String]) -> String {
    let mut sorted: Vec<&String> = lines.iter().collect();
    sorted.sort_unstable();
    let mut hasher = Sha256::new();
    hasher.update(salt);
    for line in sorted {
        hasher.update((line.len() as u64).to_be_bytes());
        hasher.update(line.as_bytes());
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenfold_common::framework::Provenance;

    use super::*;

    fn seed() -> Seed {
        Seed::new("the auditor rolled 6 2 5 1 4").unwrap()
    }

    fn rule(share_percent: u32, at_least: u32) -> Audit {
        let provenance = Provenance { source: String::new(), confirmed: false, confirmation: None };
        Audit { share_percent, at_least, provenance }
    }

    const POINTS: [(&str, u32); 4] = [("L1", 391), ("L2", 768), ("L77", 4_118), ("L4096", 5_335)];

    #[test]
    fn a_draw_agrees_with_a_sum_done_elsewhere() {
        // Python: hmac.new(b"the auditor rolled 6 2 5 1 4", b"L1", "sha256").hexdigest()[:16], over 16**16.
        for (line, points) in POINTS {
            let drawn = |points| seed().draws(line, Share::of_basis_points(points));
            assert!(drawn(points + 1) && !drawn(points), "{line}");
        }
    }

    #[test]
    fn nobody_or_everybody() {
        for line in (0..500).map(|n| format!("L{n}")) {
            assert!(seed().draws(&line, Share::ALL) && !seed().draws(&line, Share(0)));
        }
    }

    #[test]
    fn the_share_is_set_beforehand_to_meet_the_least_number() {
        // Least number 5: binomial odds of four or fewer at most 5 %; checked by brute force below.
        let table =
            [(0, 10_000), (5, 10_000), (6, 9_372), (20, 4_011), (50, 1_738), (100, 1_000), (1_000, 1_000)];
        for (lines, points) in table {
            let share = Share::beforehand(lines, &rule(10, 5));
            assert_eq!(share.0, points, "{lines} lines");
            if lines > 5 {
                assert!(too_few(lines, share.0) <= 0.05, "{lines}: {share:?}");
                assert!(share.0 == 1_000 || too_few(lines, share.0 - 1) > 0.05, "{lines}: {share:?}");
            }
        }
        assert_eq!(Share::beforehand(7, &rule(10, 0)), Share(1_000));
    }

    /// P(at most 4 of so many lines), term by term.
    fn too_few(lines: u32, points: u32) -> f64 {
        let p = f64::from(points) / 10_000.0;
        let choose = |k: u32| (0..k).fold(1.0, |c, i| c * f64::from(lines - i) / f64::from(i + 1));
        (0..5).map(|k| choose(k) * p.powi(k as i32) * (1.0 - p).powi((lines - k) as i32)).sum()
    }

    #[test]
    fn each_invalid_line_doubles_the_share_up_to_all() {
        let mut share = Share(1_000);
        let grown: Vec<u32> = std::iter::repeat_with(|| {
            share = share.grown();
            share.0
        })
        .take(5)
        .collect();
        assert_eq!(grown, [2_000, 4_000, 8_000, 10_000, 10_000]);
        assert_eq!([1_000, 1_250, 1_784].map(|p| Share(p).in_words()), ["10 %", "12.5 %", "17.84 %"]);
    }

    #[test]
    fn a_short_seed_is_refused() {
        assert_eq!(Seed::new(" seven "), Err(ClaimError::Seed { length: 5 }));
    }

    #[test]
    fn the_lists_hash_depends_on_every_line_and_the_salt_but_not_on_their_order() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let hash = list_hash(&[7; 32], &lines("L1 L2 L11"));
        assert_eq!(hash, list_hash(&[7; 32], &lines("L11 L1 L2")));
        assert_ne!(hash, list_hash(&[7; 32], &lines("L1 L21 L1")));
        assert_ne!(hash, list_hash(&[8; 32], &lines("L1 L2 L11")));
    }

    proptest! {
        #[test]
        fn adding_a_family_changes_no_others_fate(
            lines in prop::collection::btree_set(0_u32..100_000, 1..200),
            added in 100_000_u32..200_000,
            points in 0_u32..=10_000,
            text in "[a-z0-9]{16,40}",
        ) {
            let seed = Seed::new(&text).unwrap();
            let share = Share::of_basis_points(points);
            let draw = |lines: &[u32]| -> Vec<u32> {
                lines.iter().copied().filter(|line| seed.draws(&format!("L{line}"), share)).collect()
            };
            let before: Vec<u32> = lines.iter().copied().collect();
            let mut after = before.clone();
            after.push(added);
            let mut drawn = draw(&after);
            drawn.retain(|line| *line != added);
            prop_assert_eq!(draw(&before), drawn);
            let kept = before.iter().map(|line| format!("L{line}")).all(|line| {
                !seed.draws(&line, share) || seed.draws(&line, share.grown())
            });
            prop_assert!(kept, "a larger share dropped a line");
        }
    }
}
