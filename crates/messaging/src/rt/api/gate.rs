//! Who calls: the app of the path and its client key.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use waypost_store::directory::Status;

use super::RtParts;
use super::fault::Fault;
use super::limits::Group;
use crate::rt::ledger::RtApp;
use crate::rt::user_token;

/// Versions of the API that answer alike.
const VERSIONS: [&str; 4] = ["v1", "v2", "v3", "v4"];

/// Whether the version of a path is one; another is an unknown path.
pub(super) fn is_version(version: &str) -> bool {
    VERSIONS.contains(&version)
}

/// The app, open to its clients. `presented` is the client key.
pub(super) fn pass(parts: &RtParts, app_id: &str, presented: Option<&str>) -> Result<RtApp, Fault> {
    let (app, is_server) = either(parts, app_id, presented)?;
    if is_server {
        return Err(Fault::KeyInvalid);
    }
    open(parts, Group::Device, app)
}

/// The same with either key of the app; whether it is the server key.
pub(super) fn pass_either(
    parts: &RtParts,
    group: Group,
    app_id: &str,
    presented: Option<&str>,
) -> Result<(RtApp, bool), Fault> {
    let (app, is_server) = either(parts, app_id, presented)?;
    Ok((open(parts, group, app)?, is_server))
}

fn either(parts: &RtParts, app_id: &str, presented: Option<&str>) -> Result<(RtApp, bool), Fault> {
    if app_id.trim().is_empty() {
        return Err(Fault::AppIdMissing);
    }
    let presented = presented.filter(|key| !key.is_empty()).ok_or(Fault::KeyMissing)?;
    let app = parts.ledger.app(app_id).ok_or(Fault::App)?;
    let (is_client, is_server) = (app.knows(presented), app.knows_server(presented));
    if is_client || is_server { Ok((app, is_server && !is_client)) } else { Err(Fault::KeyInvalid) }
}

/// The app of a call that has no key: it must be live, and carry push.
pub(super) fn keyless(parts: &RtParts, group: Group, app_id: &str) -> Result<RtApp, Fault> {
    let app = parts.ledger.app(app_id).ok_or(Fault::App)?;
    if !app.app.push || app.app.status != Status::Live {
        return Err(Fault::Closed);
    }
    if parts.limits.admit(&app, group, parts.shared.clock.now()) { Ok(app) } else { Err(Fault::TooMany) }
}

/// Live, and not called too often. Who has no key of the app takes nothing from its limit.
fn open(parts: &RtParts, group: Group, app: RtApp) -> Result<RtApp, Fault> {
    if !app.is_open {
        return Err(Fault::Closed);
    }
    if parts.limits.admit(&app, group, parts.shared.clock.now()) { Ok(app) } else { Err(Fault::TooMany) }
}

/// Whether the app vouches for a user, where it must.
pub(super) fn vouched(parts: &RtParts, app: &RtApp, headers: &HeaderMap, user: &str) -> Result<(), Fault> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.get(..7).zip(value.get(7..)));
    let bearer =
        bearer.filter(|(word, _)| word.eq_ignore_ascii_case("bearer ")).map(|(_, token)| token.trim());
    user_token::check(&app.account, bearer, user, parts.ledger.now().as_secs()).map_err(Fault::Unvouched)
}

/// The client key of the header.
pub(super) fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("secretkey").and_then(|key| key.to_str().ok())
}
