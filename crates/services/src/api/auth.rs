//! Who calls (spec 2.2): the application by `api-key` and `app-jwt`, the person by `current-user-id`. In this order: no key
//! 603001, no token or one that does not fit 603004 (all HTTP 401), a nameless application 901006 (401), one that may not
//! call or lacks the grant 901006 (403), a person who is none 901007 (401) or 901005 (403), one without the permission 901006.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use waypost_core::time::Micros;
use waypost_status::MtapiCode;
use waypost_store::{Actor, Ctx};

use super::operation::Operation;
use super::state::Shared;
use crate::records::status_watch::Watched;
use crate::records::{Scope, Services, application, user};
use crate::rules::token::{Claims, Expected, suffix, verify};
use crate::rules::{Fault, Refusal};

/// The header with the application's key.
pub const KEY_HEADER: &str = "api-key";
/// The header with the application's token, without a scheme.
pub const TOKEN_HEADER: &str = "app-jwt";
/// The header with the id of the person who acts.
pub const USER_HEADER: &str = "current-user-id";

/// Longest key that is looked at.
const KEY_BYTES_MAX: usize = 128;

/// Lets a caller in.
///
/// # Errors
/// See the order above.
pub(super) async fn authenticate(
    app: &Shared,
    operation: &Operation,
    parts: &Parts,
    now: Micros,
) -> Result<(Scope, application::Application), Fault> {
    let key = header(parts, KEY_HEADER).ok_or_else(|| {
        Refusal::from(MtapiCode::ApiKeyIsNull).at(KEY_HEADER, "the application's key, mandatory header")
    })?;
    let token = header(parts, TOKEN_HEADER)
        .ok_or_else(|| invalid(TOKEN_HEADER, "the application's token, mandatory header"))?;
    let (found, claims) = login(app, key, token, now)
        .await?
        .ok_or_else(|| invalid(KEY_HEADER, "a current key of an application, with the token made for it"))?;
    if claims.nameid.trim().is_empty() && claims.unique_name.trim().is_empty() {
        return Err(MtapiCode::ApplicationNameNotAvailable.into());
    }
    if !found.is_live {
        return Err(Refusal::forbidden(KEY_HEADER, "a key of an application that is not suspended").into());
    }
    if !found.application.grants.has(operation.grant) {
        let rule = format!("an application with the grant `{}`", operation.grant);
        return Err(Refusal::forbidden(KEY_HEADER, rule).into());
    }
    let services = match found.application.all_services {
        true => Services::All,
        false => Services::Of(found.services.into()),
    };
    let mut scope = Scope {
        ctx: Ctx::of(found.tenant.0, Actor::Key(found.key)),
        now,
        application: found.application.id,
        user: None,
        source: source(parts),
        services,
        node: app.settings.node,
        watched: Watched::by(app.seams.statuses.clone()),
    };
    scope.user = current_user(app, operation, parts, &scope).await?;
    Ok((scope, found.application))
}

/// The application of a key and the claims of its token; `None` when either is no good or they do not fit each other.
///
/// # Errors
/// When the store fails, or the signing secret was sealed with another master key.
pub(super) async fn login(
    app: &Shared,
    key: &str,
    token: &str,
    now: Micros,
) -> Result<Option<(application::Login, Claims)>, Fault> {
    if key.len() > KEY_BYTES_MAX {
        return Ok(None);
    }
    let hash = application::hash(key);
    let Some(found) = app.seams.store.read(move |tx| application::login(tx, &hash)).await? else {
        return Ok(None);
    };
    let secret = app.seams.master_key.open(&found.purpose, &found.sealed).map_err(|error| {
        tracing::error!(%error, key = found.key, "the secret of an application key cannot be opened");
        Fault::from(MtapiCode::InternalError)
    })?;
    let expected = Expected {
        secret: &secret,
        suffix: suffix(key),
        issuer: &app.settings.issuer,
        audience: &app.settings.audience,
        now_secs: now.as_secs(),
    };
    Ok(verify(token, &expected).map(|claims| (found, claims)))
}

fn invalid(field: &'static str, rule: &'static str) -> Refusal {
    Refusal::from(MtapiCode::ApiKeyValidationKeyFailed).at(field, rule)
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let value = parts.headers.get(name)?;
    // A value that is no text fits nothing; it is not a missing one.
    Some(value.to_str().unwrap_or("?").trim()).filter(|value| !value.is_empty())
}

/// The person who acts, if one is named: a user of the tenant who holds what the operation asks.
async fn current_user(
    app: &Shared,
    operation: &Operation,
    parts: &Parts,
    scope: &Scope,
) -> Result<Option<i64>, Fault> {
    let Some(text) = header(parts, USER_HEADER) else { return Ok(None) };
    let id = text.parse::<i32>().ok().filter(|id| *id > 0).map(i64::from).ok_or_else(|| {
        Refusal::from(MtapiCode::RequestContextNotAvailable)
            .at(USER_HEADER, "the id of a user, a positive integer")
    })?;
    let (asked, scope) = (operation.permission, scope.clone());
    let verdict = app.seams.store.read(move |tx| {
        let exists = user::exists(tx, &scope, id)?;
        let holds = match asked {
            Some(permission) if exists => user::holds(tx, &scope, id, permission)?,
            _ => true,
        };
        Ok((exists, holds))
    });
    match verdict.await? {
        (false, _) => Err(Refusal::from(MtapiCode::UserIdNotBelongingToApplication)
            .at(USER_HEADER, "the id of a user of this platform")
            .into()),
        (true, false) => {
            let rule =
                format!("a user with permission {} in a service of the application", asked.unwrap_or(0));
            Err(Refusal::forbidden(USER_HEADER, rule).into())
        }
        (true, true) => Ok(Some(id)),
    }
}

/// The peer's address, for the audit.
fn source(parts: &Parts) -> Arc<str> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(|| Arc::from(""), |peer| Arc::from(peer.0.ip().to_canonical().to_string()))
}
