//! What has still to be delivered: when the next try is due, as a pure function of what happened.

use sha2::{Digest, Sha256};
use tenfold_common::clock::Moment;

use crate::release::stages::Sealed;

/// The longest wait between two tries.
const LONGEST_WAIT_S: u64 = 900;

/// When something is tried next after so many failed tries, the last at a moment: full jitter, that is after any time
/// from a second to 1, 2, 4 … seconds, at most 15 minutes. Boroughs that failed together so come back apart.
///
/// # Source
/// Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
pub fn next_try(attempts: u32, last: Moment, seed: &str) -> Moment {
    let longest = 1_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(u64::MAX).min(LONGEST_WAIT_S);
    let hash = Sha256::digest(format!("{seed} {attempts}"));
    let dice = hash[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    last.plus_seconds((1 + dice % longest).cast_signed())
}

/// When a release is tried next: at its instant, then by [`next_try`], and not before the aggregator said.
pub fn next_attempt(release: &Sealed) -> Moment {
    let due = match release.last_attempt_at.filter(|_| release.attempts > 0) {
        // The hash of the sealed bytes, noise and signature in them, is of no other borough and quarter.
        Some(last) => next_try(release.attempts, last, &release.sha256),
        None => release.deliver_at,
    };
    due.max(release.deliver_at).max(release.not_before.unwrap_or(release.deliver_at))
}

/// The releases without receipt whose next try is due, in order.
pub fn due(sealed: &[Sealed], now: Moment) -> Vec<&Sealed> {
    waiting(sealed).take_while(|release| next_attempt(release) <= now).collect()
}

/// When the first release that waits is tried next; the ones after it wait for it.
pub fn next_due(sealed: &[Sealed]) -> Option<Moment> {
    waiting(sealed).next().map(next_attempt)
}

/// The releases without receipt that may have left by now, in order, however often they were tried.
pub fn waiting_at(sealed: &[Sealed], now: Moment) -> Vec<&Sealed> {
    waiting(sealed).take_while(|release| release.deliver_at <= now).collect()
}

fn waiting(sealed: &[Sealed]) -> impl Iterator<Item = &Sealed> {
    sealed.iter().filter(|release| release.receipt.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Moment {
        "2015-08-05T00:00:00Z".parse().unwrap()
    }

    fn sealed(number: u32, attempts: u32) -> Sealed {
        Sealed {
            number,
            quarter: "2015-Q2".parse().unwrap(),
            sealed_at: at(),
            bytes: String::new(),
            sha256: format!("{number:064}"),
            deliver_at: at(),
            attempts,
            last_attempt_at: (attempts > 0).then(at),
            not_before: None,
            last_problem: None,
            receipt: None,
            receipted_at: None,
        }
    }

    fn wait(attempts: u32, seed: u32) -> i64 {
        next_try(attempts, at(), &format!("{seed:064}")).unix() - at().unix()
    }

    /// With 2,000 seeds the chance that a rightly drawn mean is further off than this is below one in a million.
    #[test]
    fn waits_are_spread_over_the_whole_time_and_end_at_a_quarter_of_an_hour() {
        for (attempts, longest) in [(1, 1), (2, 2), (5, 16), (10, 512), (11, 900), (40, 900), (u32::MAX, 900)]
        {
            let waits: Vec<i64> = (0..2000).map(|seed| wait(attempts, seed)).collect();
            assert!(waits.iter().all(|wait| (1..=longest).contains(wait)), "try {attempts}: {waits:?}");
            let (least, most) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
            assert!(
                least <= 1 + longest / 100 && most >= longest - longest / 100,
                "try {attempts}: {least} to {most}"
            );
            let mean = waits.iter().sum::<i64>() as f64 / 2000.0;
            let expected = (longest as f64 + 1.0) / 2.0;
            let error = longest as f64 / (12.0_f64 * 2000.0).sqrt();
            assert!((mean - expected).abs() <= 5.0 * error, "try {attempts}: {mean}, expected {expected}");
        }
        assert_eq!(wait(11, 7), wait(11, 7), "a restart changes nothing");
    }

    #[test]
    fn the_aggregators_word_goes_before_the_dice() {
        let told = at().plus_seconds(3000);
        let release = Sealed { not_before: Some(told), ..sealed(1, 1) };
        assert_eq!(next_attempt(&release), told);
        let past = Sealed { not_before: Some(at().plus_days(-1)), ..sealed(1, 1) };
        assert_eq!(next_attempt(&past), next_attempt(&sealed(1, 1)));
    }

    #[test]
    fn nothing_overtakes_a_release_that_waits() {
        let releases = [sealed(1, 3), sealed(2, 0)];
        assert!(due(&releases, at()).is_empty());
        assert_eq!(next_due(&releases), Some(next_attempt(&releases[0])));
        assert_eq!(due(&releases, at().plus_seconds(900)).len(), 2);
        assert_eq!(waiting_at(&releases, at()).len(), 2);
        assert!(waiting_at(&releases, at().plus_seconds(-1)).is_empty());
    }
}
