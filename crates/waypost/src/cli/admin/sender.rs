//! `waypost admin sender`.

use clap::Subcommand;
use serde::Serialize;
use waypost_store::directory::admin;

use super::desk::{Desk, Done, tenant, tenant_or_all};

/// Registered sender ids; a message from any other ends with 7101.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Register a sender, or change its limit.
    Add {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Messages a second it may send at most; without it there is no limit.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        tps: Option<u32>,
        /// A number, a short code or a name of up to 11 characters.
        address: String,
    },
    /// List senders.
    List {
        /// Only those of one tenant.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Remove a sender.
    Remove {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// The sender.
        address: String,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    tenant: i64,
    address: String,
    tps: Option<u32>,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add { tenant: slug, tps, address } => {
            let (slug, address, tps) = (slug.clone(), address.clone(), *tps);
            let name = address.clone();
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::add_sender(tx, &ctx, now, &address, tps)
            })
            .await?;
            desk.tell(&Done { done: "sender.add", name: &name }, &format!("registered sender {name}"))
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Remove { tenant: slug, address } => {
            let (slug, name) = (slug.clone(), address.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::remove_sender(tx, &ctx, now, &name)
            })
            .await?;
            desk.tell(&Done { done: "sender.remove", name: address }, &format!("removed sender {address}"))
        }
    }
}

async fn list(slug: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    let senders = desk
        .read(move |tx| {
            let ctx = tenant_or_all(tx, slug.as_deref())?;
            admin::list_senders(tx, &ctx)
        })
        .await?;
    let senders: Vec<Shown> = senders
        .into_iter()
        .map(|sender| Shown { tenant: sender.tenant, address: sender.address, tps: sender.tps })
        .collect();
    desk.list(&senders, ["Tenant id", "Sender", "Messages/s"], |sender| {
        let tps = sender.tps.map_or_else(|| "no limit".to_owned(), |tps| tps.to_string());
        [sender.tenant.to_string(), sender.address.clone(), tps]
    })
}
