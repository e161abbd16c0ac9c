//! How often a borough may call: so many calls at once, and so many more a minute. Pure sums in whole seconds.

use tenfold_common::clock::Moment;

/// What a borough may do at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls at once, after a time without any.
    pub at_once: u32,
    /// Calls earned in a minute.
    pub a_minute: u32,
}

/// What is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Calls that may still be made.
    pub calls: u32,
    /// From when on calls are earned that are not counted in yet.
    pub since: Moment,
}

impl Rate {
    /// The allowance of one who never called.
    pub fn full(self, now: Moment) -> Allowance {
        Allowance { calls: self.at_once, since: now }
    }
}

impl Allowance {
    /// Takes a handful of calls, or says how many seconds to wait for the next one; and what is left.
    ///
    /// # Errors
    /// The seconds, at least one.
    pub fn take(self, rate: Rate, now: Moment) -> (Self, Result<u32, u32>) {
        let earned = self.earned(rate, now);
        // A replica takes some at a time, so that not every call writes a row.
        let handful = earned.calls.min((rate.at_once / 32).max(1));
        if handful > 0 {
            return (Self { calls: earned.calls - handful, ..earned }, Ok(handful));
        }
        let a_call = 60_u32.div_ceil(rate.a_minute.max(1));
        let waited = u32::try_from(now.unix() - earned.since.unix()).unwrap_or(0);
        (earned, Err(a_call.saturating_sub(waited).max(1)))
    }

    fn earned(self, rate: Rate, now: Moment) -> Self {
        // A clock that was set back earns nothing and costs nobody a long wait.
        let since = self.since.min(now);
        let a_minute = i64::from(rate.a_minute.max(1));
        let calls = (now.unix() - since.unix()).saturating_mul(a_minute) / 60;
        let room = i64::from(rate.at_once.saturating_sub(self.calls));
        if calls >= room {
            return rate.full(now);
        }
        let paid = (calls * 60 + a_minute - 1) / a_minute;
        let calls = self.calls + u32::try_from(calls).unwrap_or(0);
        Self { calls, since: since.plus_seconds(paid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { at_once: 3, a_minute: 7 };

    fn at(seconds: i64) -> Moment {
        "2015-04-01T09:00:00Z".parse::<Moment>().unwrap().plus_seconds(seconds)
    }

    /// So many calls are let through when one comes every second.
    fn let_through(rate: Rate, seconds: i64) -> u32 {
        let mut left = rate.full(at(0));
        let mut through = 0;
        for second in 0..seconds {
            let (then, taken) = left.take(rate, at(second));
            left = then;
            through += taken.unwrap_or(0);
        }
        through
    }

    #[test]
    fn so_many_at_once_and_then_so_many_a_minute() {
        assert_eq!(let_through(RATE, 1), 1);
        // An hour at one a second: three at once, then one every nine whole seconds, and never more than seven a minute.
        let through = let_through(RATE, 3600);
        assert!((3 + 3600 / 9 - 1..=3 + 7 * 60).contains(&through), "{through}");
    }

    #[test]
    fn who_has_none_is_told_when_the_next_comes() {
        let none = Allowance { calls: 0, since: at(0) };
        assert_eq!(none.take(RATE, at(0)), (none, Err(9)));
        assert_eq!(none.take(RATE, at(8)), (none, Err(1)));
        assert_eq!(none.take(RATE, at(9)), (Allowance { calls: 0, since: at(9) }, Ok(1)));
        let slow = Rate { a_minute: 0, ..RATE };
        assert_eq!(none.take(slow, at(0)).1, Err(60));
    }

    #[test]
    fn never_more_than_at_once_is_saved_up_and_handfuls_are_small() {
        let large = Rate { at_once: 600, a_minute: 60 };
        let (left, taken) = Allowance { calls: 0, since: at(0) }.take(large, at(86_400));
        assert_eq!((left.calls, taken), (582, Ok(18)));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let none = Allowance { calls: 0, since: at(100_000) };
        let (left, wait) = none.take(RATE, at(0));
        assert_eq!((left.since, wait), (at(0), Err(9)));
    }
}
