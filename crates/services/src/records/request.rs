//! Service requests (spec 5.1).

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError, query_one};

use super::history::{self, Entry};
use super::{Scope, audit, inserted, request_count, service_parts, status_watch};
use crate::rules::RequestStatus;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum RequestKind {
    /// Something of a service.
    Service = 0,
    /// An invite (spec 5.7).
    Invite = 1,
    /// An account recovery (spec 5.9).
    Recovery = 2,
}

/// A service request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its public reference.
    pub guid: String,
    /// What it is for.
    pub kind: RequestKind,
    /// Its owner.
    pub user: i64,
    /// Its service.
    pub service: i64,
    /// The organization it is made for.
    pub organization: Option<i64>,
    /// Its status.
    pub status: RequestStatus,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// The structure its metadata conforms to.
    pub metadata_structure: Option<i64>,
    /// Sub-type of the service.
    pub service_attribute: Option<i64>,
    /// Fee, from creation v2.
    pub service_fee: Option<i64>,
    /// A remark.
    pub comment: Option<String>,
    /// The person on whose behalf.
    pub requester: Option<i64>,
    /// Their organization.
    pub requester_organization: Option<i64>,
    /// Where mail goes.
    pub mail_coordinate: Option<i64>,
    /// Province code.
    pub place_of_supply: Option<String>,
    /// The standard that holds; 0 for none.
    pub standard: i64,
    /// `[{"Key","Value"}]` as JSON.
    pub metadata: Option<String>,
    /// The request it belongs to.
    pub parent: Option<i64>,
    /// Raised by each change.
    pub revision: i64,
    /// When it was last changed.
    pub updated_at: Micros,
}

/// The columns that [`of`] reads, in its order; `r` is the table.
#[macro_export]
#[doc(hidden)]
macro_rules! request_columns {
    () => {
        "r.id, r.guid, r.kind, r.user_id, r.service, r.organization, r.status, r.name_en, r.name_fr, \
         r.metadata_structure, r.service_attribute, r.service_fee, r.comment, r.requester, r.requester_organization, \
         r.mail_coordinate, r.place_of_supply, r.service_standard, r.metadata, r.parent, r.revision, r.updated_at"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            $crate::request_columns!(),
            " FROM sd_request r WHERE r.tenant = ?1 AND r.deleted = 0 ",
            $rest
        )
    };
}

/// A request from a row of [`request_columns!`](crate::request_columns).
///
/// # Errors
/// [`StoreError::Corrupt`] for any other row.
pub fn of(row: &Row) -> Result<Request, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    let status = row.int(6)?;
    Ok(Request {
        id: row.int(0)?,
        guid: row.text(1)?.to_owned(),
        kind: match row.int(2)? {
            0 => RequestKind::Service,
            1 => RequestKind::Invite,
            2 => RequestKind::Recovery,
            other => return Err(StoreError::Corrupt(format!("the kind of a request is {other}"))),
        },
        user: row.int(3)?,
        service: row.int(4)?,
        organization: row.opt_int(5)?,
        status: RequestStatus::of(status)
            .ok_or_else(|| StoreError::Corrupt(format!("the status of a request is {status}")))?,
        name_en: row.text(7)?.to_owned(),
        name_fr: row.text(8)?.to_owned(),
        metadata_structure: row.opt_int(9)?,
        service_attribute: row.opt_int(10)?,
        service_fee: row.opt_int(11)?,
        comment: text(12)?,
        requester: row.opt_int(13)?,
        requester_organization: row.opt_int(14)?,
        mail_coordinate: row.opt_int(15)?,
        place_of_supply: text(16)?,
        standard: row.int(17)?,
        metadata: text(18)?,
        parent: row.opt_int(19)?,
        revision: row.int(20)?,
        updated_at: row.time(21)?,
    })
}

/// Stores a request and the first entry of its history. `None` when its guid is taken.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Request) -> Result<Option<i64>, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_request (tenant, guid, kind, user_id, service, organization, status, name_en, name_fr, \
         metadata_structure, service_attribute, service_fee, comment, requester, requester_organization, \
         mail_coordinate, place_of_supply, service_standard, metadata, parent, deleted, revision, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, 0, 1, ?21, ?21) \
         ON CONFLICT (tenant, guid) DO NOTHING RETURNING id",
        &[
            scope.tenant().into(),
            (&new.guid).into(),
            (new.kind as i64).into(),
            new.user.into(),
            new.service.into(),
            new.organization.into(),
            new.status.number().into(),
            (&new.name_en).into(),
            (&new.name_fr).into(),
            new.metadata_structure.into(),
            new.service_attribute.into(),
            new.service_fee.into(),
            new.comment.as_deref().into(),
            new.requester.into(),
            new.requester_organization.into(),
            new.mail_coordinate.into(),
            new.place_of_supply.as_deref().into(),
            new.standard.into(),
            new.metadata.as_deref().into(),
            new.parent.into(),
            scope.now.into(),
        ],
    )?;
    if rows.is_empty() {
        return Ok(None);
    }
    let id = inserted(&rows)?;
    request_count::add(tx, scope, new.service, 1)?;
    enter(tx, scope, &Request { id, ..new.clone() }, scope.actor(Some(new.user)), None)?;
    audit::note(tx, scope, ("service_request", id), "create", new.status.name())?;
    Ok(Some(id))
}

/// Adds the request's status to its history, now, and tells the watch of statuses.
///
/// # Errors
/// See [`Sql::query`].
pub fn enter(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: &Request,
    user: i64,
    comment: Option<String>,
) -> Result<i64, StoreError> {
    let clock_on = service_parts::clock_on(tx, scope, request.service, request.status)?;
    let entry = Entry {
        id: 0,
        request: request.id,
        status: request.status,
        clock_on,
        standard: request.standard,
        at: scope.now,
        user,
        comment,
    };
    let id = history::add(tx, scope, &entry)?;
    status_watch::entered(tx, scope, request)?;
    Ok(id)
}

/// A request by its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<Request>, StoreError> {
    query_one(tx, select!("AND r.id = ?2"), &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}

/// A request by its public reference.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_guid(tx: &mut dyn Sql, scope: &Scope, guid: &str) -> Result<Option<Request>, StoreError> {
    query_one(tx, select!("AND r.guid = ?2"), &[scope.tenant().into(), guid.into()])?
        .as_ref()
        .map(of)
        .transpose()
}

/// Whether other requests belong to this one.
///
/// # Errors
/// See [`Sql::query`].
pub fn has_children(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<bool, StoreError> {
    let sql =
        "SELECT id FROM sd_request WHERE tenant = ?1 AND deleted = 0 AND kind = 2 AND parent = ?2 LIMIT 1";
    Ok(query_one(tx, sql, &[scope.tenant().into(), id.into()])?.is_some())
}

/// Stores a changed request. Returns its new revision.
///
/// # Errors
/// See [`Sql::exec`]; [`StoreError::Conflict`] when another server changed it since it was read.
pub fn update(tx: &mut dyn Sql, scope: &Scope, changed: &Request) -> Result<i64, StoreError> {
    let touched = tx.exec(
        "UPDATE sd_request SET user_id = ?3, organization = ?4, status = ?5, name_en = ?6, name_fr = ?7, \
         metadata_structure = ?8, service_attribute = ?9, comment = ?10, requester = ?11, requester_organization = ?12, \
         mail_coordinate = ?13, place_of_supply = ?14, service_standard = ?15, metadata = ?16, revision = revision + 1, \
         updated_at = ?17 WHERE tenant = ?1 AND id = ?2 AND revision = ?18",
        &[
            scope.tenant().into(),
            changed.id.into(),
            changed.user.into(),
            changed.organization.into(),
            changed.status.number().into(),
            (&changed.name_en).into(),
            (&changed.name_fr).into(),
            changed.metadata_structure.into(),
            changed.service_attribute.into(),
            changed.comment.as_deref().into(),
            changed.requester.into(),
            changed.requester_organization.into(),
            changed.mail_coordinate.into(),
            changed.place_of_supply.as_deref().into(),
            changed.standard.into(),
            changed.metadata.as_deref().into(),
            scope.now.into(),
            changed.revision.into(),
        ],
    )?;
    if touched == 0 {
        return Err(StoreError::Conflict(format!("request {} was changed meanwhile", changed.id)));
    }
    Ok(changed.revision + 1)
}

/// Writes down which members of a request were changed.
///
/// # Errors
/// See [`Sql::put`].
pub fn note_change(
    tx: &mut dyn Sql,
    scope: &Scope,
    before: &Request,
    after: &Request,
) -> Result<(), StoreError> {
    let status = (before.status != after.status)
        .then(|| format!("RequestStatus {} to {}", before.status.name(), after.status.name()));
    let changed = [
        ("UserId", before.user != after.user),
        ("OrganizationId", before.organization != after.organization),
        ("EnglishDisplayName", before.name_en != after.name_en),
        ("FrenchDisplayName", before.name_fr != after.name_fr),
        ("MetadataStructureId", before.metadata_structure != after.metadata_structure),
        ("ServiceAttributeId", before.service_attribute != after.service_attribute),
        ("Comment", before.comment != after.comment),
        ("RequesterId", before.requester != after.requester),
        ("RequesterOrganizationId", before.requester_organization != after.requester_organization),
        ("MailCoordinateId", before.mail_coordinate != after.mail_coordinate),
        ("PlaceOfSupply", before.place_of_supply != after.place_of_supply),
        ("ServiceStandardId", before.standard != after.standard),
        ("Metadata", before.metadata != after.metadata),
    ];
    let names = changed.iter().filter(|(_, changed)| *changed).map(|(name, _)| (*name).to_owned());
    let detail = status.into_iter().chain(names).collect::<Vec<_>>().join(", ");
    audit::note(tx, scope, ("service_request", after.id), "update", &detail)
}

/// Removes a request: it is found no more.
///
/// # Errors
/// See [`Sql::query`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), StoreError> {
    let removed = tx.query(
        "UPDATE sd_request SET deleted = 1, revision = revision + 1, updated_at = ?3 \
         WHERE tenant = ?1 AND id = ?2 AND deleted = 0 RETURNING service",
        &[scope.tenant().into(), id.into(), scope.now.into()],
    )?;
    // Two servers may be asked at once; one of them removes it.
    if let Some(row) = removed.first() {
        request_count::add(tx, scope, row.int(0)?, -1)?;
    }
    audit::note(tx, scope, ("service_request", id), "delete", "")
}
