//! A borough's node: its own families' records, and releases that say nothing about any one of them.

// What is printed goes through `tenfold_web::println`, which a closed pipe ends quietly.
#![warn(clippy::print_stdout)]

pub mod claims;
pub mod cli;
pub mod duties;
pub mod front;
pub mod intake;
pub mod keys;
pub mod ledger;
pub mod outbox;
pub mod outcomes;
pub mod region;
pub mod register;
pub mod release;
pub mod settings;
pub mod statement;
pub mod store;
pub mod synth;
pub mod web;

/// Rows are read in one thread and written in another: memory got in one is given back in the other, over which the
/// C library's allocator makes both wait (a load of a million rows took 1.4 times as long with it).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
