//! The register's people as profiles: as deterministic matching and decisions leave them, before any link.

use std::collections::{BTreeSet, HashMap};

use super::{Place, Profile};
use crate::register::{
    matching::{Identity, Mention},
    persons::Tie,
    settle::{Known, MentionNumber, Settled},
};

/// What is weighed.
#[derive(Debug)]
pub struct People {
    /// Those that give something to weigh.
    pub profiles: Vec<Profile>,
    /// Pairs that were decided to be two people; by index.
    pub apart: Vec<(usize, usize)>,
}

impl People {
    /// The people of a register that was put together without links.
    pub fn of(known: &Known, settled: &Settled, places: &[(MentionNumber, Place)]) -> Self {
        let lived = lived(places, &settled.communal);
        let mut profiles = Vec::new();
        let mut of: HashMap<Identity, usize> = HashMap::new();
        for person in &settled.persons {
            let mentions: Vec<&Mention> =
                person.mentions.iter().map(|&at| &known.mentions[at].mention).collect();
            let numbers = person.mentions.iter().map(|&at| known.mentions[at].number);
            let places: Vec<&Place> =
                numbers.filter_map(|number| lived.get(&number)).flatten().copied().collect();
            if let Some(profile) = Profile::of(&mentions, &places) {
                of.extend(mentions.iter().map(|mention| (mention.identity, profiles.len())));
                profiles.push(profile);
            }
        }
        let decided = known.ties.iter().filter(|(.., tie)| *tie == Tie::Different);
        let apart = decided.filter_map(|(one, other, _)| Some((*of.get(one)?, *of.get(other)?))).collect();
        Self { profiles, apart }
    }
}

/// Every mention by itself, to estimate on.
pub fn single(known: &Known, communal: &BTreeSet<String>, places: &[(MentionNumber, Place)]) -> Vec<Profile> {
    let lived = lived(places, communal);
    let mut mentions: Vec<(&Mention, MentionNumber)> =
        known.mentions.iter().map(|known| (&known.mention, known.number)).collect();
    // The pairs taken at random are the same whatever came first.
    mentions.sort_unstable_by_key(|(mention, _)| mention.identity);
    let profile = |(mention, number)| Profile::of(&[mention], lived.get(&number).map_or(&[], Vec::as_slice));
    mentions.into_iter().filter_map(profile).collect()
}

/// Where each mention lived; an address of many says nothing of who is who.
fn lived<'a>(
    places: &'a [(MentionNumber, Place)],
    communal: &BTreeSet<String>,
) -> HashMap<MentionNumber, Vec<&'a Place>> {
    let mut lived: HashMap<MentionNumber, Vec<&Place>> = HashMap::new();
    for (mention, place) in places {
        if !place.property.as_ref().is_some_and(|property| communal.contains(property)) {
            lived.entry(*mention).or_default().push(place);
        }
    }
    lived
}
