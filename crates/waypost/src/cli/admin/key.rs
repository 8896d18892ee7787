//! `waypost admin key`.

use clap::Subcommand;
use serde::Serialize;
use waypost_store::directory::{ApiKey, admin};

use super::desk::{ALL, Desk, Done, shown, tenant, tenant_or_all};

/// API keys. A key is shown once, when it is created; only its hash is kept.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a key and show it, once.
    Create {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// A service key (Messaging, Transaction Status, Events) for this service; without it a profile key.
        #[arg(long)]
        service: Option<String>,
    },
    /// List keys by their first characters, the revoked ones too.
    List {
        /// Only those of one tenant.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Revoke a key; requests with it are refused with 7001 within a second.
    Revoke {
        /// Its id, as listed.
        id: i64,
    },
}

#[derive(Debug, Serialize)]
struct Created {
    id: i64,
    key: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    tenant: i64,
    service: Option<i64>,
    kind: &'static str,
    prefix: String,
    created_at: String,
    revoked_at: Option<String>,
}

impl From<ApiKey> for Shown {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, tenant, service, kind, prefix, created_at, revoked_at } = key;
        let revoked_at = revoked_at.map(shown);
        Self { id, tenant, service, kind: kind.word(), prefix, created_at: shown(created_at), revoked_at }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { tenant, service } => create(tenant.clone(), service.clone(), desk).await,
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Revoke { id } => revoke(*id, desk).await,
    }
}

async fn create(slug: String, service: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    let made = desk
        .change(move |tx, now| {
            let (ctx, owner) = tenant(tx, &slug)?;
            let service = match &service {
                Some(service) => Some(admin::service_by_slug(tx, &ctx, owner.id, service)?.id),
                None => None,
            };
            admin::create_key(tx, &ctx, now, service)
        })
        .await?;
    let created = Created { id: made.id, key: made.text };
    desk.tell(&created, &created.key)
}

async fn list(slug: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    let keys = desk
        .read(move |tx| {
            let ctx = tenant_or_all(tx, slug.as_deref())?;
            admin::list_keys(tx, &ctx)
        })
        .await?;
    let keys: Vec<Shown> = keys.into_iter().map(Shown::from).collect();
    desk.list(&keys, ["Id", "Kind", "Begins with", "Created", "Revoked"], |key| {
        let revoked = key.revoked_at.clone().unwrap_or_default();
        [key.id.to_string(), key.kind.to_owned(), format!("{}…", key.prefix), key.created_at.clone(), revoked]
    })
}

async fn revoke(id: i64, desk: &Desk) -> anyhow::Result<()> {
    desk.change(move |tx, now| admin::revoke_key(tx, &ALL, now, id)).await?;
    let name = id.to_string();
    desk.tell(&Done { done: "key.revoke", name: &name }, &format!("revoked key {id}"))
}
