//! `waypost admin online-service`.

use clap::Subcommand;
use serde::Serialize;
use waypost_core::time::Micros;
use waypost_services::records::service::{self, Service};
use waypost_services::records::service_parts;
use waypost_services::rules::RequestStatus;
use waypost_store::StoreError;

use super::application::scope;
use super::desk::{Desk, Done};
use super::online_service_event::{self, Binding};

/// Online services: what people can apply for at the service desk (MTAPI).
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a service.
    Create {
        #[command(flatten)]
        named: Named,
        /// Its English name.
        #[arg(long)]
        name: String,
        /// Its French name.
        #[arg(long)]
        name_fr: String,
        /// Where its application lives.
        #[arg(long, value_name = "URL")]
        base_url: String,
        /// The group under which it is shown, by one of its names; made when there is none.
        #[arg(long)]
        group: Option<String>,
        /// Its card is shown to everybody, and people may enrol themselves.
        #[arg(long)]
        open: bool,
        /// Every request must name a requester (617015).
        #[arg(long)]
        requires_requester: bool,
    },
    /// List services.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Say that it uses a status, and whether its clock runs in it.
    SetStatus {
        #[command(flatten)]
        named: Named,
        /// The status, for example InReview.
        #[arg(long)]
        status: String,
        /// The service-standard clock stands still in it.
        #[arg(long)]
        clock_off: bool,
    },
    /// Raise an event whenever a request of the service enters a status; rules on the event send templates. A rule may
    /// also wait for statuses itself: `waypost admin rule create --on status`.
    Raise(Binding),
    /// Raise it no more.
    RaiseNoMore(Binding),
    /// List which statuses raise which events.
    Raises {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Add a service standard of so many days.
    AddStandard {
        #[command(flatten)]
        named: Named,
        /// English name.
        #[arg(long)]
        name: String,
        /// French name.
        #[arg(long)]
        name_fr: String,
        /// Days in which a request should be done.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3_650))]
        days: i64,
    },
}

/// One service of one tenant.
#[derive(Debug, Clone, clap::Args)]
pub struct Named {
    /// The tenant's short name.
    #[arg(long)]
    pub(super) tenant: String,
    /// The service's short name.
    #[arg(long)]
    pub(super) service: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    service: String,
    name: String,
    name_fr: String,
    base_url: String,
    open: bool,
}

impl From<Service> for Shown {
    fn from(service: Service) -> Self {
        let Service { id, short_name, name_en, name_fr, base_url, self_enrol, .. } = service;
        Self { id, service: short_name, name: name_en, name_fr, base_url, open: self_enrol }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { named, name, name_fr, base_url, group, open, requires_requester } => {
            let new = Service {
                id: 0,
                short_name: named.service.clone(),
                name_en: name.clone(),
                name_fr: name_fr.clone(),
                group: None,
                base_url: base_url.clone(),
                is_visible: *open,
                self_enrol: *open,
                requires_requester: *requires_requester,
                is_live: true,
            };
            create(named.tenant.clone(), new, group.clone(), desk).await
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::SetStatus { named, status, clock_off } => {
            set_status(named.clone(), status.clone(), !*clock_off, desk).await
        }
        Command::Raise(binding) => online_service_event::bind(binding, true, desk).await,
        Command::RaiseNoMore(binding) => online_service_event::bind(binding, false, desk).await,
        Command::Raises { tenant } => online_service_event::list(tenant.clone(), desk).await,
        Command::AddStandard { named, name, name_fr, days } => {
            add_standard(named.clone(), (name.clone(), name_fr.clone()), *days, desk).await
        }
    }
}

async fn create(tenant: String, new: Service, group: Option<String>, desk: &Desk) -> anyhow::Result<()> {
    anyhow::ensure!(
        url::Url::parse(&new.base_url).is_ok_and(|url| url.has_host()),
        "the base URL is not a URL"
    );
    let made = desk
        .change(move |tx, now| {
            let scope = scope(tx, now, &tenant)?;
            let group = match &group {
                None => None,
                Some(name) => match service_parts::group(tx, &scope, name)? {
                    Some(id) => Some(id),
                    None => Some(service_parts::add_group(tx, &scope, (name, name))?),
                },
            };
            let new = Service { group, ..new.clone() };
            let id = service::create(tx, &scope, &new)?;
            Ok(Service { id, ..new })
        })
        .await?;
    let line = format!("created online service {} ({})", made.short_name, made.id);
    desk.tell(&Shown::from(made), &line)
}

async fn list(tenant: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let scope = scope(tx, Micros::ZERO, &tenant)?;
            service::list(tx, &scope)
        })
        .await?;
    let found: Vec<Shown> = found.into_iter().map(Shown::from).collect();
    desk.list(&found, ["Id", "Service", "Name", "French name", "Base URL"], |one| {
        [one.id.to_string(), one.service.clone(), one.name.clone(), one.name_fr.clone(), one.base_url.clone()]
    })
}

async fn set_status(named: Named, status: String, clock_on: bool, desk: &Desk) -> anyhow::Result<()> {
    let Some(status) = RequestStatus::parse(&status) else {
        anyhow::bail!("there is no status `{status}`; for example InReview");
    };
    let name = named.service.clone();
    desk.change(move |tx, now| {
        let scope = scope(tx, now, &named.tenant)?;
        let id = by_short_name(tx, &scope, &named.service)?;
        service_parts::set_status(tx, &scope, id, status, clock_on)
    })
    .await?;
    let clock = if clock_on { "runs" } else { "stands still" };
    let outcome = Done { done: "online-service.status", name: &name };
    desk.tell(&outcome, &format!("{name} uses {}, its clock {clock} in it", status.name()))
}

async fn add_standard(named: Named, names: (String, String), days: i64, desk: &Desk) -> anyhow::Result<()> {
    let name = named.service.clone();
    let id = desk
        .change(move |tx, now| {
            let scope = scope(tx, now, &named.tenant)?;
            let service = by_short_name(tx, &scope, &named.service)?;
            service_parts::add_standard(tx, &scope, service, (&names.0, &names.1), days)
        })
        .await?;
    let outcome = Done { done: "online-service.standard", name: &name };
    desk.tell(&outcome, &format!("added standard {id} to {name}"))
}

pub(super) fn by_short_name(
    tx: &mut dyn waypost_store::Sql,
    scope: &waypost_services::records::Scope,
    short_name: &str,
) -> Result<i64, StoreError> {
    let found = service::list(tx, scope)?.into_iter().find(|service| service.short_name == short_name);
    found.map_or_else(
        || Err(StoreError::Refused(format!("no online service {short_name}"))),
        |service| Ok(service.id),
    )
}
