//! A borough's node: its own families' records, and releases that say nothing about any one of them.

pub mod duties;
pub mod keys;
pub mod ledger;
pub mod register;
pub mod release;
pub mod store;
pub mod web;
