//! The shared language of nodes and aggregator: words and sums, nothing that runs.
//!
//! This crate knows no server, no database and no noise. It holds the types that both programs
//! must agree on, each with one door through which values enter.

pub mod calendar;
pub mod clock;
pub mod framework;
pub mod geography;
pub mod log;
pub mod privacy;
pub mod protocol;
pub mod spreadsheet;
pub mod statistics;
