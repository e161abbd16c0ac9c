//! What time it is, as a thing one can hold: `Moment`, and the clocks that tell it.
//!
//! Waiting is no part of a clock. A duty does what is due at a moment; only the outermost loop sleeps.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// An instant in UTC, in whole seconds, so that both databases keep it exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(extend("pattern" = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))]
pub struct Moment(DateTime<Utc>);

/// Why a text or a clock yields no moment.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The text is not a date and time.
    #[error("{text:?} is not a moment, expected UTC in RFC 3339 to the second, such as 2016-04-29T09:00:00Z")]
    NotAMoment {
        /// What was given.
        text: String,
    },
    /// The rehearsal's clock file cannot be read.
    #[error("the rehearsal clock {path} cannot be read: {source}")]
    Unreadable {
        /// The clock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Moment {
    /// The moment that many seconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// Beyond the range of dates that chrono can hold.
    pub fn from_unix(seconds: i64) -> Result<Self, ClockError> {
        DateTime::from_timestamp(seconds, 0)
            .map(Self)
            .ok_or_else(|| ClockError::NotAMoment { text: format!("{seconds} s") })
    }

    /// Midnight at the beginning of a day, in UTC.
    pub fn at_start_of(day: NaiveDate) -> Self {
        Self(day.and_time(NaiveTime::MIN).and_utc())
    }

    /// A date and time without zone, as a database column holds it, read as UTC.
    pub fn from_naive(naive: NaiveDateTime) -> Self {
        Self(DateTime::from_timestamp(naive.and_utc().timestamp(), 0).unwrap_or_default())
    }

    /// The same instant as a date and time without zone, for a database column.
    pub fn naive(self) -> NaiveDateTime {
        self.0.naive_utc()
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0.timestamp()
    }

    /// The day in UTC.
    pub fn day(self) -> NaiveDate {
        self.0.date_naive()
    }

    /// The moment `seconds` later (earlier where negative).
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + chrono::TimeDelta::seconds(seconds))
    }

    /// The moment `days` days of 86,400 seconds later (earlier where negative).
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days * 86_400)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Moment {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ClockError::NotAMoment { text: text.to_owned() };
        let moment = DateTime::parse_from_rfc3339(text).map_err(|_| refuse())?.with_timezone(&Utc);
        let moment = Self(moment);
        if moment.to_string() == text { Ok(moment) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for Moment {
    type Error = ClockError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

/// Tells the time. Clones of an `Arc<dyn Clock>` tell the same time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment.
    fn now(&self) -> Moment;

    /// Whether this clock is moved by hand, so that everything made under it is a rehearsal.
    fn is_rehearsal(&self) -> bool;
}

/// The machine's own clock: the only one an ordinary node or aggregator obeys.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Moment::from_unix(i64::try_from(since).unwrap_or(i64::MAX)).unwrap_or(Moment(DateTime::UNIX_EPOCH))
    }

    fn is_rehearsal(&self) -> bool {
        false
    }
}

/// A clock that stands still until a test steps it.
#[derive(Clone, Debug)]
pub struct SteppedClock(Arc<AtomicI64>);

impl SteppedClock {
    /// A clock that stands at a moment.
    pub fn at(moment: Moment) -> Self {
        Self(Arc::new(AtomicI64::new(moment.unix())))
    }

    /// Sets every clone of this clock.
    pub fn set(&self, moment: Moment) {
        self.0.store(moment.unix(), Ordering::SeqCst);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Moment {
        Moment::from_unix(self.0.load(Ordering::SeqCst)).unwrap_or(Moment(DateTime::UNIX_EPOCH))
    }

    fn is_rehearsal(&self) -> bool {
        true
    }
}

/// A rehearsal's clock: the one line of a file that the rehearsal moves. Never used by an ordinary node.
#[derive(Debug)]
pub struct RehearsalClock {
    path: PathBuf,
    last: AtomicI64,
}

impl RehearsalClock {
    /// Opens the clock file once to see that it holds a moment.
    ///
    /// # Errors
    /// Where the file cannot be read or holds no moment.
    pub fn open(path: &Path) -> Result<Self, ClockError> {
        let moment = Self::read(path)?;
        Ok(Self { path: path.to_owned(), last: AtomicI64::new(moment.unix()) })
    }

    fn read(path: &Path) -> Result<Moment, ClockError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ClockError::Unreadable { path: path.to_owned(), source })?;
        text.trim().parse()
    }
}

impl Clock for RehearsalClock {
    fn now(&self) -> Moment {
        if let Ok(moment) = Self::read(&self.path) {
            self.last.store(moment.unix(), Ordering::SeqCst);
        }
        Moment::from_unix(self.last.load(Ordering::SeqCst)).unwrap_or(Moment(DateTime::UNIX_EPOCH))
    }

    fn is_rehearsal(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_one_text() {
        let text = "2016-04-29T09:00:00Z";
        assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        for other in ["2016-04-29", "2016-04-29T09:00:00.5Z", "2016-04-29T10:00:00+01:00", "now"] {
            assert!(other.parse::<Moment>().is_err(), "{other}");
        }
    }

    #[test]
    fn clones_of_a_stepped_clock_step_together() {
        let clock = SteppedClock::at("2016-04-01T00:00:00Z".parse().unwrap());
        let clone = clock.clone();
        clock.set(clock.now().plus_days(28));
        assert_eq!(clone.now().to_string(), "2016-04-29T00:00:00Z");
    }
}
