//! From refusals to the rows of the catalogue: the only place that knows both.

use axum::http::StatusCode;
use waypost_status::{MessagingCode as M, Status, TransactionStatusCode as T};

use super::seams::AcceptError;
use crate::rules::{InteractiveFault, Limit, Missing, Ott, Refusal};
use crate::wire::JsonFault;

/// The row of the Messaging API.
pub(super) fn messaging(refusal: &Refusal) -> Status {
    match refusal {
        Refusal::Json(JsonFault::TooLarge { .. }) => M::JsonTooLarge.status(),
        Refusal::Json(_) => M::InvalidJson.status(),
        Refusal::KeyUnknown | Refusal::TokenInvalid => M::AuthenticationFailed.status(),
        Refusal::KeyMissing => M::ServiceKeyMissing.status(),
        Refusal::Missing(missing) => missing_row(*missing),
        Refusal::Invalid(param) => M::ParamInvalid.status_with(&[("param", param.name())]),
        Refusal::ChannelUnknown => M::DeliveryChannelInvalid.status(),
        Refusal::SmsType => M::SmsTypeInvalid.status(),
        Refusal::PriorityOfFive(_) => M::PriorityInvalid.status(),
        Refusal::Interactive(fault, _) => interactive_row(fault),
        Refusal::Absent(field) => M::ParamMissing.status_with(&[("param", field.param)]),
        Refusal::Wrong(field) => M::ParamInvalid.status_with(&[("param", field.param)]),
        Refusal::Limit(limit, _) => limit_row(*limit),
        Refusal::IdempotencyKeyReused => M::IdempotencyKeyReused.status(),
        Refusal::Internal | Refusal::Busy => M::InternalServerError.status(),
        Refusal::ServiceInactive => M::ServiceInactive.status(),
        Refusal::ProfileInactive => M::InactiveProfile.status(),
        Refusal::TooManyDestinations => M::TooManyDestinations.status(),
        Refusal::SourceIp => M::SourceIpNotWhitelisted.status(),
        Refusal::Expired => M::RequestExpiredAtAcceptance.status(),
        Refusal::Rate => M::TransactionLimitReached.status(),
    }
}

fn missing_row(missing: Missing) -> Status {
    let code = match missing {
        Missing::Channel => M::DeliveryChannelMissing,
        Missing::ChannelValue => M::DeliveryChannelEmpty,
        Missing::Sms => M::ParamSmsMissing,
        Missing::SmsText => M::SmsTextMissing,
        Missing::SmsBody => M::SmsBodyMissing,
        Missing::Voice => M::ParamVoiceMissing,
        Missing::VoiceContent => M::VoiceContentMissing,
        Missing::Push => M::ParamPushMissing,
        Missing::PushPlatform => M::PushPlatformMissing,
        Missing::AndroidText => M::PushAndroidTextMissing,
        Missing::IosText => M::PushIosTextMissing,
        Missing::Appmessaging => M::ParamAppmessagingMissing,
        Missing::RtText => M::RtTextMissing,
        Missing::Ott(Ott::Fb) => M::FbOttMessagingMissing,
        Missing::Ott(Ott::Twitter) => M::TwitterOttMessagingMissing,
        Missing::Ott(Ott::Wechat) => M::WechatOttMessagingMissing,
        Missing::OttBlock(Ott::Fb) => M::ParamFbMissing,
        Missing::OttBlock(Ott::Twitter) => M::ParamTwitterMissing,
        Missing::OttBlock(Ott::Wechat) => M::ParamWechatMissing,
        Missing::OttText(Ott::Fb) => M::FbTextMissing,
        Missing::OttText(Ott::Twitter) => M::TwitterTextMissing,
        Missing::OttText(Ott::Wechat) => M::WechatTextMissing,
        Missing::Destination => return M::ParamMissing.status_with(&[("param", "destination")]),
        Missing::DestinationId(_) => M::DestinationMissing,
    };
    code.status()
}

fn limit_row(limit: Limit) -> Status {
    let code = match limit {
        Limit::PartBytes => M::RtParamTooLarge,
        Limit::Elements => M::RtTemplateElementsTooMany,
        Limit::Buttons => M::RtTemplateButtonsTooMany,
        Limit::Identifier => M::RtIdentifierDuplicate,
        Limit::QuickReplies => M::RtQuickRepliesTooMany,
        Limit::ImageUrls => M::RtImageUrlsTooMany,
    };
    code.status()
}

fn interactive_row(fault: &InteractiveFault) -> Status {
    use InteractiveFault as F;
    match fault {
        F::CategoryMissing => M::CategoryMissing.status(),
        F::ActionsMissing => M::ActionsMissing.status(),
        F::DeviceTypesMissing => M::DeviceTypesMissing.status(),
        F::DeviceTypeInvalid(device) => M::DeviceTypeInvalid.status_with(&[("device_type", device)]),
        F::DeviceTypeDuplicate(device) => M::DeviceTypeDuplicate.status_with(&[("device_type", device)]),
        F::CategoryInvalid => M::CategoryInvalid.status(),
        F::ActionsCount { expected, found } => M::ActionsCountInvalid
            .status_with(&[("expected", &expected.to_string()), ("found", &found.to_string())]),
        F::PosMissing => M::ActionPositionMissing.status(),
        F::PosInvalid(positions) => M::ActionPositionInvalid.status_with(&[("positions", positions)]),
        F::PosDuplicate => M::ActionPositionDuplicate.status(),
        F::IdentifierNotAtPos => M::IdentifierAbsentAtPosition.status(),
        F::ActionInvalid => M::ActionInvalid.status(),
        F::IdentifierInvalid => M::IdentifierInvalid.status(),
        F::ActionNotForIdentifier(identifier) => {
            M::ActionNotForIdentifier.status_with(&[("identifier", identifier)])
        }
        F::ActionValueMissing(action) => M::ActionValueMissing.status_with(&[("action", action)]),
        F::ActionValueInvalid(action) => M::ActionValueInvalid.status_with(&[("action", action)]),
    }
}

/// The HTTP status of a refused request: 200 but for the body's transport and our own failures.
pub(super) const fn http_status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Json(JsonFault::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Json(JsonFault::ContentType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::Json(JsonFault::TooSlow) => StatusCode::REQUEST_TIMEOUT,
        Refusal::Internal | Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    }
}

impl From<AcceptError> for Refusal {
    /// What could not be kept.
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Busy => Self::Busy,
            AcceptError::Unavailable => Self::Internal,
        }
    }
}

/// Why a look-up is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusRefusal {
    /// 7002.
    KeyMissing,
    /// 7601: no current key, or the transaction is another service's.
    NotYours,
    /// 7010.
    SourceIp,
    /// 7020.
    Rate,
    /// 7600.
    Unknown,
    /// 7006.
    Internal,
}

impl StatusRefusal {
    /// The row of the Transaction Status API.
    pub fn status(self) -> Status {
        match self {
            Self::KeyMissing => T::ServiceKeyMissing.status(),
            Self::NotYours => T::TransactionForeign.status(),
            Self::SourceIp => T::SourceIpNotWhitelisted.status(),
            Self::Rate => T::TransactionLimitReached.status(),
            Self::Unknown => T::ResultsNotFound.status(),
            Self::Internal => T::InternalServerError.status(),
        }
    }

    /// 200 but for our own failures.
    pub const fn http_status(self) -> StatusCode {
        match self {
            Self::Internal => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        }
    }
}

impl From<Refusal> for StatusRefusal {
    /// What the gate refuses; the rest of [`Refusal`] does not occur in a look-up.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::KeyMissing => Self::KeyMissing,
            Refusal::KeyUnknown | Refusal::TokenInvalid => Self::NotYours,
            Refusal::SourceIp => Self::SourceIp,
            Refusal::Rate => Self::Rate,
            _ => Self::Internal,
        }
    }
}
