//! Messages between nodes and aggregator: what they say, how they are signed, how they are refused.

pub mod canonical;
pub mod draw;
pub mod enrolment;
pub mod joining;
pub mod notice;
pub mod problem;
pub mod receipt;
pub mod rejections;
pub mod release;
pub mod renewal;
pub mod rotation;
pub mod signature;
pub mod statement;
pub mod versions;
pub mod witness;

pub use draw::{DrawRequest, DrawRight};
pub use enrolment::{Bundle, EnrolmentRequest};
pub use problem::{Problem, ProblemKind};
pub use receipt::{LogProof, Receipt};
pub use release::{QuestionRelease, RefusalReason, ReleaseBody, ReleaseId, StreamRelease};
pub use renewal::{RenewalRequest, RenewedCertificate};
pub use signature::{PublicKey, SignatureError, SigningKey};
pub use statement::{LogView, RuledQuarter, SealedQuarter, Statement};
