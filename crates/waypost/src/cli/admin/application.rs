//! `waypost admin application`.

use clap::Subcommand;
use serde::Serialize;
use waypost_services::records::application::{self, Application, Issuer};
use waypost_services::records::{Scope, service};
use waypost_services::rules::Grants;
use waypost_store::{Sql, StoreError, TenantId};

use super::desk::{Desk, Done, shown, tenant};
use crate::wiring;

/// Applications that call the services family (MTAPI), and their keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an application.
    Create {
        #[command(flatten)]
        named: Named,
        /// Its English name; the short name when not given.
        #[arg(long)]
        name: Option<String>,
        /// Its French name; the English one when not given.
        #[arg(long)]
        name_fr: Option<String>,
        /// What it may do: all, or areas such as users, requests:read, files:write, separated by commas.
        #[arg(long, default_value = "all", value_parser = grants)]
        grants: Grants,
        /// It is bound to every service, as a portal is.
        #[arg(long)]
        all_services: bool,
    },
    /// List applications.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Bind it to a service, so that it may work with its requests.
    Bind {
        #[command(flatten)]
        named: Named,
        /// The short name of the online service.
        #[arg(long)]
        service: String,
    },
    /// Make a key and its token, and show them, once.
    CreateKey {
        #[command(flatten)]
        named: Named,
        /// Print a file of ready requests for an HTTP client of an editor, with key and token in it.
        #[arg(long)]
        http: bool,
    },
    /// Revoke a key; the next request with it is refused with 603004.
    RevokeKey {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its id, as shown when it was made.
        id: i64,
    },
    /// Refuse its requests with 901006.
    Suspend(Named),
    /// Serve it again.
    Resume(Named),
}

/// One application of one tenant.
#[derive(Debug, Clone, clap::Args)]
pub struct Named {
    /// The tenant's short name.
    #[arg(long)]
    pub(super) tenant: String,
    /// The application's short name.
    #[arg(long)]
    pub(super) application: String,
}

fn grants(text: &str) -> Result<Grants, String> {
    Grants::parse(text).map_err(|word| format!("there is no grant `{word}`"))
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    application: String,
    name: String,
    name_fr: String,
    status: &'static str,
    grants: String,
    all_services: bool,
}

impl From<Application> for Shown {
    fn from(application: Application) -> Self {
        let Application { id, slug, name_en, name_fr, is_live, grants, all_services } = application;
        let status = if is_live { "live" } else { "suspended" };
        Self {
            id,
            application: slug,
            name: name_en,
            name_fr,
            status,
            grants: grants.to_string(),
            all_services,
        }
    }
}

#[derive(Debug, Serialize)]
struct Created {
    id: i64,
    api_key: String,
    app_jwt: String,
    expires_at: String,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { named, name, name_fr, grants, all_services } => {
            let name = name.clone().unwrap_or_else(|| named.application.clone());
            let new = Application {
                id: 0,
                slug: named.application.clone(),
                name_fr: name_fr.clone().unwrap_or_else(|| name.clone()),
                name_en: name,
                is_live: true,
                grants: *grants,
                all_services: *all_services,
            };
            create(named.clone(), new, desk).await
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Bind { named, service } => bind(named.clone(), service.clone(), desk).await,
        Command::CreateKey { named, http } => create_key(named.clone(), *http, desk).await,
        Command::RevokeKey { tenant, id } => revoke_key(tenant.clone(), *id, desk).await,
        Command::Suspend(named) => set_live(named.clone(), false, desk).await,
        Command::Resume(named) => set_live(named.clone(), true, desk).await,
    }
}

/// The operator inside a tenant, as the family's records want it.
pub(super) fn scope(
    tx: &mut dyn Sql,
    now: waypost_core::time::Micros,
    slug: &str,
) -> Result<Scope, StoreError> {
    let (_, owner) = tenant(tx, slug)?;
    Ok(Scope::operator(TenantId(owner.id), now))
}

async fn create(named: Named, new: Application, desk: &Desk) -> anyhow::Result<()> {
    let made = desk
        .change(move |tx, now| {
            let scope = scope(tx, now, &named.tenant)?;
            let id = application::create(tx, &scope, &new)?;
            Ok(Application { id, ..new.clone() })
        })
        .await?;
    let line = format!("created application {}", made.slug);
    desk.tell(&Shown::from(made), &line)
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let scope = scope(tx, waypost_core::time::Micros::ZERO, &slug)?;
            application::list(tx, &scope)
        })
        .await?;
    let found: Vec<Shown> = found.into_iter().map(Shown::from).collect();
    desk.list(&found, ["Id", "Application", "Name", "Status", "Grants", "Services"], |one| {
        let services = if one.all_services { "all" } else { "bound ones" }.to_owned();
        let (slug, name) = (one.application.clone(), one.name.clone());
        [one.id.to_string(), slug, name, one.status.to_owned(), one.grants.clone(), services]
    })
}

async fn bind(named: Named, short_name: String, desk: &Desk) -> anyhow::Result<()> {
    let line = format!("application {} is bound to {short_name}", named.application);
    let name = named.application.clone();
    desk.change(move |tx, now| {
        let scope = scope(tx, now, &named.tenant)?;
        let application = application::by_slug(tx, &scope, &named.application)?;
        let found = service::list(tx, &scope)?.into_iter().find(|service| service.short_name == short_name);
        let found = found.ok_or_else(|| StoreError::Refused(format!("no online service {short_name}")))?;
        application::bind(tx, &scope, application.id, found.id)
    })
    .await?;
    desk.tell(&Done { done: "application.bind", name: &name }, &line)
}

async fn create_key(named: Named, http: bool, desk: &Desk) -> anyhow::Result<()> {
    let (master, settings) = (wiring::master_key(&desk.config)?, desk.config.services.clone());
    let made = desk
        .change(move |tx, now| {
            let scope = scope(tx, now, &named.tenant)?;
            let application = application::by_slug(tx, &scope, &named.application)?;
            let issuer = Issuer { issuer: &settings.issuer, audience: &settings.audience, master: &master };
            application::create_key(tx, &scope, &application, &issuer)
        })
        .await?;
    let expires_at = shown(made.expires_at);
    let created = Created { id: made.id, api_key: made.api_key, app_jwt: made.app_jwt, expires_at };
    let text = if http {
        requests(&format!("http://{}", desk.config.server.listen), &created)
    } else {
        format!("api-key: {}\napp-jwt: {}", created.api_key, created.app_jwt)
    };
    desk.tell(&created, &text)
}

/// Requests to begin with, for the HTTP client of an editor.
fn requests(base: &str, key: &Created) -> String {
    let mut text = format!("@base = {base}\n@key = {}\n@token = {}\n", key.api_key, key.app_jwt);
    for line in
        ["GET {{base}}/api/v1/whoami", "GET {{base}}/api/v1/services", "GET {{base}}/api/v1/permissions"]
    {
        text.push_str(&format!(
            "\n###\n{line}\napi-key: {{{{key}}}}\napp-jwt: {{{{token}}}}\nAccept: application/json\n"
        ));
    }
    text
}

async fn revoke_key(slug: String, id: i64, desk: &Desk) -> anyhow::Result<()> {
    desk.change(move |tx, now| {
        let scope = scope(tx, now, &slug)?;
        if application::revoke_key(tx, &scope, id)? {
            return Ok(());
        }
        Err(StoreError::Refused(format!("no key {id} of an application")))
    })
    .await?;
    let name = id.to_string();
    desk.tell(&Done { done: "application.key.revoke", name: &name }, &format!("revoked key {id}"))
}

async fn set_live(named: Named, is_live: bool, desk: &Desk) -> anyhow::Result<()> {
    let changed = desk
        .change(move |tx, now| {
            let scope = scope(tx, now, &named.tenant)?;
            let mut found = application::by_slug(tx, &scope, &named.application)?;
            found.is_live = is_live;
            application::update(tx, &scope, &found)?;
            Ok(found)
        })
        .await?;
    let shown = Shown::from(changed);
    let line = format!("application {} is {}", shown.application, shown.status);
    desk.tell(&shown, &line)
}
