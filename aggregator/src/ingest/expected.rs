//! The boroughs that a policy expects against those that are enrolled and were seen: a name that does not fit is told
//! at once, not when its figures are missed.

use std::collections::BTreeSet;

/// Boroughs by GSS code.
pub type Boroughs = BTreeSet<String>;

/// Where expected and seen differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Gaps {
    /// Expected by the policy, never enrolled.
    pub never_enrolled: Boroughs,
    /// Enrolled, and no node of theirs ever called nor was a release of theirs carried here.
    pub never_seen: Boroughs,
    /// Enrolled, and not expected by the policy.
    pub not_expected: Boroughs,
}

impl Gaps {
    /// The gaps between three lists.
    pub fn between(expected: &Boroughs, enrolled: &Boroughs, seen: &Boroughs) -> Self {
        let without = |one: &Boroughs, other: &Boroughs| one.difference(other).cloned().collect();
        Self {
            never_enrolled: without(expected, enrolled),
            never_seen: without(enrolled, seen),
            not_expected: without(enrolled, expected),
        }
    }

    /// In sentences, none where there is no gap; `named` makes a name of a code.
    pub fn in_words(&self, named: impl Fn(&str) -> String) -> Vec<String> {
        let gaps = [
            ("Expected by the policy, but no node was ever enrolled", &self.never_enrolled),
            ("Enrolled, but no node ever called", &self.never_seen),
            ("Enrolled, but not expected by the policy", &self.not_expected),
        ];
        let told = gaps.into_iter().filter(|(_, boroughs)| !boroughs.is_empty());
        told.map(|(words, boroughs)| {
            let names: Vec<String> = boroughs.iter().map(|code| named(code)).collect();
            format!("{words}: {}.", names.join(", "))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(codes: &[&str]) -> Boroughs {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn each_gap_is_named_and_no_gap_is_silent() {
        let gaps = Gaps::between(&set(&["a", "b", "c"]), &set(&["b", "c", "d"]), &set(&["c"]));
        assert_eq!(
            gaps.in_words(str::to_uppercase),
            [
                "Expected by the policy, but no node was ever enrolled: A.",
                "Enrolled, but no node ever called: B, D.",
                "Enrolled, but not expected by the policy: D.",
            ]
        );
        let all = set(&["a"]);
        assert_eq!(Gaps::between(&all, &all, &all).in_words(str::to_uppercase), Vec::<String>::new());
    }
}
