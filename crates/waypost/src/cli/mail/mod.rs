//! `waypost mail`: what became of letters.

mod list;
mod retry;
mod show;

use std::process::ExitCode;

use clap::Subcommand;

/// Letters in the outbox: what became of them, what stands in them, and another attempt.
#[derive(Debug, Subcommand)]
pub enum Command {
    List(list::Args),
    Show(show::Args),
    Retry(retry::Args),
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
        Command::Retry(args) => retry::run(args),
    }
}
