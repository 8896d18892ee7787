//! `waypost admin app`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value};
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_store::directory::{App, AppKind, Status, admin};

use super::app_check;
use super::desk::{Desk, Done, tenant, tenant_or_all};
use super::settings;
use crate::cli::Usage;
use crate::wiring;

/// App assets: what push, in-app messages, Messenger, X and WeChat send through.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an app asset; its credentials come with `app secrets`.
    Create(Create),
    /// List app assets.
    List {
        /// Only of this tenant (its short name).
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Change settings: `waypost admin app set acme SA28064527 apns_topic=example.app`.
    Set {
        /// The tenant's short name.
        tenant: String,
        /// The app id.
        app_id: String,
        /// Settings as KEY=VALUE; a value is JSON, or text.
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
    /// Switch push or in-app messaging on or off, or the app as a whole.
    Enable(Switch),
    /// See `enable`.
    Disable(Switch),
    /// Set the credentials from a JSON file, or remove them.
    Secrets {
        /// The tenant's short name.
        tenant: String,
        /// The app id.
        app_id: String,
        /// A file with a JSON object; its members are named on the channel's page of the documentation.
        #[arg(long, required_unless_present = "remove")]
        file: Option<PathBuf>,
        /// Remove them.
        #[arg(long, conflicts_with = "file")]
        remove: bool,
    },
    /// Make an app the one a service uses on a channel when a request names none.
    Default {
        /// The tenant's short name.
        tenant: String,
        /// The service's short name.
        service: String,
        /// The channel: push, rt, fb, twitter or wechat.
        channel: String,
        /// The app id.
        app_id: String,
    },
}

/// A new app asset.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The tenant's short name.
    tenant: String,
    /// The `appid` of the wire: up to 64 of A-Z, a-z, 0-9, _ and -. It never changes.
    app_id: String,
    /// What it is.
    #[arg(long)]
    kind: Kind,
    /// Its name; the app id when it is left out.
    #[arg(long)]
    name: Option<String>,
    /// Settings as KEY=VALUE; a value is JSON, or text.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

/// What to switch.
#[derive(Debug, clap::Args)]
pub struct Switch {
    /// The tenant's short name.
    tenant: String,
    /// The app id.
    app_id: String,
    /// What: the whole app when it is left out.
    feature: Option<Feature>,
}

/// A feature of a mobile app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Feature {
    /// Push notifications (7118 without it).
    Push,
    /// In-app messages (7117 without it).
    Rt,
}

/// The kinds of apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A mobile or web app: push and in-app messages.
    Mobile,
    /// A Facebook page.
    Fb,
    /// An X account.
    Twitter,
    /// A WeChat official account.
    Wechat,
}

impl From<Kind> for AppKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Mobile => Self::Mobile,
            Kind::Fb => Self::Fb,
            Kind::Twitter => Self::Twitter,
            Kind::Wechat => Self::Wechat,
        }
    }
}

#[derive(Debug, Serialize)]
struct Shown {
    app_id: String,
    tenant: i64,
    kind: AppKind,
    name: String,
    status: Status,
    push: bool,
    rt: bool,
    has_secrets: bool,
    settings: Value,
}

impl From<App> for Shown {
    fn from(app: App) -> Self {
        let settings = serde_json::from_str(&app.config).unwrap_or(Value::Null);
        let App { app_id, tenant, kind, name, status, push, rt, has_secrets, .. } = app;
        Self { app_id, tenant, kind, name, status, push, rt, has_secrets, settings }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(new, desk).await,
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Set { tenant, app_id, settings } => set(tenant, app_id, settings, desk).await,
        Command::Enable(switch) => turn(switch, true, desk).await,
        Command::Disable(switch) => turn(switch, false, desk).await,
        Command::Secrets { tenant, app_id, file, .. } => secrets(tenant, app_id, file.as_ref(), desk).await,
        Command::Default { tenant, service, channel, app_id } => {
            default(tenant, service, channel, app_id, desk).await
        }
    }
}

/// An app asset that is not stored yet, with everything on.
#[must_use]
pub fn app(app_id: &str, kind: AppKind, name: &str, config: &Value) -> App {
    App {
        id: 0,
        tenant: 0,
        app_id: app_id.to_owned(),
        kind,
        name: name.to_owned(),
        status: Status::Live,
        push: kind == AppKind::Mobile,
        rt: kind == AppKind::Mobile,
        config: config.to_string(),
        secrets: None,
        has_secrets: false,
        created_at: Micros(0),
    }
}

async fn create(new: &Create, desk: &Desk) -> anyhow::Result<()> {
    let mut config = Map::new();
    settings::merge(&mut config, &new.settings)?;
    let name = new.name.as_deref().unwrap_or(&new.app_id);
    let app = app(&new.app_id, new.kind.into(), name, &Value::Object(config));
    let slug = new.tenant.clone();
    let made = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::create_app(tx, &ctx, now, &app)?;
            admin::app(tx, &ctx, &app.app_id)
        })
        .await?;
    let line = format!("created app {}", made.app_id);
    desk.tell(&Shown::from(made), &line)
}

async fn list(slug: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    let apps = desk
        .read(move |tx| {
            let ctx = tenant_or_all(tx, slug.as_deref())?;
            admin::list_apps(tx, &ctx)
        })
        .await?;
    let apps: Vec<Shown> = apps.into_iter().map(Shown::from).collect();
    desk.list(&apps, ["App", "Tenant", "Kind", "Name", "State", "Features", "Credentials"], |app| {
        let features = [("push", app.push), ("rt", app.rt)];
        let on: Vec<&str> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        let credentials = if app.has_secrets { "stored" } else { "none" };
        [
            app.app_id.clone(),
            app.tenant.to_string(),
            app.kind.word().to_owned(),
            app.name.clone(),
            app.status.word().to_owned(),
            on.join(", "),
            credentials.to_owned(),
        ]
    })
}

async fn set(slug: &str, app_id: &str, given: &[String], desk: &Desk) -> anyhow::Result<()> {
    let mut wanted = Map::new();
    settings::merge(&mut wanted, given)?;
    update(slug, app_id, desk, move |app| {
        let mut config: Map<String, Value> = serde_json::from_str(&app.config).unwrap_or_default();
        config.extend(wanted.clone());
        app.config = Value::Object(config).to_string();
    })
    .await
}

async fn turn(switch: &Switch, on: bool, desk: &Desk) -> anyhow::Result<()> {
    let feature = switch.feature;
    update(&switch.tenant, &switch.app_id, desk, move |app| match feature {
        Some(Feature::Push) => app.push = on,
        Some(Feature::Rt) => app.rt = on,
        None => app.status = if on { Status::Live } else { Status::Suspended },
    })
    .await
}

async fn update(
    slug: &str,
    app_id: &str,
    desk: &Desk,
    change: impl Fn(&mut App) + Send + 'static,
) -> anyhow::Result<()> {
    let (slug, wanted) = (slug.to_owned(), app_id.to_owned());
    let changed = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::update_app(tx, &ctx, now, &wanted, |app| change(app))
        })
        .await?;
    desk.tell(&Shown::from(changed), &format!("changed app {app_id}"))
}

async fn secrets(slug: &str, app_id: &str, file: Option<&PathBuf>, desk: &Desk) -> anyhow::Result<()> {
    let text = match file {
        Some(file) => {
            Some(std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?)
        }
        None => None,
    };
    let master = wiring::master_key(&desk.config)?;
    let (slug, wanted, kept) = (slug.to_owned(), app_id.to_owned(), text.clone());
    let app = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::set_app_secrets(tx, &ctx, now, &wanted, kept.as_deref(), &master)?;
            admin::app(tx, &ctx, &wanted)
        })
        .await?;
    if let Some(text) = text {
        app_check::warn(&app, &text);
    }
    desk.tell(
        &Done { done: "app.secrets", name: app_id },
        &format!("changed the credentials of app {app_id}"),
    )
}

async fn default(slug: &str, service: &str, channel: &str, app_id: &str, desk: &Desk) -> anyhow::Result<()> {
    let channel = Channel::parse(channel).ok_or_else(|| Usage(format!("`{channel}` is no channel")))?;
    let (slug, of, wanted) = (slug.to_owned(), service.to_owned(), app_id.to_owned());
    desk.change(move |tx, now| {
        let (ctx, tenant) = tenant(tx, &slug)?;
        let service = admin::service_by_slug(tx, &ctx, tenant.id, &of)?;
        admin::set_default_app(tx, &ctx, now, service.id, channel, &wanted)
    })
    .await?;
    let line = format!("service {service} sends {} through {app_id}", channel.wire_name());
    desk.tell(&Done { done: "app.default", name: app_id }, &line)
}
