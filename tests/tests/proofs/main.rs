//! Proofs: that what the privacy engine promises is what the programs do, and that each proof can fail.

mod borough;
mod chi_squared;
mod families;
mod neighbours;
mod sampler;
