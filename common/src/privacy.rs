//! The promise, in types: exact privacy loss, stream shapes, time matrices, the region's policy.
//!
//! Everything that decides is an integer. The square roots live in the planner ([`sigma`]) that wrote
//! the policy; whoever obeys a policy only verifies it.
//!
//! # Source
//! Zero-concentrated differential privacy and its composition: Bun and Steinke 2016. The integer shift
//! under discrete Gaussian noise: Canonne, Kamath and Steinke 2020. The lower-triangular factorisation:
//! Denisov et al. 2022 after Li and Miklau's matrix mechanism.

pub mod discrete;
mod guarantee;
pub mod over_time;
pub mod planner;
pub mod policy;
pub mod question;
pub mod rho;
pub mod shape;
pub mod sigma;
pub mod time_matrix;
pub mod years;

pub use over_time::OverTime;
pub use policy::{GroupScale, Policy, PolicyError, StreamPolicy, Succession, VerifiedPolicy};
pub use question::{Characteristic, Question, QuestionError, VerifiedQuestion};
pub use rho::{Rho, RhoError};
pub use shape::{
    Contribution, Group, GroupKind, LabelKind, LabelSet, LabelValue, ShapeError, StreamShape, Table,
};
pub use time_matrix::{TimeMatrix, TimeMatrixError};
pub use years::{ByCadence, Every, Years};
