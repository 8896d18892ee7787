//! `waypost codes docs`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::cli::output;

/// Write the reference pages of all codes, one per API and an index.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write into; made when absent.
    #[arg(long, value_name = "DIR", default_value = "docs/status-codes")]
    out: PathBuf,
}

/// Writes every page.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    for (path, text) in waypost_status::docs::render() {
        let file = args.out.join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        output::print(&format!("{}\n", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
