//! Decides who is one person and one family where records leave it open; every decision can be taken back.

use serde::Serialize;
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, require, settle};
use crate::{
    register::{
        families::FamilyNumber,
        linkage::Reason,
        matching::{Identity, PersonNumber},
        persons::Doubt,
    },
    store::{
        self,
        decisions::{Decision, DecisionKind},
    },
};

/// One of two people in question, as the records say; for the borough's own people only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The person.
    pub person: String,
    /// The family, if any.
    pub family: Option<String>,
    /// Forenames and surname.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<chrono::NaiveDate>,
    /// Which numbers are known: NHS, UPN, NI, case.
    pub numbers: Vec<String>,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.person)
    }
}

/// Two people who may be one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// One of them.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// Why it is asked.
    pub why: String,
    /// The weight for *one person* in bits, where names and dates were weighed.
    pub weight: Option<f64>,
    /// What that weight is made of: which fields agree, how well, and what each weighs.
    pub because: Vec<Reason>,
}

/// What waits for a decision, and what it means for the number of people and families.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Queue {
    /// Pairs, the likeliest first.
    pub questions: Vec<Question>,
    /// People and families if every pair is two.
    pub most: (usize, usize),
    /// People and families if every pair is one.
    pub fewest: (usize, usize),
    /// Addresses of many, which were not used to join anybody.
    pub communal_addresses: usize,
    /// Numbers given by so many people that they are placeholders.
    pub placeholder_numbers: usize,
    /// People who arrived since everybody was last weighed.
    pub not_weighed: usize,
}

/// Two people, by their places, who may be one.
struct Pair {
    one: usize,
    other: usize,
    why: String,
    weight: Option<f64>,
    because: Vec<Reason>,
}

/// What waits for a person's decision.
///
/// # Errors
/// Where the database cannot be read.
pub fn queue(node: &Node) -> Result<Queue, DutyError> {
    node.store.read(|connection| {
        let standing = settle::look(connection)?;
        let (known, settled) = (&standing.known, &standing.settled);
        let person_of = standing.person_of();
        let mut pairs = Vec::new();
        for &(one, other, doubt) in &settled.doubts {
            let why = match doubt {
                Doubt::KeyAgainstName => "a number agrees; name and date of birth do not",
                Doubt::NameOfSeveral => {
                    "name and date of birth agree; so do those of somebody with another number"
                }
            };
            let (one, other) = (person_of[one], person_of[other]);
            pairs.push(Pair { one, other, why: why.to_owned(), weight: None, because: Vec::new() });
        }
        let place = standing.place_of();
        for link in store::decisions::links(connection)? {
            if let (Some(&one), Some(&other)) = (place.get(&link.one), place.get(&link.other)) {
                pairs.push(Pair {
                    one: person_of[one],
                    other: person_of[other],
                    why: "names, dates and places are alike".to_owned(),
                    weight: Some(link.millibits as f64 / 1_000.0),
                    because: link.because,
                });
            }
        }
        let decided: Vec<Decision> = store::decisions::standing(connection)?;
        let apart = |one: usize, other: usize| {
            decided.iter().any(|decision| {
                let at = |identity: &Identity| place.get(identity).map(|&at| person_of[at]);
                decision.kind == DecisionKind::DifferentPerson
                    && [(Some(one), Some(other)), (Some(other), Some(one))]
                        .contains(&(at(&decision.one), at(&decision.other)))
            })
        };
        pairs.retain(|pair| pair.one != pair.other && !apart(pair.one, pair.other));
        pairs.sort_by(|a, b| {
            let weight = |pair: &Pair| pair.weight.unwrap_or(f64::MAX);
            weight(b).total_cmp(&weight(a)).then((a.one, a.other).cmp(&(b.one, b.other)))
        });
        pairs.dedup_by_key(|pair| (pair.one.min(pair.other), pair.one.max(pair.other)));
        let side = |at: usize| {
            let person = &settled.persons[at];
            let who = &known.mentions[person.named_by].mention.who;
            let born = known.mentions[person.born_by].mention.who.birth_date;
            let has = |wanted: fn(&crate::register::matching::Who) -> bool, word: &str| {
                let any = person.mentions.iter().any(|&at| wanted(&known.mentions[at].mention.who));
                any.then(|| word.to_owned())
            };
            let numbers = [
                has(|who| who.nhs_number.is_some(), "NHS"),
                has(|who| who.upn.is_some(), "UPN"),
                has(|who| who.ni_number.is_some(), "NI"),
                has(|who| who.case_id.is_some(), "case"),
            ];
            Side {
                person: format!("P{}", person.number),
                family: person.membership.family.map(|family| format!("F{family}")),
                name: format!("{} {}", who.given_name, who.family_name).trim().to_owned(),
                birth_date: born,
                numbers: numbers.into_iter().flatten().collect(),
            }
        };
        let most = (settled.persons.len(), settled.families.len());
        let joined: Vec<(usize, usize)> = pairs.iter().map(|pair| (pair.one, pair.other)).collect();
        Ok(Queue {
            fewest: standing.if_joined(&joined),
            most,
            questions: pairs
                .into_iter()
                .map(|Pair { one, other, why, weight, because }| {
                    let (one, other) = (side(one), side(other));
                    Question { one, other, why, weight, because }
                })
                .collect(),
            communal_addresses: settled.communal.len(),
            placeholder_numbers: settled.placeholders,
            not_weighed: store::decisions::not_weighed(connection)?,
        })
    })
}

/// Decides whether two people are one, and puts the register together by it; the decision's number.
///
/// # Errors
/// Where either is not in the register, or it is so already.
pub fn decide_people(
    node: &Node,
    one: PersonNumber,
    other: PersonNumber,
    same: bool,
    reason: &str,
    by: &Account,
) -> Result<i64, DutyError> {
    let kind = if same { DecisionKind::SamePerson } else { DecisionKind::DifferentPerson };
    decide(node, kind, reason, by, |connection| {
        let one = store::decisions::of_person(connection, one)?;
        let other = store::decisions::of_person(connection, other)?;
        match (one.first(), other.first()) {
            (Some(&one), Some(&other)) if one != other => Ok(vec![(one, other)]),
            _ => Err(DutyError::NotInRegister { what: "one of the two people".to_owned() }),
        }
    })
}

/// Takes a mention out of the person it was taken for: it is somebody else.
///
/// # Errors
/// Where there is no such mention, or it is the person's only one.
pub fn split_person(node: &Node, mention: i64, reason: &str, by: &Account) -> Result<i64, DutyError> {
    decide(node, DecisionKind::DifferentPerson, reason, by, |connection| {
        let (this, others) = store::decisions::beside_mention(connection, mention)?
            .ok_or_else(|| DutyError::NotInRegister { what: format!("mention {mention}") })?;
        Ok(others.into_iter().map(|other| (this, other)).collect())
    })
}

/// Makes two families one.
///
/// # Privacy
/// Their lines are united for good: whatever either was counted for stands for both.
///
/// # Errors
/// Where either is not in the register.
pub fn merge_families(
    node: &Node,
    one: FamilyNumber,
    other: FamilyNumber,
    reason: &str,
    by: &Account,
) -> Result<i64, DutyError> {
    decide(node, DecisionKind::SameFamily, reason, by, |connection| {
        let first = |people: Vec<PersonNumber>, connection: &mut AnyConnection| -> Result<_, DutyError> {
            let Some(&person) = people.first() else { return Ok(None) };
            Ok(store::decisions::of_person(connection, person)?.first().copied())
        };
        let (a, b) =
            (store::decisions::of_family(connection, one)?, store::decisions::of_family(connection, other)?);
        let (a, b) = (first(a, connection)?, first(b, connection)?);
        a.zip(b)
            .map(|pair| vec![pair])
            .ok_or_else(|| DutyError::NotInRegister { what: format!("F{one} or F{other}") })
    })
}

/// Takes people out of a family: together they are another.
///
/// # Privacy
/// The family split off keeps the line: what was counted for the whole stands for both parts.
///
/// # Errors
/// Where they are not of that family, or all of it.
pub fn split_family(
    node: &Node,
    family: FamilyNumber,
    people: &[PersonNumber],
    reason: &str,
    by: &Account,
) -> Result<i64, DutyError> {
    decide(node, DecisionKind::DifferentFamily, reason, by, |connection| {
        let all = store::decisions::of_family(connection, family)?;
        if let Some(stranger) = people.iter().find(|person| !all.contains(person)) {
            return Err(DutyError::Decision { reason: format!("P{stranger} is not of family F{family}") });
        }
        let mut pairs = Vec::new();
        for &person in people {
            let these = store::decisions::of_person(connection, person)?;
            for &stays in all.iter().filter(|stays| !people.contains(stays)) {
                let those = store::decisions::of_person(connection, stays)?;
                pairs.extend(these.first().copied().zip(those.first().copied()));
            }
        }
        if pairs.is_empty() {
            let reason =
                format!("nobody would be left in F{family}, expected some of its people and not all");
            return Err(DutyError::Decision { reason });
        }
        Ok(pairs)
    })
}

/// Takes a decision back: the register is as if it had not been made, and the trail keeps both.
///
/// # Errors
/// Where there is no such decision, or it was taken back before.
pub fn revoke(node: &Node, decision: i64, by: &Account) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        if !store::decisions::revoke(connection, decision, &by.name, now)? {
            let reason = format!("there is no decision {decision} that stands");
            return Err(DutyError::Decision { reason });
        }
        let mentions = settle::open(connection)?;
        settle::settle(connection, mentions, None, now)?;
        Ok(acts::record(connection, now, &by.name, "match-revoked", &format!("decision {decision}"))?)
    })
}

/// Decisions that stand, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn decisions(node: &Node) -> Result<Vec<Decision>, DutyError> {
    Ok(node.store.read(store::decisions::standing)?)
}

fn decide(
    node: &Node,
    kind: DecisionKind,
    reason: &str,
    by: &Account,
    pairs: impl FnOnce(&mut AnyConnection) -> Result<Vec<(Identity, Identity)>, DutyError>,
) -> Result<i64, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    if reason.trim().is_empty() {
        return Err(DutyError::Decision { reason: "a decision needs its reason in words".to_owned() });
    }
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let pairs = pairs(connection)?;
        let before = settle::look(connection)?.settled;
        let number = store::decisions::record(connection, kind, &pairs, reason, &by.name, now)?;
        let mentions = settle::open(connection)?;
        let after = settle::settle(connection, mentions, None, now)?.settled;
        let is_news = before.persons != after.persons || before.families != after.families;
        if !is_news && matches!(kind, DecisionKind::SamePerson | DecisionKind::SameFamily) {
            let reason =
                "that changes nothing: they are one already, or an earlier decision tells them apart";
            return Err(DutyError::Decision { reason: reason.to_owned() });
        }
        acts::record(connection, now, &by.name, kind.as_str(), &format!("decision {number}"))?;
        Ok(number)
    })
}
