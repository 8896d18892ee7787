//! `waypost sandbox`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output;
use crate::config::Log;
use crate::sandbox::{Options, World};
use crate::{logging, stop};

/// Run a server to try things on: with a tenant, keys, a simulated SMSC and a receiver of call-backs, all on 127.0.0.1.
#[derive(Debug, clap::Args)]
#[command(after_help = "Nothing it does can reach a real provider. It runs until SIGTERM or Ctrl-C.")]
pub struct Args {
    /// Port of the server; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Keep the data in this folder; without it they go when the sandbox stops.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Once everything answers, write addresses and keys to this file as JSON.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// What is logged on standard error: error, warn, info, debug, or directives.
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log_level: String,
}

/// Runs until asked to stop; then drains.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    logging::start(&Log { level: args.log_level.clone(), ..Log::default() });
    super::block_on(async {
        let stop = stop::on_signal();
        let options = Options { data_dir: args.data_dir.clone(), port: args.port, ..Options::default() };
        let world = World::start(options).await?;
        if let Some(file) = &args.ready_file {
            world.ready().write(file)?;
        }
        output::print(&world.ready().text())?;
        stop.cancelled().await;
        world.stop().await?;
        Ok(ExitCode::SUCCESS)
    })
}
