//! `waypost backup`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::check_config::ConfigFile;
use super::output;
use crate::wiring;

/// Copy the embedded store to a file while the server runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "The copy does not contain the master key; back that up apart.")]
pub struct Args {
    /// The new file; its folder must exist.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    file: ConfigFile,
}

/// Exit code 0 once the copy is on disk.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    super::block_on(async {
        let store = wiring::open_command(&config)?;
        let copied = store.backup(&args.to).await;
        store.close().await;
        copied.with_context(|| format!("backing up to {}", args.to.display()))?;
        output::print(&format!("{}\n", args.to.display()))?;
        Ok(ExitCode::SUCCESS)
    })
}
