//! Why a policy or a question was not adopted.

use tenfold_common::{calendar::Quarter, clock::Moment, privacy::Rho};

/// Why a policy or a question was not adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptionFault {
    /// A policy would spend more than is left.
    #[error(
        "adopting {name:?} would charge {asked}, this borough's lifetime cap is ρ = {cap} and ρ = {spent} is charged already: nothing was adopted. ρ = {left} is left; {used}"
    )]
    OverCap {
        /// The policy's name.
        name: String,
        /// What it asks, stream by stream.
        asked: String,
        /// The cap.
        cap: Rho,
        /// What is charged.
        spent: Rho,
        /// What is left.
        left: Rho,
        /// Which policy charged which stream.
        used: String,
    },
    /// A policy does not take over from the one in force here.
    #[error("{name:?} is not adopted: {reason}")]
    NotAdopted {
        /// What people call the policy.
        name: String,
        /// Why, and what was expected.
        reason: String,
    },
    /// A rehearsal met something real, or the other way round.
    #[error("a rehearsal and the real programme do not mix: this node {node}, the policy {policy}")]
    Rehearsal {
        /// What the node is.
        node: &'static str,
        /// What the policy is.
        policy: &'static str,
    },
    /// A question of that name was adopted with other words.
    #[error("a question {name:?} was adopted before and says something else; a question's name is for ever")]
    QuestionKnown {
        /// Its name.
        name: String,
    },
    /// A question comes too late.
    #[error(
        "question {name:?} is answered with {quarter}, whose recording period ended at {ended}: a question is adopted before that, so that nobody has looked"
    )]
    QuestionLate {
        /// Its name.
        name: String,
        /// The quarter of its answer.
        quarter: Quarter,
        /// When its recording period ended.
        ended: Moment,
    },
}
