//! `waypost serve`.

use std::process::ExitCode;

use super::check_config::ConfigFile;
use crate::{logging, serve, stop};

/// Run the server until SIGTERM or Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
}

/// Serves until asked to stop; then drains.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    logging::start(&config.log);
    super::block_on(async {
        let stop = stop::on_signal();
        let running = serve::start(&config).await?;
        stop.cancelled().await;
        running.stop().await?;
        Ok(ExitCode::SUCCESS)
    })
}
