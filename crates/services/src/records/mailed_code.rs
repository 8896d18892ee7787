//! Codes that complete an invite or an account recovery (spec 5.7, 5.9). Only their hashes are kept.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError, query_one};

use super::request::{Request, RequestKind};
use super::{Scope, application, audit};
use crate::rules::RequestStatus;

/// Days an invite is good.
pub const INVITE_DAYS: i64 = 30;
/// Days a recovery is good.
pub const RECOVERY_DAYS: i64 = 1;
/// Invites of one answer at most.
const INVITES_MAX: i64 = 1_000;

/// What a code completes; the numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Purpose {
    /// An invite.
    Invite = 2,
    /// An account recovery.
    Recovery = 3,
}

/// What is kept of an invite beside its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteAbout {
    /// Who was invited.
    pub email: String,
    /// In which language.
    pub is_english: bool,
    /// Where they go afterwards.
    pub return_url: Option<String>,
}

/// What is kept of a recovery beside its requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryAbout {
    /// What the person signs in with from now on.
    pub mbun: String,
    /// Who issued it.
    pub issuer: Option<String>,
}

/// A code that is still good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its row.
    pub id: i64,
    /// The request it completes.
    pub request: i64,
    about: String,
}

impl Open {
    /// What was kept with it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for what was kept for another purpose.
    pub fn about<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        read(&self.about)
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("what is kept with a code".to_owned()))
}

/// Stores a code for a request.
///
/// # Errors
/// See [`Sql::put`].
pub fn issue<T: Serialize>(
    tx: &mut dyn Sql,
    scope: &Scope,
    (purpose, request): (Purpose, i64),
    about: &T,
    (code, expires_at): (&str, Micros),
) -> Result<(), StoreError> {
    let about = serde_json::to_string(about).map_err(|error| StoreError::Refused(error.to_string()))?;
    tx.put(
        "INSERT INTO sd_code (tenant, kind, request, code_hash, about, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            scope.tenant().into(),
            (purpose as i64).into(),
            request.into(),
            (&application::hash(code)).into(),
            (&about).into(),
            scope.now.into(),
            expires_at.into(),
        ],
    )?;
    audit::note(tx, scope, ("service_request", request), "issue code", "")
}

/// The good code that reads so.
///
/// # Errors
/// See [`Sql::query`].
pub fn open(
    tx: &mut dyn Sql,
    scope: &Scope,
    purpose: Purpose,
    code: &str,
) -> Result<Option<Open>, StoreError> {
    let row = query_one(
        tx,
        "SELECT id, request, about FROM sd_code WHERE tenant = ?1 AND kind = ?2 AND code_hash = ?3 \
         AND used_at IS NULL AND expires_at > ?4 LIMIT 1",
        &[
            scope.tenant().into(),
            (purpose as i64).into(),
            (&application::hash(code)).into(),
            scope.now.into(),
        ],
    )?;
    row.map(|row| Ok(Open { id: row.int(0)?, request: row.int(1)?, about: row.text(2)?.to_owned() }))
        .transpose()
}

/// Marks a code as used.
///
/// # Errors
/// See [`Sql::put`].
pub fn close(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_code SET used_at = ?3 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), scope.now.into()],
    )
}

/// An invite as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Its request.
    pub request: i64,
    /// Who invited.
    pub user: i64,
    /// For which organization, if any.
    pub organization: Option<i64>,
    /// The status of its request.
    pub status: RequestStatus,
    /// When its code ends.
    pub expires_at: Micros,
    /// Whom.
    pub about: InviteAbout,
}

/// The invites to a service, the newest in front; of one organization where one is named.
///
/// # Errors
/// See [`Sql::query`].
pub fn invites(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    organization: Option<i64>,
) -> Result<Vec<Invite>, StoreError> {
    let rows = tx.query(
        "SELECT r.id, r.user_id, r.organization, r.status, c.expires_at, c.about FROM sd_request r \
         JOIN sd_code c ON c.tenant = r.tenant AND c.request = r.id AND c.kind = 2 \
         WHERE r.tenant = ?1 AND r.deleted = 0 AND r.service = ?2 AND r.kind = 1 \
         AND (CAST(?3 AS BIGINT) = 0 OR r.organization = ?3) ORDER BY r.id DESC LIMIT ?4",
        &[scope.tenant().into(), service.into(), organization.unwrap_or(0).into(), INVITES_MAX.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Invite {
                request: row.int(0)?,
                user: row.int(1)?,
                organization: row.opt_int(2)?,
                status: RequestStatus::of(row.int(3)?)
                    .ok_or_else(|| StoreError::Corrupt("the status of an invite".to_owned()))?,
                expires_at: row.time(4)?,
                about: read(row.text(5)?)?,
            })
        })
        .collect()
}

/// A request with nothing in it yet.
#[must_use]
pub const fn blank(user: i64, service: i64, now: Micros) -> Request {
    Request {
        id: 0,
        guid: String::new(),
        kind: RequestKind::Service,
        user,
        service,
        organization: None,
        status: RequestStatus::Initiated,
        name_en: String::new(),
        name_fr: String::new(),
        metadata_structure: None,
        service_attribute: None,
        service_fee: None,
        comment: None,
        requester: None,
        requester_organization: None,
        mail_coordinate: None,
        place_of_supply: None,
        standard: 0,
        metadata: None,
        parent: None,
        revision: 0,
        updated_at: now,
    }
}
