//! Why a file was not taken.

use axum::http::StatusCode;
use axum::response::Response;
use waypost_channels::social::MediaFault;
use waypost_core::channel::Channel;
use waypost_status::{MessagingCode as M, Status};

use crate::api::answer::{refused, refused_lookup};
use crate::api::state::Shared;
use crate::rules::{Detail, Refusal};

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MediaRefusal {
    /// What the gate refuses.
    Gate(Refusal),
    /// 7104: unknown, another tenant's, not live, or of a channel whose provider keeps no media.
    App,
    /// 7004 with HTTP 415: no form.
    ContentType,
    /// 7004: the form breaks off or makes no sense.
    Malformed,
    /// 7004 with HTTP 408.
    TooSlow,
    /// 7003: no file in the form.
    FileMissing,
    /// 7603: no such kind of media.
    Kind,
    /// 7605 with HTTP 413.
    TooLarge,
    /// A rule of the channel, or the provider's refusal: the code it would have as an outcome.
    Media(Channel, MediaFault),
}

impl From<Refusal> for MediaRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Gate(refusal)
    }
}

impl MediaRefusal {
    /// The answer, in the shape of a refused message.
    pub fn respond(&self, app: &Shared) -> Response {
        let transid = app.mint_refused(app.seams.clock.now());
        if let Self::Gate(refusal) = self {
            return refused(refusal, transid);
        }
        refused_lookup(&self.status(), self.http_status(), &transid.to_string(), &self.detail())
    }

    fn status(&self) -> Status {
        match self {
            Self::Gate(_) => M::InternalServerError.status(),
            Self::App => M::AppIdInvalid.status(),
            Self::ContentType => M::ParamInvalid.status_with(&[("param", "content-type")]),
            Self::Malformed | Self::TooSlow => M::ParamInvalid.status_with(&[("param", "media")]),
            Self::FileMissing => M::ParamMissing.status_with(&[("param", "media")]),
            Self::Kind => M::WechatMediaTypeInvalid.status(),
            Self::TooLarge => M::WechatFileTooLarge.status(),
            Self::Media(channel, fault) => {
                M::for_outcome(fault.code, channel.wire_name()).unwrap_or(M::StatusUnknown).status()
            }
        }
    }

    const fn http_status(&self) -> StatusCode {
        match self {
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::OK,
        }
    }

    fn detail(&self) -> Detail {
        let (field, rule, remedy) = match self {
            Self::Gate(refusal) => return refusal.detail(),
            Self::App => (
                "appid",
                "a live Twitter or WeChat asset of the key's tenant",
                "name such an asset; Messenger takes media by their addresses",
            ),
            Self::ContentType => {
                ("content-type", "multipart/form-data with a boundary", "send a form with the file")
            }
            Self::Malformed => ("body", "a form of at most 8 fields", "send the form as RFC 7578 has it"),
            Self::TooSlow => ("body", "whole within the time for a body", "send it again"),
            Self::FileMissing => ("media", "a field with a file name", "add the file to the form"),
            Self::Kind => ("type", "image, voice, video or thumb", "send one of these, or leave it out"),
            Self::TooLarge => ("media", "at most 5 MiB, on any channel", "send a smaller file"),
            Self::Media(_, fault) => {
                let remedy = if fault.may_pass { "try again later" } else { "change the file or the asset" };
                let rule = fault.detail.clone().into();
                return Detail { field: "media".into(), rule, remedy: remedy.into() };
            }
        };
        Detail { field: field.into(), rule: rule.into(), remedy: remedy.into() }
    }
}
