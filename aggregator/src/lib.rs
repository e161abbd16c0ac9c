//! The region's aggregator: receives releases, shows the picture with its uncertainty, makes the return.

pub mod combine;
pub mod dashboard;
pub mod submission;
