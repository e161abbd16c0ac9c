//! What one family pays over its lifetime: in exact ρ from the ledger, and in words from the exact curve.

use serde::{Serialize, Serializer};
use tenfold_common::privacy::{Policy, Rho};

use crate::ledger::{self, LedgerLine};

/// Of a hundred families that are not there, how many are wrongly suspected in the sentence for committees.
const WRONGLY: f64 = 5.0;

/// ρ as an exact decimal in what is written for people.
pub(crate) fn decimal<S: Serializer>(rho: &Rho, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(rho)
}

/// What one stream charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamCharge {
    /// The stream.
    pub stream: String,
    /// Its dearest charge under any policy that was adopted.
    #[serde(serialize_with = "decimal")]
    pub rho: Rho,
}

/// What any one family may lose over its lifetime in this node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// The dearest charge of each stream under any policy that was adopted.
    pub streams: Vec<StreamCharge>,
    /// Their sum: what any family line loses at most.
    #[serde(serialize_with = "decimal")]
    pub charged: Rho,
    /// The most that the policy in force may ever charge, tables it may still add included.
    #[serde(serialize_with = "decimal")]
    pub policy_total: Rho,
    /// The cap of the borough's own officer.
    #[serde(serialize_with = "decimal")]
    pub cap: Rho,
    /// δ of the next line, as the policy signs it for display.
    pub delta: String,
    /// ε at δ for what is charged, valid for any mechanism of that ρ.
    pub epsilon: f64,
    /// Of 100 families that are not in the register, how many somebody wrongly suspects.
    pub wrongly_in_100: f64,
    /// Of 100 families in the register, how many the same person then rightly picks, at the greater of charge and
    /// policy total.
    pub rightly_in_100: f64,
}

impl Loss {
    /// Reads what was charged from the ledger and puts it into words.
    pub fn of(lines: &[LedgerLine], policy: &Policy) -> Self {
        let charged = ledger::lifetime(lines);
        let most = charged.max(policy.total);
        Self {
            streams: ledger::dearest(lines)
                .into_iter()
                .map(|(stream, rho)| StreamCharge { stream, rho })
                .collect(),
            charged,
            policy_total: policy.total,
            cap: ledger::cap(lines),
            delta: policy.delta.clone(),
            epsilon: charged.epsilon(policy.delta.parse().unwrap_or(1e-6)),
            wrongly_in_100: WRONGLY,
            rightly_in_100: 100.0 * most.detection(WRONGLY / 100.0),
        }
    }

    /// The sentence for whoever answers for the families.
    pub fn sentence(&self) -> String {
        format!(
            "Someone who wrongly suspects {:.0} families in 100 would rightly pick this one {:.0} times in 100; \
             without these statistics, {:.0}.",
            self.wrongly_in_100, self.rightly_in_100, self.wrongly_in_100
        )
    }
}

#[cfg(test)]
mod tests {
    use tenfold_common::{calendar::Quarter, privacy::policy::Plan};

    use super::*;
    use crate::ledger::{LineKind, link};

    fn lines(charges: &[(&str, u64)]) -> Vec<LedgerLine> {
        let mut lines: Vec<LedgerLine> = Vec::new();
        for (stream, nano) in charges {
            let kind = if stream.is_empty() { LineKind::Cap } else { LineKind::Adoption };
            let mut line = LedgerLine {
                seq: lines.len() as i64 + 1,
                at: "2015-04-01T00:00:00Z".parse().unwrap(),
                kind: kind.as_str().into(),
                actor: "officer".into(),
                policy: "p".into(),
                stream: (*stream).into(),
                quarter: String::new(),
                amount: Rho::from_nano(*nano),
                hash: String::new(),
            };
            line.hash = link("", &line);
            lines.push(line);
        }
        lines
    }

    /// The sentence follows the policy: 12, 17 and 26 at the three profiles, and more where more was charged.
    #[test]
    fn the_sentence_is_computed_and_not_fixed() {
        for (milli, charged, words) in
            [(100, 90, "12 times"), (250, 195, "17 times"), (500, 390, "26 times"), (250, 500, "26 times")]
        {
            let policy = Policy::plan(Plan {
                name: "test".into(),
                rehearsal: true,
                first_quarter: "2015-Q2".parse::<Quarter>().unwrap(),
                opening: false,
                total: Rho::from_nano(milli * 1_000_000),
                framework: "expanded-2015".into(),
                problems: vec!["crime".into()],
            });
            let half = charged * 500_000;
            let ledger = lines(&[("", 600_000_000), ("attached", half), ("result-recorded", half)]);
            let loss = Loss::of(&ledger, &policy);
            assert_eq!(loss.charged, Rho::from_nano(2 * half));
            assert_eq!(loss.cap, Rho::from_nano(600_000_000));
            assert_eq!(loss.streams.len(), 2);
            assert!(loss.sentence().contains(words), "{milli}: {}", loss.sentence());
            assert!(
                loss.sentence().contains("wrongly suspects 5 families") && loss.sentence().ends_with("5.")
            );
        }
    }
}
