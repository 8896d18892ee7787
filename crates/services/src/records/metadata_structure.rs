//! Metadata definitions: which keys the metadata of a service's requests have (spec 4.2).

use waypost_store::{Row, Sql, StoreError};

use super::{Scope, audit, inserted};

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in the programme's own store.
    pub column_name: String,
    /// Type, as the programme calls it.
    pub data_type: String,
    /// The key of the metadata.
    pub key_name: String,
    /// What people call it in English.
    pub key_name_en: String,
    /// What people call it in French.
    pub key_name_fr: String,
    /// Whether `search-metadata` looks at it.
    pub is_searchable: bool,
}

/// One version of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// The service.
    pub service: i64,
    /// Its version.
    pub version: String,
    /// Its keys in order.
    pub columns: Vec<Column>,
}

/// Keys of one version at most.
pub const COLUMNS_MAX: usize = 500;
/// Versions of one service shown at most.
const VERSIONS_MAX: i64 = 100;

/// Stores a version. `None` when the service has this version already.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Structure) -> Result<Option<i64>, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_metadata_structure (tenant, service, version, created_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, service, version) DO NOTHING RETURNING id",
        &[scope.tenant().into(), new.service.into(), (&new.version).into(), scope.now.into()],
    )?;
    if rows.is_empty() {
        return Ok(None);
    }
    let id = inserted(&rows)?;
    for (n, column) in (0_i64..).zip(new.columns.iter().take(COLUMNS_MAX)) {
        tx.put(
            "INSERT INTO sd_metadata_column (tenant, structure, n, column_name, data_type, key_name, key_name_en, \
             key_name_fr, searchable) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &[
                scope.tenant().into(),
                id.into(),
                n.into(),
                (&column.column_name).into(),
                (&column.data_type).into(),
                (&column.key_name).into(),
                (&column.key_name_en).into(),
                (&column.key_name_fr).into(),
                column.is_searchable.into(),
            ],
        )?;
    }
    audit::note(tx, scope, ("metadata_structure", id), "create", &format!("service {}", new.service))?;
    Ok(Some(id))
}

/// The versions of a service, newest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_service(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<Structure>, StoreError> {
    let rows = tx.query(
        "SELECT id, service, version FROM sd_metadata_structure WHERE tenant = ?1 AND service = ?2 \
         ORDER BY id DESC LIMIT ?3",
        &[scope.tenant().into(), service.into(), VERSIONS_MAX.into()],
    )?;
    rows.iter().map(|row| complete(tx, scope, row)).collect()
}

/// The newest version of a service.
///
/// # Errors
/// See [`Sql::query`].
pub fn current(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Option<Structure>, StoreError> {
    let rows = tx.query(
        "SELECT id, service, version FROM sd_metadata_structure WHERE tenant = ?1 AND service = ?2 \
         ORDER BY id DESC LIMIT 1",
        &[scope.tenant().into(), service.into()],
    )?;
    rows.first().map(|row| complete(tx, scope, row)).transpose()
}

/// Whether a version belongs to a service.
///
/// # Errors
/// See [`Sql::query`].
pub fn belongs(tx: &mut dyn Sql, scope: &Scope, id: i64, service: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM sd_metadata_structure WHERE tenant = ?1 AND id = ?2 AND service = ?3";
    Ok(!tx.query(sql, &[scope.tenant().into(), id.into(), service.into()])?.is_empty())
}

fn complete(tx: &mut dyn Sql, scope: &Scope, row: &Row) -> Result<Structure, StoreError> {
    let id = row.int(0)?;
    let columns = tx.query(
        "SELECT column_name, data_type, key_name, key_name_en, key_name_fr, searchable FROM sd_metadata_column \
         WHERE tenant = ?1 AND structure = ?2 ORDER BY n LIMIT 500",
        &[scope.tenant().into(), id.into()],
    )?;
    let columns = columns.iter().map(|row| {
        Ok(Column {
            column_name: row.text(0)?.to_owned(),
            data_type: row.text(1)?.to_owned(),
            key_name: row.text(2)?.to_owned(),
            key_name_en: row.text(3)?.to_owned(),
            key_name_fr: row.text(4)?.to_owned(),
            is_searchable: row.flag(5)?,
        })
    });
    let columns = columns.collect::<Result<_, StoreError>>()?;
    Ok(Structure { id, service: row.int(1)?, version: row.text(2)?.to_owned(), columns })
}
