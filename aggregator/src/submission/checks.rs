//! What a return must satisfy before anybody signs it; noise is allowed for, and only noise.

use serde::Serialize;
use tenfold_common::statistics::Estimate;

use super::{Amounts, Return, ReturnRow};

/// One check and how it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is checked.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was found.
    pub found: String,
}

/// How many standard errors an amount may lie on the wrong side of zero and still be called noise. Eleven rows
/// have at most 99 such comparisons; were the truth of every one exactly zero, a sound return would fail once in
/// about 320, and with programme figures far more seldom.
const NOISE: f64 = 4.0;

/// Every check of a return, in a fixed order.
pub fn checks(of: &Return) -> Vec<Check> {
    vec![
        complete(of),
        parts_add_up(of),
        whole_numbers_are_likely(of),
        attached_cover_results(of),
        totals_do_not_fall(of),
        region_is_the_sum(of),
    ]
}

fn check(name: &str, faults: Vec<String>, otherwise: &str) -> Check {
    let holds = faults.is_empty();
    let found = if holds { otherwise.to_owned() } else { faults.join("; ") };
    Check { name: name.to_owned(), holds, found }
}

fn boroughs(of: &Return) -> impl Iterator<Item = &ReturnRow> {
    of.rows.iter().take(of.rows.len().saturating_sub(1))
}

/// Every row's amounts with where they stand.
fn amounts(of: &Return) -> impl Iterator<Item = (String, Amounts)> {
    of.rows.iter().flat_map(|row| {
        let placed = |amounts: Option<Amounts>, when| Some((format!("{} {when}", row.area_name), amounts?));
        [placed(row.to_date, "to date"), placed(row.in_quarter, "in the quarter")].into_iter().flatten()
    })
}

fn complete(of: &Return) -> Check {
    let faults = boroughs(of).filter(|row| row.is_unexplained());
    let faults = faults.map(|row| format!("{} is {}, not explained", row.area_name, row.status)).collect();
    let explained: Vec<&str> =
        boroughs(of).filter(|row| row.in_quarter.is_none()).map(|row| row.area_name.as_str()).collect();
    let otherwise = match explained.as_slice() {
        [] => "all are present".to_owned(),
        names => format!("explained: {}", names.join(", ")),
    };
    check("Every borough is present or explained", faults, &otherwise)
}

fn parts_add_up(of: &Return) -> Check {
    let faults = amounts(of).filter_map(|(place, amounts)| {
        let parts = amounts.progress.value + amounts.employment.value;
        let whole = amounts.whole();
        let off = (amounts.results.value - parts).abs();
        let holds = off < 1e-6 && whole.results == whole.progress + whole.employment;
        (!holds).then(|| format!("{place}: results and their two kinds differ by {off:.6}"))
    });
    check("Results are progress and employment together", faults.collect(), "exactly, in every row")
}

fn whole_numbers_are_likely(of: &Return) -> Check {
    let faults = amounts(of).flat_map(|(place, amounts)| {
        let unlikely = amounts.each().into_iter().filter(|(_, whole, estimate)| {
            // Rounding, and adding up after it, move a number by less than two.
            let beyond = (whole - estimate.value).abs() - 2.0;
            beyond > NOISE * estimate.standard_error()
        });
        unlikely.map(|(name, whole, _)| format!("{place}: {name} {whole:.0}")).collect::<Vec<_>>()
    });
    check("Whole numbers are what the noise allows", faults.collect(), "within noise, in every row")
}

fn attached_cover_results(of: &Return) -> Check {
    let faults = of.rows.iter().filter_map(|row| {
        let Amounts { attached, results, .. } = row.to_date?;
        let difference = Estimate {
            value: attached.value - results.value,
            // The streams draw their noise independently.
            variance: attached.variance + results.variance,
        };
        below_zero(&difference)
            .then(|| format!("{}: more results than families attached, beyond noise", row.area_name))
    });
    check("No more results than families attached", faults.collect(), "within noise, in every row")
}

fn totals_do_not_fall(of: &Return) -> Check {
    let faults = of.rows.iter().filter_map(|row| {
        let fallen = row.in_quarter?.each().into_iter().filter(|(.., estimate)| below_zero(estimate));
        let names: Vec<&str> = fallen.map(|(name, ..)| name).collect();
        (!names.is_empty()).then(|| format!("{}: {} fell", row.area_name, names.join(", ")))
    });
    check("No total to date is lower than a quarter before", faults.collect(), "within noise, in every row")
}

fn below_zero(estimate: &Estimate) -> bool {
    estimate.value < -NOISE * estimate.standard_error()
}

fn region_is_the_sum(of: &Return) -> Check {
    let name = "The region is the sum of its boroughs";
    let Some(region) = of.rows.last() else { return check(name, Vec::new(), "no rows") };
    type Pick = fn(&ReturnRow) -> Option<Amounts>;
    let spans: [(&str, Pick); 2] = [("to date", |row| row.to_date), ("in the quarter", |row| row.in_quarter)];
    let faults = spans.into_iter().flat_map(|(when, pick)| {
        let values = |row: &ReturnRow| {
            pick(row).map_or([0.0; 4], |amounts| amounts.each().map(|(.., estimate)| estimate.value))
        };
        let sums =
            boroughs(of).map(values).fold([0.0; 4], |sums, row| std::array::from_fn(|at| sums[at] + row[at]));
        let off: Vec<f64> = values(region).iter().zip(sums).map(|(whole, sum)| (whole - sum).abs()).collect();
        off.into_iter()
            .filter(|&off| off > 1e-6)
            .map(move |off| format!("amounts {when} differ by {off:.6}"))
            .collect::<Vec<_>>()
    });
    check(name, faults.collect(), "exactly")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(attached: f64, results: f64, progress: f64) -> Amounts {
        let of = |value| Estimate { value, variance: 25.0 };
        Amounts {
            attached: of(attached),
            results: of(results),
            progress: of(progress),
            employment: of(results - progress),
        }
    }

    fn made(to_date: Amounts, in_quarter: Option<Amounts>) -> Return {
        let row = |name: &str| ReturnRow {
            area_code: String::new(),
            area_name: name.to_owned(),
            dfe_code: String::new(),
            status: "in time".to_owned(),
            received_at: None,
            covers_to: None,
            missing: Vec::new(),
            to_date: Some(to_date),
            in_quarter,
            explanation: None,
        };
        Return {
            quarter: "2016-Q1".parse().unwrap(),
            opening: false,
            period: String::new(),
            as_at: "2016-05-20T09:00:00Z".parse().unwrap(),
            policy: String::new(),
            earlier_policies: Vec::new(),
            framework: String::new(),
            rehearsal: true,
            rows: vec![row("Bolton"), row("Greater Manchester")],
        }
    }

    /// Which checks do not hold, by their place in the list.
    fn failed(of: &Return) -> Vec<usize> {
        checks(of).iter().enumerate().filter(|(_, check)| !check.holds).map(|(at, _)| at).collect()
    }

    #[test]
    fn whole_numbers_add_up_also_where_noise_goes_below_zero() {
        // Employment is −8.2 ± 9.8: written as 0.
        let whole = amounts(200.0, 100.4, 108.6).whole();
        assert_eq!((whole.results, whole.progress, whole.employment), (100.0, 100.0, 0.0));
        let whole = amounts(200.0, 100.4, 90.7).whole();
        assert_eq!((whole.results, whole.progress, whole.employment), (100.0, 90.0, 10.0));
    }

    #[test]
    fn each_check_finds_its_fault_and_only_it() {
        let sound = amounts(100.0, 80.0, 70.0);
        assert_eq!(failed(&made(sound, Some(sound))), Vec::<usize>::new());
        // 4 standard errors of the difference are 28.3.
        assert_eq!(failed(&made(amounts(100.0, 128.0, 90.0), Some(sound))), Vec::<usize>::new());
        assert_eq!(failed(&made(amounts(100.0, 129.0, 90.0), Some(sound))), [3]);
        assert_eq!(failed(&made(sound, Some(amounts(-19.9, 5.0, 4.0)))), Vec::<usize>::new());
        assert_eq!(failed(&made(sound, Some(amounts(-20.1, 5.0, 4.0)))), [4]);
        // Employment is −30 and written as 0, which leaves 10 for progress where 40 was estimated.
        assert_eq!(failed(&made(amounts(100.0, 10.0, 40.0), Some(sound))), [2]);
        let mut parts = sound;
        parts.employment.value += 1.0;
        assert_eq!(failed(&made(parts, Some(sound))), [1]);
        let mut sum = made(sound, Some(sound));
        sum.rows[1].to_date = Some(amounts(101.0, 80.0, 70.0));
        assert_eq!(failed(&sum), [5]);
        let mut absent = made(sound, None);
        absent.rows[0].status = "missing".to_owned();
        assert_eq!(checks(&absent)[0].found, "Bolton is missing, not explained");
        absent.rows[0].explanation = Some("system change".to_owned());
        assert_eq!(checks(&absent)[0].found, "explained: Bolton");
        assert_eq!(failed(&absent), Vec::<usize>::new());
    }
}
