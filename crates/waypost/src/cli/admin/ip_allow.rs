//! `waypost admin ip-allow`.

use clap::Subcommand;
use waypost_store::directory::admin;

use super::desk::{Desk, Done, tenant};

/// The addresses a tenant's requests may come from; others are refused with 7010. An empty list allows all.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Allow an address or network. The first entry shuts out all others.
    Add(Entry),
    /// List the entries.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Remove an entry. Without any entry every address is allowed again.
    Remove(Entry),
}

/// One entry of a tenant's list.
#[derive(Debug, clap::Args)]
pub struct Entry {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// An address, or a network such as 10.0.0.0/8.
    cidr: String,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add(Entry { tenant: slug, cidr }) => {
            let (slug, net) = (slug.clone(), cidr.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::allow_ip(tx, &ctx, now, &net)
            })
            .await?;
            desk.tell(&Done { done: "ip.allow", name: cidr }, &format!("allowed {cidr}"))
        }
        Command::List { tenant: slug } => {
            let slug = slug.clone();
            let list = desk
                .read(move |tx| {
                    let (ctx, _) = tenant(tx, &slug)?;
                    admin::list_ips(tx, &ctx)
                })
                .await?;
            desk.list(&list, ["Allowed"], |cidr| [cidr.clone()])
        }
        Command::Remove(Entry { tenant: slug, cidr }) => {
            let (slug, net) = (slug.clone(), cidr.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::disallow_ip(tx, &ctx, now, &net)
            })
            .await?;
            desk.tell(&Done { done: "ip.disallow", name: cidr }, &format!("removed {cidr}"))
        }
    }
}
