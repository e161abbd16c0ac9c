//! What a reader sees: figures with their intervals, where they come from, and gaps.
//!
//! View models are pure: they are made from a [`Picture`] and hold typed figures; pages and CSV files are two
//! ways to write them down. Boroughs stand in alphabetical order. What is missing is shown as missing.

pub mod borough;
pub mod completeness;
pub mod measure;
pub mod overview;
mod picture;
pub mod tidy;
mod topics;

pub use picture::{Picture, Standing};
pub use topics::{Topic, WithLabel, place_name, topics};
