//! Why a webhook was not taken.

use axum::http::StatusCode;
use axum::response::Response;
use waypost_status::{EventCode as E, MessagingCode as M, Status};

use crate::api::answer::refused_lookup;
use crate::api::state::Shared;
use crate::rules::Detail;

/// Longest body of a webhook (spec 2.3).
pub(super) const BODY_BYTES_MAX: usize = 256 * 1024;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 7008: no live asset of this channel has the id.
    Endpoint,
    /// 7028: the named header or parameter is not there.
    SignatureMissing(&'static str),
    /// 7029.
    SignatureMismatch,
    /// 7029: the asset lacks the credential that verifies.
    Unverifiable(&'static str),
    /// 7000.
    Json,
    /// 7027.
    Xml,
    /// 7022 with HTTP 430.
    TooLarge,
    /// 7000 with HTTP 408.
    TooSlow,
    /// 7006 with HTTP 503: the provider sends it again.
    NotKept,
}

impl Fault {
    fn status(self) -> Status {
        match self {
            Self::Endpoint => E::WebhookEndpointInvalid.status(),
            Self::SignatureMissing(_) => E::WebhookSignatureMissing.status(),
            Self::SignatureMismatch | Self::Unverifiable(_) => E::WebhookSignatureMismatch.status(),
            Self::Json | Self::TooSlow => E::InvalidJson.status(),
            Self::Xml => E::WebhookXmlInvalid.status(),
            Self::TooLarge => M::JsonTooLarge.status(),
            Self::NotKept => E::InternalErrorOccurred.status(),
        }
    }

    fn http_status(self) -> StatusCode {
        match self {
            Self::Endpoint => StatusCode::NOT_FOUND,
            Self::SignatureMissing(_)
            | Self::SignatureMismatch
            | Self::Unverifiable(_)
            | Self::Json
            | Self::Xml => StatusCode::BAD_REQUEST,
            // The contract's own number for it.
            Self::TooLarge => StatusCode::from_u16(430).unwrap_or(StatusCode::PAYLOAD_TOO_LARGE),
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotKept => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn detail(self) -> Detail {
        let (field, rule, remedy) = match self {
            Self::Endpoint => ("appid", "a live app asset of this provider", "check the webhook's address"),
            Self::SignatureMissing(name) => (name, "mandatory", "let the provider sign its webhooks"),
            Self::SignatureMismatch => (
                "signature",
                "made with the secret of the asset, over this body",
                "check the asset's credentials",
            ),
            Self::Unverifiable(name) => {
                (name, "a credential of the asset", "set it with `waypost admin app`")
            }
            Self::Json => ("body", "JSON as the provider documents it", "look at what the provider sends"),
            Self::Xml => ("body", "XML as the provider documents it", "look at what the provider sends"),
            Self::TooLarge => ("body", "at most 262144 bytes", "have the provider send fewer events at once"),
            Self::TooSlow => ("body", "whole within the time for a body", "send it again"),
            Self::NotKept => ("request", "the event could be kept", "send it again after a second"),
        };
        Detail { field: field.into(), rule: rule.into(), remedy: remedy.into() }
    }

    /// The answer, in the shape of refused requests.
    pub fn respond(self, app: &Shared) -> Response {
        let transid = app.mint_refused(app.seams.clock.now()).to_string();
        refused_lookup(&self.status(), self.http_status(), &transid, &self.detail())
    }
}
