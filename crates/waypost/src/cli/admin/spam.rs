//! `waypost admin spam`.

use clap::Subcommand;
use waypost_store::directory::admin;

use super::desk::{Desk, Done, tenant_or_all};

/// Phrases that must not be sent, found at word boundaries in any case; a message with one ends with 7111.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put a phrase on the list.
    Add(Entry),
    /// List the phrases.
    List {
        /// The tenant's short name; the platform's list when not given.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Take a phrase off the list.
    Remove(Entry),
}

/// One phrase of a list.
#[derive(Debug, clap::Args)]
pub struct Entry {
    /// The tenant's short name; the platform's list, which holds for all tenants, when not given.
    #[arg(long)]
    tenant: Option<String>,
    /// 1 to 8 words, at most 64 characters.
    phrase: String,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add(Entry { tenant, phrase }) => {
            let (slug, text) = (tenant.clone(), phrase.clone());
            desk.change(move |tx, now| {
                let ctx = tenant_or_all(tx, slug.as_deref())?;
                admin::add_spam(tx, &ctx, now, &text)
            })
            .await?;
            desk.tell(&Done { done: "spam.add", name: phrase }, &format!("`{phrase}` is on the list"))
        }
        Command::List { tenant } => {
            let slug = tenant.clone();
            let list = desk.read(move |tx| {
                let ctx = tenant_or_all(tx, slug.as_deref())?;
                admin::list_spam(tx, &ctx)
            });
            desk.list(&list.await?, ["Phrase"], |phrase| [phrase.clone()])
        }
        Command::Remove(Entry { tenant, phrase }) => {
            let (slug, text) = (tenant.clone(), phrase.clone());
            desk.change(move |tx, now| {
                let ctx = tenant_or_all(tx, slug.as_deref())?;
                admin::remove_spam(tx, &ctx, now, &text)
            })
            .await?;
            desk.tell(&Done { done: "spam.remove", name: phrase }, &format!("`{phrase}` is off the list"))
        }
    }
}
