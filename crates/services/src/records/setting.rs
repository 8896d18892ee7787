//! Settings and preferences of services (spec 5.2): names and values; a preference is described too.

use waypost_store::{Row, Sql, StoreError};

use super::{Scope, audit, inserted};

/// A setting: internal to the application of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The service.
    pub service: i64,
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Raised by each change; 0 before it is stored.
    pub revision: i64,
}

/// A preference: for the people of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// The service.
    pub service: i64,
    /// Its name.
    pub key: String,
    /// What it does, in English.
    pub description_en: Option<String>,
    /// What it does, in French.
    pub description_fr: Option<String>,
    /// What kind of value it has.
    pub setting_type: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Raised by each change; 0 before it is stored.
    pub revision: i64,
}

/// Settings or preferences of one answer at most.
const ROWS_MAX: i64 = 10_000;

/// Stores a setting in place of the former one. Its value is not in the audit: it may be a secret. Returns its revision: the
/// first is the time, so that a setting that was removed and added again has none that it had before.
///
/// # Errors
/// See [`Sql::query`].
pub fn put(tx: &mut dyn Sql, scope: &Scope, new: &Setting) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_setting (tenant, service, name, value, updated_at, revision) VALUES (?1, ?2, ?3, ?4, ?5, ?5) \
         ON CONFLICT (tenant, service, name) DO UPDATE SET value = ?4, updated_at = ?5, \
         revision = sd_setting.revision + 1 RETURNING revision",
        &[
            scope.tenant().into(),
            new.service.into(),
            (&new.key).into(),
            (&new.value).into(),
            scope.now.into(),
        ],
    )?;
    audit::note(tx, scope, ("service", new.service), "setting", &new.key)?;
    inserted(&rows)
}

/// Removes a setting. Returns whether there was one.
///
/// # Errors
/// See [`Sql::exec`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, service: i64, key: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM sd_setting WHERE tenant = ?1 AND service = ?2 AND name = ?3";
    let touched = tx.exec(sql, &[scope.tenant().into(), service.into(), key.into()])?;
    audit::note(tx, scope, ("service", service), "setting delete", key)?;
    Ok(touched > 0)
}

/// A setting by its name.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, service: i64, key: &str) -> Result<Option<Setting>, StoreError> {
    Ok(list(tx, scope, Some(service))?.into_iter().find(|own| own.key == key))
}

fn setting(row: &Row) -> Result<Setting, StoreError> {
    Ok(Setting {
        service: row.int(0)?,
        key: row.text(1)?.to_owned(),
        value: row.text(2)?.to_owned(),
        revision: row.int(3)?,
    })
}

/// Every setting of the tenant, by service and name; of one service where one is named.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, scope: &Scope, service: Option<i64>) -> Result<Vec<Setting>, StoreError> {
    let rows = tx.query(
        "SELECT service, name, value, revision FROM sd_setting WHERE tenant = ?1 AND (CAST(?2 AS BIGINT) = 0 OR service = ?2) \
         ORDER BY service, name LIMIT ?3",
        &[scope.tenant().into(), service.unwrap_or(0).into(), ROWS_MAX.into()],
    )?;
    rows.iter().map(setting).collect()
}

/// Stores a preference in place of the former one. Returns its revision, as [`put`] does.
///
/// # Errors
/// See [`Sql::query`].
pub fn put_preference(tx: &mut dyn Sql, scope: &Scope, new: &Preference) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_preference (tenant, service, name, description_en, description_fr, setting_type, value, updated_at, \
         revision) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (tenant, service, name) DO UPDATE SET \
         description_en = ?4, description_fr = ?5, setting_type = ?6, value = ?7, updated_at = ?8, \
         revision = sd_preference.revision + 1 RETURNING revision",
        &[
            scope.tenant().into(),
            new.service.into(),
            (&new.key).into(),
            new.description_en.as_deref().into(),
            new.description_fr.as_deref().into(),
            new.setting_type.as_deref().into(),
            new.value.as_deref().into(),
            scope.now.into(),
        ],
    )?;
    audit::note(tx, scope, ("service", new.service), "preference", &new.key)?;
    inserted(&rows)
}

/// Removes a preference. Returns whether there was one.
///
/// # Errors
/// See [`Sql::exec`].
pub fn delete_preference(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    key: &str,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM sd_preference WHERE tenant = ?1 AND service = ?2 AND name = ?3";
    let touched = tx.exec(sql, &[scope.tenant().into(), service.into(), key.into()])?;
    audit::note(tx, scope, ("service", service), "preference delete", key)?;
    Ok(touched > 0)
}

/// A preference by its name.
///
/// # Errors
/// See [`Sql::query`].
pub fn find_preference(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    key: &str,
) -> Result<Option<Preference>, StoreError> {
    Ok(preferences(tx, scope, Some(service))?.into_iter().find(|own| own.key == key))
}

fn preference(row: &Row) -> Result<Preference, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(Preference {
        service: row.int(0)?,
        key: row.text(1)?.to_owned(),
        description_en: text(2)?,
        description_fr: text(3)?,
        setting_type: text(4)?,
        value: text(5)?,
        revision: row.int(6)?,
    })
}

/// Every preference of the tenant, by service and name; of one service where one is named.
///
/// # Errors
/// See [`Sql::query`].
pub fn preferences(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: Option<i64>,
) -> Result<Vec<Preference>, StoreError> {
    let rows = tx.query(
        "SELECT service, name, description_en, description_fr, setting_type, value, revision FROM sd_preference \
         WHERE tenant = ?1 AND (CAST(?2 AS BIGINT) = 0 OR service = ?2) ORDER BY service, name LIMIT ?3",
        &[scope.tenant().into(), service.unwrap_or(0).into(), ROWS_MAX.into()],
    )?;
    rows.iter().map(preference).collect()
}
