//! The planner: what a policy's ρ buys, what a wish costs, before anything is signed or spent.
//!
//! Everything here is computed from a policy and from no record; whoever obeys a policy verifies it in integers.

mod changes;
mod errors;
mod explained;
#[cfg(test)]
mod tests;
mod wishes;

pub use changes::{Correction, TableCost, cost_of_correction, cost_of_table};
pub use errors::{Area, ExpectedError, Figure, Period, expected_errors};
pub use explained::{Fact, explain};
pub use wishes::{Need, Wish, needed};

use super::{
    Every, GroupScale, Policy, PolicyError, Rho, StreamPolicy,
    sigma::{self, Timing, Weights},
};

/// Why something cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The policy does not serve.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A text names no figure.
    #[error(
        "{text:?} names no figure, expected stream:table:period such as attached:total:quarter; the periods are \
         quarter, change, year and to-date"
    )]
    NotAFigure {
        /// What was given.
        text: String,
    },
    /// A wish has no width.
    #[error(
        "{text:?} is no wish, expected a figure and the families it may be off by, such as attached:total:year=20"
    )]
    NotAWish {
        /// What was given.
        text: String,
    },
    /// The policy publishes no such figure there.
    #[error("{figure} is not published here; what is: {published}")]
    NotPublished {
        /// The figure.
        figure: String,
        /// The first figures there are.
        published: String,
    },
    /// A table's description is wrong.
    #[error(
        "{text:?} describes no table, expected stream:name:labels with kind many or one, such as attached:referral:5:one"
    )]
    NotATable {
        /// What was given.
        text: String,
    },
    /// The quarter lies outside the horizon.
    #[error("quarter {index} was asked for, the horizon has {size} and a later one to wait for is needed")]
    NoLaterQuarter {
        /// Its number, from 1.
        index: usize,
        /// Quarters of the horizon.
        size: usize,
    },
}

/// The stream with another share, its noise planned anew for the same weights.
fn replanned(stream: &StreamPolicy, share: Rho, timing: &Timing) -> StreamPolicy {
    let scales = stream.scales.iter().map(|scale| {
        let shape = stream.shape(scale.places);
        let weights = Weights::headline_totals(&shape);
        GroupScale { places: scale.places, sigma: sigma::scales(&shape, &weights, share, timing) }
    });
    StreamPolicy { scales: scales.collect(), share, ..stream.clone() }
}

impl Policy {
    /// This policy with every share, the reserve and the total multiplied so that the total becomes `total`.
    pub fn at_total(&self, total: Rho) -> Self {
        let scaled = |rho: Rho| {
            let nano =
                u128::from(rho.nano()) * u128::from(total.nano()) / u128::from(self.total.nano().max(1));
            Rho::from_nano(u64::try_from(nano).unwrap_or(u64::MAX))
        };
        let timing = self.timing();
        let streams = self.streams.iter().map(|stream| replanned(stream, scaled(stream.share), &timing));
        Self { streams: streams.collect(), reserve: scaled(self.reserve), total, ..self.clone() }
    }

    /// This policy with the groups by place of every stream released so often, at the same shares.
    pub fn with_places_every(&self, every: Every) -> Self {
        let timing = self.timing();
        let streams = self.streams.iter().map(|stream| {
            let places_every = if stream.by_place { every } else { stream.places_every };
            replanned(&StreamPolicy { places_every, ..stream.clone() }, stream.share, &timing)
        });
        Self { streams: streams.collect(), ..self.clone() }
    }
}
