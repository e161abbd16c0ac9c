//! What has still to be delivered: when the next try is due, as a pure function of what happened.

use tenfold_common::clock::Moment;

use crate::release::stages::Sealed;

const FIRST_WAIT_S: i64 = 60;
const LONGEST_WAIT_S: i64 = 3600;

/// When a release is tried next: at its instant, then after 1, 2, 4 … minutes up to an hour, spread by up to
/// a quarter so that ten nodes do not call at once.
pub fn next_attempt(release: &Sealed) -> Moment {
    let Some(last) = release.last_attempt_at.filter(|_| release.attempts > 0) else {
        return release.deliver_at;
    };
    let doublings = release.attempts.saturating_sub(1).min(6);
    let wait = (FIRST_WAIT_S << doublings).min(LONGEST_WAIT_S);
    // The spread comes from the sealed bytes' hash, which is public once delivered and the same at every try.
    let seed = i64::from_str_radix(release.sha256.get(..4).unwrap_or("0"), 16).unwrap_or(0);
    last.plus_seconds(wait + wait / 4 * seed / 0xffff).max(release.deliver_at)
}

/// The releases without receipt whose next try is due, in order.
pub fn due(sealed: &[Sealed], now: Moment) -> Vec<&Sealed> {
    waiting(sealed).take_while(|release| next_attempt(release) <= now).collect()
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

    fn sealed(number: u32, attempts: u32) -> Sealed {
        let at: Moment = "2015-08-05T00:00:00Z".parse().unwrap();
        Sealed {
            number,
            quarter: "2015-Q2".parse().unwrap(),
            sealed_at: at,
            bytes: String::new(),
            sha256: "0000".into(),
            deliver_at: at,
            attempts,
            last_attempt_at: (attempts > 0).then_some(at),
            last_problem: None,
            receipt: None,
            receipted_at: None,
        }
    }

    #[test]
    fn waits_double_up_to_an_hour() {
        let waits: Vec<i64> = (1..=9)
            .map(|attempts| {
                let release = sealed(1, attempts);
                next_attempt(&release).unix() - release.deliver_at.unix()
            })
            .collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    }

    #[test]
    fn nothing_overtakes_a_release_that_waits() {
        let releases = [sealed(1, 3), sealed(2, 0)];
        let at = releases[1].deliver_at;
        assert!(due(&releases, at).is_empty());
        assert_eq!(due(&releases, at.plus_seconds(240)).len(), 2);
        assert_eq!(waiting_at(&releases, at).len(), 2);
        assert!(waiting_at(&releases, at.plus_seconds(-1)).is_empty());
    }
}
