//! `waypost admin dnd`.

use clap::Subcommand;
use serde::Serialize;
use waypost_store::directory::{admin, dnd};

use super::desk::{Desk, Done, shown, tenant_or_all};

/// Numbers that must not be sent to; a message to one ends with 7109.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put a number on the list.
    Add(Entry),
    /// List the numbers, in order, a page at a time.
    List {
        /// The tenant's short name; the platform's list when not given.
        #[arg(long)]
        tenant: Option<String>,
        /// Begin after this number.
        #[arg(long, value_name = "MSISDN", default_value = "")]
        after: String,
        /// How many at most.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        max: u32,
    },
    /// Take a number off the list.
    Remove(Entry),
}

/// One number of a tenant's list.
#[derive(Debug, clap::Args)]
pub struct Entry {
    /// The tenant's short name; the platform's list, which holds for all tenants, when not given.
    #[arg(long)]
    tenant: Option<String>,
    /// The number, with or without +.
    msisdn: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    msisdn: String,
    since: String,
    source: String,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add(Entry { tenant: slug, msisdn }) => {
            let (slug, number) = (slug.clone(), msisdn.clone());
            desk.change(move |tx, now| {
                let ctx = tenant_or_all(tx, slug.as_deref())?;
                dnd::add(tx, &ctx, &number, "operator", now)?;
                admin::audit(tx, &ctx, now, "dnd.add", &number)
            })
            .await?;
            desk.tell(&Done { done: "dnd.add", name: msisdn }, &format!("{msisdn} is on the list"))
        }
        Command::List { tenant, after, max } => list(tenant.clone(), after.clone(), *max, desk).await,
        Command::Remove(Entry { tenant: slug, msisdn }) => {
            let (slug, number) = (slug.clone(), msisdn.clone());
            let removed = desk
                .change(move |tx, now| {
                    let ctx = tenant_or_all(tx, slug.as_deref())?;
                    let removed = dnd::remove(tx, &ctx, &number)?;
                    if removed {
                        admin::audit(tx, &ctx, now, "dnd.remove", &number)?;
                    }
                    Ok(removed)
                })
                .await?;
            anyhow::ensure!(removed, "{msisdn} is not on the list");
            desk.tell(&Done { done: "dnd.remove", name: msisdn }, &format!("{msisdn} is off the list"))
        }
    }
}

async fn list(slug: Option<String>, after: String, max: u32, desk: &Desk) -> anyhow::Result<()> {
    let entries = desk
        .read(move |tx| {
            let ctx = tenant_or_all(tx, slug.as_deref())?;
            dnd::list(tx, &ctx, &after, max)
        })
        .await?;
    let entries: Vec<Shown> = entries
        .into_iter()
        .map(|entry| Shown { msisdn: entry.msisdn, since: shown(entry.since), source: entry.source })
        .collect();
    desk.list(&entries, ["Number", "Since", "By"], |entry| {
        [entry.msisdn.clone(), entry.since.clone(), entry.source.clone()]
    })
}
