//! The region's aggregator: receives releases, shows the picture with its uncertainty, makes the return.

// What is printed goes through `tenfold_web::println`, which a closed pipe ends quietly.
#![warn(clippy::print_stdout)]

pub mod cli;
pub mod combine;
pub mod dashboard;
pub mod duties;
pub mod enrolment;
pub mod ingest;
pub mod settings;
pub mod store;
pub mod submission;
pub mod web;
