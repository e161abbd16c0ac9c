//! Proofs: that what the privacy engine promises is what the programs do, and that each proof can fail.

mod accounting;
mod answers;
mod audit;
mod borough;
mod changed;
mod chi_squared;
mod coverage;
mod entries;
mod families;
mod leakage;
mod migrations;
mod neighbours;
mod noise;
mod replayed;
mod sampler;
mod source;
