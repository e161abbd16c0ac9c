//! Signs an approver's decision with the approver's own key, and holds what is kept against the keys of its day.

use tenfold_common::{
    calendar::Quarter, clock::Moment, geography::BoroughCode, privacy::VerifiedPolicy, protocol::PublicKey,
};
use tenfold_store::{AnyConnection, Role, Signer, acts, signing, signing::KeptKey};

use super::{ApprovalFault, DutyError, Node, prepare, question};
use crate::{
    ledger::LineKind,
    release::{
        decision::{Answer, DECISION_FORMAT, Decision, DecisionFault},
        stages::{Approval, Authority, Preparation, Refusal, Returned},
        standing::{Granted, Use},
    },
    store,
};

/// Signs a decision about a quarter with the approver's own key.
///
/// # Errors
/// Where the account is no approver's, or the key cannot sign.
pub(super) fn decide(
    node: &Node,
    policy: &VerifiedPolicy,
    (quarter, salted_hash): (Quarter, Option<&str>),
    answer: Answer,
    by: &Signer,
    at: Moment,
) -> Result<String, DutyError> {
    let account = super::require(by.account().clone(), Role::Approver)?;
    let decision = Decision {
        format: DECISION_FORMAT.to_owned(),
        borough: node.borough.clone(),
        policy: policy.hash().to_owned(),
        quarter,
        salted_hash: salted_hash.map(str::to_owned),
        answer,
        by: account.name,
        at,
    };
    Ok(decision.sign(by.key())?)
}

/// What signed decisions are held against.
pub(super) struct Books {
    borough: BoroughCode,
    pub(super) keys: Vec<KeptKey>,
    standing: Vec<Granted>,
    policies: Vec<String>,
    first_sealed: Option<Quarter>,
    questions: Vec<(Quarter, String)>,
}

impl Books {
    /// Reads them.
    ///
    /// # Errors
    /// Where a row cannot be read back.
    pub(super) fn read(node: &Node, connection: &mut AnyConnection) -> Result<Self, DutyError> {
        let mut policies: Vec<String> = store::ledger::lines(connection)?
            .into_iter()
            .filter(|line| line.kind == LineKind::Adoption.as_str())
            .map(|line| line.policy)
            .collect();
        policies.dedup();
        Ok(Self {
            borough: node.borough.clone(),
            keys: signing::all(connection)?,
            standing: store::standing::all(connection)?,
            policies,
            questions: question::all(node, connection)?
                .iter()
                .map(|asked| (asked.question().to, asked.question().policy.clone()))
                .collect(),
            first_sealed: store::releases::sealed(connection)?.first().map(|release| release.quarter),
        })
    }

    /// Holds an approval against its preparation and its approver's keys; how the ledger names who decided.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub(super) fn approval(
        &self,
        prepared: &Preparation,
        approval: &Approval,
    ) -> Result<String, DecisionFault> {
        let (by, at) = (&approval.approved_by, approval.approved_at);
        if prepared.prepared_by == *by {
            return Err(DecisionFault::OwnWork { by: by.clone() });
        }
        if prepared.salted_hash != approval.salted_hash {
            return Err(DecisionFault::Other { by: by.clone(), field: "preparation" });
        }
        match &approval.authority {
            Authority::Signed(signed) => {
                let decision = Decision {
                    policy: prepared.policy.clone(),
                    ..self.decision(prepared.quarter, Some(&approval.salted_hash), Answer::Approved, by, at)
                };
                Ok(actor(by, decision.check(signed, self.held(by, at))?))
            }
            Authority::Standing { number, used_by } => {
                let unknown =
                    || DecisionFault::Standing { reason: format!("there is no standing approval {number}") };
                let granted =
                    self.standing.iter().find(|granted| granted.number == *number).ok_or_else(unknown)?;
                if granted.terms.by != *by {
                    return Err(DecisionFault::Other { by: by.clone(), field: "standing approval" });
                }
                // Once its key is retired a standing approval covers nothing more.
                let held = self.keys.iter().filter(|key| key.account == *by && key.in_force(at));
                let held = held.filter(|key| key.in_force(granted.terms.from)).map(|key| &key.public);
                let key = granted.check(held)?;
                let asked = Use {
                    policy: &prepared.policy,
                    quarter: prepared.quarter,
                    is_first: self.is_first(prepared.quarter),
                    answers: self.answers(prepared.quarter, &prepared.policy),
                    prepared_by: &prepared.prepared_by,
                    used_by,
                    at,
                };
                granted
                    .covers(&asked)
                    .map_err(|fault| DecisionFault::Standing { reason: fault.to_string() })?;
                Ok(format!("{}, standing approval {number} used by {used_by}", actor(by, key)))
            }
        }
    }

    /// Holds a return against its approver's keys.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub(super) fn returned(&self, quarter: Quarter, returned: &Returned) -> Result<(), DecisionFault> {
        let (by, at) = (&returned.returned_by, returned.returned_at);
        let answer = Answer::returned(&returned.comment);
        let decision = self.decision(quarter, Some(&returned.salted_hash), answer, by, at);
        self.under_any_policy(decision, &returned.signed)
    }

    /// Holds a void quarter against its approver's keys.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub(super) fn refusal(&self, refusal: &Refusal) -> Result<(), DecisionFault> {
        let (by, at) = (&refusal.refused_by, refusal.refused_at);
        let answer = Answer::void(refusal.reason, &refusal.comment);
        let decision = self.decision(refusal.quarter, refusal.salted_hash.as_deref(), answer, by, at);
        self.under_any_policy(decision, &refusal.signed)
    }

    /// Holds every standing approval against its approver's keys; the number of the first that does not hold.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub(super) fn standing(&self) -> Result<usize, (i64, DecisionFault)> {
        for granted in &self.standing {
            let held = self.held(&granted.terms.by, granted.terms.from);
            granted.check(held).map_err(|fault| (granted.number, fault))?;
        }
        Ok(self.standing.len())
    }

    /// Whether a quarter under a policy answers a one-off question.
    pub(super) fn answers(&self, quarter: Quarter, policy: &str) -> bool {
        self.questions.iter().any(|(to, paid_from)| *to == quarter && paid_from == policy)
    }

    /// Whether nothing was sealed before a quarter.
    pub(super) fn is_first(&self, quarter: Quarter) -> bool {
        self.first_sealed.is_none_or(|first| quarter <= first)
    }

    fn decision(
        &self,
        quarter: Quarter,
        salted_hash: Option<&str>,
        answer: Answer,
        by: &str,
        at: Moment,
    ) -> Decision {
        Decision {
            format: DECISION_FORMAT.to_owned(),
            borough: self.borough.clone(),
            policy: String::new(),
            quarter,
            salted_hash: salted_hash.map(str::to_owned),
            answer,
            by: by.to_owned(),
            at,
        }
    }

    /// Returned and void quarters stand beside no policy: the one signed has to be one that was adopted.
    fn under_any_policy(&self, decision: Decision, signed: &str) -> Result<(), DecisionFault> {
        let mut last = Err(DecisionFault::Other { by: decision.by.clone(), field: "policy" });
        for policy in &self.policies {
            let under = Decision { policy: policy.clone(), ..decision.clone() };
            last = under.check(signed, self.held(&decision.by, decision.at)).map(drop);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    fn held<'b>(&'b self, by: &'b str, at: Moment) -> impl Iterator<Item = &'b PublicKey> {
        self.keys.iter().filter(move |key| key.account == by && key.in_force(at)).map(|key| &key.public)
    }
}

/// How the ledger names an approver: with the key, so that the chain that the region countersigns says which.
fn actor(by: &str, key: &PublicKey) -> String {
    format!("{by}, key {}", key.id())
}

/// Refuses a quarter whose approval does not hold: by its signature, and for the very tables that are frozen. How the
/// ledger names who decided.
///
/// # Errors
/// `NotApproved` with the first thing that does not hold.
pub(super) fn holds(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
    approval: &Approval,
) -> Result<String, DutyError> {
    let prepared = store::releases::preparation_of(connection, quarter)?;
    let prepared = prepared.ok_or(DutyError::Approval(ApprovalFault::NotPrepared { quarter }))?;
    let fault = |fault: DecisionFault| {
        DutyError::Approval(ApprovalFault::NotApproved { quarter, reason: fault.to_string() })
    };
    let actor = Books::read(node, connection)?.approval(&prepared, approval).map_err(fault)?;
    let salt = node.keys.freeze.open_salt(&prepared.sealed_salt, &prepared.policy, quarter)?;
    let asked = question::of_quarter(node, connection, policy, quarter)?;
    let answers = question::thaw(node, connection, &asked, quarter)?;
    let tables = prepare::thaw(node, connection, policy, quarter)?;
    if tables.salted_hash(&answers, &salt) != approval.salted_hash {
        return Err(fault(DecisionFault::Tables));
    }
    Ok(actor)
}

/// Refuses a void quarter whose declaration does not hold.
///
/// # Errors
/// `NotApproved` with the first thing that does not hold.
pub(super) fn void_holds(
    node: &Node,
    connection: &mut AnyConnection,
    quarter: Quarter,
) -> Result<(), DutyError> {
    let books = Books::read(node, connection)?;
    let refusal = store::refusals::all(connection)?.into_iter().find(|refusal| refusal.quarter == quarter);
    let refusal = refusal.ok_or(DutyError::Approval(ApprovalFault::NotPrepared { quarter }))?;
    books.refusal(&refusal).map_err(|fault| {
        DutyError::Approval(ApprovalFault::NotApproved { quarter, reason: fault.to_string() })
    })
}

/// The public keys that no act in the trail tells of: they were put there behind the program's back.
pub(super) fn key_without_act<'k>(keys: &'k [KeptKey], acts: &[acts::Act]) -> Option<&'k KeptKey> {
    let told =
        |key: &&KeptKey| acts.iter().any(|act| act.verb == signing::KEY_MADE && act.object == key.made_as());
    keys.iter().find(|key| !told(key))
}
