//! The aggregator's two doors: where nodes deliver, and where people read.

pub mod ingest;
pub mod joining;
pub mod pages;
mod witness;
