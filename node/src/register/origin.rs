//! Where a record stands: the load that brought it, and the line of that load's file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A row of a file that was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The load's number.
    pub load: i64,
    /// The line on which the row begins, the file's first line being 1.
    pub line: i64,
}

/// The names of files by their loads' numbers.
pub type FileNames = BTreeMap<i64, String>;

/// Files and lines for people, file by file: `police.csv line 12 (load 3)`. Empty where there is no origin.
pub fn places(origins: impl IntoIterator<Item = Origin>, files: &FileNames) -> String {
    let mut lines: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for origin in origins {
        lines.entry(origin.load).or_default().push(origin.line);
    }
    let told = lines.into_iter().map(|(load, mut lines)| {
        lines.sort_unstable();
        lines.dedup();
        let word = if lines.len() == 1 { "line" } else { "lines" };
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let lines = lines.join(", ");
        match files.get(&load) {
            Some(file) => format!("{file} {word} {lines} (load {load})"),
            None => format!("load {load} {word} {lines}"),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_file_by_file_each_line_once() {
        let files = FileNames::from([(3, "police.csv".to_owned())]);
        let at = |load, line| Origin { load, line };
        let told = places([at(4, 2), at(3, 12), at(3, 9), at(3, 12)], &files);
        assert_eq!(told, "police.csv lines 9, 12 (load 3); load 4 line 2");
        assert_eq!(places([], &files), "");
    }
}
