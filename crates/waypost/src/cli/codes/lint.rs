//! `waypost codes lint`.

use std::process::ExitCode;

use serde_json::json;
use waypost_status::CATALOGUE;

use crate::cli::output::{self, Format};

/// Check the catalogue against its rules: ids, texts, blocks of numbers, reasons of reserved codes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    format: Format,
}

/// Exit code 1 when an entry breaks a rule.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let findings = waypost_status::lint(CATALOGUE);
    if args.format.json {
        let findings: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "entry": finding.key, "fault": format!("{:?}", finding.fault) }))
            .collect();
        output::json(&findings)?;
    } else {
        for finding in &findings {
            output::print(&format!("{finding}\n"))?;
        }
        output::print(&format!("{} entries, {} findings\n", CATALOGUE.len(), findings.len()))?;
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
