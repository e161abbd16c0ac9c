//! Everything the pages need, loaded once: the policy, what was received and when, and the figures.

use tenfold_common::{
    calendar::Quarter, clock::Moment, geography::BoroughCode, privacy::VerifiedPolicy, statistics::Estimate,
};

use crate::combine::{Accepted, AcceptedReleases, Area, Cell, CombineError, Combined, Reading, Span};

/// The region as it stood at a moment.
#[derive(Clone, Debug)]
pub struct Picture {
    policy: VerifiedPolicy,
    releases: AcceptedReleases,
    as_at: Moment,
    combined: Combined,
}

/// How a borough stands with the release of one quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Received before it was due.
    InTime {
        /// When it was received.
        received_at: Moment,
    },
    /// Received when it was overdue; it counts all the same.
    Late {
        /// When it was received.
        received_at: Moment,
    },
    /// Overdue and not received.
    Missing,
    /// Not received and not yet due.
    Awaited,
}

impl Standing {
    /// The standing in one or two words.
    pub fn word(self) -> &'static str {
        match self {
            Self::InTime { .. } => "received",
            Self::Late { .. } => "received late",
            Self::Missing => "missing",
            Self::Awaited => "not yet due",
        }
    }

    /// When it was received, if it was.
    pub fn received_at(self) -> Option<Moment> {
        match self {
            Self::InTime { received_at } | Self::Late { received_at } => Some(received_at),
            Self::Missing | Self::Awaited => None,
        }
    }
}

impl Picture {
    /// The picture at a moment, made of what was accepted until then.
    ///
    /// # Errors
    /// Where a borough's quarters are not complete and in order, or a release does not fit the policy.
    pub fn new(
        policy: VerifiedPolicy,
        releases: AcceptedReleases,
        as_at: Moment,
    ) -> Result<Self, CombineError> {
        let combined = Combined::new(&policy, &releases)?;
        Ok(Self {
            policy,
            releases,
            as_at,
            combined,
        })
    }

    /// The policy under which everything was released.
    pub fn policy(&self) -> &VerifiedPolicy {
        &self.policy
    }

    /// When it was.
    pub fn as_at(&self) -> Moment {
        self.as_at
    }

    /// The figures.
    pub fn combined(&self) -> &Combined {
        &self.combined
    }

    /// The policy's boroughs in alphabetical order of their names.
    pub fn boroughs(&self) -> Vec<BoroughCode> {
        let mut boroughs: Vec<BoroughCode> = self
            .policy
            .policy()
            .boroughs
            .iter()
            .map(|places| places.borough.clone())
            .collect();
        boroughs.sort_by(|a, b| {
            let name = |code| Area::Borough(BoroughCode::clone(code)).name().to_owned();
            name(a).cmp(&name(b)).then(a.cmp(b))
        });
        boroughs
    }

    /// The region, then its boroughs.
    pub fn areas(&self) -> Vec<Area> {
        std::iter::once(Area::Region)
            .chain(self.boroughs().into_iter().map(Area::Borough))
            .collect()
    }

    /// The quarter with an index in the horizon.
    pub fn quarter(&self, index: usize) -> Quarter {
        self.policy.policy().first_quarter.plus(index as i32)
    }

    /// The index of the latest quarter that any borough released; none before the first release.
    pub fn latest(&self) -> Option<usize> {
        self.combined.quarters().checked_sub(1)
    }

    /// How many quarters there are to speak of: those whose recording period is over or that somebody
    /// released.
    pub fn quarters(&self) -> usize {
        let horizon = self.policy.policy().time_matrix.size();
        let over = (0..horizon)
            .take_while(|&index| self.policy.recording_ends(self.quarter(index)) <= self.as_at)
            .count();
        over.max(self.combined.quarters())
    }

    /// A borough's accepted release of a quarter, if there is one.
    pub fn release(&self, borough: &BoroughCode, index: usize) -> Option<&Accepted> {
        self.releases.get(borough)?.get(index)
    }

    /// How a borough stands with a quarter.
    pub fn standing(&self, borough: &BoroughCode, index: usize) -> Standing {
        let due_at = self.policy.due_at(self.quarter(index));
        match self.release(borough, index).map(|release| release.received_at) {
            Some(received_at) if received_at < due_at => Standing::InTime { received_at },
            Some(received_at) => Standing::Late { received_at },
            None if self.as_at < due_at => Standing::Awaited,
            None => Standing::Missing,
        }
    }

    /// A figure of an area, as far as it can be read.
    ///
    /// # Errors
    /// Where there is no such borough, stream or cell.
    pub fn reading(
        &self,
        area: &Area,
        stream: &str,
        cell: Cell,
        span: Span,
    ) -> Result<Reading, CombineError> {
        self.combined.reading(area, stream, cell, span)
    }

    /// A figure of an area, or none.
    ///
    /// # Errors
    /// As [`Self::reading`].
    pub fn estimate(
        &self,
        area: &Area,
        stream: &str,
        cell: Cell,
        span: Span,
    ) -> Result<Option<Estimate>, CombineError> {
        Ok(self.reading(area, stream, cell, span)?.estimate)
    }

    /// What a quarter is called: the first holds everything recorded before it too, and says so.
    pub fn quarter_name(&self, index: usize) -> String {
        let quarter = self.quarter(index);
        if index == 0 {
            format!("Opening position, all recorded up to {}", quarter.long_name())
        } else {
            quarter.long_name()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::fixture;

    #[test]
    fn a_release_is_in_time_late_missing_or_awaited() {
        let policy = fixture::policy();
        let releases = fixture::region(&policy);
        let eighth = policy.policy().first_quarter.plus(7);
        let (due, oldham, wigan) = (policy.due_at(eighth), fixture::oldham(), fixture::wigan());
        let picture = Picture::new(policy.clone(), releases.clone(), due.plus_seconds(-1)).unwrap();
        assert_eq!((picture.quarters(), picture.latest()), (8, Some(7)));
        assert_eq!(picture.standing(&oldham, 7), Standing::Awaited);
        assert!(matches!(picture.standing(&oldham, 6), Standing::InTime { .. }));
        assert!(matches!(picture.standing(&wigan, 6), Standing::Late { .. }));
        let picture = Picture::new(policy, releases, due).unwrap();
        assert_eq!(picture.standing(&oldham, 7), Standing::Missing);
    }
}
