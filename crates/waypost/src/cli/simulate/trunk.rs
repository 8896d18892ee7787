//! `waypost simulate trunk`.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use waypost_simulators::sip::SipHandle;

use crate::cli::{block_on, output};
use crate::stop;

/// Run a SIP provider over UDP that takes calls and lets them end as the called number asks.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A number that ends in 7401, 7402, 7403, 7404 or 7406 ends with that code; one that ends in 7410 answers \
    and hangs up; every other one answers and listens. A request that breaks a rule of RFC 3261 is answered with 400 and the rule. It runs until SIGTERM or Ctrl-C."
)]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Runs until asked to stop.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    block_on(async {
        let stop = stop::on_signal();
        let provider =
            SipHandle::start(args.listen).await.with_context(|| format!("listening on {}", args.listen))?;
        output::print(&format!("a SIP provider at {} over UDP\n", provider.address()))?;
        stop.cancelled().await;
        Ok(ExitCode::SUCCESS)
    })
}
