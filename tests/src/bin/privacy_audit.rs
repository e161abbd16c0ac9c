//! The black-box audit as a command: one family in and out, the node's pipeline from recorded events to what the
//! region reads, as shipped and with each planted bug. Prints μ with its 99 % bound beside the promise; ends with
//! 1 if the program as shipped is found wrong or a planted bug is not found.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use tenfold_common::privacy::Rho;
use tenfold_tests::audit::{Audited, Bug, Fault, Setting, Target, audit};
use tenfold_web::program;

/// Audit the privacy of a release by attack.
#[derive(Debug, Parser)]
#[command(max_term_width = 100)]
struct Arguments {
    /// What is played
    #[arg(long, value_enum, default_value_t = Shape::Small)]
    shape: Shape,
    /// Programmes of each arm; the audit sees an excess of μ that shrinks with the root of it
    #[arg(long, default_value_t = 4_000)]
    programmes: usize,
    /// Only the program as shipped, no planted bugs
    #[arg(long)]
    shipped_only: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shape {
    /// 4 quarters, 3 wards, 6 problems, ρ = 2, 40 other families
    Small,
    /// The default policy: 24 quarters, a borough's wards, 6 problems, ρ = 0.25, 400 other families
    Shipped,
}

/// 99 % in both directions.
const FALSE_ALARM: f64 = 0.01;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let bugs: &[Bug] = if arguments.shipped_only { &[] } else { &Bug::ALL };
    let targets = [Target::EveryStream, Target::FirstStream, Target::OneLabel];
    let variants = targets.map(|target| (target, Bug::None)).into_iter();
    let variants = variants.chain(bugs.iter().map(|&bug| (Target::EveryStream, bug)));
    let mut table = program::table(&[
        "Variant",
        "Target",
        "Families",
        "Numbers sent",
        "Programmes",
        "μ promised",
        "μ found",
        "99 % lower",
        "Finding",
    ]);
    let mut sound = true;
    for (target, bug) in variants {
        let setting = match arguments.shape {
            Shape::Small => Setting::small(target)?,
            Shape::Shipped => Setting::shipped(Rho::from_nano(250_000_000), target)?,
        };
        let style = ProgressStyle::with_template("{msg:30} {wide_bar} {pos}/{len} {eta}")?;
        let bar = ProgressBar::new(arguments.programmes as u64).with_style(style).with_message(bug.name());
        let found = audit(&setting, bug, arguments.programmes, |played| bar.set_position(played as u64))?;
        bar.finish_and_clear();
        let fault = found.fault(FALSE_ALARM);
        sound &= fault.is_some() == (bug != Bug::None);
        table.add_row(row(target, bug, &setting, &found, fault));
    }
    println!("{table}");
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(target: Target, bug: Bug, setting: &Setting, found: &Audited, fault: Option<Fault>) -> Vec<String> {
    let target = match target {
        Target::EveryStream => "in every stream",
        Target::FirstStream => "in the first stream",
        Target::OneLabel => "one label",
    };
    let best = found.attacks.iter().map(|attack| attack.bounds(FALSE_ALARM).estimate);
    vec![
        bug.name().to_owned(),
        target.to_owned(),
        setting.families.to_string(),
        found.outputs.to_string(),
        format!("2 × {}", found.programmes),
        format!("{:.3}", found.promised),
        format!("{:.3}", best.fold(f64::NEG_INFINITY, f64::max)),
        format!("{:.3}", found.lower(FALSE_ALARM)),
        match fault {
            None => format!("holds; would show {:.0} % more", 100.0 * found.detectable_excess()),
            Some(Fault::Leak) => "tells more than promised".to_owned(),
            Some(Fault::Direction) => "figures do not move as defined".to_owned(),
        },
    ]
}
