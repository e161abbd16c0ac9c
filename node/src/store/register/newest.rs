//! Of several rows about one thing the newest.

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// How new a row is: the as-of date of its load, the load, the line.
pub(super) type Rank = (NaiveDate, i64, i64);

/// The newest value of every key.
pub(super) struct Newest<K, V>(BTreeMap<K, (Rank, V)>);

impl<K: Ord, V> Newest<K, V> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn put(&mut self, key: K, rank: Rank, value: V) {
        match self.0.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert((rank, value));
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                if place.get().0 < rank {
                    place.insert((rank, value));
                }
            }
        }
    }

    /// Keys with their newest values, in the order of the keys.
    pub(super) fn into_values(self) -> impl Iterator<Item = (K, V)> {
        self.0.into_iter().map(|(key, (_, value))| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_as_of_date_stands_whatever_came_last() {
        let mut newest = Newest::new();
        let day = |text: &str| text.parse().unwrap();
        newest.put("a", (day("2015-06-30"), 2, 1), "new");
        newest.put("a", (day("2015-03-31"), 3, 9), "old, loaded later");
        newest.put("a", (day("2015-06-30"), 2, 2), "further down the file");
        newest.put("b", (day("2015-06-30"), 1, 1), "b");
        assert_eq!(newest.into_values().collect::<Vec<_>>(), [("a", "further down the file"), ("b", "b")]);
    }
}
