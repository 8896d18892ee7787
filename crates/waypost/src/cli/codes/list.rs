//! `waypost codes list`.

use std::process::ExitCode;

use waypost_status::{Api, CATALOGUE, Entry};

use super::parse_api;
use crate::cli::output::{self, Format};

/// List the catalogue.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only one API: messaging, transaction-status, event, profile, mtapi, metadata-push.
    #[arg(long, value_parser = parse_api)]
    api: Option<Api>,
    /// Only one class: validation, authentication, policy, outcome, provider, accepted.
    #[arg(long)]
    class: Option<String>,
    /// Only entries whose name, message or meaning contains this text, whatever its case.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl Args {
    fn takes(&self, entry: &Entry) -> bool {
        let contains = |text: &str| {
            let text = text.to_lowercase();
            let entry = [entry.name, entry.message, entry.meaning];
            entry.iter().any(|part| part.to_lowercase().contains(&text))
        };
        self.api.is_none_or(|api| entry.api == api)
            && self.class.as_ref().is_none_or(|class| entry.class.as_str() == class)
            && self.search.as_deref().is_none_or(contains)
    }
}

/// Prints the entries that were asked for, in the catalogue's order.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let entries: Vec<&Entry> = CATALOGUE.iter().filter(|entry| args.takes(entry)).collect();
    if args.format.json {
        output::json(&entries)?;
    } else {
        let rows = entries.iter().map(|entry| {
            [entry.api.to_string(), number(entry), entry.class.to_string(), entry.message.to_owned()]
        });
        output::table(["API", "Code", "Class", "Message"], rows)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn number(entry: &Entry) -> String {
    match entry.code_last {
        Some(last) => format!("{} to {last}", entry.code),
        None => entry.code.to_string(),
    }
}
