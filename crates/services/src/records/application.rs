//! The applications that may call, their keys and their tokens.

use aws_lc_rs::{digest, rand};
use waypost_core::time::Micros;
use waypost_store::seal::{MasterKey, SealError};
use waypost_store::{Sql, StoreError, TenantId, query_one};

use super::{Scope, inserted};
use crate::rules::Grants;
use crate::rules::token::{Claims, TOKEN_DAYS, sign, suffix};

/// Bytes of a key; it is shown as hexadecimal digits.
const KEY_BYTES: usize = 16;
/// Bytes of a signing secret.
const SECRET_BYTES: usize = 32;
/// Services of one application at most.
const SERVICES_MAX: i64 = 10_000;

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its short name (`nameid` of its tokens), unique in the tenant.
    pub slug: String,
    /// Its names (`unique_name` is the English one).
    pub name_en: String,
    /// The French name.
    pub name_fr: String,
    /// Whether it may call.
    pub is_live: bool,
    /// What it may do.
    pub grants: Grants,
    /// Whether it is bound to every service.
    pub all_services: bool,
}

/// A key and its token as they are shown, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// Its row.
    pub id: i64,
    /// For the header `api-key`.
    pub api_key: String,
    /// For the header `app-jwt`.
    pub app_jwt: String,
    /// When the token ends.
    pub expires_at: Micros,
}

/// Who makes tokens, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`.
    pub audience: &'a str,
    /// Seals the signing secret.
    pub master: &'a MasterKey,
}

/// What is stored of a key.
#[must_use]
pub fn hash(presented: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, presented.as_bytes()).as_ref().to_vec()
}

/// What a signing secret is sealed for.
fn purpose(tenant: &str, application: &str) -> String {
    format!("sd_application_key/secret/{tenant}/{application}")
}

/// Stores an application; its id is given by the store. Returns its row.
///
/// # Errors
/// [`StoreError::Refused`] when the short name is taken.
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Application) -> Result<i64, StoreError> {
    if new.slug.trim().is_empty() || new.name_en.trim().is_empty() {
        return Err(StoreError::Refused("an application has a short name and a name".to_owned()));
    }
    let rows = tx.query(
        "INSERT INTO sd_application (tenant, slug, name_en, name_fr, acronym_en, acronym_fr, description_en, \
         description_fr, manage_internal, status, grants, all_services, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?2, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8) \
         ON CONFLICT (tenant, slug) DO NOTHING RETURNING id",
        &[
            scope.tenant().into(),
            (&new.slug).into(),
            (&new.name_en).into(),
            (&new.name_fr).into(),
            (if new.is_live { "live" } else { "suspended" }).into(),
            (&new.grants.to_string()).into(),
            new.all_services.into(),
            scope.now.into(),
        ],
    )?;
    if rows.is_empty() {
        return Err(StoreError::Refused(format!("there is an application {} already", new.slug)));
    }
    let id = inserted(&rows)?;
    super::audit::note(tx, scope, ("application", id), "create", &new.slug)?;
    Ok(id)
}

/// The applications of the tenant, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, scope: &Scope) -> Result<Vec<Application>, StoreError> {
    let rows = tx.query(
        "SELECT id, slug, name_en, name_fr, status, grants, all_services FROM sd_application \
         WHERE tenant = ?1 ORDER BY id LIMIT 10000",
        &[scope.tenant().into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Application {
                id: row.int(0)?,
                slug: row.text(1)?.to_owned(),
                name_en: row.text(2)?.to_owned(),
                name_fr: row.text(3)?.to_owned(),
                is_live: row.text(4)? == "live",
                grants: grants(row.text(5)?)?,
                all_services: row.flag(6)?,
            })
        })
        .collect()
}

/// An application by its short name.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn by_slug(tx: &mut dyn Sql, scope: &Scope, slug: &str) -> Result<Application, StoreError> {
    let found = list(tx, scope)?.into_iter().find(|application| application.slug == slug);
    found.ok_or_else(|| StoreError::Refused(format!("no application {slug}")))
}

/// Changes what an application may do and whether it may call.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(tx: &mut dyn Sql, scope: &Scope, changed: &Application) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_application SET status = ?3, grants = ?4, all_services = ?5 WHERE tenant = ?1 AND id = ?2",
        &[
            scope.tenant().into(),
            changed.id.into(),
            (if changed.is_live { "live" } else { "suspended" }).into(),
            (&changed.grants.to_string()).into(),
            changed.all_services.into(),
        ],
    )?;
    super::audit::note(tx, scope, ("application", changed.id), "update", &changed.slug)
}

/// Binds an application to a service; doing it again changes nothing.
///
/// # Errors
/// See [`Sql::put`].
pub fn bind(tx: &mut dyn Sql, scope: &Scope, application: i64, service: i64) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_application_service (tenant, application, service) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[scope.tenant().into(), application.into(), service.into()],
    )?;
    super::audit::note(tx, scope, ("application", application), "bind", &format!("service {service}"))
}

/// Makes a key and its token.
///
/// # Errors
/// [`StoreError::Refused`] without randomness.
pub fn create_key(
    tx: &mut dyn Sql,
    scope: &Scope,
    application: &Application,
    issuer: &Issuer<'_>,
) -> Result<CreatedKey, StoreError> {
    let (mut key, mut secret) = ([0; KEY_BYTES], [0; SECRET_BYTES]);
    rand::fill(&mut key).and_then(|()| rand::fill(&mut secret)).map_err(|_| SealError::NoRandom)?;
    let api_key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let (iat, exp) = (scope.now.as_secs(), scope.now.as_secs() + TOKEN_DAYS * 86_400);
    let claims = Claims {
        nameid: application.slug.clone(),
        unique_name: application.name_en.clone(),
        role: "User".to_owned(),
        correlation_key: suffix(&api_key).to_owned(),
        nbf: iat,
        exp,
        iat,
        iss: issuer.issuer.to_owned(),
        aud: issuer.audience.to_owned(),
    };
    let app_jwt = sign(&claims, &secret).map_err(|error| StoreError::Refused(error.to_string()))?;
    let tenant = tenant_slug(tx, scope)?;
    let sealed = issuer.master.seal(&purpose(&tenant, &application.slug), &secret)?;
    let rows = tx.query(
        "INSERT INTO sd_application_key (tenant, application, hash, suffix, secret, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
        &[
            scope.tenant().into(),
            application.id.into(),
            (&hash(&api_key)).into(),
            suffix(&api_key).into(),
            (&sealed).into(),
            scope.now.into(),
            Micros::from_secs(exp).into(),
        ],
    )?;
    let id = inserted(&rows)?;
    super::audit::note(tx, scope, ("application", application.id), "key.create", &format!("key {id}"))?;
    Ok(CreatedKey { id, api_key, app_jwt, expires_at: Micros::from_secs(exp) })
}

/// Revokes a key; requests with it are refused from the next one on. Returns whether there was one.
///
/// # Errors
/// See [`Sql::exec`].
pub fn revoke_key(tx: &mut dyn Sql, scope: &Scope, key: i64) -> Result<bool, StoreError> {
    let touched = tx.exec(
        "UPDATE sd_application_key SET revoked_at = coalesce(revoked_at, ?3) WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), key.into(), scope.now.into()],
    )?;
    super::audit::note(tx, scope, ("application_key", key), "revoke", "")?;
    Ok(touched > 0)
}

fn tenant_slug(tx: &mut dyn Sql, scope: &Scope) -> Result<String, StoreError> {
    let row = query_one(tx, "SELECT slug FROM tenant WHERE id = ?1", &[scope.tenant().into()])?;
    row.ok_or_else(|| StoreError::Refused("no such tenant".to_owned()))?.take_text(0)
}

fn grants(text: &str) -> Result<Grants, StoreError> {
    Grants::parse(text).map_err(|word| StoreError::Corrupt(format!("a grant is {word}")))
}

/// What belongs to a presented key.
#[derive(Clone, Debug)]
pub struct Login {
    /// The tenant.
    pub tenant: TenantId,
    /// Row of the key.
    pub key: i64,
    /// The application.
    pub application: Application,
    /// Whether tenant and application may call.
    pub is_live: bool,
    /// The signing secret, sealed.
    pub sealed: Vec<u8>,
    /// What it was sealed for.
    pub purpose: String,
    /// The services it is bound to.
    pub services: Vec<i64>,
}

/// The current key with this hash. This is where a tenant is found out, so it takes none.
///
/// # Errors
/// See [`Sql::query`].
pub fn login(tx: &mut dyn Sql, hash: &[u8]) -> Result<Option<Login>, StoreError> {
    let row = query_one(
        tx,
        "SELECT k.tenant, k.id, k.secret, a.id, a.slug, a.name_en, a.name_fr, a.status, a.grants, a.all_services, \
         t.slug, t.status FROM sd_application_key k JOIN sd_application a ON a.id = k.application \
         JOIN tenant t ON t.id = k.tenant WHERE k.hash = ?1 AND k.revoked_at IS NULL",
        &[hash.into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let application = Application {
        id: row.int(3)?,
        slug: row.text(4)?.to_owned(),
        name_en: row.text(5)?.to_owned(),
        name_fr: row.text(6)?.to_owned(),
        is_live: row.text(7)? == "live",
        grants: grants(row.text(8)?)?,
        all_services: row.flag(9)?,
    };
    let tenant = row.int(0)?;
    let services = tx.query(
        "SELECT service FROM sd_application_service WHERE tenant = ?1 AND application = ?2 ORDER BY service LIMIT ?3",
        &[tenant.into(), application.id.into(), SERVICES_MAX.into()],
    )?;
    Ok(Some(Login {
        tenant: TenantId(tenant),
        key: row.int(1)?,
        is_live: application.is_live && row.text(11)? == "live",
        sealed: row.blob(2)?.to_vec(),
        purpose: purpose(row.text(10)?, &application.slug),
        services: services.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?,
        application,
    }))
}
