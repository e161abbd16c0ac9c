//! What is known of a person, ready to be compared: every name, birthday and place that rows gave.

use std::fmt;

use chrono::NaiveDate;

use crate::register::{
    Sex,
    matching::{CaseId, Identity, Mention, folded},
};

/// Where a row says that somebody lives. A withheld address is none.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The property reference.
    pub property: Option<String>,
    /// The postcode.
    pub postcode: Option<String>,
}

/// A name as it is compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) given: String,
    pub(super) family: String,
}

/// What is known of one person; each list sorted, each value once.
#[derive(Clone)]
pub struct Profile {
    /// The smallest fingerprint of its mentions.
    pub identity: Identity,
    pub(super) names: Vec<Name>,
    pub(super) births: Vec<NaiveDate>,
    pub(super) sex: Option<Sex>,
    pub(super) properties: Vec<String>,
    pub(super) postcodes: Vec<String>,
    pub(super) cases: Vec<CaseId>,
    numbers: [Vec<String>; 3],
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a profile")
    }
}

impl Profile {
    /// The profile of one person's mentions; none where no full name is known: then there is nothing to weigh.
    pub fn of(mentions: &[&Mention], places: &[&Place]) -> Option<Self> {
        let identity = mentions.iter().map(|mention| mention.identity).min()?;
        let who = || mentions.iter().map(|mention| &mention.who);
        let names =
            who().map(|who| Name { given: normal(&who.given_name), family: normal(&who.family_name) });
        let mut names: Vec<Name> = names.collect();
        names.retain(|name| !name.given.is_empty() && !name.family.is_empty());
        if names.is_empty() {
            return None;
        }
        let sexes = sorted(who().filter_map(|who| who.sex).filter(|sex| *sex != Sex::NotKnown));
        let postcode = |text: &String| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        Some(Self {
            identity,
            names: sorted(names),
            births: sorted(who().filter_map(|who| who.birth_date)),
            sex: if let [sex] = sexes.as_slice() { Some(*sex) } else { None },
            properties: sorted(places.iter().filter_map(|place| place.property.clone())),
            postcodes: sorted(
                places
                    .iter()
                    .filter_map(|place| place.postcode.as_ref().map(postcode)?.to_uppercase().into()),
            ),
            cases: sorted(who().filter_map(|who| who.case_id.clone())),
            numbers: [
                sorted(who().filter_map(|who| Some(who.nhs_number.as_ref()?.as_str().to_owned()))),
                sorted(who().filter_map(|who| Some(who.upn.as_ref()?.as_str().to_owned()))),
                sorted(who().filter_map(|who| Some(who.ni_number.as_ref()?.as_str().to_owned()))),
            ],
        })
    }

    /// Whether both have numbers of one kind and none in common: two people, whatever else agrees.
    pub fn has_other_number(&self, other: &Self) -> bool {
        self.numbers.iter().zip(&other.numbers).any(|(these, those)| {
            !these.is_empty() && !those.is_empty() && !these.iter().any(|number| those.contains(number))
        })
    }
}

fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Lower case, parts of a double name as words, no apostrophes or stops.
pub(super) fn normal(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| !matches!(c, '\'' | '’' | '`' | '.'))
        .map(|c| if matches!(c, '-' | '–' | '/' | ',') { ' ' } else { c })
        .collect();
    folded(&name)
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn names_are_compared_without_their_marks() {
        for (name, wanted) in [
            ("O’Neill", "oneill"),
            ("Smith-Jones", "smith jones"),
            ("  St. John ", "st john"),
            ("Siân", "siân"),
        ] {
            assert_eq!(normal(name), wanted);
        }
    }
}
