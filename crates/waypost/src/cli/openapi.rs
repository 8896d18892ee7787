//! `waypost openapi`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::output;

/// Print the OpenAPI document of the HTTP API, or write it to a file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The services family's document in place of the messaging family's.
    #[arg(long)]
    services: bool,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The document is JSON, indented, the same for the same build.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let text = match args.services {
        true => serde_json::to_string_pretty(&waypost_services::api::document())?,
        false => serde_json::to_string_pretty(&crate::http::document())?,
    };
    let document = format!("{text}\n");
    match &args.out {
        Some(file) => {
            std::fs::write(file, document).with_context(|| format!("writing {}", file.display()))?;
        }
        None => output::print(&document)?,
    }
    Ok(ExitCode::SUCCESS)
}
