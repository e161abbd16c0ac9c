//! Matching measured: made-up people and families, their records with every kind of dirt, and the truth beside.
//!
//! Names are put together from syllables, dates and numbers drawn: nobody is meant. What the dirt consists of,
//! and how much, stands in [`records::Dirt`].

pub mod measure;
pub mod people;
pub mod records;
pub mod register;
