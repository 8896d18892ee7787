//! The services of the desk: what people can apply for.

use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit, inserted};

/// Services of one tenant at most.
const SERVICES_MAX: i64 = 10_000;

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its short name, unique in the tenant.
    pub short_name: String,
    /// Its English name.
    pub name_en: String,
    /// Its French name.
    pub name_fr: String,
    /// The group under which it is shown.
    pub group: Option<i64>,
    /// Where its application lives.
    pub base_url: String,
    /// Whether its card is shown to everybody.
    pub is_visible: bool,
    /// Whether people may enrol themselves.
    pub self_enrol: bool,
    /// Whether every request must name a requester (617015).
    pub requires_requester: bool,
    /// Whether it takes requests.
    pub is_live: bool,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, short_name, name_en, name_fr, service_group, base_url, visible, self_enrol, ",
            "requires_requester, status FROM sd_service WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<Service, StoreError> {
    Ok(Service {
        id: row.int(0)?,
        short_name: row.text(1)?.to_owned(),
        name_en: row.text(2)?.to_owned(),
        name_fr: row.text(3)?.to_owned(),
        group: row.opt_int(4)?,
        base_url: row.text(5)?.to_owned(),
        is_visible: row.flag(6)?,
        self_enrol: row.flag(7)?,
        requires_requester: row.flag(8)?,
        is_live: row.text(9)? == "live",
    })
}

/// Stores a service; its id is given by the store. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when the short name is taken.
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Service) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_service (tenant, short_name, name_en, name_fr, service_group, base_url, visible, self_enrol, \
         requires_requester, status, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (tenant, short_name) DO NOTHING RETURNING id",
        &[
            scope.tenant().into(),
            (&new.short_name).into(),
            (&new.name_en).into(),
            (&new.name_fr).into(),
            new.group.into(),
            (&new.base_url).into(),
            new.is_visible.into(),
            new.self_enrol.into(),
            new.requires_requester.into(),
            (if new.is_live { "live" } else { "suspended" }).into(),
            scope.now.into(),
        ],
    )?;
    if rows.is_empty() {
        return Err(StoreError::Refused(format!("there is a service {} already", new.short_name)));
    }
    let id = inserted(&rows)?;
    audit::note(tx, scope, ("service", id), "create", &new.short_name)?;
    Ok(id)
}

/// Every service of the tenant, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, scope: &Scope) -> Result<Vec<Service>, StoreError> {
    tx.query(select!("ORDER BY id LIMIT ?2"), &[scope.tenant().into(), SERVICES_MAX.into()])?
        .iter()
        .map(of)
        .collect()
}

/// A service by its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<Service>, StoreError> {
    query_one(tx, select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}
