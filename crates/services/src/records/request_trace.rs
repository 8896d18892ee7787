//! The whole story of a service request for the operator: what was changed, by whom, when and from where.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Param, Row, Sql, StoreError};

use crate::rules::RequestStatus;

/// A request and what happened to it and to what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The tenant's row.
    pub tenant: i64,
    /// Its row.
    pub id: i64,
    /// Its public reference.
    pub guid: String,
    /// Short name of its service.
    pub service: String,
    /// Its status.
    pub status: RequestStatus,
    /// Row of the person it belongs to.
    pub user: i64,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
    /// Every change, oldest first.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Micros,
    /// Short name of the application; `None` for the operator.
    pub application: Option<String>,
    /// Row of the person who acted; `None` when none was named.
    pub user: Option<i64>,
    /// The address it came from, or `command line`.
    pub source: String,
    /// What was changed: `service_request`, `invoice`.
    pub entity: String,
    /// Its row.
    pub entity_id: i64,
    /// What was done.
    pub action: String,
    /// Which fields, codes or rows; never a personal value.
    pub detail: String,
}

/// Changes shown at most, the oldest first.
pub const CHANGES_MAX: i64 = 1_000;

/// The requests with this row or this guid: a guid may be there in several tenants.
///
/// # Errors
/// See [`Sql::query`]; [`StoreError::Corrupt`] for a status that is none.
pub fn find(tx: &mut dyn Sql, ctx: &Ctx, id: &str) -> Result<Vec<Traced>, StoreError> {
    let rows = match id.parse::<i64>() {
        Ok(row) => tx.query(
            "SELECT r.tenant, r.id, r.guid, s.short_name, r.status, r.user_id, r.deleted, r.created_at, r.updated_at \
             FROM sd_request r JOIN sd_service s ON s.id = r.service \
             WHERE r.id = ?1 AND (r.tenant = ?2 OR ?2 = 0)",
            &[row.into(), ctx.tenant.0.into()],
        )?,
        // By way of the tenants, so that the index of guids serves.
        Err(_) => tx.query(
            "SELECT r.tenant, r.id, r.guid, s.short_name, r.status, r.user_id, r.deleted, r.created_at, r.updated_at \
             FROM sd_request r JOIN sd_service s ON s.id = r.service \
             WHERE r.tenant IN (SELECT id FROM tenant) AND r.guid = ?1 AND (r.tenant = ?2 OR ?2 = 0) ORDER BY r.id",
            &[id.to_ascii_lowercase().as_str().into(), ctx.tenant.0.into()],
        )?,
    };
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut traced = of(row)?;
        traced.changes = changes(tx, traced.tenant, traced.id)?;
        found.push(traced);
    }
    Ok(found)
}

fn of(row: &Row) -> Result<Traced, StoreError> {
    let status = row.int(4)?;
    Ok(Traced {
        tenant: row.int(0)?,
        id: row.int(1)?,
        guid: row.text(2)?.to_owned(),
        service: row.text(3)?.to_owned(),
        status: RequestStatus::of(status)
            .ok_or_else(|| StoreError::Corrupt(format!("the status of a request is {status}")))?,
        user: row.int(5)?,
        is_deleted: row.flag(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
        changes: Vec::new(),
    })
}

/// The request's own changes, its invoices' and those of the requests that belong to it.
fn changes(tx: &mut dyn Sql, tenant: i64, request: i64) -> Result<Vec<Change>, StoreError> {
    let key: [Param<'_>; 3] = [tenant.into(), request.into(), CHANGES_MAX.into()];
    let mut rows = tx.query(
        "SELECT a.id, a.at, p.slug, a.user_id, a.source, a.entity, a.entity_id, a.action, a.detail \
         FROM sd_audit a LEFT JOIN sd_application p ON p.id = a.application \
         WHERE a.tenant = ?1 AND a.entity = 'service_request' AND (a.entity_id = ?2 \
         OR a.entity_id IN (SELECT id FROM sd_request WHERE tenant = ?1 AND deleted = 0 AND kind = 2 AND parent = ?2)) \
         ORDER BY a.id LIMIT ?3",
        &key,
    )?;
    rows.extend(tx.query(
        "SELECT a.id, a.at, p.slug, a.user_id, a.source, a.entity, a.entity_id, a.action, a.detail \
         FROM sd_audit a LEFT JOIN sd_application p ON p.id = a.application \
         WHERE a.tenant = ?1 AND a.entity = 'invoice' \
         AND a.entity_id IN (SELECT id FROM sd_invoice WHERE tenant = ?1 AND request = ?2) \
         ORDER BY a.id LIMIT ?3",
        &key,
    )?);
    let mut changes = Vec::with_capacity(rows.len());
    for row in &rows {
        changes.push((row.int(0)?, change(row)?));
    }
    changes.sort_by_key(|(id, _)| *id);
    Ok(changes.into_iter().map(|(_, change)| change).collect())
}

fn change(row: &Row) -> Result<Change, StoreError> {
    Ok(Change {
        at: row.time(1)?,
        application: row.opt_text(2)?.map(str::to_owned),
        user: Some(row.int(3)?).filter(|user| *user != 0),
        source: row.text(4)?.to_owned(),
        entity: row.text(5)?.to_owned(),
        entity_id: row.int(6)?,
        action: row.text(7)?.to_owned(),
        detail: row.text(8)?.to_owned(),
    })
}
