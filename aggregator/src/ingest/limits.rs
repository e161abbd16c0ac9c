//! What the door for nodes bears from one caller.

use std::time::Duration;

use super::allowance::Rate;

/// Limits of the door for nodes; the defaults are those of the shipped settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often a borough may call.
    pub rate: Rate,
    /// Connections that one certificate may hold at once.
    pub connections: usize,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How long a whole request may take.
    pub request: Duration,
    /// From when on a body has to keep to the least rate.
    pub grace: Duration,
    /// The least rate of a body, on average from its beginning, in bytes a second.
    pub least_rate: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: Rate { at_once: 600, a_minute: 60 },
            connections: 8,
            head: Duration::from_secs(10),
            request: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            least_rate: 1024,
        }
    }
}

/// Headers of a request with their names, in bytes; a node sends a tenth of it.
pub const LARGEST_HEAD: usize = 8 << 10;
/// Headers of a request.
pub const MOST_HEADERS: usize = 40;
