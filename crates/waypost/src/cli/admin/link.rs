//! `waypost admin link`.

use clap::Subcommand;
use waypost_store::directory::{Link, admin};

use super::desk::{Desk, Done, tenant};

/// Smart links: short links in messages that count who follows them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a link; its number is the `linkid` of requests, and `{{link_<number>}}` stands for it in texts.
    Create {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// How long after its message it leads on, in minutes, unless the request says otherwise.
        #[arg(long, default_value_t = 43_200)]
        validity_minutes: u32,
        /// Where it leads.
        url: String,
    },
    /// List links.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Let a link lead on again.
    Enable(One),
    /// Let a link lead nowhere: 410 for whoever follows it, 7121 for new messages.
    Disable(One),
}

/// A link.
#[derive(Debug, clap::Args)]
pub struct One {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Its number.
    link: i64,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { tenant, name, validity_minutes, url } => {
            let link = Link {
                id: 0,
                tenant: 0,
                name: name.clone(),
                url: url.clone(),
                validity_minutes: *validity_minutes,
                enabled: true,
            };
            create(tenant.clone(), link, desk).await
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Enable(one) => switch(one, true, desk).await,
        Command::Disable(one) => switch(one, false, desk).await,
    }
}

async fn create(slug: String, mut link: Link, desk: &Desk) -> anyhow::Result<()> {
    let new = link.clone();
    link.id = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::create_link(tx, &ctx, now, &new)
        })
        .await?;
    let line = format!("created link {}; in a text it is {{{{link_{}}}}}", link.id, link.id);
    desk.tell(&link, &line)
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::list_links(tx, &ctx)
        })
        .await?;
    desk.list(&found, ["Link", "Name", "Minutes", "State", "Leads to"], |link| {
        let state = if link.enabled { "on" } else { "off" };
        [
            link.id.to_string(),
            link.name.clone(),
            link.validity_minutes.to_string(),
            state.to_owned(),
            link.url.clone(),
        ]
    })
}

async fn switch(one: &One, on: bool, desk: &Desk) -> anyhow::Result<()> {
    let (slug, id) = (one.tenant.clone(), one.link);
    desk.change(move |tx, now| {
        let (ctx, _) = tenant(tx, &slug)?;
        admin::switch_link(tx, &ctx, now, id, on)
    })
    .await?;
    let (done, word) = if on { ("link.enable", "on") } else { ("link.disable", "off") };
    desk.tell(&Done { done, name: &id.to_string() }, &format!("link {id} is {word}"))
}
