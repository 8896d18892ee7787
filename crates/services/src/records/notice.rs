//! Notices of services (spec 5.2).

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError};

use super::{Scope, audit, inserted};
use crate::rules::notice::{Content, NoticeKind};

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its row.
    pub id: i64,
    /// What it says.
    pub content: Content,
    /// Raised by each change.
    pub revision: i64,
}

impl Notice {
    /// Whether it is over.
    #[must_use]
    pub fn is_expired(&self, now: Micros) -> bool {
        self.content.end_at <= now
    }

    /// Whether it is to be shown.
    #[must_use]
    pub fn is_shown(&self, now: Micros) -> bool {
        self.content.display_at <= now && !self.is_expired(now)
    }
}

/// Notices of one answer at most.
const NOTICES_MAX: i64 = 1_000;
/// Services of one notice at most.
const SERVICES_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, header_en, header_fr, body_en, body_fr, display_at, start_at, end_at, revision ",
            "FROM sd_notice WHERE tenant = ?1 AND deleted = 0 ",
            $rest
        )
    };
}

fn of(tx: &mut dyn Sql, scope: &Scope, row: &Row) -> Result<Notice, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    let (id, kind) = (row.int(0)?, row.int(1)?);
    let services = tx.query(
        "SELECT service FROM sd_notice_service WHERE tenant = ?1 AND notice = ?2 ORDER BY service LIMIT ?3",
        &[scope.tenant().into(), id.into(), SERVICES_MAX.into()],
    )?;
    Ok(Notice {
        id,
        content: Content {
            kind: NoticeKind::of(kind)
                .ok_or_else(|| StoreError::Corrupt(format!("the kind of a notice is {kind}")))?,
            services: services.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?,
            header_en: text(2)?,
            header_fr: text(3)?,
            body_en: text(4)?,
            body_fr: text(5)?,
            display_at: row.time(6)?,
            start_at: row.time(7)?,
            end_at: row.time(8)?,
        },
        revision: row.int(9)?,
    })
}

fn all(tx: &mut dyn Sql, scope: &Scope, rows: &[Row]) -> Result<Vec<Notice>, StoreError> {
    rows.iter().map(|row| of(tx, scope, row)).collect()
}

/// Stores a notice. Returns its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Content) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_notice (tenant, kind, header_en, header_fr, body_en, body_fr, display_at, start_at, end_at, \
         deleted, revision, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 1, ?10, ?10) \
         RETURNING id",
        &[
            scope.tenant().into(),
            new.kind.number().into(),
            new.header_en.as_deref().into(),
            new.header_fr.as_deref().into(),
            new.body_en.as_deref().into(),
            new.body_fr.as_deref().into(),
            new.display_at.into(),
            new.start_at.into(),
            new.end_at.into(),
            scope.now.into(),
        ],
    )?;
    let id = inserted(&rows)?;
    bind(tx, scope, id, &new.services)?;
    audit::note(tx, scope, ("notice", id), "create", new.kind.word())?;
    Ok(id)
}

fn bind(tx: &mut dyn Sql, scope: &Scope, id: i64, services: &[i64]) -> Result<(), StoreError> {
    for service in services {
        tx.put(
            "INSERT INTO sd_notice_service (tenant, service, notice) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            &[scope.tenant().into(), (*service).into(), id.into()],
        )?;
    }
    Ok(())
}

/// Stores a changed notice.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(tx: &mut dyn Sql, scope: &Scope, id: i64, changed: &Content) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_notice SET kind = ?3, header_en = ?4, header_fr = ?5, body_en = ?6, body_fr = ?7, display_at = ?8, \
         start_at = ?9, end_at = ?10, revision = revision + 1, updated_at = ?11 WHERE tenant = ?1 AND id = ?2",
        &[
            scope.tenant().into(),
            id.into(),
            changed.kind.number().into(),
            changed.header_en.as_deref().into(),
            changed.header_fr.as_deref().into(),
            changed.body_en.as_deref().into(),
            changed.body_fr.as_deref().into(),
            changed.display_at.into(),
            changed.start_at.into(),
            changed.end_at.into(),
            scope.now.into(),
        ],
    )?;
    let params = [scope.tenant().into(), id.into()];
    tx.put("DELETE FROM sd_notice_service WHERE tenant = ?1 AND notice = ?2", &params)?;
    bind(tx, scope, id, &changed.services)?;
    audit::note(tx, scope, ("notice", id), "update", changed.kind.word())
}

/// Removes a notice: it is found no more.
///
/// # Errors
/// See [`Sql::put`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_notice SET deleted = 1, revision = revision + 1, updated_at = ?3 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("notice", id), "delete", "")
}

/// A notice by its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<Notice>, StoreError> {
    let rows = tx.query(select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?;
    Ok(all(tx, scope, &rows)?.pop())
}

/// The notices of the tenant, those that end last in front.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, scope: &Scope) -> Result<Vec<Notice>, StoreError> {
    let rows = tx.query(
        select!("ORDER BY end_at DESC, id DESC LIMIT ?2"),
        &[scope.tenant().into(), NOTICES_MAX.into()],
    )?;
    all(tx, scope, &rows)
}

/// The notices of a service, those that end last in front.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_service(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<Notice>, StoreError> {
    let rows = tx.query(
        select!(
            "AND id IN (SELECT notice FROM sd_notice_service WHERE tenant = ?1 AND service = ?2) \
             ORDER BY end_at DESC, id DESC LIMIT ?3"
        ),
        &[scope.tenant().into(), service.into(), NOTICES_MAX.into()],
    )?;
    all(tx, scope, &rows)
}

/// The notices of the services in which a person is active and which are open to the caller, those that end last in front.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_user(tx: &mut dyn Sql, scope: &Scope, user: i64) -> Result<Vec<Notice>, StoreError> {
    let rows = tx.query(
        select!(
            "AND id IN (SELECT n.notice FROM sd_notice_service n JOIN sd_enrolment e ON e.tenant = n.tenant \
             AND e.service = n.service WHERE n.tenant = ?1 AND e.user_id = ?2 AND e.state = 1 \
             AND (e.deactivate_at IS NULL OR e.deactivate_at > ?3)) ORDER BY end_at DESC, id DESC LIMIT ?4"
        ),
        &[scope.tenant().into(), user.into(), scope.now.into(), NOTICES_MAX.into()],
    )?;
    let found = all(tx, scope, &rows)?.into_iter();
    Ok(found.filter(|own| own.content.services.iter().any(|id| scope.covers(*id))).collect())
}
