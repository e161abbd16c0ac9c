//! A policy that was verified whole: what everything is released, received and shown under.

use std::{ops::Range, sync::Arc};

use super::{POLICY_TYPE, Policy, PolicyError, StreamPolicy};
use crate::{
    calendar::Quarter,
    clock::Moment,
    geography::{BoroughCode, WardCode},
    privacy::Rho,
    protocol::signature::{self, PublicKey},
};

/// A policy that was verified whole; the only kind anything is released under. Clones share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPolicy {
    policy: Arc<Policy>,
    hash: Arc<str>,
    signed: Arc<str>,
    joined: Option<Quarter>,
}

impl VerifiedPolicy {
    /// Opens a signed policy: signature over the received bytes, canonical form, and every check.
    ///
    /// # Errors
    /// The first fault found.
    pub fn open(signed: &str, region: &PublicKey) -> Result<Self, PolicyError> {
        let policy: Policy = signature::open(signed, POLICY_TYPE, region)?;
        policy.verify()?;
        let hash = signature::payload_hash(signed)?.into();
        Ok(Self { policy: Arc::new(policy), hash, signed: signed.into(), joined: None })
    }

    /// The policy itself.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// SHA-256 of the canonical bytes, in hexadecimal: binds every release.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The signed text as received.
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// The stream with a name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn stream(&self, name: &str) -> Result<&StreamPolicy, PolicyError> {
        let found = self.policy.streams.iter().find(|stream| stream.name == name);
        found.ok_or_else(|| PolicyError::Absent { what: "stream", name: name.to_owned() })
    }

    /// The number of places of a borough, *not known or elsewhere* included.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn places(&self, borough: &BoroughCode) -> Result<usize, PolicyError> {
        Ok(self.wards(borough)?.len() + 1)
    }

    /// The wards of a borough in the order of the cells.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn wards(&self, borough: &BoroughCode) -> Result<&[WardCode], PolicyError> {
        let found = self.policy.boroughs.iter().find(|places| &places.borough == borough);
        found
            .map(|places| places.wards.as_slice())
            .ok_or_else(|| PolicyError::Absent { what: "borough", name: borough.to_string() })
    }

    /// The cell of a ward; what is not known or not in the list falls into the last cell.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn place(&self, borough: &BoroughCode, ward: Option<&WardCode>) -> Result<usize, PolicyError> {
        let wards = self.wards(borough)?;
        Ok(ward.and_then(|ward| wards.iter().position(|known| known == ward)).unwrap_or(wards.len()))
    }

    /// The row of a quarter in the horizon, from 0.
    ///
    /// # Errors
    /// Where the quarter lies outside the horizon.
    pub fn quarter_index(&self, quarter: Quarter) -> Result<usize, PolicyError> {
        usize::try_from(quarter.quarters_since(self.policy.first_quarter))
            .ok()
            .filter(|&index| index < self.policy.time_matrix.size())
            .ok_or_else(|| PolicyError::Absent { what: "quarter", name: quarter.to_string() })
    }

    /// The rows, from 0, of the quarters up to one that count as zero in every release: before the borough's first
    /// release there is nothing, as in a quarter that was declared void.
    ///
    /// # Errors
    /// Where the quarter lies outside the horizon.
    pub fn empty_quarters(
        &self,
        until: Quarter,
        is_void: impl Fn(Quarter) -> bool,
    ) -> Result<Vec<usize>, PolicyError> {
        let first = self.policy.first_quarter;
        let is_empty = |quarter| quarter < self.first_release() || is_void(quarter);
        let rows = 0..=self.quarter_index(until)?;
        Ok(rows.filter(|&row| is_empty(first.plus(row as i32))).collect())
    }

    /// The policy as a borough lives under it whose first release is of that quarter.
    pub fn joined_with(self, first: Quarter) -> Self {
        Self { joined: Some(first), ..self }
    }

    /// The quarter of the first release of all: the borough's, or where the policy is not read for one, that of
    /// the horizon.
    pub fn first_release(&self) -> Quarter {
        self.joined.unwrap_or(self.policy.first_quarter)
    }

    /// The last quarter of the horizon.
    pub fn last_quarter(&self) -> Quarter {
        let size = i32::try_from(self.policy.time_matrix.size()).unwrap_or(i32::MAX);
        self.policy.first_quarter.plus(size - 1)
    }

    /// Whether a quarter is the opening position: everything up to its last day, with what boroughs bring from
    /// before Tenfold, and no quarter's activity. A policy that takes over from another opens nothing again.
    pub fn is_opening(&self, quarter: Quarter) -> bool {
        let first = match self.policy.succeeds {
            Some(_) => self.joined == Some(quarter),
            None => quarter == self.first_release(),
        };
        self.policy.opening && first
    }

    /// Whether a quarter's release has the groups that are released once a year: those of the year it ends.
    ///
    /// # Errors
    /// Where the quarter lies outside the horizon.
    pub fn ends_year(&self, quarter: Quarter) -> Result<bool, PolicyError> {
        Ok(self.policy.years().ended_by(self.quarter_index(quarter)?).is_some())
    }

    /// What readers call the quarters that a year's groups count: `2015-16`, a part of it by its first and last
    /// months, or the opening position.
    pub fn year_name(&self, quarters: &Range<usize>) -> String {
        let at = |index: usize| self.policy.first_quarter.plus(index as i32);
        let (first, last) = (at(quarters.start), at(quarters.end.saturating_sub(1)));
        if self.is_opening(last) {
            return opening_name(last);
        }
        if first.financial_number() == 1 && quarters.len() == 4 {
            return first.financial_year();
        }
        let months = |quarter: Quarter| quarter.months();
        let (from, to) = (months(first), months(last));
        let (from, to) = (from.split(" to ").next(), to.split(" to ").nth(1));
        format!(
            "{} {} to {}",
            from.unwrap_or_default(),
            first.first_day().format("%Y"),
            to.unwrap_or_default()
        )
    }

    /// What readers call a period by itself: `opening position to 31 March 2015`, or the quarter's long name.
    pub fn period_name(&self, quarter: Quarter) -> String {
        if self.is_opening(quarter) { opening_name(quarter) } else { quarter.long_name() }
    }

    /// The same in few words.
    pub fn short_period_name(&self, quarter: Quarter) -> String {
        if self.is_opening(quarter) { opening_name(quarter) } else { quarter.short_name() }
    }

    /// The exact charge of a stream over the whole horizon, for any one line of a borough.
    ///
    /// # Errors
    /// Where stream or borough is not in the policy.
    pub fn charge(&self, stream: &str, borough: &BoroughCode) -> Result<Rho, PolicyError> {
        self.stream(stream)?.charge(self.places(borough)?, self.policy.column_sums())
    }

    /// The instant at which a quarter's recording period ends: what is recorded at it or later is the next's.
    pub fn recording_ends(&self, quarter: Quarter) -> Moment {
        after(quarter, self.policy.dates.recording_ends_after_days)
    }

    /// The instant at which a quarter's sealed bytes leave the node.
    pub fn delivers_at(&self, quarter: Quarter) -> Moment {
        after(quarter, self.policy.dates.deliver_after_days)
    }

    /// The instant from which a release of the quarter is late.
    pub fn due_at(&self, quarter: Quarter) -> Moment {
        after(quarter, self.policy.dates.due_after_days)
    }

    /// The quarter whose recording period contains a moment; whatever was recorded before the horizon's
    /// first period belongs to that period.
    ///
    /// # Errors
    /// Where the moment lies after the horizon.
    pub fn recording_quarter(&self, recorded_at: Moment) -> Result<Quarter, PolicyError> {
        let first = self.policy.first_quarter;
        (0..self.policy.time_matrix.size())
            .map(|index| first.plus(index as i32))
            .find(|&quarter| recorded_at < self.recording_ends(quarter))
            .ok_or_else(|| PolicyError::Absent { what: "quarter", name: recorded_at.to_string() })
    }
}

fn opening_name(quarter: Quarter) -> String {
    format!("opening position to {}", quarter.last_day().format("%-d %B %Y"))
}

fn after(quarter: Quarter, days: u16) -> Moment {
    Moment::at_start_of(quarter.next().first_day()).plus_days(i64::from(days))
}
