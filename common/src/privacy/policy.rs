//! The region's policy: streams, places, horizon, matrix and noise scales, as one signed document of integers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Rho, RhoError,
    shape::{LabelSet, StreamShape},
    sigma::{self, Weights},
    time_matrix::{TimeMatrix, TimeMatrixError},
};
use crate::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode, WardCode},
    protocol::signature::{self, PublicKey, SignatureError},
};

/// The media type of a signed policy.
pub const POLICY_TYPE: &str = "tenfold-policy+jws";

/// What the region agreed, before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Always `tenfold-policy/1`.
    pub format: String,
    /// What people call it.
    pub name: String,
    /// Whether everything made under it is a rehearsal.
    pub rehearsal: bool,
    /// The outcomes framework whose problems are the labels, such as `expanded-2015`.
    pub framework: String,
    /// The first quarter of the horizon.
    pub first_quarter: Quarter,
    /// δ at which ε is shown; decides nothing.
    pub delta: String,
    /// The most that one line may lose under this policy.
    pub total: Rho,
    /// Kept for one-off tables.
    pub reserve: Rho,
    /// The dated boundary set of the places.
    pub boundary_set: String,
    /// The places of each borough; *not known or elsewhere* is added as the last.
    pub boroughs: Vec<BoroughPlaces>,
    /// C, and with it the horizon.
    pub time_matrix: TimeMatrix,
    /// Where C comes from.
    pub time_matrix_provenance: String,
    /// When periods end and releases are due.
    pub dates: Dates,
    /// The streams.
    pub streams: Vec<StreamPolicy>,
}

/// The places of one borough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoroughPlaces {
    /// The borough.
    pub borough: BoroughCode,
    /// Its wards, in the order of the cells.
    pub wards: Vec<WardCode>,
}

/// Instants counted in days after the last day of a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// Rows recorded later belong to the next period.
    pub recording_ends_after_days: u16,
    /// Sealed bytes leave the node at this instant.
    pub deliver_after_days: u16,
    /// A release received later is late.
    pub due_after_days: u16,
}

/// One kind of event, counted quarter after quarter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamPolicy {
    /// Its name, which is for ever.
    pub name: String,
    /// The words readers see.
    pub title: String,
    /// Its share of the total.
    pub share: Rho,
    /// By what it is counted.
    pub label_sets: Vec<LabelSet>,
    /// σ of each group, for every number of places that occurs.
    pub scales: Vec<GroupScale>,
}

/// The noise scales for boroughs with one number of places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupScale {
    /// W, *not known or elsewhere* included.
    pub places: usize,
    /// σ of each group in the order of [`StreamShape::groups`].
    pub sigma: Vec<u64>,
}

/// Why a policy is refused.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The signature or the bytes are wrong.
    #[error("the policy is not signed by the region: {0}")]
    Signature(#[from] SignatureError),
    /// The format is not ours.
    #[error("the policy's format is {found:?}, expected \"tenfold-policy/1\"")]
    Format {
        /// What stood there.
        found: String,
    },
    /// The time matrix cannot serve.
    #[error("the policy's time matrix cannot serve: {0}")]
    TimeMatrix(#[from] TimeMatrixError),
    /// A loss cannot be computed.
    #[error("stream {stream:?}: {source}")]
    Rho {
        /// The stream.
        stream: String,
        /// Why.
        source: RhoError,
    },
    /// The exact charge passes the share.
    #[error(
        "stream {stream:?} would charge ρ = {charge} in a borough of {places} places, its share is {share}"
    )]
    OverShare {
        /// The stream.
        stream: String,
        /// Places of the borough.
        places: usize,
        /// The exact charge.
        charge: Rho,
        /// The share.
        share: Rho,
    },
    /// The shares and the reserve pass the total.
    #[error("streams and reserve add up to ρ = {sum}, the policy's total is {total}")]
    OverTotal {
        /// Shares and reserve.
        sum: Rho,
        /// The total.
        total: Rho,
    },
    /// Two streams, labels or boroughs have one name.
    #[error("{what} {name:?} stands twice in the policy")]
    Twice {
        /// `stream`, `label`, `ward` or `borough`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A stream has no scales for a borough's places, or not one a group.
    #[error("stream {stream:?} has no noise scale for each group of a borough of {places} places")]
    NoScales {
        /// The stream.
        stream: String,
        /// Places of the borough.
        places: usize,
    },
    /// Something named is not in the policy.
    #[error("the policy has no {what} {name:?}")]
    Absent {
        /// `stream`, `borough` or `quarter`.
        what: &'static str,
        /// What was asked.
        name: String,
    },
    /// The instants are out of order.
    #[error("the policy's dates are out of order: a period ends, then is delivered, then is due")]
    Dates,
}

/// A policy that was verified whole; the only kind anything is released under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPolicy {
    policy: Policy,
    hash: String,
    signed: String,
}

/// What a default policy is planned from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What people call it.
    pub name: String,
    /// Whether it is a rehearsal's.
    pub rehearsal: bool,
    /// The first quarter of the horizon.
    pub first_quarter: Quarter,
    /// The total ρ.
    pub total: Rho,
    /// The framework's name.
    pub framework: String,
    /// The framework's headline problems, in their order.
    pub problems: Vec<String>,
}

impl Policy {
    /// The default policy: shares attached .42, result .36, reserve .05 of the total; the rest is kept for
    /// streams that a later policy adds. Weight four on totals.
    pub fn plan(plan: Plan) -> Self {
        let time_matrix = TimeMatrix::shipped();
        let column_sum = time_matrix.largest_column_sum();
        let boroughs: Vec<BoroughPlaces> = geography::boroughs()
            .iter()
            .map(|borough| BoroughPlaces {
                borough: borough.code.clone(),
                wards: borough.wards.iter().map(|ward| ward.code.clone()).collect(),
            })
            .collect();
        let sizes: BTreeSet<usize> = boroughs.iter().map(|places| places.wards.len() + 1).collect();
        let many = |name: &str, labels: &[String], by_place| LabelSet {
            name: name.to_owned(),
            kind: super::LabelKind::Many,
            labels: labels.to_vec(),
            by_place,
        };
        let percent = |share: u64| Rho::from_nano(plan.total.nano() / 100 * share);
        let stream = |name: &str, title: &str, share: Rho, label_sets: Vec<LabelSet>| StreamPolicy {
            scales: sizes
                .iter()
                .map(|&places| {
                    let shape = StreamShape::new(places, label_sets.clone());
                    let weights = Weights::headline_totals(&shape);
                    GroupScale { places, sigma: sigma::scales(&shape, &weights, share, column_sum) }
                })
                .collect(),
            name: name.to_owned(),
            title: title.to_owned(),
            share,
            label_sets,
        };
        let streams = vec![
            stream(ATTACHED, "Families attached", percent(42), vec![many(PROBLEM, &plan.problems, true)]),
            stream(
                RESULT,
                "Results recorded",
                percent(36),
                vec![many(RESULT_TYPE, &[PROGRESS.to_owned()], true), many(PROBLEM, &plan.problems, false)],
            ),
        ];
        Self {
            format: "tenfold-policy/1".to_owned(),
            name: plan.name,
            rehearsal: plan.rehearsal,
            framework: plan.framework,
            first_quarter: plan.first_quarter,
            delta: "0.000001".to_owned(),
            total: plan.total,
            reserve: percent(5),
            boundary_set: geography::BOUNDARY_SET.to_owned(),
            boroughs,
            time_matrix,
            time_matrix_provenance: "certified optimum for weights quarterly 0.5, yearly 0.06, final 0.12, \
                                     rounded to 12 bits; docs/PRIVACY.md"
                .to_owned(),
            dates: Dates { recording_ends_after_days: 28, deliver_after_days: 35, due_after_days: 42 },
            streams,
        }
    }

    /// Checks everything that does not need the signature.
    ///
    /// # Errors
    /// The first fault found.
    pub fn verify(&self) -> Result<(), PolicyError> {
        if self.format != "tenfold-policy/1" {
            return Err(PolicyError::Format { found: self.format.clone() });
        }
        self.time_matrix.verify()?;
        let dates = self.dates;
        if dates.recording_ends_after_days > dates.deliver_after_days
            || dates.deliver_after_days > dates.due_after_days
        {
            return Err(PolicyError::Dates);
        }
        once("borough", self.boroughs.iter().map(|places| places.borough.as_str()))?;
        once("ward", self.boroughs.iter().flat_map(|places| &places.wards).map(WardCode::as_str))?;
        once("stream", self.streams.iter().map(|stream| stream.name.as_str()))?;
        for stream in &self.streams {
            once("label set", stream.label_sets.iter().map(|set| set.name.as_str()))?;
            for set in &stream.label_sets {
                once("label", set.labels.iter().map(String::as_str))?;
            }
        }
        let sum: Rho = self.streams.iter().map(|stream| stream.share).chain([self.reserve]).sum();
        if sum > self.total {
            return Err(PolicyError::OverTotal { sum, total: self.total });
        }
        let column_sum = self.time_matrix.largest_column_sum();
        for stream in &self.streams {
            for borough in &self.boroughs {
                stream.charge(borough.wards.len() + 1, column_sum)?;
            }
        }
        Ok(())
    }
}

/// The stream of families that joined.
pub const ATTACHED: &str = "attached";
/// The stream of results that an officer recorded.
pub const RESULT: &str = "result-recorded";
/// The label set of headline problems.
pub const PROBLEM: &str = "problem";
/// The label set of the result's type: progress, or (where absent) continuous employment.
pub const RESULT_TYPE: &str = "type";
/// The one label of [`RESULT_TYPE`].
pub const PROGRESS: &str = "progress";

fn once<'a>(what: &'static str, mut names: impl Iterator<Item = &'a str>) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    match names.find(|name| !seen.insert(name.to_owned())) {
        Some(name) => Err(PolicyError::Twice { what, name: name.to_owned() }),
        None => Ok(()),
    }
}

impl StreamPolicy {
    /// The shape in a borough of `places` places.
    pub fn shape(&self, places: usize) -> StreamShape {
        StreamShape::new(places, self.label_sets.clone())
    }

    /// σ of each group in a borough of `places` places.
    ///
    /// # Errors
    /// Where the policy states none, or not one a group.
    pub fn scales(&self, places: usize) -> Result<&[u64], PolicyError> {
        self.scales
            .iter()
            .find(|scale| scale.places == places)
            .map(|scale| scale.sigma.as_slice())
            .filter(|sigma| sigma.len() == self.shape(places).groups().len())
            .ok_or_else(|| PolicyError::NoScales { stream: self.name.clone(), places })
    }

    /// The exact charge of the whole horizon for any one line in a borough of `places` places.
    ///
    /// # Privacy
    /// Σ over groups of ⌈10⁹·L2²·S/2σ²⌉, L2² computed here from the shape and never read from the policy;
    /// refused above the share.
    ///
    /// # Errors
    /// Where a scale is missing or below 1, or the sum passes the share.
    pub fn charge(&self, places: usize, column_sum: u64) -> Result<Rho, PolicyError> {
        let refuse = |source| PolicyError::Rho { stream: self.name.clone(), source };
        let mut charge = Rho::ZERO;
        for (group, &sigma) in self.shape(places).groups().iter().zip(self.scales(places)?) {
            let of_group = Rho::of_group(group.l2_squared, column_sum, sigma).map_err(refuse)?;
            charge = charge.checked_add(of_group).ok_or_else(|| refuse(RhoError::OutOfRange))?;
        }
        if charge > self.share {
            return Err(PolicyError::OverShare {
                stream: self.name.clone(),
                places,
                charge,
                share: self.share,
            });
        }
        Ok(charge)
    }
}

impl VerifiedPolicy {
    /// Opens a signed policy: signature over the received bytes, canonical form, and every check.
    ///
    /// # Errors
    /// The first fault found.
    pub fn open(signed: &str, region: &PublicKey) -> Result<Self, PolicyError> {
        let policy: Policy = signature::open(signed, POLICY_TYPE, region)?;
        policy.verify()?;
        let hash = signature::payload_hash(signed)?;
        Ok(Self { policy, hash, signed: signed.to_owned() })
    }

    /// The policy itself.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// SHA-256 of the canonical bytes, in hexadecimal: binds every release.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The signed text as received.
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// The stream with a name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn stream(&self, name: &str) -> Result<&StreamPolicy, PolicyError> {
        let found = self.policy.streams.iter().find(|stream| stream.name == name);
        found.ok_or_else(|| PolicyError::Absent { what: "stream", name: name.to_owned() })
    }

    /// The number of places of a borough, *not known or elsewhere* included.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn places(&self, borough: &BoroughCode) -> Result<usize, PolicyError> {
        Ok(self.wards(borough)?.len() + 1)
    }

    /// The wards of a borough in the order of the cells.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn wards(&self, borough: &BoroughCode) -> Result<&[WardCode], PolicyError> {
        let found = self.policy.boroughs.iter().find(|places| &places.borough == borough);
        found
            .map(|places| places.wards.as_slice())
            .ok_or_else(|| PolicyError::Absent { what: "borough", name: borough.to_string() })
    }

    /// The cell of a ward; what is not known or not in the list falls into the last cell.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn place(&self, borough: &BoroughCode, ward: Option<&WardCode>) -> Result<usize, PolicyError> {
        let wards = self.wards(borough)?;
        Ok(ward.and_then(|ward| wards.iter().position(|known| known == ward)).unwrap_or(wards.len()))
    }

    /// The row of a quarter in the horizon, from 0.
    ///
    /// # Errors
    /// Where the quarter lies outside the horizon.
    pub fn quarter_index(&self, quarter: Quarter) -> Result<usize, PolicyError> {
        usize::try_from(quarter.quarters_since(self.policy.first_quarter))
            .ok()
            .filter(|&index| index < self.policy.time_matrix.size())
            .ok_or_else(|| PolicyError::Absent { what: "quarter", name: quarter.to_string() })
    }

    /// The exact charge of a stream over the whole horizon, for any one line of a borough.
    ///
    /// # Errors
    /// Where stream or borough is not in the policy.
    pub fn charge(&self, stream: &str, borough: &BoroughCode) -> Result<Rho, PolicyError> {
        self.stream(stream)?.charge(self.places(borough)?, self.policy.time_matrix.largest_column_sum())
    }

    /// The instant at which a quarter's recording period ends: what is recorded at it or later is the next's.
    pub fn recording_ends(&self, quarter: Quarter) -> Moment {
        after(quarter, self.policy.dates.recording_ends_after_days)
    }

    /// The instant at which a quarter's sealed bytes leave the node.
    pub fn delivers_at(&self, quarter: Quarter) -> Moment {
        after(quarter, self.policy.dates.deliver_after_days)
    }

    /// The instant from which a release of the quarter is late.
    pub fn due_at(&self, quarter: Quarter) -> Moment {
        after(quarter, self.policy.dates.due_after_days)
    }

    /// The quarter whose recording period contains a moment; whatever was recorded before the horizon's
    /// first period belongs to that period.
    ///
    /// # Errors
    /// Where the moment lies after the horizon.
    pub fn recording_quarter(&self, recorded_at: Moment) -> Result<Quarter, PolicyError> {
        let first = self.policy.first_quarter;
        (0..self.policy.time_matrix.size())
            .map(|index| first.plus(index as i32))
            .find(|&quarter| recorded_at < self.recording_ends(quarter))
            .ok_or_else(|| PolicyError::Absent { what: "quarter", name: recorded_at.to_string() })
    }
}

fn after(quarter: Quarter, days: u16) -> Moment {
    Moment::at_start_of(quarter.next().first_day()).plus_days(i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn policy() -> Policy {
        Policy::plan(Plan {
            name: "test".into(),
            rehearsal: true,
            first_quarter: "2015-Q2".parse().unwrap(),
            total: Rho::from_nano(250_000_000),
            framework: "expanded-2015".into(),
            problems: (1..=6).map(|i| format!("problem {i}")).collect(),
        })
    }

    #[test]
    fn the_default_policy_holds_its_shares_tightly() {
        let policy = policy();
        policy.verify().unwrap();
        for stream in &policy.streams {
            for borough in &policy.boroughs {
                let charge = stream.charge(borough.wards.len() + 1, 16_777_216).unwrap();
                assert!(charge.nano() > stream.share.nano() / 1000 * 999, "{charge} of {}", stream.share);
            }
        }
    }

    #[test]
    fn what_spends_more_than_it_says_is_refused() {
        let mut over_share = policy();
        over_share.streams[0].scales[0].sigma[0] -= 200;
        assert!(matches!(over_share.verify(), Err(PolicyError::OverShare { .. })));
        let mut over_total = policy();
        over_total.reserve = Rho::from_nano(200_000_000);
        assert!(matches!(over_total.verify(), Err(PolicyError::OverTotal { .. })));
        let mut twice = policy();
        twice.streams[1].name = "attached".into();
        assert!(matches!(twice.verify(), Err(PolicyError::Twice { what: "stream", .. })));
        let mut short = policy();
        short.streams[0].scales[0].sigma.pop();
        assert!(matches!(short.verify(), Err(PolicyError::NoScales { .. })));
        let mut silent = policy();
        silent.streams[0].scales[0].sigma[1] = 0;
        assert!(matches!(silent.verify(), Err(PolicyError::Rho { .. })));
    }

    #[test]
    fn a_moment_belongs_to_one_recording_period() {
        let key = crate::protocol::SigningKey::generate().unwrap();
        let signed = signature::sign(&policy(), POLICY_TYPE, &key).unwrap();
        let verified = VerifiedPolicy::open(&signed, &key.public()).unwrap();
        let quarter: Quarter = "2015-Q2".parse().unwrap();
        let end = verified.recording_ends(quarter);
        assert_eq!(end.to_string(), "2015-07-29T00:00:00Z");
        assert_eq!(verified.recording_quarter(end.plus_seconds(-1)).unwrap(), quarter);
        assert_eq!(verified.recording_quarter(end).unwrap(), quarter.next());
        let other = crate::protocol::SigningKey::generate().unwrap();
        assert!(matches!(VerifiedPolicy::open(&signed, &other.public()), Err(PolicyError::Signature(_))));
    }
}
