//! `waypost codes explain`.

use std::fmt::Write as _;
use std::process::ExitCode;

use waypost_status::{Api, Entry};

use super::parse_api;
use crate::cli::output::{self, Format};

/// Explain a code: every meaning it has in any API, how it comes about and what to do.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number, for example 7201.
    #[arg(allow_negative_numbers = true)]
    code: i64,
    /// Only its meanings in one API.
    #[arg(long, value_parser = parse_api)]
    api: Option<Api>,
    #[command(flatten)]
    format: Format,
}

/// Prints every meaning; exit code 1 when the number has none.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut entries = waypost_status::explain(args.code);
    entries.retain(|entry| args.api.is_none_or(|api| entry.api == api));
    if args.format.json {
        output::json(&entries)?;
    } else {
        output::print(&text(args.code, &entries))?;
    }
    Ok(if entries.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(code: i64, entries: &[&Entry]) -> String {
    if entries.is_empty() {
        return format!("{code} is no code of any API; see: waypost codes list\n");
    }
    let mut text = match entries.len() {
        1 => format!("{code} has one meaning.\n"),
        n => format!("{code} has {n} meanings.\n"),
    };
    for entry in entries {
        meaning(&mut text, entry);
    }
    text
}

fn meaning(text: &mut String, entry: &Entry) {
    text.push('\n');
    let mut line = |label: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {label:<9}{value}");
    };
    let title = format!("{}: {}", entry.api, entry.message);
    line("API", &title);
    line("name", entry.name);
    line("means", entry.meaning);
    line("cause", entry.cause);
    line("remedy", entry.remedy);
    line("seen", &format!("{} ({}), retry: {}, {}", entry.phase, entry.class, entry.retry, entry.permanence));
    if !entry.channels.is_empty() {
        line("channels", &entry.channels.join(", "));
    }
    for (label, value) in [("note", entry.note), ("reserved", entry.reserved)] {
        if let Some(value) = value {
            line(label, value);
        }
    }
}
