//! `make demo`: a region, ten boroughs and eight quarters on one machine, then the pages until Ctrl-C.

use std::process::ExitCode;

use clap::Parser;
use tenfold_tests::demo::{self, Demo};

fn main() -> ExitCode {
    match demo::run(&Demo::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
