//! The log between node and aggregator: pages of entries, and what a node gives back to an aggregator that lost some.

use serde::{Deserialize, Serialize};

use crate::log::Entry;

/// The request header in which a node shows the newest signed checkpoint that it keeps.
pub const CHECKPOINT_HEADER: &str = "tenfold-checkpoint";

/// How many entries a page has at most.
pub const PAGE: u32 = 1000;

/// Entries of the log in their order, and the signed checkpoint of the log that ends with the last of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogPage {
    /// Always `tenfold-log-page/1`.
    pub format: String,
    /// The entries; none where there are no more.
    pub entries: Vec<Entry>,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// How many entries the log has in all.
    pub size: u64,
}

/// The format of a page.
pub const PAGE_FORMAT: &str = "tenfold-log-page/1";

/// What a node gives back to an aggregator whose log is shorter than one it signed. Nothing of it is believed on the
/// node's word: the entries must give the root that the aggregator itself signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// Always `tenfold-remembered/1`.
    pub format: String,
    /// The entries from the aggregator's size on.
    pub entries: Vec<Entry>,
    /// The signed checkpoint of the log that ends with the last of them.
    pub checkpoint: String,
    /// The signed policies that the node keeps.
    pub policies: Vec<String>,
    /// The signed questions that the node keeps.
    pub questions: Vec<String>,
}

/// The format of what a node gives back.
pub const REMEMBERED_FORMAT: &str = "tenfold-remembered/1";

/// The largest body in which a node gives something back, in bytes.
pub const LARGEST_REMEMBERED: usize = 64 << 20;
