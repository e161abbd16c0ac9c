//! The program `tenfold-node`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenfold_node::cli::main()
}
