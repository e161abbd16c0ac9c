//! Which mentions are one person: numbers first, then name and date of birth, then what was linked or decided.
//!
//! The result depends on what the rows say and on what people decided, never on the order in which rows came:
//! groups are formed in the order of their own content. Undoing a load or a decision is matching again
//! without it.
//!
//! - A number (NHS, UPN, National Insurance) joins, unless name *and* date of birth contradict: then it is a
//!   question for a person. A number that very many different people give is a placeholder and joins nobody.
//! - A case system's id joins where the name or the birthday agrees.
//! - The same full name and birthday join, unless two numbers of one kind tell the bearers apart.
//! - A name alone joins only within its scope.

use std::collections::{BTreeSet, HashMap};

use super::{
    clusters::Clusters,
    matching::{Identity, Mention, folded},
};

/// More different names than this under one number make it a placeholder.
const PLACEHOLDER_NAMES: usize = 12;

/// How alike two forenames must be, by Jaro and Winkler's measure, not to contradict each other.
const ALIKE: f64 = 0.8;

/// What people decided or accepted about two mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// A person decided: one person.
    Same,
    /// A person decided: two people.
    Different,
    /// Weighing names, dates and places gave so much for *one person* that nobody need look.
    Linked,
}

/// Why two mentions wait for a person's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// A number agrees; name and date of birth contradict it.
    KeyAgainstName,
    /// Name and date of birth agree; numbers of others of that name leave open who it is.
    NameOfSeveral,
}

/// The mentions as people.
#[derive(Debug)]
pub struct Persons {
    /// Which mentions are together.
    pub clusters: Clusters,
    /// What a person should look at: pairs of mentions, each once, in the order of their fingerprints.
    pub doubts: Vec<(usize, usize, Doubt)>,
    /// How many numbers were taken for placeholders.
    pub placeholders: usize,
}

/// Puts mentions together to people; the numbers of `authorities`, which are case systems, hold whatever names say.
pub fn persons(
    mentions: &[&Mention],
    ties: &[(Identity, Identity, Tie)],
    authorities: &BTreeSet<String>,
) -> Persons {
    let mut work = Work::new(mentions);
    work.decided(ties);
    work.by_numbers();
    work.by_case_id(authorities);
    work.by_name();
    work.linked(ties);
    work.doubts.retain(|(one, other, _)| {
        !work.clusters.together(*one, *other) && work.clusters.may_join(*one, *other)
    });
    work.doubts.sort_by_key(|&(one, other, doubt)| (mentions[one].identity, mentions[other].identity, doubt));
    work.doubts.dedup();
    Persons { clusters: work.clusters, doubts: work.doubts, placeholders: work.placeholders }
}

/// A kind of number, each person having one at most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NumberKind {
    Nhs,
    Upn,
    Ni,
}

const KINDS: [NumberKind; 3] = [NumberKind::Nhs, NumberKind::Upn, NumberKind::Ni];

fn number(mention: &Mention, kind: NumberKind) -> Option<&str> {
    let who = &mention.who;
    match kind {
        NumberKind::Nhs => who.nhs_number.as_ref().map(|number| number.as_str()),
        NumberKind::Upn => who.upn.as_ref().map(|number| number.as_str()),
        NumberKind::Ni => who.ni_number.as_ref().map(|number| number.as_str()),
    }
}

struct Work<'a> {
    mentions: &'a [&'a Mention],
    clusters: Clusters,
    doubts: Vec<(usize, usize, Doubt)>,
    placeholders: usize,
}

impl<'a> Work<'a> {
    fn new(mentions: &'a [&'a Mention]) -> Self {
        let clusters = Clusters::of(mentions.len());
        Self { mentions, clusters, doubts: Vec::new(), placeholders: 0 }
    }

    fn pairs(&self, ties: &[(Identity, Identity, Tie)], wanted: Tie) -> Vec<(usize, usize)> {
        let chosen = ties.iter().filter(|(.., tie)| *tie == wanted);
        let mut chosen: Vec<(Identity, Identity)> =
            chosen.map(|&(one, other, _)| (one.min(other), one.max(other))).collect();
        if chosen.is_empty() {
            return Vec::new();
        }
        chosen.sort_unstable();
        let place: HashMap<Identity, usize> =
            self.mentions.iter().enumerate().map(|(at, mention)| (mention.identity, at)).collect();
        chosen.into_iter().filter_map(|(one, other)| Some((*place.get(&one)?, *place.get(&other)?))).collect()
    }

    fn decided(&mut self, ties: &[(Identity, Identity, Tie)]) {
        for (one, other) in self.pairs(ties, Tie::Same) {
            self.clusters.join(one, other);
        }
        for (one, other) in self.pairs(ties, Tie::Different) {
            self.clusters.tell_apart(one, other);
        }
    }

    fn by_numbers(&mut self) {
        for kind in KINDS {
            let mentions = self.mentions;
            let bearers =
                mentions.iter().enumerate().filter_map(|(at, mention)| Some((number(mention, kind)?, at)));
            for (_, group) in shared(bearers) {
                let mut names: Vec<String> = group.iter().map(|&at| mentions[at].who.folded_name()).collect();
                names.sort_unstable();
                names.dedup();
                if names.len() > PLACEHOLDER_NAMES {
                    self.placeholders += 1;
                    continue;
                }
                self.join_group(group, Self::contradict);
            }
        }
    }

    fn by_case_id(&mut self, authorities: &BTreeSet<String>) {
        let mentions = self.mentions;
        let bearers =
            mentions.iter().enumerate().filter_map(|(at, mention)| Some((mention.who.case_id.as_ref()?, at)));
        for (case, group) in shared(bearers) {
            let never = |_: &Self, _, _| false;
            self.join_group(group, if authorities.contains(&case.system) { never } else { Self::differ });
        }
    }

    /// Joins all of a group that agree; a mention that says nothing but the number joins where there is one
    /// group only, so that it never is the bridge between two people.
    fn join_group(&mut self, mut group: Vec<usize>, against: fn(&Self, usize, usize) -> bool) {
        group.sort_by_key(|&at| self.mentions[at].identity);
        let says_more = |at: &usize| {
            let who = &self.mentions[*at].who;
            who.has_full_name() || who.birth_date.is_some()
        };
        let (full, bare): (Vec<usize>, Vec<usize>) = group.into_iter().partition(says_more);
        for (place, &one) in full.iter().enumerate() {
            for &other in &full[..place] {
                if against(self, one, other) {
                    self.doubts.push((other, one, Doubt::KeyAgainstName));
                } else {
                    self.clusters.join(one, other);
                }
            }
        }
        let mut roots: Vec<usize> = full.iter().map(|&at| self.clusters.root(at)).collect();
        roots.sort_unstable();
        roots.dedup();
        for pair in bare.windows(2) {
            self.clusters.join(pair[0], pair[1]);
        }
        if let ([root], Some(&bare)) = (roots.as_slice(), bare.first()) {
            self.clusters.join(*root, bare);
        }
    }

    /// Whether name and date of birth both speak against one person.
    fn contradict(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.mentions[one].who, &self.mentions[other].who);
        let days = a.birth_date.zip(b.birth_date).is_some_and(|(a, b)| a != b);
        if !days || !a.has_full_name() || !b.has_full_name() {
            return false;
        }
        strsim::jaro_winkler(&folded(&a.given_name), &folded(&b.given_name)) < ALIKE
    }

    /// Whether neither name nor birthday speaks for one person.
    fn differ(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.mentions[one].who, &self.mentions[other].who);
        let nameless = !a.has_full_name() || !b.has_full_name();
        let same_day = match (a.birth_date, b.birth_date) {
            (Some(a), Some(b)) => a == b,
            _ => nameless,
        };
        !same_day && !nameless && a.folded_name() != b.folded_name()
    }

    fn by_name(&mut self) {
        let mentions = self.mentions;
        let named = mentions.iter().enumerate().filter(|(_, mention)| mention.who.has_full_name());
        let of_a_day = shared(named.filter_map(|(at, mention)| Some((mention.who.birth_date?, at))));
        // Names of one birthday at a time: a register has hundreds of thousands.
        let groups: Vec<Vec<usize>> = of_a_day
            .into_iter()
            .flat_map(|(_, born)| shared(born.into_iter().map(|at| (mentions[at].who.folded_name(), at))))
            .map(|(_, group)| group)
            .collect();
        let mut numbers = Numbers::of(self, groups.iter().flatten().copied());
        for mut group in groups {
            group.sort_by_key(|&at| self.mentions[at].identity);
            let mut roots: Vec<usize> = group.iter().map(|&at| self.clusters.root(at)).collect();
            roots.sort_unstable();
            roots.dedup();
            let several = roots
                .iter()
                .enumerate()
                .any(|(place, &one)| roots[..place].iter().any(|&other| numbers.tell_apart(one, other)));
            for (place, &one) in group.iter().enumerate() {
                for &other in &group[..place] {
                    if several && !numbers.tell_apart(self.clusters.root(one), self.clusters.root(other)) {
                        self.doubts.push((other, one, Doubt::NameOfSeveral));
                    }
                }
            }
            if !several {
                for pair in roots.windows(2) {
                    let (one, other) = (self.clusters.root(pair[0]), self.clusters.root(pair[1]));
                    if self.clusters.join(one, other) {
                        numbers.unite(one, other, self.clusters.root(one));
                    }
                }
            }
        }
    }

    fn linked(&mut self, ties: &[(Identity, Identity, Tie)]) {
        let pairs = self.pairs(ties, Tie::Linked);
        if pairs.is_empty() {
            return;
        }
        let mut numbers = Numbers::of(self, pairs.iter().flat_map(|&(one, other)| [one, other]));
        for (one, other) in pairs {
            let (one, other) = (self.clusters.root(one), self.clusters.root(other));
            if one != other && !numbers.tell_apart(one, other) && self.clusters.join(one, other) {
                numbers.unite(one, other, self.clusters.root(one));
            }
        }
    }
}

/// What several have in common, each with those that have it; in the order of what it is.
fn shared<K: Ord + Clone>(bearers: impl Iterator<Item = (K, usize)>) -> Vec<(K, Vec<usize>)> {
    let mut bearers: Vec<(K, usize)> = bearers.collect();
    bearers.sort_unstable();
    let groups = bearers.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1);
    groups.map(|group| (group[0].0.clone(), group.iter().map(|&(_, at)| at).collect())).collect()
}

/// The numbers known of each group, for telling groups apart; by root.
struct Numbers<'a>(HashMap<usize, [Vec<&'a str>; 3]>);

impl<'a> Numbers<'a> {
    /// The numbers of the groups that these mentions are in.
    fn of(work: &Work<'a>, wanted: impl Iterator<Item = usize>) -> Self {
        let mut known: HashMap<usize, [Vec<&'a str>; 3]> =
            wanted.map(|at| (work.clusters.root(at), Default::default())).collect();
        for (at, mention) in work.mentions.iter().enumerate() {
            let Some(known) = known.get_mut(&work.clusters.root(at)) else { continue };
            for (place, kind) in KINDS.into_iter().enumerate() {
                if let Some(value) = number(mention, kind) {
                    let values = &mut known[place];
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
        }
        Self(known)
    }

    /// Whether two groups have numbers of one kind and none in common.
    fn tell_apart(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.0.get(&one), self.0.get(&other)) else { return false };
        one.iter().zip(other).any(|(one, other)| {
            !one.is_empty() && !other.is_empty() && !one.iter().any(|value| other.contains(value))
        })
    }

    fn unite(&mut self, one: usize, other: usize, root: usize) {
        let (one, other) = (self.0.remove(&one), self.0.remove(&other));
        let mut both: [Vec<&str>; 3] = one.unwrap_or_default();
        for (into, from) in both.iter_mut().zip(other.unwrap_or_default()) {
            into.extend(from);
        }
        self.0.insert(root, both);
    }
}

#[cfg(test)]
mod tests;
