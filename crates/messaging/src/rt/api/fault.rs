//! Why a call of the RT API was refused, and its answer.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use waypost_status::{RealtimeCode, Status};
use waypost_store::StoreError;

use crate::api::answer::respond;
use crate::rt::device::ChangeFault;
use crate::rt::external::Unreachable;
use crate::rt::user_token::NotVouched;

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 1 with HTTP 503.
    Unavailable,
    /// 3: a member is absent.
    Missing(&'static str),
    /// 4: a member breaks a rule.
    Invalid(&'static str, &'static str),
    /// 4 with HTTP 413.
    TooLarge,
    /// 4 with HTTP 408.
    TooSlow,
    /// 5: no such app.
    App,
    /// 5: the device never had a message of this id.
    Message,
    /// 7: no such device.
    Device,
    /// 38: another token.
    TokenWrong,
    /// 39: no token.
    TokenMissing,
    /// 40: a token that has ended.
    TokenEnded,
    /// 38, 39, 40: the app does not vouch for the user.
    User(NotVouched),
    /// 11: no client key.
    KeyMissing,
    /// 26: another client key.
    KeyInvalid,
    /// 36 with HTTP 415.
    ContentType,
    /// 62: the app does not carry in-app messages.
    Closed,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call of the RT API could not be kept");
        Self::Unavailable
    }
}

impl From<Unreachable> for Fault {
    fn from(error: Unreachable) -> Self {
        tracing::warn!(%error, "a device could not be let in or out");
        Self::Unavailable
    }
}

impl From<ChangeFault> for Fault {
    fn from(fault: ChangeFault) -> Self {
        match fault {
            ChangeFault::Store(error) => error.into(),
            ChangeFault::Outside(error) => error.into(),
        }
    }
}

impl Fault {
    fn status(&self) -> Status {
        match self {
            Self::Unavailable => RealtimeCode::InternalError,
            Self::Missing(_) => RealtimeCode::AttributesMissing,
            Self::Invalid(..) | Self::TooLarge | Self::TooSlow => RealtimeCode::AttributesInvalid,
            Self::App | Self::Message => RealtimeCode::AppNotFound,
            Self::Device => RealtimeCode::UserIdMissing,
            Self::TokenWrong | Self::User(NotVouched::Wrong) => RealtimeCode::TokenMalformed,
            Self::TokenMissing | Self::User(NotVouched::Missing) => RealtimeCode::TokenRequired,
            Self::TokenEnded | Self::User(NotVouched::Ended) => RealtimeCode::TokenExpired,
            Self::KeyMissing => RealtimeCode::SecretKeyMissing,
            Self::KeyInvalid => RealtimeCode::SecretKeyInvalid,
            Self::ContentType => RealtimeCode::ContentTypeInvalid,
            Self::Closed => RealtimeCode::FeatureNotSupported,
        }
        .status()
    }

    const fn http_status(&self) -> StatusCode {
        match self {
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::OK,
        }
    }

    /// Field, rule, remedy.
    const fn detail(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unavailable => ("", "the store takes the request", "send it again after a short wait"),
            Self::Missing(field) => (field, "present and not empty", "add it"),
            Self::Invalid(field, rule) => (field, rule, "change it as the rule says"),
            Self::TooLarge => ("body", "no larger than the server reads", "send less"),
            Self::TooSlow => ("body", "whole within the time for a body", "send it again"),
            Self::App => ("appid", "an app of this server", "use the id the app was created with"),
            Self::Message => ("tid", "a message this device was sent", "use the tid it came with"),
            Self::Device => ("clientId", "a registered device", "register it"),
            Self::TokenWrong => ("accessToken", "what registering returned last", "register again"),
            Self::TokenMissing => {
                ("accessToken", "the token of the device", "send it in the header accessToken")
            }
            Self::TokenEnded => ("accessToken", "younger than a token lives", "register again"),
            Self::User(why) => user(*why),
            Self::KeyMissing => ("secretKey", "the client key of the app", "send it in the header secretKey"),
            Self::KeyInvalid => {
                ("secretKey", "the current client key of the app", "ask the app's operator for it")
            }
            Self::ContentType => ("content-type", "application/json", "send the body as JSON with this type"),
            Self::Closed => ("appid", "a live app with in-app messaging", "ask the operator to switch it on"),
        }
    }

    /// The answer of the calls whose code is a text.
    pub fn respond(&self) -> Response {
        let status = self.status();
        let (field, rule, remedy) = self.detail();
        let body = json!({
            "status": "Failure", "code": status.code_str(), "description": status.message(),
            "detail": {"field": field, "rule": rule, "remedy": remedy}
        });
        respond(self.http_status(), status.code_str(), body.to_string())
    }
}

const fn user(why: NotVouched) -> (&'static str, &'static str, &'static str) {
    let rule = match why {
        NotVouched::Missing => "the end-user token, as this app asks for one",
        NotVouched::Wrong => "HS256 by the app's key, its sub the user, with an exp",
        NotVouched::Ended => "an exp that is ahead",
    };
    ("authorization", rule, "have the app's server make one and send it as Bearer")
}

/// An answer of 0: `body` with `code` and `description`.
pub(super) fn done(mut body: Value) -> Response {
    let status = RealtimeCode::Success.status();
    if let Value::Object(members) = &mut body {
        members.insert("code".to_owned(), json!(status.code_str()));
        members.insert("description".to_owned(), json!(status.message()));
    }
    respond(StatusCode::OK, status.code_str(), body.to_string())
}
