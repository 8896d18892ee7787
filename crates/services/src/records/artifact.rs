//! Artifacts of requests, kept byte for byte (spec 4.4).

use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit, inserted};
use crate::rules::artifact::{ArtifactKind, Pair, shown};

/// Where an artifact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum ArtifactState {
    /// The request's.
    Active = 0,
    /// Removed by somebody.
    Deleted = 1,
    /// An earlier content of another artifact.
    Replaced = 2,
}

/// What is known of an artifact, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its row.
    pub id: i64,
    /// Its request.
    pub request: i64,
    /// What it is.
    pub kind: ArtifactKind,
    /// Its version, as its maker calls it.
    pub version: String,
    /// Who made it.
    pub user: i64,
    /// Where it stands.
    pub state: ArtifactState,
    /// Raised by each change.
    pub revision: i64,
}

/// Artifacts of one request shown at most.
const ARTIFACTS_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, request, kind, version, user_id, state, revision FROM sd_artifact WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<Artifact, StoreError> {
    let corrupt =
        |what: &str, number: i64| StoreError::Corrupt(format!("the {what} of an artifact is {number}"));
    let (kind, state) = (row.int(2)?, row.int(5)?);
    Ok(Artifact {
        id: row.int(0)?,
        request: row.int(1)?,
        kind: ArtifactKind::of(kind).ok_or_else(|| corrupt("kind", kind))?,
        version: row.text(3)?.to_owned(),
        user: row.int(4)?,
        state: match state {
            0 => ArtifactState::Active,
            1 => ArtifactState::Deleted,
            2 => ArtifactState::Replaced,
            other => return Err(corrupt("state", other)),
        },
        revision: row.int(6)?,
    })
}

/// An artifact by its row, in whichever state.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<Artifact>, StoreError> {
    query_one(tx, select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}

/// The newest active artifact of a kind.
///
/// # Errors
/// See [`Sql::query`].
pub fn newest(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: i64,
    kind: ArtifactKind,
) -> Result<Option<Artifact>, StoreError> {
    let sql = select!("AND request = ?2 AND kind = ?3 AND state = 0 ORDER BY id DESC LIMIT 1");
    query_one(tx, sql, &[scope.tenant().into(), request.into(), kind.number().into()])?
        .as_ref()
        .map(of)
        .transpose()
}

/// The artifacts of a request by row, in whichever state.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_request(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<Vec<Artifact>, StoreError> {
    let sql = select!("AND request = ?2 ORDER BY id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), request.into(), ARTIFACTS_MAX.into()])?.iter().map(of).collect()
}

/// The content of an artifact, as it was sent.
///
/// # Errors
/// See [`Sql::query`].
pub fn content(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT body FROM sd_artifact WHERE tenant = ?1 AND id = ?2";
    let row = query_one(tx, sql, &[scope.tenant().into(), id.into()])?;
    let row = row.ok_or_else(|| StoreError::Corrupt(format!("artifact {id} has no content")))?;
    Ok(row.opt_blob(0)?.unwrap_or_default().to_vec())
}

/// Stores an artifact; its id is given by the store.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Artifact, body: &[u8]) -> Result<i64, StoreError> {
    let id = insert(tx, scope, new, body)?;
    let detail = format!("{} {}", new.kind.word(), id);
    audit::note(tx, scope, ("service_request", new.request), "create artifact", &detail)?;
    Ok(id)
}

fn insert(tx: &mut dyn Sql, scope: &Scope, new: &Artifact, body: &[u8]) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_artifact (tenant, request, kind, version, user_id, body, state, revision, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) RETURNING id",
        &[
            scope.tenant().into(),
            new.request.into(),
            new.kind.number().into(),
            (&new.version).into(),
            new.user.into(),
            body.into(),
            (new.state as i64).into(),
            new.revision.into(),
            scope.now.into(),
        ],
    )?;
    inserted(&rows)
}

/// Gives an artifact another content; the earlier one stays as a replaced artifact of its own. Returns the new state of things.
///
/// # Errors
/// See [`Sql::exec`]; [`StoreError::Conflict`] when another server changed it since it was read.
pub fn replace(
    tx: &mut dyn Sql,
    scope: &Scope,
    old: &Artifact,
    (version, user): (&str, i64),
    body: &[u8],
) -> Result<Artifact, StoreError> {
    let earlier = content(tx, scope, old.id)?;
    insert(tx, scope, &Artifact { state: ArtifactState::Replaced, ..old.clone() }, &earlier)?;
    let touched = tx.exec(
        "UPDATE sd_artifact SET version = ?3, user_id = ?4, body = ?5, revision = revision + 1, updated_at = ?6 \
         WHERE tenant = ?1 AND id = ?2 AND revision = ?7",
        &[
            scope.tenant().into(),
            old.id.into(),
            version.into(),
            user.into(),
            body.into(),
            scope.now.into(),
            old.revision.into(),
        ],
    )?;
    if touched == 0 {
        return Err(StoreError::Conflict(format!("artifact {} was changed meanwhile", old.id)));
    }
    let detail = format!("{} {}", old.kind.word(), old.id);
    audit::note(tx, scope, ("service_request", old.request), "replace artifact", &detail)?;
    Ok(Artifact { version: version.to_owned(), user, revision: old.revision + 1, ..old.clone() })
}

/// Removes an artifact: it is found no more by its kind, but listed with the archived ones.
///
/// # Errors
/// See [`Sql::put`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, old: &Artifact) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_artifact SET state = 1, revision = revision + 1, updated_at = ?3 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), old.id.into(), scope.now.into()],
    )?;
    let detail = format!("{} {}", old.kind.word(), old.id);
    audit::note(tx, scope, ("service_request", old.request), "delete artifact", &detail)
}

/// Sets the metadata of a request, and what `search-metadata` finds it by; `None` when it has none any more.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_metadata(
    tx: &mut dyn Sql,
    scope: &Scope,
    (request, service): (i64, i64),
    pairs: Option<&[Pair]>,
) -> Result<(), StoreError> {
    let text = pairs.map(shown);
    tx.put(
        "UPDATE sd_request SET metadata = ?3, revision = revision + 1, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), request.into(), text.as_deref().into(), scope.now.into()],
    )?;
    tx.put("DELETE FROM sd_request_metadata WHERE request = ?1", &[request.into()])?;
    for pair in pairs.unwrap_or_default() {
        let Some(value) = &pair.value else { continue };
        tx.put(
            "INSERT INTO sd_request_metadata (tenant, service, key_name, request, value) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (tenant, service, key_name, request) DO UPDATE SET value = ?5",
            &[
                scope.tenant().into(),
                service.into(),
                (&pair.key.to_lowercase()).into(),
                request.into(),
                (&value.to_lowercase()).into(),
            ],
        )?;
    }
    Ok(())
}
