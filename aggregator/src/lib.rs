//! The region's aggregator: receives releases, shows the picture with its uncertainty, makes the return.

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
