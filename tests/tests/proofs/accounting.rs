//! The ε that is shown, against an independent accountant: Google's dp-accounting 0.6.0, by privacy loss
//! distributions. `tests/oracle/accounting.py` makes the comparison anew wherever Python is; these are its figures.

use tenfold_common::privacy::Rho;

/// ρ in nano; at δ = 10⁻⁶ the lower and upper bound for one Gaussian mechanism of that ρ, and the upper bounds
/// for a horizon streamed through the shipped time matrix and for four quarters of discrete Gaussian at small σ.
const LOSSES: [(u64, f64, f64, f64, f64); 8] = [
    (50_000_000, 1.367_521, 1.367_571, 1.367_571, 1.367_796),
    (78_000_000, 1.741_394, 1.741_444, 1.741_444, 1.742_155),
    (100_000_000, 1.994_477, 1.994_527, 1.994_527, 1.993_911),
    (195_000_000, 2.880_823, 2.880_873, 2.880_873, 2.884_265),
    (250_000_000, 3.307_551, 3.307_601, 3.307_601, 3.312_049),
    (390_000_000, 4.244_663, 4.244_713, 4.244_713, 4.248_671),
    (500_000_000, 4.886_504, 4.886_554, 4.886_554, 4.900_586),
    (1_000_000_000, 7.286_031, 7.286_081, 7.286_081, 7.327_356),
];

/// Never below any of the losses, and at most 15 % above; what is said of this very noise lies between the bounds.
#[test]
fn epsilon_is_never_below_the_independent_accountant() {
    for (nano, low, high, streamed, discrete) in LOSSES {
        let rho = Rho::from_nano(nano);
        let (shown, largest) = (rho.epsilon(1e-6), high.max(streamed).max(discrete));
        assert!((1.0..1.15).contains(&(shown / largest)), "ρ = {rho}: {shown} against {largest}");
        let exact = rho.gaussian_epsilon(1e-6);
        // The bounds are printed to six places.
        assert!((low - 1e-6..=high + 1e-6).contains(&exact), "ρ = {rho}: {exact} against {low} to {high}");
    }
}

/// What must be found: the simplest conversion, ρ + 2√(ρ·ln 1/δ), is more than 15 % above; μ²/4 for ρ is below.
#[test]
fn wrong_conversions_are_found() {
    for (nano, _, high, ..) in LOSSES {
        let rho = Rho::from_nano(nano);
        let simplest = rho.as_f64() + 2.0 * (rho.as_f64() * 1e6_f64.ln()).sqrt();
        assert!(simplest / high > 1.15, "ρ = {rho}");
        assert!(Rho::from_nano(nano / 2).epsilon(1e-6) < high, "ρ = {rho}");
    }
}
