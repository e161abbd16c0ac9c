//! Standing approval of routine quarters: what an approver signs once for up to a year, and when it covers one. Pure.
//!
//! # Privacy
//! Whether a quarter is covered depends on the policy, people, dates and agreements: on nothing that a family can
//! change. No condition looks at a figure, so waiting for a person tells nothing about one.

use serde::{Deserialize, Serialize};
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::BoroughCode,
    protocol::{PublicKey, SignatureError, SigningKey, signature},
};

use super::decision::{DecisionFault, open};

/// The media type of a signed standing approval.
pub const STANDING_TYPE: &str = "tenfold-standing-approval+jws";
/// The format of a standing approval.
pub const STANDING_FORMAT: &str = "tenfold-standing-approval/1";
/// The longest that one holds, in days.
pub const LONGEST_DAYS: i64 = 366;

/// An approver's word about routine quarters to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingApproval {
    /// [`STANDING_FORMAT`].
    pub format: String,
    /// The borough.
    pub borough: BoroughCode,
    /// Hash of the policy; under another it covers nothing.
    pub policy: String,
    /// Account of the person who prepares; none for any analyst.
    pub preparer: Option<String>,
    /// Account of the approver.
    pub by: String,
    /// When it was given.
    pub from: Moment,
    /// It covers nothing from then on.
    pub until: Moment,
}

/// A standing approval as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Its number.
    pub number: i64,
    /// What was signed.
    pub terms: StandingApproval,
    /// The approver's signed word.
    pub signed: String,
    /// When and by whom it was revoked, if it was.
    pub revoked: Option<(Moment, String)>,
}

/// One use that is asked for, or was made.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// Hash of the policy that the quarter was prepared under.
    pub policy: &'a str,
    /// The quarter.
    pub quarter: Quarter,
    /// Whether nothing was sealed before it: the first release, the opening position among them, is never routine.
    pub is_first: bool,
    /// Whether it answers a one-off question, which is never routine either.
    pub answers: bool,
    /// Who prepared it.
    pub prepared_by: &'a str,
    /// Who puts the standing approval to use.
    pub used_by: &'a str,
    /// When.
    pub at: Moment,
}

/// Why a standing approval cannot be given or does not cover a quarter.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StandingFault {
    /// Its end is not within a year.
    #[error(
        "a standing approval ends after it is given and at most {LONGEST_DAYS} days later: {from} to {until} is not that"
    )]
    Span {
        /// From when.
        from: Moment,
        /// Until when.
        until: Moment,
    },
    /// The approver cannot be the preparer.
    #[error("{name} cannot approve beforehand what {name} prepares; name another preparer")]
    OwnWork {
        /// Who.
        name: String,
    },
    /// It has ended, or is not given yet.
    #[error("standing approval {number} covers {from} to {until}, it is {at}")]
    Ended {
        /// Its number.
        number: i64,
        /// From when.
        from: Moment,
        /// Until when.
        until: Moment,
        /// Now.
        at: Moment,
    },
    /// It was revoked.
    #[error("standing approval {number} was revoked at {at} by {by}")]
    Revoked {
        /// Its number.
        number: i64,
        /// When.
        at: Moment,
        /// By whom.
        by: String,
    },
    /// Another policy is in force.
    #[error("standing approval {number} is for another policy than the quarter was prepared under")]
    Policy {
        /// Its number.
        number: i64,
    },
    /// The first release is never routine.
    #[error(
        "{quarter} is the first release or the opening position, which is never routine: an approver looks at it"
    )]
    First {
        /// The quarter.
        quarter: Quarter,
    },
    /// A one-off question is never routine.
    #[error("{quarter} answers a one-off question, which is never routine: an approver looks at it")]
    Answers {
        /// The quarter.
        quarter: Quarter,
    },
    /// Somebody else prepared it.
    #[error("standing approval {number} is for quarters that {expected} prepares, {found} prepared this one")]
    Preparer {
        /// Its number.
        number: i64,
        /// Who was named.
        expected: String,
        /// Who it was.
        found: String,
    },
    /// None was ever given.
    #[error(
        "no standing approval covers {quarter}: an approver looks at it, `tenfold-node release show {quarter}`"
    )]
    None {
        /// The quarter.
        quarter: Quarter,
    },
    /// Who prepared it wants to use it.
    #[error("{name} prepared {quarter}; another person puts a standing approval to use")]
    SamePerson {
        /// Who.
        name: String,
        /// The quarter.
        quarter: Quarter,
    },
}

impl StandingApproval {
    /// The word, signed. Whether it may be given is for [`Self::may_be_given`] to say, before.
    ///
    /// # Errors
    /// Where the key cannot sign.
    pub fn sign(&self, key: &SigningKey) -> Result<String, SignatureError> {
        signature::sign(self, STANDING_TYPE, key)
    }

    /// Refuses terms that nobody may sign.
    ///
    /// # Errors
    /// `Span` or `OwnWork`.
    pub fn may_be_given(&self) -> Result<(), StandingFault> {
        let longest = self.from.plus_days(LONGEST_DAYS);
        if self.until <= self.from || self.until > longest {
            return Err(StandingFault::Span { from: self.from, until: self.until });
        }
        if self.preparer.as_ref() == Some(&self.by) {
            return Err(StandingFault::OwnWork { name: self.by.clone() });
        }
        Ok(())
    }
}

impl Granted {
    /// Whether it may still be put to use at a moment.
    pub fn stands(&self, at: Moment) -> bool {
        self.revoked.is_none() && self.in_time(at).is_ok()
    }

    /// Refuses a new use that it does not cover, or that comes after its revocation.
    ///
    /// # Errors
    /// The first condition that does not hold.
    pub fn may_be_used(&self, asked: &Use<'_>) -> Result<(), StandingFault> {
        match &self.revoked {
            Some((at, by)) => Err(StandingFault::Revoked { number: self.number, at: *at, by: by.clone() }),
            None => self.covers(asked),
        }
    }

    /// Refuses unless one of these keys signed exactly these terms; the key that did.
    ///
    /// # Errors
    /// The first thing that differs.
    pub fn check<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<&'k PublicKey, DecisionFault> {
        let by = &self.terms.by;
        let (found, key) = open::<StandingApproval>(&self.signed, STANDING_TYPE, keys)
            .ok_or_else(|| DecisionFault::Key { by: by.clone(), at: self.terms.from })?;
        if found != self.terms {
            return Err(DecisionFault::Other { by: by.clone(), field: "standing approval" });
        }
        Ok(key)
    }

    /// Refuses a use that it did not cover when it was made.
    ///
    /// # Errors
    /// The first condition that does not hold.
    pub fn covers(&self, asked: &Use<'_>) -> Result<(), StandingFault> {
        let (number, quarter, terms) = (self.number, asked.quarter, &self.terms);
        terms.may_be_given()?;
        self.in_time(asked.at)?;
        if asked.is_first {
            return Err(StandingFault::First { quarter });
        }
        if asked.answers {
            return Err(StandingFault::Answers { quarter });
        }
        if terms.policy != asked.policy {
            return Err(StandingFault::Policy { number });
        }
        if let Some(expected) = terms.preparer.as_ref().filter(|named| *named != asked.prepared_by) {
            let (expected, found) = (expected.clone(), asked.prepared_by.to_owned());
            return Err(StandingFault::Preparer { number, expected, found });
        }
        if asked.prepared_by == terms.by {
            return Err(StandingFault::OwnWork { name: terms.by.clone() });
        }
        if asked.prepared_by == asked.used_by {
            return Err(StandingFault::SamePerson { name: asked.used_by.to_owned(), quarter });
        }
        Ok(())
    }

    fn in_time(&self, at: Moment) -> Result<(), StandingFault> {
        let (number, from, until) = (self.number, self.terms.from, self.terms.until);
        match &self.revoked {
            Some((revoked, by)) if *revoked < at => {
                Err(StandingFault::Revoked { number, at: *revoked, by: by.clone() })
            }
            _ if at < from || at >= until => Err(StandingFault::Ended { number, from, until, at }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Moment {
        "2015-08-01T09:00:00Z".parse::<Moment>().unwrap().plus_days(day)
    }

    fn granted() -> Granted {
        let terms = StandingApproval {
            format: STANDING_FORMAT.into(),
            borough: "E08000001".parse().unwrap(),
            policy: "ab".into(),
            preparer: Some("amina".into()),
            by: "ben".into(),
            from: at(0),
            until: at(366),
        };
        Granted { number: 1, terms, signed: String::new(), revoked: None }
    }

    /// Each condition alone, made wrong, is the one that refuses.
    #[test]
    fn each_condition_refuses_alone() {
        let sound = Use {
            policy: "ab",
            quarter: "2015-Q3".parse().unwrap(),
            is_first: false,
            answers: false,
            prepared_by: "amina",
            used_by: "dana",
            at: at(90),
        };
        let word = |granted: &Granted, asked: &Use<'_>| match granted.covers(asked) {
            Ok(()) => "covered",
            Err(StandingFault::Span { .. }) => "span",
            Err(StandingFault::OwnWork { .. }) => "own work",
            Err(StandingFault::Ended { .. }) => "ended",
            Err(StandingFault::Revoked { .. }) => "revoked",
            Err(StandingFault::Policy { .. }) => "policy",
            Err(StandingFault::First { .. }) => "first",
            Err(StandingFault::Answers { .. }) => "answers",
            Err(StandingFault::Preparer { .. }) => "preparer",
            Err(StandingFault::SamePerson { .. }) => "same person",
            Err(StandingFault::None { .. }) => "none",
        };
        assert_eq!(word(&granted(), &sound), "covered");
        assert_eq!(word(&granted(), &Use { used_by: "ben", ..sound }), "covered");
        for (asked, refused) in [
            (Use { at: at(366), ..sound }, "ended"),
            (Use { at: at(-1), ..sound }, "ended"),
            (Use { policy: "cd", ..sound }, "policy"),
            (Use { is_first: true, ..sound }, "first"),
            (Use { answers: true, ..sound }, "answers"),
            (Use { prepared_by: "cara", ..sound }, "preparer"),
            (Use { used_by: "amina", ..sound }, "same person"),
        ] {
            assert_eq!(word(&granted(), &asked), refused);
        }
        let revoked = Granted { revoked: Some((at(90), "eve".into())), ..granted() };
        assert_eq!(word(&revoked, &Use { at: at(91), ..sound }), "revoked");
        // What was used before, if only in the same second, stays good; nothing is used anew.
        assert_eq!(word(&revoked, &sound), "covered");
        assert!(matches!(revoked.may_be_used(&sound), Err(StandingFault::Revoked { .. })));
        assert!(granted().may_be_used(&sound).is_ok() && granted().stands(at(90)) && !revoked.stands(at(1)));
        let with = |change: fn(&mut StandingApproval)| {
            let mut granted = granted();
            change(&mut granted.terms);
            granted
        };
        assert_eq!(word(&with(|terms| terms.until = at(367)), &sound), "span");
        assert_eq!(word(&with(|terms| terms.until = at(0)), &sound), "span");
        let anyone = with(|terms| terms.preparer = None);
        assert_eq!(word(&anyone, &Use { prepared_by: "cara", ..sound }), "covered");
        assert_eq!(word(&anyone, &Use { prepared_by: "ben", ..sound }), "own work");
        assert_eq!(word(&with(|terms| terms.preparer = Some("ben".into())), &sound), "own work");
    }

    #[test]
    fn only_what_was_signed_stands() {
        let (ben, cara) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let (own, other) = (ben.public(), cara.public());
        let signed = Granted { signed: granted().terms.sign(&ben).unwrap(), ..granted() };
        assert_eq!(signed.check([&other, &own]), Ok(&own));
        assert!(matches!(signed.check([&other]), Err(DecisionFault::Key { .. })));
        let mut longer = signed.clone();
        longer.terms.until = at(365);
        assert!(matches!(longer.check([&own]), Err(DecisionFault::Other { .. })));
        // A decision's signature is no standing approval's.
        let typed = signature::sign(&granted().terms, super::super::decision::DECISION_TYPE, &ben).unwrap();
        assert!(Granted { signed: typed, ..granted() }.check([&own]).is_err());
    }
}
