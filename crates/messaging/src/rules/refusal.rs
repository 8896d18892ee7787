//! Every way a request is refused before acceptance.

use std::borrow::Cow;

use super::channel::InteractiveFault;
use super::missing::Missing;
use super::param::Param;
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
    /// 7004: priority of rt or Android, at this path, outside 1..5.
    PriorityOfFive(String),
    /// 7003 or 7004 of the buttons of a notification, or of what a tap does.
    Interactive(InteractiveFault, Field),
    /// 7003 `param '<name>' missing`: a member that its neighbours ask for.
    Absent(Field),
    /// 7004 `invalid value for param <name>`: a member of a block.
    Wrong(Field),
    /// One of the limits of rt that have codes of their own.
    Limit(Limit, Field),
    /// 7040: the idempotency key was used with another request.
    IdempotencyKeyReused,
    /// 7006: the request could not be kept.
    Internal,
    /// 7006: more requests wait than the server takes; try again.
    Busy,
    /// 7007.
    ServiceInactive,
    /// 7008: the tenant's profile is switched off.
    ProfileInactive,
    /// 7009.
    TooManyDestinations,
    /// 7010.
    SourceIp,
    /// 7019.
    Expired,
    /// 7020.
    Rate,
}

/// A member of the body, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its path, as a client would write it.
    pub path: String,
    /// The name that stands in the text of the answer.
    pub param: &'static str,
    /// The rule.
    pub rule: Cow<'static, str>,
}

/// Limits of an in-app message (spec 3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// 7026: bytes of quick replies, extras or a template.
    PartBytes,
    /// 7034: elements of a template.
    Elements,
    /// 7703: buttons of an element.
    Buttons,
    /// 7704: an identifier is used twice.
    Identifier,
    /// 7706: quick replies.
    QuickReplies,
    /// 7708: images of an element.
    ImageUrls,
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

pub(super) fn detail(
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
            Self::Invalid(param) => detail(param.path(), param.rule(), param.remedy()),
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
            Self::PriorityOfFive(path) => {
                detail(path.clone(), "1 to 5", "send one of these, or leave it out")
            }
            Self::Interactive(_, field) => {
                field.detail("compare it with the table of categories and actions")
            }
            Self::Absent(field) => field.detail("add it"),
            Self::Wrong(field) => field.detail("send what the rule says"),
            Self::Limit(limit, field) => field.detail(match limit {
                Limit::PartBytes => "shorten it, or keep the data and send a reference to it",
                Limit::Identifier => "give each quick reply and button its own",
                Limit::Elements | Limit::Buttons | Limit::QuickReplies | Limit::ImageUrls => "send fewer",
            }),
            Self::IdempotencyKeyReused => detail(
                "Idempotency-Key",
                "one key for one request",
                "send the first request again unchanged, or this one under a new key",
            ),
            Self::Internal => detail("request", "the request was not kept", "send it again"),
            Self::Busy => detail("request", "too many requests are waiting", "send it again after a second"),
            Self::ProfileInactive => {
                detail("key", "the tenant's profile is switched on", "have the profile switched on")
            }
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

impl Field {
    fn detail(&self, remedy: &'static str) -> Detail {
        detail(self.path.clone(), self.rule.clone(), remedy)
    }
}

impl From<JsonFault> for Refusal {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}

impl From<Param> for Refusal {
    fn from(param: Param) -> Self {
        Self::Invalid(param)
    }
}
