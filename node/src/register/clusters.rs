//! Groups that grow by joining, and never join across what a person has told apart.

use std::collections::{BTreeSet, HashMap};

/// Things by index, each in one group.
///
/// The groups depend on the joins and their order only through what was told apart before: with nothing told
/// apart the order of joins does not matter.
#[derive(Clone, Debug)]
pub struct Clusters {
    parent: Vec<u32>,
    size: Vec<u32>,
    /// Roots of groups that must stay apart from the group of this root; of few.
    apart: HashMap<u32, BTreeSet<u32>>,
}

impl Clusters {
    /// So many things, each alone.
    pub fn of(count: usize) -> Self {
        let count = u32::try_from(count).expect("a borough has fewer than four thousand million mentions");
        Self { parent: (0..count).collect(), size: vec![1; count as usize], apart: HashMap::new() }
    }

    /// The thing that stands for a thing's group.
    pub fn root(&self, thing: usize) -> usize {
        let mut at = thing as u32;
        while self.parent[at as usize] != at {
            at = self.parent[at as usize];
        }
        at as usize
    }

    /// Whether two things are in one group.
    pub fn together(&self, one: usize, other: usize) -> bool {
        self.root(one) == self.root(other)
    }

    /// Tells two things apart for good; whether that could be: not where they are together already.
    pub fn tell_apart(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.apart.entry(one as u32).or_default().insert(other as u32);
            self.apart.entry(other as u32).or_default().insert(one as u32);
        }
        one != other
    }

    /// Whether two things may be joined, or are together.
    pub fn may_join(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        one == other || !self.apart.get(&(one as u32)).is_some_and(|apart| apart.contains(&(other as u32)))
    }

    /// Joins the groups of two things unless they were told apart; whether they are together now.
    pub fn join(&mut self, one: usize, other: usize) -> bool {
        if !self.may_join(one, other) {
            return false;
        }
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return true;
        }
        let (into, from) = if self.size[one] >= self.size[other] { (one, other) } else { (other, one) };
        self.parent[from] = into as u32;
        self.size[into] += self.size[from];
        for stranger in self.apart.remove(&(from as u32)).unwrap_or_default() {
            let of_stranger = self.apart.entry(stranger).or_default();
            of_stranger.remove(&(from as u32));
            of_stranger.insert(into as u32);
            self.apart.entry(into as u32).or_default().insert(stranger);
        }
        true
    }

    /// The groups, each in rising order, by their first things.
    pub fn groups(&self) -> Vec<Vec<usize>> {
        self.groups_where(|_| true)
    }

    /// Of the groups those whose root is wanted.
    pub fn groups_where(&self, wanted: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut place = vec![usize::MAX; self.parent.len()];
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for thing in 0..self.parent.len() {
            let root = self.root(thing);
            if !wanted(root) {
                continue;
            }
            if place[root] == usize::MAX {
                place[root] = groups.len();
                groups.push(Vec::with_capacity(self.size[root] as usize));
            }
            groups[place[root]].push(thing);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_apart_stays_apart_whatever_is_joined() {
        let mut clusters = Clusters::of(6);
        assert!(clusters.tell_apart(0, 5));
        assert!(clusters.join(0, 1) && clusters.join(4, 5) && clusters.join(1, 2));
        assert!(!clusters.may_join(2, 4));
        assert!(!clusters.join(2, 4));
        assert!(clusters.join(3, 4));
        assert!(!clusters.join(3, 0));
        assert_eq!(clusters.groups(), [vec![0, 1, 2], vec![3, 4, 5]]);
        assert!(!clusters.tell_apart(0, 2));
    }
}
