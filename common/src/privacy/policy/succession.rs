//! Policies one after another: which rules a quarter, and what a policy must keep that takes over from another.
//!
//! A change of policy and an extension of the horizon are the same act. The old series ends with the quarter
//! before, the new one begins; their noise is independent. A line that a stream has counted under one policy is
//! never counted in it again, so of two policies' charges for a stream a line meets one.

use super::{Policy, PolicyError, VerifiedPolicy};
use crate::{
    calendar::Quarter,
    clock::Moment,
    geography::{BoroughCode, WardCode},
};

/// One policy of a succession and the quarters it rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The policy.
    pub policy: VerifiedPolicy,
    /// How many quarters it rules, from its first.
    pub quarters: usize,
}

impl Term {
    /// The first quarter it rules.
    pub fn first_quarter(&self) -> Quarter {
        self.policy.policy().first_quarter
    }

    /// The last quarter it rules.
    pub fn last_quarter(&self) -> Quarter {
        let quarters = i32::try_from(self.quarters).unwrap_or(i32::MAX);
        self.first_quarter().plus(quarters - 1)
    }
}

/// Policies in force one after another, first to last, without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Never empty.
    terms: Vec<Term>,
}

impl From<VerifiedPolicy> for Succession {
    fn from(policy: VerifiedPolicy) -> Self {
        let quarters = policy.policy().time_matrix.size();
        Self { terms: vec![Term { policy, quarters }] }
    }
}

impl Succession {
    /// The policies that lead up to the newest, as far as they are among those known.
    ///
    /// # Errors
    /// Where one does not follow the one it names.
    pub fn up_to(newest: VerifiedPolicy, known: &[VerifiedPolicy]) -> Result<Self, PolicyError> {
        let mut chain = vec![newest];
        // A policy names its predecessor by a hash, so no chain can return to itself.
        while let Some(before) = chain.last().and_then(|policy| predecessor(policy, known)) {
            chain.push(before.clone());
        }
        let oldest = chain.pop().expect("the newest is in it");
        chain.into_iter().rev().try_fold(Self::from(oldest), Self::followed_by)
    }

    /// The same with a policy that takes over at its first quarter.
    ///
    /// # Errors
    /// Where it does not follow the newest.
    pub fn followed_by(mut self, next: VerifiedPolicy) -> Result<Self, PolicyError> {
        follows(next.policy(), self.newest())?;
        if let Some(last) = self.terms.last_mut() {
            let rules = next.policy().first_quarter.quarters_since(last.policy.policy().first_quarter);
            last.quarters = usize::try_from(rules).unwrap_or(0);
        }
        let quarters = next.policy().time_matrix.size();
        self.terms.push(Term { policy: next, quarters });
        Ok(self)
    }

    /// The policies, first to last.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The policy that takes over last; it may not rule yet.
    pub fn newest(&self) -> &VerifiedPolicy {
        &self.terms[self.terms.len() - 1].policy
    }

    /// Hash of the newest policy.
    pub fn hash(&self) -> &str {
        self.newest().hash()
    }

    /// The first quarter of all.
    pub fn first_quarter(&self) -> Quarter {
        self.terms[0].policy.policy().first_quarter
    }

    /// How many quarters are ruled in all.
    pub fn size(&self) -> usize {
        self.terms.iter().map(|term| term.quarters).sum()
    }

    /// The index of a quarter, counted from the first of all.
    ///
    /// # Errors
    /// Where no policy rules it.
    pub fn quarter_index(&self, quarter: Quarter) -> Result<usize, PolicyError> {
        usize::try_from(quarter.quarters_since(self.first_quarter()))
            .ok()
            .filter(|&index| index < self.size())
            .ok_or_else(|| PolicyError::Absent { what: "quarter", name: quarter.to_string() })
    }

    /// The policy that rules a quarter.
    ///
    /// # Errors
    /// Where none does.
    pub fn of(&self, quarter: Quarter) -> Result<&VerifiedPolicy, PolicyError> {
        self.quarter_index(quarter)?;
        Ok(self.nearest(quarter))
    }

    /// The policy that rules a quarter; before the first the first, after the last the last.
    pub fn nearest(&self, quarter: Quarter) -> &VerifiedPolicy {
        let begun = self.terms.iter().rev().find(|term| term.policy.policy().first_quarter <= quarter);
        begun.map_or(&self.terms[0].policy, |term| &term.policy)
    }

    /// Whether a quarter is the region's opening position; a borough that joins later has its own.
    pub fn is_opening(&self, quarter: Quarter) -> bool {
        self.terms[0].policy.is_opening(quarter)
    }

    /// What readers call a period by itself.
    pub fn period_name(&self, quarter: Quarter) -> String {
        self.nearest(quarter).period_name(quarter)
    }

    /// The instant at which a quarter's recording period ends.
    pub fn recording_ends(&self, quarter: Quarter) -> Moment {
        self.nearest(quarter).recording_ends(quarter)
    }

    /// The instant from which a release of a quarter is late.
    pub fn due_at(&self, quarter: Quarter) -> Moment {
        self.nearest(quarter).due_at(quarter)
    }

    /// The newest entry of each stream that any policy has: the newest policy's first.
    pub fn streams(&self) -> Vec<&super::StreamPolicy> {
        let mut found: Vec<&super::StreamPolicy> = Vec::new();
        for stream in self.terms.iter().rev().flat_map(|term| &term.policy.policy().streams) {
            if !found.iter().any(|known| known.name == stream.name) {
                found.push(stream);
            }
        }
        found
    }

    /// The newest entry of a stream.
    ///
    /// # Errors
    /// Where no policy has it.
    pub fn stream(&self, name: &str) -> Result<&super::StreamPolicy, PolicyError> {
        let found = self.streams().into_iter().find(|stream| stream.name == name);
        found.ok_or_else(|| PolicyError::Absent { what: "stream", name: name.to_owned() })
    }

    /// The boroughs, in the newest policy's order.
    pub fn boroughs(&self) -> Vec<BoroughCode> {
        self.newest().policy().boroughs.iter().map(|places| places.borough.clone()).collect()
    }

    /// The wards of a borough, which no policy of a succession changes.
    ///
    /// # Errors
    /// Where the newest policy does not have the borough.
    pub fn wards(&self, borough: &BoroughCode) -> Result<&[WardCode], PolicyError> {
        self.newest().wards(borough)
    }
}

fn predecessor<'a>(policy: &VerifiedPolicy, known: &'a [VerifiedPolicy]) -> Option<&'a VerifiedPolicy> {
    let named = policy.policy().succeeds.as_deref()?;
    known.iter().find(|known| known.hash() == named)
}

/// Refuses a policy that does not follow another: it names the one before, takes over within its horizon or at its
/// end, and keeps what a reader adds up over both.
///
/// # Privacy
/// The journal spans policies, so no line is counted twice; what is kept here is the meaning of the sums.
fn follows(next: &Policy, before: &VerifiedPolicy) -> Result<(), PolicyError> {
    let old = before.policy();
    let refuse = |reason: String| {
        Err(PolicyError::NotSuccessor { name: next.name.clone(), from: old.name.clone(), reason })
    };
    if next.succeeds.as_deref() != Some(before.hash()) {
        let named = next.succeeds.as_deref().unwrap_or("no policy");
        return refuse(format!("it names {named} as the one before, expected {}", before.hash()));
    }
    let (first, last) = (old.first_quarter.next(), before.last_quarter().next());
    if !(first..=last).contains(&next.first_quarter) {
        return refuse(format!("it begins with {}, expected {first} to {last}", next.first_quarter));
    }
    if (next.opening, next.rehearsal) != (old.opening, old.rehearsal) {
        return refuse("both have an opening position or none, and both are rehearsals or none".to_owned());
    }
    for places in &old.boroughs {
        if !next.boroughs.contains(places) {
            return refuse(format!("borough {} is missing or has other wards", places.borough));
        }
    }
    for stream in &next.streams {
        let Some(known) = old.streams.iter().find(|known| known.name == stream.name) else { continue };
        if (stream.by_place, &stream.label_sets) != (known.by_place, &known.label_sets) {
            return refuse(format!(
                "stream {:?} is counted by other labels or places; a stream's name is for ever, so what counts \
                 otherwise needs a name of its own",
                stream.name
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        privacy::{
            Rho,
            policy::{ATTACHED, POLICY_TYPE, tests::policy},
        },
        protocol::{SigningKey, signature},
    };

    fn signed(key: &SigningKey, change: impl FnOnce(&mut Policy)) -> VerifiedPolicy {
        let mut policy = policy();
        change(&mut policy);
        VerifiedPolicy::open(&signature::sign(&policy, POLICY_TYPE, key).unwrap(), &key.public()).unwrap()
    }

    fn quarter(text: &str) -> Quarter {
        text.parse().unwrap()
    }

    #[test]
    fn each_quarter_has_one_policy_and_the_old_ones_stay_readable() {
        let key = SigningKey::generate().unwrap();
        let first = signed(&key, |_| {});
        let second = signed(&key, |policy| {
            (policy.succeeds, policy.first_quarter) = (Some(first.hash().into()), quarter("2016-Q2"));
        });
        let third = signed(&key, |policy| {
            // An extension: it takes over when the horizon is over.
            (policy.succeeds, policy.first_quarter) = (Some(second.hash().into()), quarter("2022-Q2"));
        });
        let all = [third.clone(), first.clone(), second.clone()];
        let chain = Succession::up_to(third.clone(), &all).unwrap();
        assert_eq!((chain.size(), chain.terms()[0].quarters, chain.terms()[1].quarters), (52, 4, 24));
        for (text, ruled) in [
            ("2015-Q2", &first),
            ("2016-Q1", &first),
            ("2016-Q2", &second),
            ("2022-Q1", &second),
            ("2022-Q2", &third),
            ("2028-Q1", &third),
        ] {
            assert_eq!(chain.of(quarter(text)).unwrap().hash(), ruled.hash(), "{text}");
        }
        assert!(chain.of(quarter("2015-Q1")).is_err() && chain.of(quarter("2028-Q2")).is_err());
        assert!(chain.is_opening(quarter("2015-Q2")) && !chain.is_opening(quarter("2016-Q2")));
        assert!(!second.is_opening(quarter("2016-Q2")), "nothing is opened again");
        let late = second.clone().joined_with(quarter("2016-Q4"));
        assert!(late.is_opening(quarter("2016-Q4")) && !late.is_opening(quarter("2016-Q2")));
        // What is not known ends the chain.
        let alone = Succession::up_to(third.clone(), &[first]).unwrap();
        assert_eq!((alone.size(), alone.first_quarter()), (24, quarter("2022-Q2")));
    }

    #[test]
    fn what_does_not_follow_is_refused() {
        let key = SigningKey::generate().unwrap();
        let first = signed(&key, |_| {});
        let told = |change: fn(&mut Policy)| {
            let next = signed(&key, |policy| {
                (policy.succeeds, policy.first_quarter) = (Some(first.hash().into()), quarter("2016-Q2"));
                change(policy);
            });
            Succession::from(first.clone()).followed_by(next).map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(told(|_| {}), Ok(()));
        assert_eq!(told(|policy| policy.total = Rho::from_nano(900_000_000)), Ok(()));
        for (change, words) in [
            ((|policy| policy.succeeds = None) as fn(&mut Policy), "names no policy as the one before"),
            (|policy| policy.succeeds = Some("another".into()), "names another"),
            (|policy| policy.first_quarter = quarter("2015-Q2"), "expected 2015-Q3 to 2021-Q2"),
            (|policy| policy.first_quarter = quarter("2021-Q3"), "expected 2015-Q3 to 2021-Q2"),
            (|policy| policy.opening = false, "an opening position or none"),
            (|policy| policy.rehearsal = !policy.rehearsal, "both are rehearsals or none"),
            (|policy| drop(policy.boroughs.remove(3)), "borough E08000004 is missing"),
            (|policy| policy.boroughs[3].wards.swap(0, 1), "has other wards"),
            (|policy| policy.streams[0].label_sets[0].labels.swap(0, 1), "a stream's name is for ever"),
            (
                |policy| {
                    let name = std::mem::replace(&mut policy.streams[3].name, ATTACHED.to_owned());
                    policy.streams[0].name = name;
                },
                "a stream's name is for ever",
            ),
        ] {
            let refused = told(change).unwrap_err();
            assert!(refused.contains(words), "{words}: {refused}");
        }
        let renamed = told(|policy| policy.streams[0].name = format!("{ATTACHED}-2"));
        assert_eq!(renamed, Ok(()), "another name is another stream, and new spending");
    }
}
