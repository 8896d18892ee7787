//! `waypost admin verified`.

use clap::Subcommand;
use serde::Serialize;
use waypost_store::directory::admin;

use super::desk::{Desk, Done, shown, tenant};

/// Destinations a tenant may send to while it is held to verified ones (`policy verified-only`); others end with 7116.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verify a destination.
    Add(Entry),
    /// List the verified destinations.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Take a destination off the list.
    Remove(Entry),
}

/// One destination of a tenant.
#[derive(Debug, clap::Args)]
pub struct Entry {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// A number, or an id as requests write it.
    destination: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    destination: String,
    since: String,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add(Entry { tenant: slug, destination }) => {
            let (slug, text) = (slug.clone(), destination.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::add_verified(tx, &ctx, now, &text)
            })
            .await?;
            desk.tell(
                &Done { done: "verified.add", name: destination },
                &format!("{destination} is verified"),
            )
        }
        Command::List { tenant: slug } => {
            let slug = slug.clone();
            let list = desk.read(move |tx| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::list_verified(tx, &ctx)
            });
            let list = list.await?.into_iter();
            let list: Vec<Shown> =
                list.map(|(destination, since)| Shown { destination, since: shown(since) }).collect();
            desk.list(&list, ["Destination", "Since"], |entry| {
                [entry.destination.clone(), entry.since.clone()]
            })
        }
        Command::Remove(Entry { tenant: slug, destination }) => {
            let (slug, text) = (slug.clone(), destination.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::remove_verified(tx, &ctx, now, &text)
            })
            .await?;
            let line = format!("{destination} is not verified any more");
            desk.tell(&Done { done: "verified.remove", name: destination }, &line)
        }
    }
}
