//! What the programs wrote into their logs, kept in memory for all tests of a binary.

use std::{
    io,
    sync::{Mutex, Once, PoisonError},
};

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENING: Once = Once::new();

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn listen() {
    LISTENING.call_once(|| {
        // Where the binary has its own subscriber, that one is meant.
        let _ = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
            .with_writer(|| Lines)
            .try_init();
    });
}

/// The lines logged so far, by any federation of this process, that hold all these words.
pub fn logged(words: &[&str]) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&lines);
    let holds = |line: &&str| words.iter().all(|word| line.contains(word));
    text.lines().filter(holds).map(str::to_owned).collect()
}
