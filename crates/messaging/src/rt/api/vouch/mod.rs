//! `/realtime/broker/v1/…`: what a broker beside this server asks before it lets a client do something. The questions and answers
//! are those of EMQX's HTTP authentication and authorisation (version 5 and later); no client calls here.
//!
//! An answer of 200 decides (`result`). Every other status decides nothing, and the broker lets nobody in by it.

mod authenticate;
mod authorize;
mod rights;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Router;
use axum::extract::{FromRequest, Request};
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Map, Value};
use waypost_realtime::Refused;

use super::fault::Fault;
use super::{RtParts, RtState, body};

/// Who asks, and who we are at its side.
#[derive(Clone, PartialEq, Eq)]
pub struct Asker {
    /// What it shows us, as `Bearer`.
    pub key: String,
    /// Our own account there.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl std::fmt::Debug for Asker {
    /// Without key and password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Asker").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The questions; none where no broker asks.
pub(super) fn routes(asker: Option<&Asker>) -> Router<RtState> {
    if asker.is_none() {
        return Router::new();
    }
    Router::new()
        .route("/realtime/broker/v1/authenticate", post(authenticate::handle))
        .route("/realtime/broker/v1/authorize", post(authorize::handle))
}

/// A question of the broker, which has shown its key before any of it is read.
struct Question {
    asker: Asker,
    members: Map<String, Value>,
}

impl FromRequest<RtState> for Question {
    type Rejection = Response;

    async fn from_request(request: Request, state: &RtState) -> Result<Self, Response> {
        Self::read(state.parts(), request).await.map_err(|fault| fault.respond_undecided())
    }
}

impl Question {
    async fn read(parts: &RtParts, request: Request) -> Result<Self, Fault> {
        let asker = parts.settings.asker.clone().ok_or(Fault::Stranger)?;
        let (head, body) = request.into_parts();
        let shown = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !is_same(shown, &asker.key) {
            return Err(Fault::Stranger);
        }
        Ok(Self { asker, members: body::read(parts, &head.headers, body).await? })
    }

    /// A text of it, as it is; empty when the client gave none.
    fn text(&self, name: &'static str) -> Result<&str, Fault> {
        match self.members.get(name) {
            None => Err(Fault::Missing(name)),
            Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Fault::Invalid(name, "a text")),
        }
    }
}

/// Takes the same time wherever they differ.
fn is_same(shown: &str, known: &str) -> bool {
    verify_slices_are_equal(shown.as_bytes(), known.as_bytes()).is_ok()
}

/// The answer about a client that is none of ours; none when it cannot be known.
fn denied(why: Refused) -> Result<Response, Fault> {
    let fault = match why {
        Refused::Unavailable => return Err(Fault::Unavailable),
        Refused::ClientId => Fault::Device,
        Refused::Credentials => Fault::KeyInvalid,
        Refused::NotAllowed => Fault::TokenWrong,
    };
    Ok(fault.respond_denied())
}
