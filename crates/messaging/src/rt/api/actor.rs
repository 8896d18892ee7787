//! Who calls about threads, topics and media: a service with the server key, a user's device with its token, or, where the
//! app has no server key, whoever has the client key, as the contract has it (spec 8.5).

use axum::http::HeaderMap;

use super::fault::Fault;
use super::limits::Group;
use super::{RtParts, gate};
use crate::rt::device::NotKnown;
use crate::rt::ledger::RtApp;

/// The app of a call about `user`, or about no user: then whoever has a key of the app may call.
pub(super) async fn pass(
    parts: &RtParts,
    group: Group,
    app_id: &str,
    user: Option<&str>,
    headers: &HeaderMap,
) -> Result<RtApp, Fault> {
    let (app, is_server) = gate::pass_either(parts, group, app_id, gate::key(headers))?;
    let Some(user) = user.filter(|_| !is_server) else { return Ok(app) };
    let Some(token) = token(headers)? else {
        // The client key is in every copy of the app: with a server key set it opens nobody's inbox.
        return if app.has_server_key() { Err(Fault::TokenMissing) } else { Ok(app) };
    };
    parts.ledger.user(&app, user, token).await?.map_err(not_known)?;
    Ok(app)
}

/// What only a device with its token, or the service with the server key, may do, whatever else the app has set: it costs
/// us room.
pub(super) async fn device_or_service(
    parts: &RtParts,
    group: Group,
    app_id: &str,
    headers: &HeaderMap,
) -> Result<RtApp, Fault> {
    let (app, is_server) = gate::pass_either(parts, group, app_id, gate::key(headers))?;
    if !is_server {
        let token = token(headers)?.ok_or(Fault::TokenMissing)?;
        parts.ledger.any_device(&app, token).await?.map_err(not_known)?;
    }
    Ok(app)
}

fn token(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let token = headers.get("accesstoken").filter(|token| !token.is_empty());
    token.map(|token| token.to_str().map_err(|_| Fault::TokenWrong)).transpose()
}

const fn not_known(why: NotKnown) -> Fault {
    match why {
        NotKnown::Device => Fault::User,
        NotKnown::Wrong => Fault::TokenWrong,
        NotKnown::Ended => Fault::TokenEnded,
    }
}

/// The same for what the service alone may do.
pub(super) fn service(
    parts: &RtParts,
    group: Group,
    app_id: &str,
    headers: &HeaderMap,
) -> Result<RtApp, Fault> {
    let (app, is_server) = gate::pass_either(parts, group, app_id, gate::key(headers))?;
    if is_server || !app.has_server_key() { Ok(app) } else { Err(Fault::TokenMissing) }
}

/// The same for subscribing and removing users: a service any, a device its own user alone.
pub(super) async fn of_users(
    parts: &RtParts,
    group: Group,
    app_id: &str,
    users: &[String],
    headers: &HeaderMap,
) -> Result<RtApp, Fault> {
    match users {
        [user] => pass(parts, group, app_id, Some(user), headers).await,
        _ => service(parts, group, app_id, headers),
    }
}
