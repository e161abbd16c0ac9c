//! Who is meant by rows on their way in: known mentions found by their fingerprints, new ones numbered.

use std::collections::HashMap;

use crate::register::{
    matching::{Identity, Mention, Who},
    settle::KnownMention,
};

/// All mentions of the register while rows are taken, known ones and new ones.
pub struct Mentions {
    all: Vec<KnownMention>,
    place: HashMap<Identity, usize>,
    last: i64,
    new_from: usize,
    /// Who was meant by the row before: an extract has the rows of one person together.
    before: Option<(String, usize)>,
}

impl Mentions {
    /// The mentions as the register has them; new ones are numbered after `last`.
    pub fn new(all: Vec<KnownMention>, last: i64) -> Self {
        let place = all.iter().enumerate().map(|(at, known)| (known.mention.identity, at)).collect();
        let new_from = all.len();
        Self { all, place, last, new_from, before: None }
    }

    /// All of them; from which on they are new; the highest number given.
    pub fn into_all(self) -> (Vec<KnownMention>, usize, i64) {
        (self.all, self.new_from, self.last)
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "it is a mark to come back to, not a collection's size")]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Forgets the mentions that came after there were so many: the file that had them was refused.
    pub fn forget_after(&mut self, count: usize) {
        for known in self.all.drain(count..) {
            self.place.remove(&known.mention.identity);
        }
        self.before = None;
    }

    pub(super) fn number(&mut self, who: &Who, scope: &str) -> i64 {
        if let Some((_, place)) = self.before.as_ref().filter(|(within, _)| within == scope) {
            let known = &self.all[*place];
            if known.mention.who == *who {
                return known.number;
            }
        }
        let identity = who.identity(scope);
        let place = self.place.entry(identity).or_insert_with(|| {
            self.last += 1;
            let mention = Mention { who: who.clone(), identity };
            self.all.push(KnownMention { number: self.last, mention, person: None, first_person: None });
            self.all.len() - 1
        });
        let place = *place;
        self.before = Some((scope.to_owned(), place));
        self.all[place].number
    }
}
