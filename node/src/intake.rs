//! Records as they arrive: extracts recognised by their headings, read row by row, none silently dropped.
//!
//! A mapping says what a source's columns mean; [`Extract`] turns a file, row after row, into typed records with
//! queries, and faults, each with its place, its reason and what to do about it. Nothing here knows the register.

pub mod date;
mod delimited;
pub mod fault;
pub mod field;
pub mod mapping;
pub mod query;
pub mod reader;
pub mod recognise;
pub mod record;
mod row;
mod signature;
mod source;
pub mod suggest;
pub mod summary;
pub mod template;
mod text;
mod workbook;

pub use fault::{Fault, FaultKind, FileFault, FileFaults, Place};
pub use mapping::{Authority, FolderFault, Mapping, MappingFault, MappingFaults};
pub use query::Query;
pub use reader::{Extract, ReadContext, ReadError, ReadRow, Reading, read};
pub use recognise::{NotRecognised, recognise};
pub use record::Record;
pub use summary::{ColumnSummary, Summary};
