//! Which headline problem of one framework is which of another, as data with its source.

use std::sync::LazyLock;

use serde::Deserialize;

/// The problem numbers of one framework as numbers of another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The framework mapped from.
    pub from: String,
    /// The framework mapped to.
    pub to: String,
    /// Pairs of numbers, from and to.
    pub pairs: Vec<(u8, u8)>,
    /// Where this comes from.
    pub source: String,
    /// Whether it was read there.
    pub confirmed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    mapping: Vec<Mapping>,
}

static SHIPPED: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let text = include_str!("../../../config/frameworks/mappings.toml");
    let document: Document = toml::from_str(text).expect("the embedded mappings are read by a test");
    document.mapping
});

impl Mapping {
    /// The mapping between two frameworks, in either direction; `None` where none ships.
    pub fn between(from: &str, to: &str) -> Option<Self> {
        SHIPPED.iter().find_map(|mapping| {
            if (mapping.from.as_str(), mapping.to.as_str()) == (from, to) {
                Some(mapping.clone())
            } else if (mapping.to.as_str(), mapping.from.as_str()) == (from, to) {
                Some(mapping.turned())
            } else {
                None
            }
        })
    }

    /// Every mapping that ships.
    pub fn all() -> &'static [Self] {
        &SHIPPED
    }

    /// The number in the other framework.
    pub fn number(&self, from: u8) -> Option<u8> {
        self.pairs.iter().find_map(|(a, b)| (*a == from).then_some(*b))
    }

    fn turned(&self) -> Self {
        let mut pairs: Vec<(u8, u8)> = self.pairs.iter().map(|(a, b)| (*b, *a)).collect();
        pairs.sort_unstable();
        Self { from: self.to.clone(), to: self.from.clone(), pairs, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::framework::Framework;

    #[test]
    fn the_six_problems_keep_their_meaning_under_their_new_names() {
        let there = Mapping::between("expanded-2015", "expanded-2020").unwrap();
        let mapped: Vec<Option<u8>> = (1..=7).map(|number| there.number(number)).collect();
        assert_eq!(mapped, [Some(4), Some(2), Some(3), Some(1), Some(5), Some(6), None]);
        let back = Mapping::between("expanded-2020", "expanded-2015").unwrap();
        assert!((1..=6).all(|n| there.number(n).and_then(|there| back.number(there)) == Some(n)));
        assert_eq!(Mapping::between("expanded-2015", "supporting-families-2022"), None);
    }

    #[test]
    fn every_mapping_is_one_to_one_between_shipped_frameworks() {
        for mapping in Mapping::all() {
            let (from, to) = (Framework::by_name(&mapping.from), Framework::by_name(&mapping.to));
            let (from, to) = from.zip(to).expect("both frameworks ship");
            let (a, b): (BTreeSet<u8>, BTreeSet<u8>) = mapping.pairs.iter().copied().unzip();
            assert_eq!((a.len(), b.len()), (mapping.pairs.len(), mapping.pairs.len()));
            assert!(
                a.iter().all(|n| from.problem(*n).is_some()) && b.iter().all(|n| to.problem(*n).is_some())
            );
            // The need under which assessments record a renamed problem is the mapping read backwards.
            for problem in &to.problems {
                let back = mapping.pairs.iter().find(|(_, b)| *b == problem.number).unwrap().0;
                assert_eq!(problem.recorded_as, back);
            }
        }
    }
}
