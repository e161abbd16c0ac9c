//! Who gets what of a family's money: partners' rules, to the penny.

use serde::{Deserialize, Serialize};

use super::ClaimError;

/// A partner's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule")]
pub enum Rule {
    /// Puts half of the attachment fee in and takes the whole result payment.
    JointInvestment,
    /// Takes a share of the result payment.
    Commissioned {
        /// The share in per cent, 1 to 100.
        percent: u32,
    },
}

/// A partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partner {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its rule.
    #[serde(flatten)]
    pub rule: Rule,
}

/// Splits an amount by weights so that the parts add up to the penny: largest remainder, ties to the first.
///
/// Nobody gets anything where all weights are zero.
pub fn split(pence: u64, weights: &[u32]) -> Vec<u64> {
    let whole: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: u32| u128::from(pence) * u128::from(weight);
    let mut parts: Vec<u64> = Vec::with_capacity(weights.len());
    for &weight in weights {
        let part = exact(weight) / whole;
        parts.push(u64::try_from(part).expect("a part is at most the whole, which fits"));
    }
    let mut left = pence - parts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(exact(weights[at]) % whole));
    for at in order {
        if left == 0 {
            break;
        }
        parts[at] += 1;
        left -= 1;
    }
    parts
}

/// What a family's partners put in and take out, and what the council keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shares {
    /// For each partner, in the order given: pence of the attachment fee it puts in.
    pub in_pence: Vec<u64>,
    /// For each partner: pence of the result payment it takes.
    pub out_pence: Vec<u64>,
    /// What the council keeps of the result payment.
    pub council_pence: u64,
}

/// Shares one family's attachment fee and result payment among its partners.
///
/// # Errors
/// Where a joint-investment partner is not alone, or shares exceed the whole.
pub fn share(partners: &[Partner], attachment: u64, result: u64) -> Result<Shares, ClaimError> {
    let joint = partners.iter().find(|partner| partner.rule == Rule::JointInvestment);
    if let Some(partner) = joint {
        if partners.len() > 1 {
            return Err(ClaimError::NotAlone { partner: partner.name.clone() });
        }
        let half = split(attachment, &[1, 1])[1];
        return Ok(Shares { in_pence: vec![half], out_pence: vec![result], council_pence: 0 });
    }
    let mut weights: Vec<u32> = partners
        .iter()
        .map(|partner| match partner.rule {
            Rule::Commissioned { percent } => percent,
            Rule::JointInvestment => 0,
        })
        .collect();
    let percent: u32 = weights.iter().sum();
    weights.push(100_u32.checked_sub(percent).ok_or(ClaimError::TooManyShares { percent })?);
    let mut out_pence = split(result, &weights);
    let council_pence = out_pence.pop().unwrap_or(0);
    Ok(Shares { in_pence: vec![0; partners.len()], out_pence, council_pence })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn partner(name: &str, rule: Rule) -> Partner {
        Partner { id: 1, name: name.to_owned(), rule }
    }

    #[test]
    fn literal_splits() {
        let table: [(u64, &[u32], &[u64]); 6] = [
            (80_000, &[1, 1], &[40_000, 40_000]),
            (80_001, &[1, 1], &[40_001, 40_000]),
            (100, &[1, 1, 1], &[34, 33, 33]),
            (80_000, &[33, 67], &[26_400, 53_600]),
            (5, &[10, 90], &[1, 4]),
            (7, &[0, 0], &[0, 0]),
        ];
        for (pence, weights, parts) in table {
            assert_eq!(split(pence, weights), parts, "{pence} by {weights:?}");
        }
    }

    #[test]
    fn a_joint_partner_puts_half_the_fee_in_and_takes_the_whole_payment() {
        let joint = partner("a housing trust", Rule::JointInvestment);
        let shares = share(std::slice::from_ref(&joint), 100_001, 80_000).unwrap();
        assert_eq!(
            shares,
            Shares { in_pence: vec![50_000], out_pence: vec![80_000], council_pence: 0 },
            "the odd penny stays with the council"
        );
        let other = partner("a charity", Rule::Commissioned { percent: 10 });
        assert!(matches!(share(&[joint, other], 1, 1), Err(ClaimError::NotAlone { .. })));
    }

    #[test]
    fn commissioned_services_take_their_part_and_never_more_than_all() {
        let service = |percent| partner("a service", Rule::Commissioned { percent });
        let shares = share(&[service(25), service(10)], 100_000, 80_000).unwrap();
        assert_eq!((shares.out_pence, shares.council_pence), (vec![20_000, 8_000], 52_000));
        assert_eq!(share(&[service(60), service(41)], 0, 0), Err(ClaimError::TooManyShares { percent: 101 }));
        assert_eq!(share(&[], 100_000, 80_000).unwrap().council_pence, 80_000);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_lie_within_a_penny(pence in 0_u64..1 << 50, weights in prop::collection::vec(0_u32..1000, 1..8)) {
            let parts = split(pence, &weights);
            let whole: u128 = weights.iter().map(|&w| u128::from(w)).sum();
            if whole == 0 {
                prop_assert!(parts.iter().all(|&part| part == 0));
            } else {
                prop_assert_eq!(parts.iter().sum::<u64>(), pence);
                for (part, &weight) in parts.iter().zip(&weights) {
                    let exact = u128::from(pence) * u128::from(weight);
                    prop_assert!((u128::from(*part) * whole).abs_diff(exact) < whole);
                }
            }
        }
    }
}
