//! Which events are raised when a request of a service enters a status.

use waypost_store::{Sql, StoreError};

use super::{Scope, audit};
use crate::rules::RequestStatus;

/// One binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raises {
    /// The service's row.
    pub service: i64,
    /// The status that is entered.
    pub status: RequestStatus,
    /// The event that is raised, by its `evtid`.
    pub event: i64,
}

/// Events one status of a service raises at most.
const EVENTS_MAX: i64 = 20;

/// Binds an event to a status; doing it again changes nothing.
///
/// # Errors
/// [`StoreError::Refused`] when the status raises as many as it may.
pub fn add(tx: &mut dyn Sql, scope: &Scope, new: Raises) -> Result<(), StoreError> {
    let now = of(tx, scope, new.service, new.status)?;
    if now.contains(&new.event) {
        return Ok(());
    }
    if now.len() as i64 >= EVENTS_MAX {
        return Err(StoreError::Refused(format!("a status raises at most {EVENTS_MAX} events")));
    }
    tx.put(
        "INSERT INTO sd_status_event (tenant, service, status, event, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO NOTHING",
        &[
            scope.tenant().into(),
            new.service.into(),
            new.status.number().into(),
            new.event.into(),
            scope.now.into(),
        ],
    )?;
    note(tx, scope, "raise", new)
}

/// Takes a binding back; false when there is none.
///
/// # Errors
/// See [`Sql::exec`].
pub fn remove(tx: &mut dyn Sql, scope: &Scope, old: Raises) -> Result<bool, StoreError> {
    let sql = "DELETE FROM sd_status_event WHERE tenant = ?1 AND service = ?2 AND status = ?3 AND event = ?4";
    let key = [scope.tenant().into(), old.service.into(), old.status.number().into(), old.event.into()];
    if tx.exec(sql, &key)? == 0 {
        return Ok(false);
    }
    note(tx, scope, "raise no more", old)?;
    Ok(true)
}

fn note(tx: &mut dyn Sql, scope: &Scope, action: &str, about: Raises) -> Result<(), StoreError> {
    let detail = format!("{}: event {}", about.status.name(), about.event);
    audit::note(tx, scope, ("service", about.service), action, &detail)
}

/// The events that a status of a service raises.
///
/// # Errors
/// See [`Sql::query`].
pub fn of(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    status: RequestStatus,
) -> Result<Vec<i64>, StoreError> {
    let sql =
        "SELECT event FROM sd_status_event WHERE tenant = ?1 AND service = ?2 AND status = ?3 ORDER BY event";
    let rows = tx.query(sql, &[scope.tenant().into(), service.into(), status.number().into()])?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Every binding of the tenant.
///
/// # Errors
/// See [`Sql::query`]; [`StoreError::Corrupt`] for a status that is none.
pub fn all(tx: &mut dyn Sql, scope: &Scope) -> Result<Vec<Raises>, StoreError> {
    let sql = "SELECT service, status, event FROM sd_status_event WHERE tenant = ?1 ORDER BY service, status, event";
    let one = |row: &waypost_store::Row| {
        let status = row.int(1)?;
        let status = RequestStatus::of(status)
            .ok_or_else(|| StoreError::Corrupt(format!("sd_status_event.status is {status}")))?;
        Ok(Raises { service: row.int(0)?, status, event: row.int(2)? })
    };
    tx.query(sql, &[scope.tenant().into()])?.iter().map(one).collect()
}
