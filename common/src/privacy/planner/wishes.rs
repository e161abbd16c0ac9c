//! From accuracy wishes to the ρ they need.

use std::str::FromStr;

use serde::Serialize;

use super::{Area, Figure, PlanError, expected_errors, replanned};
use crate::privacy::{Policy, PolicyError, Rho, StreamPolicy};

/// A figure and the families by which it may be off, 19 times in 20.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The figure.
    pub figure: Figure,
    /// Half of its 95 % interval.
    pub half_width: f64,
}

impl FromStr for Wish {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let refuse = || PlanError::NotAWish { text: text.to_owned() };
        let (figure, half_width) = text.split_once('=').ok_or_else(refuse)?;
        let half_width: f64 = half_width.parse().map_err(|_| refuse())?;
        if !half_width.is_finite() || half_width <= 0.0 {
            return Err(refuse());
        }
        Ok(Self { figure: figure.parse()?, half_width })
    }
}

/// What the wishes need.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    /// Each stream with its share now and the share it needs; a stream of which nothing is wished keeps its own.
    pub streams: Vec<(String, Rho, Rho)>,
    /// Their sum with the reserve.
    pub total: Rho,
    /// The policy that fulfils the wishes.
    #[serde(skip)]
    pub policy: Policy,
}

/// The least shares at which every wish is fulfilled, at the weights that are shipped.
///
/// An error shrinks with the root of the share, so the dearest wish of a stream decides.
///
/// # Errors
/// Where a figure is not published in the area.
pub fn needed(policy: &Policy, area: Area, wishes: &[Wish]) -> Result<Need, PlanError> {
    let errors = expected_errors(policy, area)?;
    let mut factors = vec![None::<f64>; policy.streams.len()];
    for wish in wishes {
        let error = errors.iter().find(|error| error.figure == wish.figure);
        let stream = policy.streams.iter().position(|stream| stream.name == wish.figure.stream);
        let (Some(error), Some(stream)) = (error, stream) else {
            let published = errors.iter().map(|error| error.figure.to_string()).collect::<Vec<_>>();
            let figure = wish.figure.to_string();
            return Err(PlanError::NotPublished { figure, published: published.join(", ") });
        };
        let factor = (error.half_width / wish.half_width).powi(2);
        factors[stream] = Some(factors[stream].map_or(factor, |most| most.max(factor)));
    }
    let (timing, column_sums) = (policy.timing(), policy.column_sums());
    let mut streams = Vec::new();
    let mut fulfilled = policy.clone();
    for (stream, factor) in fulfilled.streams.iter_mut().zip(factors) {
        let before = stream.share;
        if let Some(factor) = factor {
            // Scales are rounded up to whole numbers, which may cost an error its fifth digit.
            let share = Rho::from_nano((before.nano() as f64 * factor * 1.0002).ceil() as u64);
            *stream = replanned(stream, share, &timing);
            // Charges are rounded up to whole billionths, which may pass a very small share by some of them.
            stream.share = stream.scales.iter().try_fold(share, |most, scale| {
                let charge = StreamPolicy { share: Rho::from_nano(u64::MAX), ..stream.clone() }
                    .charge(scale.places, column_sums)?;
                Ok::<_, PolicyError>(most.max(charge))
            })?;
        }
        streams.push((stream.name.clone(), before, stream.share));
    }
    let total: Rho = fulfilled.streams.iter().map(|stream| stream.share).chain([fulfilled.reserve]).sum();
    fulfilled.total = total;
    Ok(Need { streams, total, policy: fulfilled })
}
