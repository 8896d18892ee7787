//! Every way a request is refused before acceptance.

use std::borrow::Cow;

use super::interactive::InteractiveFault;
use super::ott::Ott;
use super::plan::{CALLBACK_DATA_CHARS_MAX, CORRELATION_BYTES_MAX};
use crate::wire::{JsonFault, VALUES_MAX};

/// Why a request, or one destination object of it, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 7000.
    Json(JsonFault),
    /// 7001: the key is not a current key.
    KeyUnknown,
    /// 7001: the token is malformed, badly signed or dead.
    TokenInvalid,
    /// 7002.
    KeyMissing,
    /// 7003.
    Missing(Missing),
    /// 7004 with the name of the parameter.
    Invalid(Param),
    /// 7004: `deliverychannel` names no channel.
    ChannelUnknown,
    /// 7004: `sms.type` outside 1..4.
    SmsType,
    /// 7004: priority of rt or Android outside 1..5.
    PriorityOfFive(&'static str),
    /// 7003 or 7004 of `push.interactive`.
    Interactive(InteractiveFault),
    /// 7040: the idempotency key was used with another request.
    IdempotencyKeyReused,
    /// 7006: the request could not be kept.
    Internal,
    /// 7006: more requests wait than the server takes; try again.
    Busy,
    /// 7007.
    ServiceInactive,
    /// 7009.
    TooManyDestinations,
    /// 7010.
    SourceIp,
    /// 7019.
    Expired,
    /// 7020.
    Rate,
}

/// What is missing (7003).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// `deliverychannel`.
    Channel,
    /// The value of `deliverychannel`.
    ChannelValue,
    /// `channels.sms`.
    Sms,
    /// `channels.sms.text`.
    SmsText,
    /// `channels.sms.body`.
    SmsBody,
    /// `channels.voice`.
    Voice,
    /// Call flow or media.
    VoiceContent,
    /// `channels.push`.
    Push,
    /// Android or iOS.
    PushPlatform,
    /// `channels.push.android.text`.
    AndroidText,
    /// `channels.push.ios.text`.
    IosText,
    /// `channels.appmessaging`.
    Appmessaging,
    /// Text of an in-app message.
    RtText,
    /// `channels["OTT-Messaging"]`.
    Ott(Ott),
    /// The channel's block inside it.
    OttBlock(Ott),
    /// The text of that block.
    OttText(Ott),
    /// `destination`, or an empty array of it.
    Destination,
    /// The id of a destination object.
    DestinationId,
}

/// A parameter whose value is refused with its name (7004 `invalid value for param <name>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the parameters of the wire, one to one")]
pub enum Param {
    Appid,
    CallbackData,
    Channels,
    ChannelBlock(&'static str),
    CorrelationId,
    Destination,
    DestinationValue(&'static str),
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
    SmsBody,
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
            Self::ChannelBlock(name) | Self::DestinationValue(name) => name,
            Self::CorrelationId => "correlationid",
            Self::Destination => "destination",
            Self::DltTemplateId => "dlt_templateid",
            Self::Expiry => "expiry",
            Self::IdempotencyKey => "Idempotency-Key",
            Self::MediaPath => "media-path",
            Self::Message => "message",
            Self::NotifyUrlAuthId => "notifyurlAuthId",
            Self::Parameters => "parameters",
            Self::Priority => "priority",
            Self::Route => "route",
            Self::SenderId => "senderid",
            Self::SmsBody => "body",
            Self::SmsText => "text",
            Self::Template => "template",
        }
    }

    fn rule(self) -> Cow<'static, str> {
        match self {
            Self::CallbackData => format!("a text of at most {CALLBACK_DATA_CHARS_MAX} characters").into(),
            Self::CorrelationId => format!("a text of at most {CORRELATION_BYTES_MAX} bytes").into(),
            Self::Channels | Self::ChannelBlock(_) | Self::Message => "an object".into(),
            Self::Destination => "an array of objects".into(),
            Self::DestinationValue(_) => "a text or an array of texts".into(),
            Self::IdempotencyKey => "1 to 255 visible ASCII characters, once".into(),
            Self::Expiry => "an ISO 8601 date with Z or an offset".into(),
            Self::Parameters => "an object of texts".into(),
            Self::Priority => "1, 2 or 3".into(),
            Self::Route => "IMMD, LCGD or LCBE".into(),
            Self::Appid
            | Self::DltTemplateId
            | Self::MediaPath
            | Self::NotifyUrlAuthId
            | Self::SenderId
            | Self::SmsBody
            | Self::SmsText
            | Self::Template => "a text".into(),
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::CallbackData | Self::CorrelationId => {
                "shorten it, or keep the data and send a reference to it"
            }
            Self::Expiry => "write it as 2030-04-12T13:00:19.456Z or 2030-04-12T18:30:19.456+05:30",
            Self::Priority | Self::Route => "send one of these, or leave it out for the default",
            Self::IdempotencyKey => "send for example a UUID, or leave the header out",
            Self::DestinationValue(_) => "send for example [\"447700900001\"]",
            _ => "send the documented type",
        }
    }
}

/// What an answer says beyond the contract: which field, which rule, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Path of the field, or name of the header.
    pub field: Cow<'static, str>,
    /// The rule it breaks.
    pub rule: Cow<'static, str>,
    /// What helps.
    pub remedy: Cow<'static, str>,
}

fn detail(
    field: impl Into<Cow<'static, str>>,
    rule: impl Into<Cow<'static, str>>,
    remedy: impl Into<Cow<'static, str>>,
) -> Detail {
    Detail { field: field.into(), rule: rule.into(), remedy: remedy.into() }
}

impl Refusal {
    /// What helps the caller to mend it.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self {
            Self::Json(fault) => detail(fault.field(), fault.to_string(), fault.remedy()),
            Self::KeyUnknown => {
                detail("key", "a current service key", "check the key; regenerating it ends the old one")
            }
            Self::TokenInvalid => detail(
                "Authorization",
                "an HS256 token with iss = service id and iat at most 60 minutes ago",
                "sign a new token with the base64-decoded service secret",
            ),
            Self::KeyMissing => detail("key", "mandatory header", "send the service key in the header `key`"),
            Self::Missing(missing) => missing.detail(),
            Self::Invalid(param) => detail(param.name(), param.rule(), param.remedy()),
            Self::ChannelUnknown => detail(
                "deliverychannel",
                "one of sms, voice, push, rt, fb, twitter, wechat",
                "send one of these names",
            ),
            Self::SmsType => detail(
                "channels.sms.type",
                "1 text, 2 flash, 3 binary or 4 Unicode",
                "send one of these numbers",
            ),
            Self::PriorityOfFive(field) => detail(*field, "1 to 5", "send one of these, or leave it out"),
            Self::Interactive(fault) => detail(
                "channels.push.interactive",
                fault.to_string(),
                "compare it with the table of categories",
            ),
            Self::IdempotencyKeyReused => detail(
                "Idempotency-Key",
                "one key for one request",
                "send the first request again unchanged, or this one under a new key",
            ),
            Self::Internal => detail("request", "the request was not kept", "send it again"),
            Self::Busy => detail("request", "too many requests are waiting", "send it again after a second"),
            Self::ServiceInactive => detail("key", "the service is live", "have the service resumed"),
            Self::TooManyDestinations => detail(
                "destination",
                format!("at most {VALUES_MAX} values in a request"),
                "split the values over several requests",
            ),
            Self::SourceIp => detail(
                "source address",
                "an address of the tenant's allowlist",
                "send from an allowed address or have this one added",
            ),
            Self::Expired => detail("expiry", "later than now", "send a later date, or none"),
            Self::Rate => {
                detail("request", "the tenant's transactions per second", "slow down and send it again")
            }
        }
    }
}

impl Missing {
    fn detail(self) -> Detail {
        const ADD: &str = "add it";
        match self {
            Self::Channel | Self::ChannelValue => {
                detail("deliverychannel", "mandatory", "name the channel, for example sms")
            }
            Self::Sms => detail("channels.sms", "mandatory for sms without a template", ADD),
            Self::SmsText => detail(
                "channels.sms.text",
                "mandatory for types 1, 2 and 4 without a template",
                "add a text of at least one character",
            ),
            Self::SmsBody => {
                detail("channels.sms.body", "mandatory for type 3", "add the octets in hexadecimal")
            }
            Self::Voice => detail("channels.voice", "mandatory for voice", ADD),
            Self::VoiceContent => {
                detail("channels.voice", "one of callflowid, media and promptid", "add one of them")
            }
            Self::Push => detail("channels.push", "mandatory for push without a template", ADD),
            Self::PushPlatform => detail("channels.push", "one of android, ios and web", "add one of them"),
            Self::AndroidText => detail("channels.push.android.text", "mandatory", "add a text"),
            Self::IosText => detail("channels.push.ios.text", "mandatory", "add a text"),
            Self::Appmessaging => detail("channels.appmessaging", "mandatory for rt without a template", ADD),
            Self::RtText => {
                detail("channels.appmessaging.message.text", "a text or an attachment", "add one of them")
            }
            Self::Ott(ott) => detail(
                "channels.OTT-Messaging",
                format!("mandatory for {} without a template", ott.as_str()),
                ADD,
            ),
            Self::OttBlock(ott) => {
                detail(format!("channels.OTT-Messaging.{}", ott.as_str()), "mandatory", ADD)
            }
            Self::OttText(ott) => detail(
                format!("channels.OTT-Messaging.{}.text", ott.as_str()),
                "a text or an attachment",
                "add one of them",
            ),
            Self::Destination => detail("destination", "mandatory", "add an array of destination objects"),
            Self::DestinationId => detail(
                "destination[]",
                "one id key with at least one value",
                "add for example \"msisdn\":[\"447700900001\"]",
            ),
        }
    }
}

impl From<JsonFault> for Refusal {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}

impl From<Missing> for Refusal {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Param> for Refusal {
    fn from(param: Param) -> Self {
        Self::Invalid(param)
    }
}

impl From<InteractiveFault> for Refusal {
    fn from(fault: InteractiveFault) -> Self {
        Self::Interactive(fault)
    }
}
