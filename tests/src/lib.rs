//! A whole federation on one machine: the harness of the tests, and the demo.

pub mod demo;
pub mod federation;
pub mod matching;
pub mod postgres;
pub mod readers;
pub mod rows;
