//! What a privacy loss ρ means: (ε, δ), and how surely one family can be told to be there. Words only; what
//! decides is the exact ρ.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Rho;

impl Rho {
    /// The ε for which ρ-zCDP implies (ε, δ)-differential privacy; holds for any mechanism of that ρ.
    ///
    /// # Source
    /// Canonne, Kamath and Steinke 2020, Proposition 12: for every order α > 1,
    /// ε = αρ + (ln(1/δ) + (α−1)·ln(1−1/α) − ln α)/(α−1). The best α is searched; any α is valid.
    pub fn epsilon(self, delta: f64) -> f64 {
        let rho = self.as_f64();
        if rho == 0.0 {
            return 0.0;
        }
        let of = |log: f64| {
            let beyond = log.exp();
            let alpha = 1.0 + beyond;
            alpha * rho + ((1.0 / delta).ln() + beyond * (beyond / alpha).ln() - alpha.ln()) / beyond
        };
        // One least value over α; golden section over ln(α−1).
        let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (-10.0, 20.0);
        for _ in 0..100 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if of(left) < of(right) { high = right } else { low = left }
        }
        (of((low + high) / 2.0) * (1.0 + 1e-12)).max(0.0)
    }

    /// The ε at δ of Gaussian noise that costs exactly this ρ: less than [`Self::epsilon`], and at the scales that
    /// policies use (σ above a thousand) also that of the discrete Gaussian to the digits shown.
    ///
    /// # Source
    /// Balle and Wang 2018, Theorem 8, with μ = √(2ρ): δ = Φ(μ/2 − ε/μ) − e^ε·Φ(−μ/2 − ε/μ).
    pub fn gaussian_epsilon(self, delta: f64) -> f64 {
        let (normal, mu) = (Normal::standard(), self.mu());
        if mu == 0.0 {
            return 0.0;
        }
        let at = |epsilon: f64| {
            normal.cdf(mu / 2.0 - epsilon / mu) - epsilon.exp() * normal.cdf(-mu / 2.0 - epsilon / mu)
        };
        let (mut low, mut high) = (0.0, self.epsilon(delta));
        for _ in 0..100 {
            let middle = (low + high) / 2.0;
            if at(middle) > delta { low = middle } else { high = middle }
        }
        high
    }

    /// μ = √(2ρ): the distance of two unit normal distributions that are as hard to tell apart.
    pub fn mu(self) -> f64 {
        (2.0 * self.as_f64()).sqrt()
    }

    /// How often someone rightly picks a family that is there, who wrongly suspects this share of families that
    /// are not. Without any statistics the two are equal.
    ///
    /// # Source
    /// Dong, Roth and Su 2022: the power of the best test between two normal distributions, Φ(Φ⁻¹(α) + μ). It
    /// holds for this noise; ρ-zCDP alone allows a little more.
    pub fn detection(self, wrongly: f64) -> f64 {
        let normal = Normal::standard();
        normal.cdf(normal.inverse_cdf(wrongly) + self.mu())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ε by the two curves as the study printed them (opendp's conversion; the exact Gaussian curve).
    #[test]
    fn epsilon_agrees_with_the_study() {
        for (rho, conversion, gaussian) in
            [(50, 1.47, 1.37), (100, 2.14, 2.00), (250, 3.54, 3.31), (500, 5.22, 4.89), (1_000, 7.77, 7.29)]
        {
            let rho = Rho::from_nano(rho * 1_000_000);
            assert!((rho.epsilon(1e-6) - conversion).abs() < 0.006, "{rho}: {}", rho.epsilon(1e-6));
            assert!(
                (rho.gaussian_epsilon(1e-6) - gaussian).abs() < 0.006,
                "{rho}: {}",
                rho.gaussian_epsilon(1e-6)
            );
        }
        assert_eq!((Rho::ZERO.epsilon(1e-6), Rho::ZERO.gaussian_epsilon(1e-6)), (0.0, 0.0));
    }

    /// The sentences for governance: 17 in 100 at ρ = 0.25, 12 at 0.1, 26 at 0.5, where 5 are suspected wrongly.
    #[test]
    fn detection_agrees_with_the_study() {
        for (rho, rightly) in [(0, 0.05), (100, 0.12), (250, 0.17), (500, 0.26)] {
            let found = Rho::from_nano(rho * 1_000_000).detection(0.05);
            assert!((found - rightly).abs() < 0.006, "{rho}: {found}");
        }
    }
}
