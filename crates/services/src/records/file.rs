//! Files of requests and verdicts on contents. The contents themselves lie in the blob folder.

use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit, inserted};
use crate::files::{Verdict, Version};

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum FileState {
    /// Not scanned yet, or being scanned anew.
    Pending = 0,
    /// Scanned; nothing was found.
    Clean = 1,
    /// Something was found.
    Infected = 2,
    /// There was no verdict.
    Error = 3,
    /// Removed by somebody.
    Deleted = 4,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its request.
    pub request: i64,
    /// Its name, as its sender calls it.
    pub name: String,
    /// What it is.
    pub content_type: String,
    /// Its length, bytes.
    pub size: i64,
    /// Its SHA-256 in hexadecimal.
    pub hash: String,
    /// Its name in the blob folder.
    pub blob: String,
    /// Where it stands.
    pub state: FileState,
}

/// Files of one request shown at most.
const FILES_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, request, name, content_type, size, hash, blob, state FROM sd_file WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<FileRow, StoreError> {
    Ok(FileRow {
        id: row.int(0)?,
        request: row.int(1)?,
        name: row.text(2)?.to_owned(),
        content_type: row.text(3)?.to_owned(),
        size: row.int(4)?,
        hash: row.text(5)?.to_owned(),
        blob: row.text(6)?.to_owned(),
        state: match row.int(7)? {
            0 => FileState::Pending,
            1 => FileState::Clean,
            2 => FileState::Infected,
            3 => FileState::Error,
            4 => FileState::Deleted,
            other => return Err(StoreError::Corrupt(format!("the state of a file is {other}"))),
        },
    })
}

/// Stores a file; its id is given by the store.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &FileRow) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_file (tenant, request, name, content_type, size, hash, blob, state, user_id, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) RETURNING id",
        &[
            scope.tenant().into(),
            new.request.into(),
            (&new.name).into(),
            (&new.content_type).into(),
            new.size.into(),
            (&new.hash).into(),
            (&new.blob).into(),
            (new.state as i64).into(),
            scope.actor(None).into(),
            scope.now.into(),
        ],
    )?;
    let id = inserted(&rows)?;
    audit::note(tx, scope, ("service_request", new.request), "attach file", &id.to_string())?;
    Ok(id)
}

/// A file that somebody may have: clean, or not scanned to the end.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<FileRow>, StoreError> {
    let sql = select!("AND id = ?2 AND state <> 4");
    query_one(tx, sql, &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}

/// The clean files of a request, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_request(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<Vec<FileRow>, StoreError> {
    let sql = select!("AND request = ?2 AND state = 1 ORDER BY id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), request.into(), FILES_MAX.into()])?.iter().map(of).collect()
}

/// Files that are given out or were found infected, after a row; for a scan of everything. Nobody was told that others are kept.
///
/// # Errors
/// See [`Sql::query`].
pub fn after(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Vec<FileRow>, StoreError> {
    let sql = select!("AND id > ?2 AND state IN (1, 2) ORDER BY id LIMIT 100");
    tx.query(sql, &[scope.tenant().into(), id.into()])?.iter().map(of).collect()
}

/// Moves a file to a state.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_state(
    tx: &mut dyn Sql,
    scope: &Scope,
    file: &FileRow,
    state: FileState,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_file SET state = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), file.id.into(), (state as i64).into(), scope.now.into()],
    )?;
    let detail = format!("{} {state:?}", file.id);
    audit::note(tx, scope, ("service_request", file.request), "file", &detail)
}

/// Moves a file to a state, unless it left the one it was read in: somebody may delete it while it is scanned.
///
/// # Errors
/// See [`Sql::exec`].
pub fn change_state(
    tx: &mut dyn Sql,
    scope: &Scope,
    file: &FileRow,
    state: FileState,
) -> Result<(), StoreError> {
    let moved = tx.exec(
        "UPDATE sd_file SET state = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2 AND state = ?5",
        &[
            scope.tenant().into(),
            file.id.into(),
            (state as i64).into(),
            scope.now.into(),
            (file.state as i64).into(),
        ],
    )?;
    if moved == 0 {
        return Ok(());
    }
    let detail = format!("{} {state:?}", file.id);
    audit::note(tx, scope, ("service_request", file.request), "file", &detail)
}

/// Keeps a verdict on a content.
///
/// # Errors
/// See [`Sql::put`].
pub fn keep_verdict(
    tx: &mut dyn Sql,
    scope: &Scope,
    hash: &str,
    verdict: &Verdict,
    version: &Version,
) -> Result<(), StoreError> {
    let (state, threat) = match verdict {
        Verdict::Clean => (FileState::Clean, None),
        Verdict::Infected(threat) => (FileState::Infected, Some(threat.as_str())),
    };
    tx.put(
        "INSERT INTO sd_scan (tenant, hash, state, threat, engine, signatures, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (tenant, hash) DO UPDATE SET state = ?3, threat = ?4, engine = ?5, signatures = ?6, at = ?7",
        &[
            scope.tenant().into(),
            hash.into(),
            (state as i64).into(),
            threat.into(),
            (&version.engine).into(),
            (&version.signatures).into(),
            scope.now.into(),
        ],
    )
}

/// The verdict on a content by this very scanner with these very signatures.
///
/// # Errors
/// See [`Sql::query`].
pub fn verdict(
    tx: &mut dyn Sql,
    scope: &Scope,
    hash: &str,
    version: &Version,
) -> Result<Option<Verdict>, StoreError> {
    let row = query_one(
        tx,
        "SELECT state, threat FROM sd_scan WHERE tenant = ?1 AND hash = ?2 AND engine = ?3 AND signatures = ?4",
        &[scope.tenant().into(), hash.into(), (&version.engine).into(), (&version.signatures).into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(match row.int(0)? {
        1 => Verdict::Clean,
        _ => Verdict::Infected(row.opt_text(1)?.unwrap_or_default().to_owned()),
    }))
}
