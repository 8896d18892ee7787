//! Who calls: the app of the path and its client key.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::RtParts;
use super::fault::Fault;
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
    let presented = presented.filter(|key| !key.is_empty()).ok_or(Fault::KeyMissing)?;
    let app = parts.ledger.app(app_id).ok_or(Fault::App)?;
    if !app.knows(presented) {
        return Err(Fault::KeyInvalid);
    }
    if app.is_open { Ok(app) } else { Err(Fault::Closed) }
}

/// Whether the app vouches for a user, where it must.
pub(super) fn vouched(parts: &RtParts, app: &RtApp, headers: &HeaderMap, user: &str) -> Result<(), Fault> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.get(..7).zip(value.get(7..)));
    let bearer =
        bearer.filter(|(word, _)| word.eq_ignore_ascii_case("bearer ")).map(|(_, token)| token.trim());
    user_token::check(&app.account, bearer, user, parts.ledger.now().as_secs()).map_err(Fault::User)
}

/// The client key of the header.
pub(super) fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("secretkey").and_then(|key| key.to_str().ok())
}
