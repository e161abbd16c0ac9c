//! The records as a node's register has them, ready to be matched.

use std::collections::{BTreeMap, HashMap};

use tenfold_node::register::{
    linkage::Place,
    matching::{Identity, Mention},
    settle::{Assessed, Known, KnownMention, MentionNumber, Settled},
};

use super::records::Records;

/// A register made of records.
pub struct Register {
    /// Everything that decides who is who.
    pub known: Known,
    /// Where mentions live.
    pub places: Vec<(MentionNumber, Place)>,
    /// The mention of each record, by index.
    pub mention_of: Vec<usize>,
}

impl Register {
    /// Takes the records in; records of the same words are one mention, as in a node.
    pub fn of(records: &Records) -> Self {
        let mut known = Known::default();
        let mut place: HashMap<Identity, usize> = HashMap::new();
        let mut carers = BTreeMap::new();
        for (child, carer, ..) in &records.assessed {
            carers.insert(*carer, *child);
        }
        let mut places = Vec::new();
        let mention_of: Vec<usize> = records
            .all
            .iter()
            .enumerate()
            .map(|(at, record)| {
                let who = &record.who;
                // A name alone means nobody outside the row it stands in.
                let scope = match carers.get(&at) {
                    Some(child) if who.is_name_only() => records.all[*child].who.identity("").to_string(),
                    None if who.is_name_only() => format!("record {at}"),
                    _ => String::new(),
                };
                let identity = who.identity(&scope);
                let mention = *place.entry(identity).or_insert_with(|| {
                    let number = known.mentions.len() as i64 + 1;
                    let mention = Mention { who: who.clone(), identity };
                    known.mentions.push(KnownMention { number, mention, person: None, first_person: None });
                    known.mentions.len() - 1
                });
                if let Some(home) = &record.home {
                    let property = Some(home.property.clone()).filter(|property| !property.is_empty());
                    let postcode = Some(home.postcode.clone());
                    places.push((known.mentions[mention].number, Place { property, postcode }));
                }
                mention
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        let assessed = records.assessed.iter().map(|(child, carer, property, on)| Assessed {
            child: mention_of[*child],
            carer: Some(mention_of[*carer]),
            uprn: Some(property.clone()).filter(|property| !property.is_empty()),
            ward: None,
            on: *on,
        });
        known.assessed = assessed.collect();
        let tenants = records.tenants.iter();
        known.tenants = tenants.map(|(at, property, on)| (mention_of[*at], property.clone(), *on)).collect();
        Self { known, places, mention_of }
    }

    /// Each record's person and family, as the register was put together.
    pub fn found(&self, settled: &Settled) -> Vec<(usize, Option<i64>)> {
        let mut of = vec![(0, None); self.known.mentions.len()];
        for (at, person) in settled.persons.iter().enumerate() {
            for &mention in &person.mentions {
                of[mention] = (at, person.membership.family);
            }
        }
        self.mention_of.iter().map(|&mention| of[mention]).collect()
    }
}
