//! The same program as `waypost`, built beside the suites, which start it and kill it.

use std::process::ExitCode;

fn main() -> ExitCode {
    waypost::cli::main()
}
