//! Who has sent which quarter, and when: in time, late, missing, or not due yet.

use std::fmt;

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::BoroughCode,
    protocol::{RefusalReason, notice::Away},
};
use tenfold_web::{
    policies::{self, PolicyLine},
    words,
};

use super::Picture;
use crate::combine::{Accepted, borough_name};

/// How one quarter of one borough stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Received before it was due.
    InTime(Moment),
    /// Received after it was due.
    Late(Moment),
    /// Declared void by the borough, and why: nothing was drawn for it.
    Void(Moment, RefusalReason),
    /// Before the borough's first release.
    NotJoined,
    /// Not here: the borough had paused or left before it was due.
    Away(Away),
    /// Due and not here.
    Missing,
    /// Not due yet.
    NotDue,
}

impl Arrival {
    /// The class of its tag.
    pub fn class(&self) -> &'static str {
        match self {
            Self::InTime(_) => "good",
            Self::Late(_) | Self::Void(..) | Self::Away(_) => "waits",
            Self::Missing => "stops",
            Self::NotJoined | Self::NotDue => "plain",
        }
    }

    /// One word for files.
    pub fn word(&self) -> &'static str {
        match self {
            Self::InTime(_) => "in time",
            Self::Late(_) => "late",
            Self::Void(..) => "void",
            Self::NotJoined => "not joined",
            Self::Away(away) => away.kind.as_str(),
            Self::Missing => "missing",
            Self::NotDue => "not due",
        }
    }

    /// When it was received, if it was.
    pub fn received_at(&self) -> Option<Moment> {
        match self {
            Self::InTime(at) | Self::Late(at) | Self::Void(at, _) => Some(*at),
            Self::NotJoined | Self::Away(_) | Self::Missing | Self::NotDue => None,
        }
    }

    /// Whether it was received after it was due.
    pub fn is_late(&self) -> bool {
        matches!(self, Self::Late(_))
    }

    /// Why it is void, or why the borough paused or left, in words.
    pub fn why(&self) -> Option<&'static str> {
        match self {
            Self::Void(_, reason) => Some(reason.words()),
            Self::Away(away) => Some(away.reason.words()),
            _ => None,
        }
    }

    /// The day it was received, in words; empty where it was not.
    pub fn day(&self) -> String {
        self.received_at().map(|at| words::short_day(at.day())).unwrap_or_default()
    }
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A borough's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoroughRow {
    /// The borough.
    pub borough: BoroughCode,
    /// Its name.
    pub name: String,
    /// One entry a quarter.
    pub arrivals: Vec<Arrival>,
}

/// Who has sent which quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// The quarters, oldest first, with the day each is due.
    pub quarters: Vec<(Quarter, Moment)>,
    /// Whether the first of them is the opening position.
    pub opening: bool,
    /// The boroughs, alphabetically.
    pub rows: Vec<BoroughRow>,
    /// The boroughs that have paused or left, alphabetically.
    pub away: Vec<(String, Away)>,
    /// Which policy rules which quarters, oldest first.
    pub policies: Vec<PolicyLine>,
}

/// Every quarter whose recording period has ended, for every borough.
pub fn completeness(picture: &Picture) -> Completeness {
    let horizon = picture.policy.size();
    let quarters: Vec<(Quarter, Moment)> = (0..horizon)
        .map(|index| picture.quarter(index))
        .take_while(|&quarter| picture.policy.recording_ends(quarter) <= picture.now)
        .map(|quarter| (quarter, picture.policy.due_at(quarter)))
        .collect();
    let rows = picture
        .boroughs()
        .into_iter()
        .map(|borough| BoroughRow {
            name: borough_name(&borough).to_owned(),
            arrivals: quarters.iter().map(|&(quarter, _)| arrival(picture, &borough, quarter)).collect(),
            borough,
        })
        .collect();
    let policies = policies::lines(&picture.policy, picture.now);
    let away = picture.away.iter().map(|(borough, away)| (borough_name(borough).to_owned(), *away));
    let mut away: Vec<_> = away.collect();
    away.sort_by(|(one, _), (other, _)| one.cmp(other));
    Completeness { quarters, opening: picture.is_opening(0), rows, away, policies }
}

/// How one quarter of one borough stands.
pub fn arrival(picture: &Picture, borough: &BoroughCode, quarter: Quarter) -> Arrival {
    let due = picture.policy.due_at(quarter);
    match picture.release(borough, quarter) {
        Some(Accepted { void: Some(reason), received_at, .. }) => Arrival::Void(*received_at, *reason),
        Some(release) if release.received_at < due => Arrival::InTime(release.received_at),
        Some(release) => Arrival::Late(release.received_at),
        None if picture.joined_after(borough, quarter) => Arrival::NotJoined,
        None if picture.now >= due => picture.away(borough, quarter).map_or(Arrival::Missing, Arrival::Away),
        None => Arrival::NotDue,
    }
}

#[cfg(test)]
mod tests {
    use tenfold_common::protocol::notice::{NoticeKind, NoticeReason};

    use super::*;
    use crate::combine::fixture;

    #[test]
    fn a_release_is_in_time_late_missing_or_not_due() {
        let late = fixture::picture();
        let (seventh, eighth) = ("2016-Q4".parse().unwrap(), "2017-Q1".parse().unwrap());
        let due = late.policy.due_at(eighth);
        let at = |now| Picture::new(late.policy.clone(), late.releases.clone(), now).unwrap();
        let (oldham, wigan) = (fixture::oldham(), fixture::wigan());
        assert_eq!(arrival(&at(due.plus_seconds(-1)), &oldham, eighth), Arrival::NotDue);
        assert_eq!(arrival(&at(due), &oldham, eighth), Arrival::Missing);
        assert!(matches!(arrival(&late, &oldham, seventh), Arrival::InTime(_)));
        assert!(matches!(arrival(&late, &wigan, seventh), Arrival::Late(_)));
        assert_eq!(completeness(&late).quarters.len(), 8);
    }

    #[test]
    fn a_borough_that_paused_in_time_is_not_missing() {
        let late = fixture::picture();
        let eighth: Quarter = "2017-Q1".parse().unwrap();
        let (due, oldham) = (late.policy.due_at(eighth), fixture::oldham());
        let away = |since| {
            let away = Away { kind: NoticeKind::Paused, reason: NoticeReason::Systems, since };
            let picture = Picture::new(late.policy.clone(), late.releases.clone(), due).unwrap();
            arrival(&picture.without([(oldham.clone(), away)].into()), &oldham, eighth)
        };
        let paused = away(due);
        assert_eq!((paused.word(), paused.why()), ("paused", Some(NoticeReason::Systems.words())));
        assert_eq!(away(due.plus_seconds(1)), Arrival::Missing, "too late to be excused");
    }

    #[test]
    fn who_is_away_is_named_before_a_quarter_is_missed() {
        let picture = fixture::picture();
        assert_eq!(completeness(&picture).away, []);
        let (kind, reason, since) = (NoticeKind::Left, NoticeReason::Staff, picture.now);
        let away = Away { kind, reason, since };
        let both = [(fixture::wigan(), away), (fixture::oldham(), away)];
        let named = completeness(&picture.without(both.into())).away;
        assert_eq!(named, [("Oldham".to_owned(), away), ("Wigan".to_owned(), away)]);
    }
}
