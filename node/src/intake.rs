//! Records as they arrive: extracts recognised by their headings, read row by row, none silently dropped.
//!
//! Everything here is pure. A mapping says what a source's columns mean; [`read`] turns bytes into typed
//! records and faults, each with its place, its reason and what to do about it.

pub mod date;
pub mod fault;
pub mod field;
pub mod mapping;
pub mod reader;
pub mod recognise;
pub mod record;
mod row;
mod text;

pub use fault::{Fault, FaultKind, FileFault, FileFaults, Place};
pub use mapping::{Mapping, MappingFault, MappingFaults};
pub use reader::{Extract, Reading, read};
pub use recognise::{NotRecognised, recognise};
pub use record::Record;
