//! The `waypost` command; everything is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

/// Many small, short-lived allocations on two or more threads: mimalloc keeps both time and memory low.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    waypost::cli::main()
}
