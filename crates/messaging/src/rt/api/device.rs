//! Who acts: a device with its access token.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::{RtParts, body, gate};
use crate::rt::device::{Known, NotKnown};
use crate::rt::ids::ClientId;

/// A call of a device: the device, and the members of its body.
pub(super) async fn call(
    parts: &RtParts,
    app_id: &str,
    request: Request<Body>,
) -> Result<(Known, Map<String, Value>), Fault> {
    let (head, read) = request.into_parts();
    let app = gate::pass(parts, app_id, gate::key(&head.headers))?;
    let token =
        head.headers.get("accesstoken").filter(|token| !token.is_empty()).ok_or(Fault::TokenMissing)?;
    let token = token.to_str().map_err(|_| Fault::TokenWrong)?;
    let members = body::read(parts, &head.headers, read).await?;
    let members = match parts.ledger.key_of(&app) {
        Some(key) => body::opened(&members, &key)?,
        None => members,
    };
    let client = named(&members, app_id)?;
    let known = parts.ledger.known(&app, client, token).await?;
    let known = known.map_err(|why| match why {
        NotKnown::Device => Fault::Device,
        NotKnown::Wrong => Fault::TokenWrong,
        NotKnown::Ended => Fault::TokenEnded,
    })?;
    Ok((known, members))
}

/// The device a body names.
pub(super) fn named(members: &Map<String, Value>, app_id: &str) -> Result<ClientId, Fault> {
    let client = body::text(members, "clientId")?.ok_or(Fault::Missing("clientId"))?;
    let client = ClientId::parse(client).filter(|client| client.app_id == app_id);
    client.ok_or(Fault::Invalid("clientId", "{appId}/{userId}/{deviceId}, of this app"))
}
