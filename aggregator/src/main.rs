//! The program `tenfold-aggregator`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenfold_aggregator::cli::main()
}
