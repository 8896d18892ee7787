//! `waypost simulate partner`.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use waypost_simulators::partner::{Faults, PartnerConfig, SimulatedPartner};

use crate::cli::{Usage, block_on, output};
use crate::stop;

/// Run a content partner that keeps everything in memory and misbehaves as told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Faults are JSON, for example --faults '{\"error_500\":10,\"drop_after\":5,\"keep_products\":true}'; \
    shares are thousandths of the messages. They can be changed at POST /_control/faults; what the partner holds is shown at \
    GET /_control/state and changed at POST /_control/tamper. It runs until SIGTERM or Ctrl-C."
)]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The user name it expects.
    #[arg(long, default_value = "partner")]
    user: String,
    /// The password it expects.
    #[arg(long, default_value = "simulated")]
    password: String,
    /// How it misbehaves, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    faults: String,
}

/// Runs until asked to stop.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let faults: Faults =
        serde_json::from_str(&args.faults).map_err(|error| Usage(format!("--faults: {error}")))?;
    let (user, password) = (args.user.clone(), args.password.clone());
    let config = PartnerConfig { address: args.listen, user, password, faults, ..PartnerConfig::default() };
    block_on(async {
        let stop = stop::on_signal();
        let partner =
            SimulatedPartner::start(config).await.with_context(|| format!("listening on {}", args.listen))?;
        output::print(&format!("a content partner at {} for {}\n", partner.url(), args.user))?;
        stop.cancelled().await;
        Ok(ExitCode::SUCCESS)
    })
}
