//! The reference that no server with a ledger can reach: a bare axum handler that parses the request into typed
//! structs and answers, and keeps nothing.

use std::collections::HashMap;

use axum::Json;
use axum::routing::post;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct Request {
    deliverychannel: String,
    channels: Channels,
    destination: Vec<Destination>,
    notifyurl: String,
    #[serde(rename = "callbackData")]
    callback_data: String,
    expiry: String,
    priority: String,
}

#[derive(Deserialize)]
struct Channels {
    sms: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Destination {
    msisdn: Vec<String>,
    correlationid: String,
}

#[derive(Serialize)]
struct Answer {
    response: Vec<Unit>,
}

#[derive(Serialize)]
struct Unit {
    code: &'static str,
    description: &'static str,
    transid: String,
    correlationid: String,
}

/// Serves until the process is killed.
///
/// # Errors
/// When the port cannot be had.
pub async fn serve(port: u16) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let app = axum::Router::new().route("/resources/v1/messaging", post(answer));
    Ok(axum::serve(listener, app).await?)
}

async fn answer(Json(request): Json<Request>) -> Json<Answer> {
    let parsed = request.deliverychannel.len()
        + request.channels.sms.len()
        + request.notifyurl.len()
        + request.callback_data.len()
        + request.expiry.len()
        + request.priority.len();
    let unit = |destination: Destination| Unit {
        code: "1001",
        description: "Queued",
        transid: format!("00000000-0000-7000-8000-{:012}", parsed + destination.msisdn.len()),
        correlationid: destination.correlationid,
    };
    Json(Answer { response: request.destination.into_iter().map(unit).collect() })
}
