//! From HTTP to WebSocket: on a door of its own, and at `/mqtt` beside the other endpoints.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::handshake::server::{
    ErrorResponse, Request as Asked, Response as Answer,
};
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::link::{Web, web_config};
use crate::{Broker, connection};

/// The subprotocol a client must offer (MQTT-6.0.0-3); the older name is offered beside it by some.
const PROTOCOLS: [&str; 2] = ["mqtt", "mqttv3.1"];

/// `GET /mqtt`, the upgrade to MQTT over WebSocket.
pub fn router(broker: Broker) -> Router {
    Router::new().route("/mqtt", get(handle)).with_state(broker)
}

async fn handle(State(broker): State<Broker>, mut request: Request<Body>) -> Response {
    let Some(head) = accepted(request.headers()) else {
        return plain(StatusCode::UPGRADE_REQUIRED, "this is MQTT over WebSocket, subprotocol mqtt\n");
    };
    let Ok(room) = Arc::clone(&broker.parts().room).try_acquire_owned() else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many connections\n");
    };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(stream) = upgraded.await {
            let stream = TokioIo::new(stream);
            let web = WebSocketStream::from_raw_socket(stream, Role::Server, Some(web_config())).await;
            connection::serve(Arc::clone(broker.parts()), Web(web)).await;
        }
        drop(room);
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().extend(head);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    if status == StatusCode::UPGRADE_REQUIRED {
        response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}

/// The headers of the answer to an upgrade we take.
fn accepted(headers: &HeaderMap) -> Option<[(HeaderName, HeaderValue); 4]> {
    let has = |name: &HeaderName, word: &str| {
        let words = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        words.flat_map(|value| value.split(',')).any(|found| found.trim().eq_ignore_ascii_case(word))
    };
    let upgrades = has(&CONNECTION, "upgrade") && has(&UPGRADE, "websocket");
    let version = headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let protocol = PROTOCOLS.into_iter().find(|protocol| has(&SEC_WEBSOCKET_PROTOCOL, protocol))?;
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| upgrades && version)?;
    let key = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()?;
    Some([
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, key),
        (SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol)),
    ])
}

/// Upgrades a connection that speaks nothing else.
///
/// # Errors
/// When it is no WebSocket, or offers another subprotocol.
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> Result<WebSocketStream<S>, Error> {
    tokio_tungstenite::accept_hdr_async_with_config(stream, choose, Some(web_config())).await
}

#[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
fn choose(request: &Asked, mut answer: Answer) -> Result<Answer, ErrorResponse> {
    let has = |ours: &str| {
        let offered = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        let words = offered.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        words.map(str::trim).any(|word| word == ours)
    };
    let ours = PROTOCOLS.into_iter().find(|ours| has(ours));
    match ours {
        Some(protocol) => {
            answer.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
            Ok(answer)
        }
        None => {
            let mut refused = ErrorResponse::new(Some("offer the subprotocol mqtt\n".to_owned()));
            *refused.status_mut() = StatusCode::BAD_REQUEST;
            Err(refused)
        }
    }
}
