//! What a change of rules would alter: the families whose verdict differs, and why.

use chrono::NaiveDate;
use tenfold_common::framework::Framework;

use super::{Status, Verdict, decide, words};
use crate::register::{Coverage, FamilyFile, FamilyId};

/// A family whose verdict differs between two frameworks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The family.
    pub family: FamilyId,
    /// How far it has come by the one.
    pub before: Status,
    /// How far by the other.
    pub after: Status,
    /// Why, as sentences: what each says that the other does not.
    pub why: Vec<String>,
}

/// The families whose status or kind of result differs between two frameworks on a day, in the order given.
pub fn differences<'a>(
    files: impl IntoIterator<Item = &'a FamilyFile>,
    coverage: &Coverage,
    before: &Framework,
    after: &Framework,
    on: NaiveDate,
) -> Vec<Difference> {
    let difference = |file: &FamilyFile| {
        let first = decide(file, coverage, before, on);
        let second = decide(file, coverage, after, on);
        let kind = |verdict: &Verdict| verdict.result.as_ref().map(|result| result.kind);
        let same = first.status == second.status && kind(&first) == kind(&second);
        (!same).then(|| Difference {
            family: file.family.clone(),
            before: first.status,
            after: second.status,
            why: why(&first, before, &second, after),
        })
    };
    files.into_iter().filter_map(difference).collect()
}

fn why(first: &Verdict, before: &Framework, second: &Verdict, after: &Framework) -> Vec<String> {
    let told = |verdict: &Verdict, framework: &Framework| -> Vec<String> {
        let result = verdict.result.as_ref();
        let result = result.map(|result| format!("A result by {}.", words::kind(result.kind)));
        let missing = verdict.missing.iter().map(|missing| missing.words(framework));
        result.into_iter().chain(missing).collect()
    };
    let (old, new) = (told(first, before), told(second, after));
    let only = |name: &str, these: &[String], others: &[String]| -> Vec<String> {
        let own = these.iter().filter(|sentence| !others.contains(sentence));
        own.map(|sentence| format!("{name}: {sentence}")).collect()
    };
    [only(&before.name, &old, &new), only(&after.name, &new, &old)].concat()
}
