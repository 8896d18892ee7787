//! `waypost admin tps`.

use clap::Subcommand;
use serde::Serialize;
use waypost_core::channel::Channel;
use waypost_messaging::api::channel_limit;
use waypost_store::directory::{TpsLimit, admin};

use super::desk::{Desk, Done, tenant};

/// Limits of requests per second, by tenant and API; more is refused with 7020.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set a limit.
    Set {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// messaging, transaction-status, profile, events, or one channel of messaging: messaging/sms.
        #[arg(long, value_parser = api)]
        api: String,
        /// Requests a second.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        per_second: u32,
        /// Burst mode: up to 1.5 times the limit (at most 100 more), 30 minutes a day, 8 hours a month.
        #[arg(long)]
        burst_mode: bool,
    },
    /// List the limits.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Remove a limit.
    Clear {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// messaging, transaction-status, profile, events, or one channel of messaging: messaging/sms.
        #[arg(long, value_parser = api)]
        api: String,
    },
}

/// An API that is counted apart, as the directory knows it.
fn api(text: &str) -> Result<String, String> {
    let channels = Channel::ALL.into_iter().map(channel_limit);
    let mut known = ["messaging", "transaction-status", "profile", "events"]
        .map(str::to_owned)
        .into_iter()
        .chain(channels);
    known.find(|api| api == text).ok_or_else(|| {
        "it is messaging, transaction-status, profile, events, or messaging/ with a channel such as messaging/sms"
            .to_owned()
    })
}

#[derive(Debug, Serialize)]
struct Shown {
    api: String,
    per_second: u32,
    burst_mode: bool,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Set { tenant: slug, api, per_second, burst_mode } => {
            let (slug, name) = (slug.clone(), api.clone());
            let limit = TpsLimit { per_second: *per_second, burst_mode: *burst_mode };
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::set_limit(tx, &ctx, now, &name, limit)
            })
            .await?;
            desk.tell(
                &Done { done: "limit.set", name: api },
                &format!("{api}: {per_second} requests a second"),
            )
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Clear { tenant: slug, api } => {
            let (slug, name) = (slug.clone(), api.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::clear_limit(tx, &ctx, now, &name)
            })
            .await?;
            desk.tell(&Done { done: "limit.clear", name: api }, &format!("{api}: no limit"))
        }
    }
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let limits = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::list_limits(tx, &ctx)
        })
        .await?;
    let limits: Vec<Shown> = limits
        .into_iter()
        .map(|(api, limit)| Shown { api, per_second: limit.per_second, burst_mode: limit.burst_mode })
        .collect();
    desk.list(&limits, ["API", "Requests/s", "Burst mode"], |limit| {
        let burst_mode = if limit.burst_mode { "yes" } else { "" }.to_owned();
        [limit.api.clone(), limit.per_second.to_string(), burst_mode]
    })
}
