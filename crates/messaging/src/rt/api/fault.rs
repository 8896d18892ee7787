//! Why a call of the RT API was refused, and its answer.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use waypost_status::{MessagingCode, RealtimeCode, Status};
use waypost_store::StoreError;

use crate::api::answer::respond;
use crate::rt::device::ChangeFault;
use crate::rt::external::Unreachable;
use crate::rt::register::RegisterFault;
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
    /// 38: another refresh token.
    RefreshWrong,
    /// 40: a refresh token that has ended.
    RefreshEnded,
    /// 38, 39, 40: the app does not vouch for the user.
    Unvouched(NotVouched),
    /// 11: no client key.
    KeyMissing,
    /// 26: another client key.
    KeyInvalid,
    /// 36 with HTTP 415.
    ContentType,
    /// 62: the app does not carry in-app messages.
    Closed,
    /// 7020 of the Messaging list, as the contract has it for every API: the app calls too often.
    TooMany,
    /// 14: no app id.
    AppIdMissing,
    /// 31: no such thread, or it is closed.
    Thread,
    /// 36 with HTTP 415: the body is no form.
    FormType,
    /// 4 with HTTP 413: a file above the limit.
    FileTooLarge,
    /// 62: the app's files have reached their limit.
    NoRoom,
    /// 5: the link shown is not of a file of the app.
    MediaUnknown,
    /// 5 with HTTP 404: the file is gone.
    MediaGone,
    /// 4 with HTTP 403: a link that was not made here.
    LinkForged,
    /// 40 with HTTP 410: a link that has ended.
    LinkEnded,
    /// 67: the app keeps no inbox.
    Inbox,
    /// 69: the app has no topics.
    Topics,
    /// 2: the app has a topic of this name.
    TopicExists,
    /// 5: the app has no such topic.
    Topic,
    /// 62: the app has as many topics as an app may have.
    TopicsFull,
    /// 7: the app knows no device of the user of the path.
    User,
    /// 26 with HTTP 401: whoever asks is not the broker beside this server.
    Stranger,
    /// 62: what a device wants to read or write at the broker is not its own.
    NotItsTopic,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call of the RT API could not be kept");
        Self::Unavailable
    }
}

impl From<RegisterFault> for Fault {
    fn from(fault: RegisterFault) -> Self {
        match fault {
            RegisterFault::Store(error) => error.into(),
            RegisterFault::Outside(error) => error.into(),
            RegisterFault::Random => {
                tracing::error!("no randomness for an access token");
                Self::Unavailable
            }
        }
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
            Self::TooMany => return MessagingCode::TransactionLimitReached.status(),
            Self::Unavailable => RealtimeCode::InternalError,
            Self::Missing(_) => RealtimeCode::AttributesMissing,
            Self::Invalid(..) | Self::TooLarge | Self::TooSlow | Self::FileTooLarge | Self::LinkForged => {
                RealtimeCode::AttributesInvalid
            }
            Self::AppIdMissing => RealtimeCode::AppIdRequired,
            Self::Thread => RealtimeCode::StreamNotFound,
            Self::Inbox => RealtimeCode::InboxDisabled,
            Self::Topics => RealtimeCode::TopicsDisabled,
            Self::TopicExists => RealtimeCode::TopicExists,
            Self::App | Self::Message | Self::Topic | Self::MediaUnknown | Self::MediaGone => {
                RealtimeCode::AppNotFound
            }
            Self::Device | Self::User => RealtimeCode::UserIdMissing,
            Self::TokenWrong | Self::RefreshWrong | Self::Unvouched(NotVouched::Wrong) => {
                RealtimeCode::TokenMalformed
            }
            Self::TokenMissing | Self::Unvouched(NotVouched::Missing) => RealtimeCode::TokenRequired,
            Self::TokenEnded | Self::RefreshEnded | Self::LinkEnded | Self::Unvouched(NotVouched::Ended) => {
                RealtimeCode::TokenExpired
            }
            Self::KeyMissing => RealtimeCode::SecretKeyMissing,
            Self::KeyInvalid | Self::Stranger => RealtimeCode::SecretKeyInvalid,
            Self::ContentType | Self::FormType => RealtimeCode::ContentTypeInvalid,
            Self::Closed | Self::TopicsFull | Self::NoRoom | Self::NotItsTopic => {
                RealtimeCode::FeatureNotSupported
            }
        }
        .status()
    }

    const fn http_status(&self) -> StatusCode {
        match self {
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge | Self::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LinkForged => StatusCode::FORBIDDEN,
            Self::Stranger => StatusCode::UNAUTHORIZED,
            Self::LinkEnded => StatusCode::GONE,
            Self::MediaGone => StatusCode::NOT_FOUND,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ContentType | Self::FormType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
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
            Self::TokenEnded => {
                ("accessToken", "younger than a token lives", "call refreshToken, or register again")
            }
            Self::RefreshWrong => ("refreshToken", "the newest the device was given", "register again"),
            Self::RefreshEnded => ("refreshToken", "younger than 180 days", "register again"),
            Self::Unvouched(why) => user(*why),
            Self::KeyMissing => ("secretKey", "the client key of the app", "send it in the header secretKey"),
            Self::KeyInvalid => {
                ("secretKey", "the current client key of the app", "ask the app's operator for it")
            }
            Self::ContentType => ("content-type", "application/json", "send the body as JSON with this type"),
            Self::AppIdMissing => ("appid", "present and not empty", "name the app"),
            Self::Thread => ("thread", "an open thread of the app", "use the id of one, or make one"),
            Self::Inbox => {
                ("appid", "an app that keeps an inbox", "ask the operator to switch the app's inbox on")
            }
            Self::Topics => ("appid", "an app with topics", "ask the operator to switch the app's topics on"),
            Self::TopicExists => {
                ("name", "once in the app", "use the topic there is, or choose another name")
            }
            Self::Topic => ("topicid", "a topic of the app", "use the id the topic was made with"),
            Self::TopicsFull => ("appid", "an app with fewer than 1000 topics", "delete one first"),
            Self::FormType => {
                ("content-type", "multipart/form-data with a boundary", "send a form with the file")
            }
            Self::FileTooLarge => ("media", "no larger than the server takes", "send a smaller file"),
            Self::NoRoom => ("media", "within the room for an app's files", "try when older files have gone"),
            Self::MediaUnknown => {
                ("url", "a link of ours to a file of the app", "use the link that came with it")
            }
            Self::MediaGone => ("mediaid", "a file that is still kept", "ask the sender for it"),
            Self::LinkForged => ("signature", "as the link was made", "use the link unchanged"),
            Self::LinkEnded => ("expires", "not yet over", "ask for a fresh link with generatemedia"),
            Self::TooMany => ("secretKey", "within the app's calls a second", "send it again after a second"),
            Self::User => ("userid", "a user with a registered device", "register a device of the user"),
            Self::Stranger => (
                "authorization",
                "Bearer and the key the broker asks with",
                "set it in the broker's HTTP headers",
            ),
            Self::NotItsTopic => {
                ("topic", "one the device may subscribe to", "subscribe to the user's topic")
            }
            Self::Closed => ("appid", "a live app with in-app messaging", "ask the operator to switch it on"),
        }
    }

    /// The answer of the calls whose code is a text.
    pub fn respond(&self) -> Response {
        self.respond_with(json!(self.status().code_str()))
    }

    /// The answer of the calls about threads and topics: there the code of a refusal is a number (spec 8.5).
    pub fn respond_numbered(&self) -> Response {
        self.respond_with(json!(self.status().code()))
    }

    fn respond_with(&self, code: Value) -> Response {
        respond(self.http_status(), self.status().code_str(), self.body(code).to_string())
    }

    /// The answer to a broker's question that says no.
    pub fn respond_denied(&self) -> Response {
        let code = self.status().code_str();
        let mut body = self.body(json!(code));
        if let Value::Object(members) = &mut body {
            members.insert("result".to_owned(), json!("deny"));
        }
        respond(StatusCode::OK, code, body.to_string())
    }

    /// The answer to a broker's question that cannot be decided: never a success, by which it would let somebody in.
    pub fn respond_undecided(&self) -> Response {
        let status = match self.http_status() {
            StatusCode::OK => StatusCode::BAD_REQUEST,
            other => other,
        };
        let code = self.status().code_str();
        respond(status, code, self.body(json!(code)).to_string())
    }

    fn body(&self, code: Value) -> Value {
        let (field, rule, remedy) = self.detail();
        json!({
            "status": "Failure", "code": code, "description": self.status().message(),
            "detail": {"field": field, "rule": rule, "remedy": remedy}
        })
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
