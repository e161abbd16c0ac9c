//! One stream's entry: its shape, its noise scales and its exact charge.

use super::{PolicyError, StreamPolicy};
use crate::privacy::{ByCadence, Rho, RhoError, StreamShape};

impl StreamPolicy {
    /// The shape in a borough of `places` places.
    pub fn shape(&self, places: usize) -> StreamShape {
        let label_sets = self.label_sets.clone();
        let shape = match self.by_place {
            true => StreamShape::new(places, label_sets),
            false => StreamShape::in_borough(places, label_sets),
        };
        shape.with_places_every(self.places_every)
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
    /// Σ over groups of ⌈10⁹·L2²·S/2σ²⌉, S being that of the group's own time matrix: a line enters one quarter
    /// and so one year. L2² is computed here from the shape and never read from the policy; refused above the share.
    ///
    /// # Errors
    /// Where a scale is missing or below 1, or the sum passes the share.
    pub fn charge(&self, places: usize, column_sums: ByCadence<u64>) -> Result<Rho, PolicyError> {
        let refuse = |source| PolicyError::Rho { stream: self.name.clone(), source };
        let mut charge = Rho::ZERO;
        for (group, &sigma) in self.shape(places).groups().iter().zip(self.scales(places)?) {
            let of_group =
                Rho::of_group(group.l2_squared, column_sums.of(group.every), sigma).map_err(refuse)?;
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
