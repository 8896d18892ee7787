//! `waypost demo`.

use std::process::ExitCode;

use super::output::{self, Format};
use crate::config::Log;
use crate::demo::{self, Traffic};
use crate::logging;

/// Send messages through a whole world on 127.0.0.1 and show what became of each.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code 1 when an accepted message has no final call-back, a call-back came twice, or the letter did not arrive."
)]
pub struct Args {
    /// How many messages.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    messages: u32,
    /// Requests in flight, each on its own connection.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    in_flight: u16,
    /// Of each hundred messages, so many are made to fail.
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=100))]
    fail_percent: u8,
    #[command(flatten)]
    format: Format,
}

/// Exit code 1 when something is missing or came twice.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    logging::start(&Log { level: "warn".to_owned(), ..Log::default() });
    let traffic = Traffic { messages: args.messages as usize, fail_percent: args.fail_percent };
    let (summary, took) = super::block_on(demo::run(traffic, args.in_flight.into()))?;
    if args.format.json {
        output::json(&summary)?;
    } else {
        output::print(&demo::text(&summary, took))?;
    }
    let missing: usize = summary.channels.iter().map(|row| row.missing).sum();
    let whole = missing == 0
        && summary.letter.is_some()
        && summary.call_is_whole()
        && summary.duplicates == 0
        && summary.counts.accepted == summary.messages;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
