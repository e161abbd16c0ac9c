//! The connections that are open, counted by certificate.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Open connections by certificate.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Arc<Mutex<HashMap<String, usize>>>);

/// One open connection; it is counted until this goes.
#[derive(Debug)]
pub(super) struct Line {
    lines: Lines,
    fingerprint: String,
    /// Which one of its certificate it was when it was opened, from 1.
    pub(super) nth: usize,
}

impl Lines {
    /// Counts a connection in.
    pub(super) fn open(&self, fingerprint: &str) -> Line {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(fingerprint.to_owned()).or_default();
        *count += 1;
        Line { lines: self.clone(), fingerprint: fingerprint.to_owned(), nth: *count }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut open = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.fingerprint) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.fingerprint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_counts_while_it_is_open() {
        let lines = Lines::default();
        let first = lines.open("a");
        assert_eq!(first.nth, 1);
        for _ in 0..2 {
            assert_eq!(lines.open("a").nth, 2, "the second ends with its line");
        }
        assert_eq!(lines.open("b").nth, 1);
        drop(first);
        assert!(lines.0.lock().unwrap().is_empty());
    }
}
