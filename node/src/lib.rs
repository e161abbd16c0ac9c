//! A borough's node: its own families' records, and releases that say nothing about any one of them.

pub mod intake;
pub mod register;
