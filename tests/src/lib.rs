//! A whole federation on one machine: the harness of the tests, and the demo.

pub mod audit;
pub mod caller;
pub mod definition;
pub mod deliveries;
pub mod demo;
pub mod documents;
pub mod federation;
pub mod kill;
pub mod matching;
pub mod messages;
pub mod network;
pub mod optimum;
pub mod postgres;
pub mod programs;
pub mod readers;
pub mod recorded;
pub mod rows;
pub mod simulation;
pub mod word;
