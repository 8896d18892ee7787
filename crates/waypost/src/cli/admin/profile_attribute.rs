//! `waypost admin profile-attribute`.

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use waypost_store::directory::{AttributeKind, ProfileAttribute, admin};

use super::desk::{Desk, Done, tenant};

/// What a tenant adds to the attributes of its customers; a name that is not known is refused with 7017.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an attribute.
    Add {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// What its values are.
        #[arg(long, value_enum, default_value_t = Kind::Text)]
        kind: Kind,
        /// Its name, for example `channel_pref`.
        name: String,
    },
    /// List the attributes a tenant has added.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Remove an attribute; values that customers have of it are not shown any more.
    Remove {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its name.
        name: String,
    },
}

/// The kinds of values.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Any text of at most 1,024 bytes.
    Text,
    /// A decimal number.
    Number,
    /// 0 or 1.
    Flag,
    /// A date, with or without a time.
    Date,
}

impl From<Kind> for AttributeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Number => Self::Number,
            Kind::Flag => Self::Flag,
            Kind::Date => Self::Date,
        }
    }
}

#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    kind: AttributeKind,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add { tenant: slug, kind, name } => {
            let (slug, owned, kind) = (slug.clone(), name.clone(), AttributeKind::from(*kind));
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::add_profile_attribute(tx, &ctx, now, &owned, kind)
            })
            .await?;
            desk.tell(&Done { done: "profile-attribute.add", name }, &format!("added the attribute {name}"))
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Remove { tenant: slug, name } => {
            let (slug, owned) = (slug.clone(), name.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::remove_profile_attribute(tx, &ctx, now, &owned)
            })
            .await?;
            let line = format!("removed the attribute {name}");
            desk.tell(&Done { done: "profile-attribute.remove", name }, &line)
        }
    }
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::list_profile_attributes(tx, &ctx)
        })
        .await?;
    let shown = |ProfileAttribute { name, kind, .. }| Shown { name, kind };
    let found: Vec<Shown> = found.into_iter().map(shown).collect();
    desk.list(&found, ["Attribute", "Kind"], |shown| [shown.name.clone(), shown.kind.word().to_owned()])
}
