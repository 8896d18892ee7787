//! The parameters whose value is refused by their name (7004).

use std::borrow::Cow;

use super::plan::{CALLBACK_DATA_CHARS_MAX, CORRELATION_BYTES_MAX};

/// A parameter whose value is refused with its name (7004 `invalid value for param <name>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the parameters of the wire, one to one")]
pub enum Param {
    Appid,
    CallbackData,
    Channels,
    ConversationId,
    CorrelationId,
    Destination,
    /// The destination object at this place is none.
    DestinationObject(usize),
    /// The values of an id key, and the place of its destination object.
    DestinationValue(&'static str, usize),
    /// The correlation id of the destination object at this place.
    DestinationCorrelation(usize),
    DltTemplateId,
    Expiry,
    IdempotencyKey,
    MediaPath,
    Message,
    NotifyUrlAuthId,
    Parameters,
    Priority,
    Route,
    SenderId,
    Sms,
    SmsBody,
    SmsExtras,
    SmsText,
    Template,
}

impl Param {
    /// The name of the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appid => "appid",
            Self::CallbackData => "callbackData",
            Self::Channels => "channels",
            Self::ConversationId => "conversationid",
            Self::CorrelationId | Self::DestinationCorrelation(_) => "correlationid",
            Self::Destination | Self::DestinationObject(_) => "destination",
            Self::DestinationValue(name, _) => name,
            Self::DltTemplateId => "dlt_templateid",
            Self::IdempotencyKey => "Idempotency-Key",
            Self::Expiry => "expiry",
            Self::MediaPath => "media-path",
            Self::Message => "message",
            Self::NotifyUrlAuthId => "notifyurlAuthId",
            Self::Parameters => "parameters",
            Self::Priority => "priority",
            Self::Route => "route",
            Self::SenderId => "senderid",
            Self::Sms => "sms",
            Self::SmsBody => "body",
            Self::SmsExtras => "extras",
            Self::SmsText => "text",
            Self::Template => "template",
        }
    }

    /// Where it stands in the body.
    #[must_use]
    pub fn path(self) -> Cow<'static, str> {
        match self {
            Self::DestinationObject(place) => format!("destination[{place}]").into(),
            Self::DestinationValue(name, place) => format!("destination[{place}].{name}").into(),
            Self::DestinationCorrelation(place) => format!("destination[{place}].correlationid").into(),
            Self::DltTemplateId => "channels.sms.extras.dlt_templateid".into(),
            Self::Sms => "channels.sms".into(),
            Self::MediaPath | Self::SenderId | Self::SmsBody | Self::SmsExtras | Self::SmsText => {
                format!("channels.sms.{}", self.name()).into()
            }
            Self::Parameters | Self::Template => format!("message.{}", self.name()).into(),
            _ => self.name().into(),
        }
    }

    pub(super) fn rule(self) -> Cow<'static, str> {
        match self {
            Self::CallbackData => format!("a text of at most {CALLBACK_DATA_CHARS_MAX} characters").into(),
            Self::CorrelationId | Self::DestinationCorrelation(_) => {
                format!("a text of at most {CORRELATION_BYTES_MAX} bytes").into()
            }
            Self::Channels | Self::DestinationObject(_) | Self::Message | Self::Sms | Self::SmsExtras => {
                "an object".into()
            }
            Self::Destination => "an array of objects".into(),
            Self::DestinationValue(..) => "a text or an array of texts".into(),
            Self::IdempotencyKey => "1 to 255 visible ASCII characters, once".into(),
            Self::Expiry => "an ISO 8601 date with Z or an offset".into(),
            Self::Parameters => "an object of texts".into(),
            Self::Priority => "1, 2 or 3".into(),
            Self::Route => "IMMD, LCGD or LCBE".into(),
            Self::Appid
            | Self::ConversationId
            | Self::DltTemplateId
            | Self::MediaPath
            | Self::NotifyUrlAuthId
            | Self::SenderId
            | Self::SmsBody
            | Self::SmsText
            | Self::Template => "a text".into(),
        }
    }

    pub(super) const fn remedy(self) -> &'static str {
        match self {
            Self::CallbackData | Self::CorrelationId | Self::DestinationCorrelation(_) => {
                "shorten it, or keep the data and send a reference to it"
            }
            Self::Expiry => "write it as 2030-04-12T13:00:19.456Z or 2030-04-12T18:30:19.456+05:30",
            Self::IdempotencyKey => "send for example a UUID, or leave the header out",
            Self::Priority | Self::Route => "send one of these, or leave it out for the default",
            Self::DestinationValue(..) => "send for example [\"447700900001\"]",
            _ => "send the documented type",
        }
    }
}
