//! `waypost admin online-service raise`, `raise-no-more`, `raises`.

use serde::Serialize;
use waypost_core::time::Micros;
use waypost_services::records::status_event::{self, Raises};
use waypost_services::records::{Scope, service};
use waypost_services::rules::RequestStatus;
use waypost_store::directory::admin;
use waypost_store::{Sql, StoreError};

use super::application::scope;
use super::desk::{Desk, Done};
use super::online_service::{Named, by_short_name};

/// An event of a status.
#[derive(Debug, Clone, clap::Args)]
pub struct Binding {
    #[command(flatten)]
    named: Named,
    /// The status that a request enters, for example Submitted.
    #[arg(long)]
    status: String,
    /// The event's number, see `waypost admin event list`.
    #[arg(long)]
    event: i64,
}

#[derive(Debug, Serialize)]
struct Shown {
    service: String,
    status: &'static str,
    event: i64,
}

fn status(word: &str) -> anyhow::Result<RequestStatus> {
    RequestStatus::parse(word)
        .ok_or_else(|| anyhow::anyhow!("there is no status `{word}`; for example Submitted"))
}

/// Binds an event to a status, or takes it back.
pub async fn bind(binding: &Binding, on: bool, desk: &Desk) -> anyhow::Result<()> {
    let (own, status) = (binding.clone(), status(&binding.status)?);
    desk.change(move |tx, now| {
        let scope = scope(tx, now, &own.named.tenant)?;
        let service = by_short_name(tx, &scope, &own.named.service)?;
        let raises = Raises { service, status, event: own.event };
        if !on {
            let there = status_event::remove(tx, &scope, raises)?;
            return if there { Ok(()) } else { refused("the status does not raise this event") };
        }
        if !admin::list_events(tx, &scope.ctx)?.iter().any(|event| event.id == own.event) {
            return refused(&format!("no event {}", own.event));
        }
        status_event::add(tx, &scope, raises)
    })
    .await?;
    let name = &binding.named.service;
    let (done, verb) = match on {
        true => ("online-service.raise", "raises"),
        false => ("online-service.raise-no-more", "no longer raises"),
    };
    let line = format!("{name}: {} {verb} event {}", status.name(), binding.event);
    desk.tell(&Done { done, name }, &line)
}

/// Lists the events of all statuses of a tenant.
pub async fn list(tenant: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let scope = scope(tx, Micros::ZERO, &tenant)?;
            shown(tx, &scope)
        })
        .await?;
    desk.list(&found, ["Service", "Status", "Event"], |one| {
        [one.service.clone(), one.status.to_owned(), one.event.to_string()]
    })
}

fn shown(tx: &mut dyn Sql, scope: &Scope) -> Result<Vec<Shown>, StoreError> {
    let services = service::list(tx, scope)?;
    let name = |id: i64| services.iter().find(|own| own.id == id).map(|own| own.short_name.clone());
    let all = status_event::all(tx, scope)?.into_iter();
    Ok(all
        .map(|own| Shown {
            service: name(own.service).unwrap_or_default(),
            status: own.status.name(),
            event: own.event,
        })
        .collect())
}

fn refused(why: &str) -> Result<(), StoreError> {
    Err(StoreError::Refused(why.to_owned()))
}
