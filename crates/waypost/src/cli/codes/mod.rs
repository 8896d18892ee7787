//! `waypost codes`: the catalogue of status codes.

mod docs;
mod explain;
mod lint;
mod list;
mod proof;

use std::process::ExitCode;

use clap::Subcommand;
use waypost_status::Api;

/// The status codes: what each means, how it comes about, what to do.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Explain(explain::Args),
    Lint(lint::Args),
    Docs(docs::Args),
    Proof(proof::Args),
}

/// Runs the subcommand.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::List(args) => list::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Lint(args) => lint::run(args),
        Command::Docs(args) => docs::run(args),
        Command::Proof(args) => proof::run(args),
    }
}

/// Reads the name of an API as people write it: `messaging`, `Transaction Status`, `transaction-status`.
fn parse_api(text: &str) -> Result<Api, String> {
    let wanted = text.to_lowercase().replace([' ', '_'], "-");
    let known = || Api::ALL.iter().map(|api| api.slug()).collect::<Vec<_>>().join(", ");
    let found = Api::ALL.iter().find(|api| api.slug() == wanted);
    found.copied().ok_or_else(|| format!("no such API; known: {}", known()))
}
