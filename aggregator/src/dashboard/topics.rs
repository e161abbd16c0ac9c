//! The labels of a stream in readers' words, and the names of its places.

use tenfold_common::{
    geography::{self, BoroughCode},
    privacy::{
        StreamPolicy, VerifiedPolicy,
        policy::{PROBLEM, PROGRESS, RESULT_TYPE},
    },
};

use crate::combine::Cell;

/// A label set as readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What the families are told apart by, such as `Headline problem`.
    pub title: String,
    /// Whether a family can be in several rows.
    pub overlaps: bool,
    /// Its labels.
    pub labels: Vec<WithLabel>,
}

/// One row of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithLabel {
    /// The label in words.
    pub title: String,
    /// The cell that counts it in the whole borough.
    pub cell: Cell,
}

/// The topics of a stream. A result that is not progress is continuous employment, so the one label of the
/// result's type makes two rows.
pub fn topics(stream: &StreamPolicy) -> Vec<Topic> {
    let topic = |(set, of): (usize, &tenfold_common::privacy::LabelSet)| {
        if of.name == RESULT_TYPE && of.labels == [PROGRESS] {
            let row = |title: &str, cell| WithLabel {
                title: title.to_owned(),
                cell,
            };
            let (progress, employment) = (Cell::Label { set, label: 0 }, Cell::LabelAbsent { set, label: 0 });
            let labels = vec![
                row("Significant and sustained progress", progress),
                row("Continuous employment", employment),
            ];
            return Topic {
                title: "Type of result".to_owned(),
                overlaps: false,
                labels,
            };
        }
        let title = if of.name == PROBLEM {
            "Headline problem".to_owned()
        } else {
            sentence(&of.name)
        };
        let row = |(label, name): (usize, &String)| WithLabel {
            title: sentence(name),
            cell: Cell::Label { set, label },
        };
        Topic {
            title,
            overlaps: of.kind == tenfold_common::privacy::LabelKind::Many,
            labels: of.labels.iter().enumerate().map(row).collect(),
        }
    };
    stream.label_sets.iter().enumerate().map(topic).collect()
}

/// The name of a borough's place: a ward, or what is not known or elsewhere.
pub fn place_name(policy: &VerifiedPolicy, borough: &BoroughCode, place: usize) -> (String, String) {
    let known = policy.wards(borough).ok().and_then(|wards| wards.get(place));
    match known {
        Some(code) => {
            let wards = geography::borough(borough).map_or(&[][..], |borough| &borough.wards);
            let name = wards
                .iter()
                .find(|ward| &ward.code == code)
                .map(|ward| ward.name.clone());
            (code.to_string(), name.unwrap_or_else(|| code.to_string()))
        }
        None => (String::new(), "Not known or elsewhere".to_owned()),
    }
}

/// `domestic-abuse` as `Domestic abuse`.
fn sentence(name: &str) -> String {
    let name = name.replace(['-', '_'], " ");
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::fixture;

    #[test]
    fn labels_are_readable_and_results_fall_into_two() {
        assert_eq!(sentence("domestic-abuse"), "Domestic abuse");
        let policy = fixture::policy();
        let result = topics(policy.stream("result-recorded").unwrap());
        assert_eq!(result[0].labels.len(), 2);
        assert_eq!(result[0].labels[1].cell, Cell::LabelAbsent { set: 0, label: 0 });
        assert_eq!(result[1].labels.len(), 6);
        let oldham = fixture::oldham();
        let wards = policy.wards(&oldham).unwrap();
        assert_eq!(place_name(&policy, &oldham, 0).0, wards[0].as_str());
        assert_eq!(
            place_name(&policy, &oldham, wards.len()).1,
            "Not known or elsewhere"
        );
    }
}
