//! `waypost admin service`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use serde::Serialize;
use waypost_core::time::Micros;
use waypost_messaging::work::notification::NOTIFY_ALL;
use waypost_store::directory::admin::{self, ServiceSecret};
use waypost_store::directory::{Service, Status};

use super::desk::{Desk, Done, shown, tenant, tenant_or_all};
use super::service_settings::{Settings, receipts};
use crate::cli::Usage;
use crate::wiring;

/// Services: the workspaces through which a tenant sends.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a service.
    Create {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its short name in commands: a-z, 0-9 and -. It never changes.
        #[arg(long)]
        slug: String,
        /// Its name; the short name when not given.
        #[arg(long)]
        name: Option<String>,
        /// Sender of messages that name none; it must be registered for the tenant.
        #[arg(long, value_name = "ADDRESS")]
        sender: Option<String>,
        /// Where delivery notifications go.
        #[arg(long, value_name = "URL")]
        notify_url: Option<String>,
        /// Where inbound messages go.
        #[arg(long, value_name = "URL")]
        inbound_url: Option<String>,
    },
    /// List services.
    List {
        /// Only those of one tenant.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Refuse its requests with 7007.
    Suspend(Named),
    /// Serve it again.
    Resume(Named),
    /// Change its settings; those that are not named stay.
    Set {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        settings: Settings,
    },
    /// Set the secret that signs its call-backs (from the variable WAYPOST_SECRET), or remove it when that is empty.
    HubSecret(Named),
    /// Set the service secret of token logins (from the variable WAYPOST_SECRET, base64), or remove it when that is empty.
    JwtSecret(Named),
}

/// One service of one tenant.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// The service's short name.
    #[arg(long)]
    service: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    tenant: i64,
    slug: String,
    name: String,
    status: Status,
    sender: Option<String>,
    notify_url: Option<String>,
    inbound_url: Option<String>,
    receipts: Vec<&'static str>,
    signature: String,
    has_hub_secret: bool,
    has_jwt_secret: bool,
    created_at: String,
}

impl From<Service> for Shown {
    fn from(service: Service) -> Self {
        Self {
            id: service.id,
            tenant: service.tenant,
            slug: service.slug,
            name: service.name,
            status: service.status,
            sender: service.default_sender,
            notify_url: service.notify_url,
            inbound_url: service.inbound_url,
            receipts: receipts(service.notify_types),
            signature: if service.hub_algorithm.is_empty() {
                "sha256".to_owned()
            } else {
                service.hub_algorithm
            },
            has_hub_secret: service.has_hub_secret,
            has_jwt_secret: service.has_jwt_secret,
            created_at: shown(service.created_at),
        }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { tenant, slug, name, sender, notify_url, inbound_url } => {
            let name = name.as_ref().unwrap_or(slug);
            let mut service = blank(slug, name);
            service.default_sender = sender.clone();
            service.notify_url = notify_url.clone();
            service.inbound_url = inbound_url.clone();
            create(tenant.clone(), service, desk).await
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Suspend(named) => set_status(named, Status::Suspended, desk).await,
        Command::Resume(named) => set_status(named, Status::Live, desk).await,
        Command::Set { named, settings } => set(named, settings.clone(), desk).await,
        Command::HubSecret(named) => set_secret(named, ServiceSecret::Hub, desk).await,
        Command::JwtSecret(named) => set_secret(named, ServiceSecret::Jwt, desk).await,
    }
}

/// A live service that notifies of everything.
pub fn blank(slug: &str, name: &str) -> Service {
    Service {
        id: 0,
        tenant: 0,
        slug: slug.to_owned(),
        name: name.to_owned(),
        status: Status::Live,
        notify_url: None,
        notify_types: NOTIFY_ALL,
        inbound_url: None,
        default_sender: None,
        route_group: None,
        hub_secret: None,
        hub_algorithm: String::new(),
        jwt_secret: None,
        has_hub_secret: false,
        has_jwt_secret: false,
        created_at: Micros(0),
    }
}

async fn create(slug: String, mut new: Service, desk: &Desk) -> anyhow::Result<()> {
    let made = desk
        .change(move |tx, now| {
            let (ctx, owner) = tenant(tx, &slug)?;
            new.tenant = owner.id;
            let id = admin::create_service(tx, &ctx, now, &new)?;
            admin::service(tx, &ctx, id)
        })
        .await?;
    let line = format!("created service {}", made.slug);
    desk.tell(&Shown::from(made), &line)
}

async fn list(slug: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    let services = desk
        .read(move |tx| {
            let ctx = tenant_or_all(tx, slug.as_deref())?;
            admin::list_services(tx, &ctx)
        })
        .await?;
    let services: Vec<Shown> = services.into_iter().map(Shown::from).collect();
    desk.list(&services, ["Id", "Service", "Name", "Status", "Sender", "Notify URL"], |service| {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (id, status) = (service.id.to_string(), service.status.word().to_owned());
        [
            id,
            service.slug.clone(),
            service.name.clone(),
            status,
            text(&service.sender),
            text(&service.notify_url),
        ]
    })
}

async fn set_status(named: &Named, status: Status, desk: &Desk) -> anyhow::Result<()> {
    let (slug, name) = (named.tenant.clone(), named.service.clone());
    let changed = desk
        .change(move |tx, now| {
            let (ctx, owner) = tenant(tx, &slug)?;
            let found = admin::service_by_slug(tx, &ctx, owner.id, &name)?;
            admin::update_service(tx, &ctx, now, found.id, |service| service.status = status)
        })
        .await?;
    desk.tell(&Shown::from(changed), &format!("service {} is {}", named.service, status.word()))
}

async fn set(named: &Named, settings: Settings, desk: &Desk) -> anyhow::Result<()> {
    if settings.is_empty() {
        return Err(Usage("name a setting to change; see --help".to_owned()).into());
    }
    let (slug, name) = (named.tenant.clone(), named.service.clone());
    let changed = desk
        .change(move |tx, now| {
            let (ctx, owner) = tenant(tx, &slug)?;
            let found = admin::service_by_slug(tx, &ctx, owner.id, &name)?;
            admin::update_service(tx, &ctx, now, found.id, |service| settings.apply(service))
        })
        .await?;
    desk.tell(&Shown::from(changed), &format!("changed service {}", named.service))
}

async fn set_secret(named: &Named, which: ServiceSecret, desk: &Desk) -> anyhow::Result<()> {
    let secret = super::carrier::secret_variable("WAYPOST_SECRET")?;
    if which == ServiceSecret::Jwt {
        check_base64(secret.as_deref())?;
    }
    let master = wiring::master_key(&desk.config)?;
    let (slug, name) = (named.tenant.clone(), named.service.clone());
    desk.change(move |tx, now| {
        let (ctx, owner) = tenant(tx, &slug)?;
        let found = admin::service_by_slug(tx, &ctx, owner.id, &name)?;
        let secret = secret.as_deref().map(str::as_bytes);
        admin::set_service_secret(tx, &ctx, now, found.id, (which, secret), &master)
    })
    .await?;
    let outcome = Done { done: "service.secret", name: &named.service };
    desk.tell(&outcome, &format!("changed a secret of service {}", named.service))
}

/// A token's secret is what its base64 form decodes to (spec 2.2): another text would refuse every token.
fn check_base64(secret: Option<&str>) -> Result<(), Usage> {
    let decoded = secret.map(|text| STANDARD.decode(text.trim()));
    match decoded {
        None => Ok(()),
        Some(Ok(bytes)) if !bytes.is_empty() => Ok(()),
        Some(_) => {
            Err(Usage("the service secret is not base64: make one with `openssl rand -base64 32`".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_secret_is_base64_or_removed() {
        assert!(check_base64(None).is_ok());
        assert!(check_base64(Some("c2VjcmV0LXNlY3JldA==")).is_ok());
        for bad in ["not base64!", "abc", " "] {
            assert!(check_base64(Some(bad)).unwrap_err().0.contains("base64"), "{bad}");
        }
    }
}
