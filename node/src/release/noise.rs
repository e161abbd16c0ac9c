//! Discrete Gaussian noise: the one file that knows opendp, and the one source the binary is compiled with.

use opendp::{
    domains::{AtomDomain, VectorDomain},
    measurements::make_gaussian,
    measures::ZeroConcentratedDivergence,
    metrics::L2Distance,
};
use tenfold_common::privacy::{Rho, rho::LARGEST_SCALE};

/// Where noise comes from. The binary has one; tests build their own from the library.
pub trait NoiseSource {
    /// Adds independent noise of scale σ to every value.
    ///
    /// `shift_squared` is the exact largest squared length by which one line can move these values over the
    /// horizon (L2²·S); it only cross-checks the library's own privacy map.
    ///
    /// # Errors
    /// Where the library refuses, or its privacy map disagrees with the exact charge.
    fn add(&self, values: &[i64], sigma: u64, shift_squared: u64) -> Result<Vec<i64>, NoiseError>;
}

/// Why noise was not added. Never says anything of the values.
#[derive(Debug, thiserror::Error)]
pub enum NoiseError {
    /// The scale cannot serve.
    #[error("a noise scale of {sigma} was asked for, expected at least 1 and at most {LARGEST_SCALE}")]
    Scale {
        /// The scale.
        sigma: u64,
    },
    /// The library's privacy map and the exact charge differ.
    #[error("the library's privacy map says ρ = {map}, the exact charge is {exact}: nothing is drawn")]
    Map {
        /// What the library says.
        map: f64,
        /// The exact charge.
        exact: Rho,
    },
    /// The library refused.
    #[error("the noise library refused to draw")]
    Refused,
}

/// The discrete Gaussian of opendp 0.16 over OpenSSL's randomness.
///
/// # Source
/// Canonne, Kamath and Steinke 2020, Algorithm 3, as implemented by opendp `make_gaussian`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiscreteGaussian;

impl NoiseSource for DiscreteGaussian {
    fn add(&self, values: &[i64], sigma: u64, shift_squared: u64) -> Result<Vec<i64>, NoiseError> {
        if !(1..=LARGEST_SCALE).contains(&sigma) {
            return Err(NoiseError::Scale { sigma });
        }
        // Built and used here: measurements are not Send and must not outlive the call.
        let measurement = make_gaussian::<_, _, ZeroConcentratedDivergence>(
            VectorDomain::new(AtomDomain::<i64>::default()),
            L2Distance::<f64>::default(),
            sigma as f64,
            None,
        )
        .map_err(|_| NoiseError::Refused)?;
        // The distance is rounded up, so the map may say more than the exact charge but never less.
        let distance = (shift_squared as f64).sqrt().next_up();
        let map = measurement.map(&distance).map_err(|_| NoiseError::Refused)?;
        let exact = Rho::of_group(shift_squared, 1, sigma).map_err(|_| NoiseError::Scale { sigma })?;
        if (map - exact.as_f64()).abs() > 1.5e-9 + exact.as_f64() * 1e-12 {
            return Err(NoiseError::Map { map, exact });
        }
        let noised = measurement.invoke(&values.to_vec()).map_err(|_| NoiseError::Refused)?;
        if noised.len() == values.len() { Ok(noised) } else { Err(NoiseError::Refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_no_noise_and_keeps_the_length() {
        assert!(DiscreteGaussian.add(&[1, 2], 0, 1).is_err());
        assert_eq!(DiscreteGaussian.add(&[1, 2, 3], 20_000, 16_777_216).unwrap().len(), 3);
        assert!(DiscreteGaussian.add(&[], 20_000, 16_777_216).unwrap().is_empty());
    }

    #[test]
    fn two_draws_differ() {
        let draw = || DiscreteGaussian.add(&[0; 8], 20_000, 16_777_216).unwrap();
        assert_ne!(draw(), draw());
    }
}
