//! `waypost admin notify-url`.

use clap::Subcommand;
use serde::Serialize;
use waypost_store::directory::admin;

use super::desk::{Desk, tenant, tenant_or_all};

/// Where a service's delivery notifications go, unless a message names its own URL.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set the URL.
    Set {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// The service's short name.
        #[arg(long)]
        service: String,
        /// An http or https URL.
        url: String,
    },
    /// List the URLs.
    List {
        /// Only those of one tenant.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Remove the URL: only messages that name one are notified.
    Clear {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// The service's short name.
        #[arg(long)]
        service: String,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    service: String,
    notify_url: Option<String>,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Set { tenant, service, url } => set(tenant, service, Some(url.clone()), desk).await,
        Command::Clear { tenant, service } => set(tenant, service, None, desk).await,
        Command::List { tenant: slug } => {
            let slug = slug.clone();
            let services = desk
                .read(move |tx| {
                    let ctx = tenant_or_all(tx, slug.as_deref())?;
                    admin::list_services(tx, &ctx)
                })
                .await?;
            let services = services.into_iter();
            let urls: Vec<Shown> = services
                .map(|service| Shown { service: service.slug, notify_url: service.notify_url })
                .collect();
            desk.list(&urls, ["Service", "Notify URL"], |shown| {
                [shown.service.clone(), shown.notify_url.clone().unwrap_or_default()]
            })
        }
    }
}

async fn set(slug: &str, service: &str, url: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    let (slug, name) = (slug.to_owned(), service.to_owned());
    let changed = desk
        .change(move |tx, now| {
            let (ctx, owner) = tenant(tx, &slug)?;
            let found = admin::service_by_slug(tx, &ctx, owner.id, &name)?;
            let url = url.clone();
            admin::update_service(tx, &ctx, now, found.id, |service| service.notify_url = url)
        })
        .await?;
    let line = match &changed.notify_url {
        Some(url) => format!("notifications of {service} go to {url}"),
        None => format!("{service} has no notify URL"),
    };
    desk.tell(&Shown { service: changed.slug, notify_url: changed.notify_url }, &line)
}
