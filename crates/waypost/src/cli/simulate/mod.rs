//! `waypost simulate`: the far side of a protocol, to try an integration against.

mod partner;
mod smtp;
mod trunk;

use std::process::ExitCode;

use clap::Subcommand;

/// Run the far side of a protocol, to try an integration against.
#[derive(Debug, Subcommand)]
pub enum Command {
    Partner(partner::Args),
    Smtp(smtp::Args),
    Trunk(trunk::Args),
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Partner(args) => partner::run(args),
        Command::Smtp(args) => smtp::run(args),
        Command::Trunk(args) => trunk::run(args),
    }
}
