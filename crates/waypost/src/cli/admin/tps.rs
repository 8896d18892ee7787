//! `waypost admin tps`.

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
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
        /// Which API.
        #[arg(long, value_enum)]
        api: Api,
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
        /// Which API.
        #[arg(long, value_enum)]
        api: Api,
    },
}

/// An API that is counted apart.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Api {
    /// Sending messages.
    Messaging,
    /// Asking for their status.
    TransactionStatus,
    /// The Profile API.
    Profile,
}

impl Api {
    /// As the directory knows it.
    const fn name(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::TransactionStatus => "transaction-status",
            Self::Profile => "profile",
        }
    }
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
            let (slug, api) = (slug.clone(), api.name());
            let limit = TpsLimit { per_second: *per_second, burst_mode: *burst_mode };
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::set_limit(tx, &ctx, now, api, limit)
            })
            .await?;
            desk.tell(
                &Done { done: "limit.set", name: api },
                &format!("{api}: {per_second} requests a second"),
            )
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Clear { tenant: slug, api } => {
            let (slug, api) = (slug.clone(), api.name());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::clear_limit(tx, &ctx, now, api)
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
