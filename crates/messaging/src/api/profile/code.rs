//! From refusals to the rows of the Profile list: the only place that knows both.

use axum::http::StatusCode;
use waypost_status::{ProfileCode as P, Status};

use crate::rules::profile::{Mandatory, ProfileRefusal, RecordFault};
use crate::wire::JsonFault;

/// The row of a refused request.
pub(super) fn request(refusal: &ProfileRefusal) -> Status {
    let code = match refusal {
        ProfileRefusal::Json(_) => P::InvalidJson,
        ProfileRefusal::KeyUnknown => P::AuthenticationFailed,
        ProfileRefusal::KeyMissing => P::ProfileKeyMissing,
        ProfileRefusal::CustomerIdMissing => P::CustomerIdMissing,
        ProfileRefusal::Internal | ProfileRefusal::Busy => P::InternalErrorOccurred,
        ProfileRefusal::SourceIp { old_code: false } => P::SourceIpNotWhitelisted,
        ProfileRefusal::SourceIp { old_code: true } => P::SourceIpNotWhitelistedOnDelete,
        ProfileRefusal::Query { .. } | ProfileRefusal::IdempotencyKeyInvalid => P::AttributeValueInvalid,
        ProfileRefusal::BatchTooLarge => P::BatchTooLarge,
        ProfileRefusal::StoreMissing => P::MasterStoreNotFound,
        ProfileRefusal::CustomerNotFound => P::CustomerNotFound,
        ProfileRefusal::AppProfileNotFound => P::AppProfileNotFound,
        ProfileRefusal::AppInvalid => P::AppInvalid,
        ProfileRefusal::Rate => P::TransactionLimitReached,
        ProfileRefusal::NoResults => P::NoResultsFound,
        ProfileRefusal::IdempotencyKeyReused => P::IdempotencyKeyReused,
    };
    code.status()
}

/// The row of a refused record.
pub(super) fn record(fault: &RecordFault) -> Status {
    let code = match fault {
        RecordFault::CustomerIdMissing => P::CustomerIdMissing,
        RecordFault::Missing(mandatory) => missing(*mandatory),
        RecordFault::StatusNotZeroOrOne => P::StatusNotZeroOrOne,
        RecordFault::RecordStatus => P::RecordStatusInvalid,
        RecordFault::Value { .. } => P::AttributeValueInvalid,
        RecordFault::Unknown(_) => P::AttributeUnknown,
        RecordFault::CustomerNotFound { old_code: false } => P::CustomerNotFound,
        RecordFault::CustomerNotFound { old_code: true } => P::CustomerNotFoundOnDelete,
        RecordFault::AppProfileNotFound => P::AppProfileNotFound,
        RecordFault::CustomerExists => P::CustomerAlreadyExists,
        RecordFault::AppProfileExists => P::AppProfileAlreadyExists,
        RecordFault::Internal => P::UnknownError,
        RecordFault::Expired => P::RequestExpired,
    };
    code.status()
}

const fn missing(mandatory: Mandatory) -> P {
    match mandatory {
        Mandatory::AccessToken => P::AccessTokenMissing,
        Mandatory::AccessTokenExpiry => P::AccessTokenExpiryMissing,
        Mandatory::AccessTokenSecret => P::AccessTokenSecretMissing,
        Mandatory::ConnectStatus => P::ConnectStatusMissing,
        Mandatory::DeviceId => P::DeviceIdMissing,
        Mandatory::Msisdn => P::MsisdnMissing,
        Mandatory::Psid => P::PsidMissing,
        Mandatory::RtmId => P::RtmIdMissing,
        Mandatory::ScreenName => P::ScreenNameMissing,
        Mandatory::Status => P::StatusMissing,
        Mandatory::TwitterUserId => P::TwitterUserIdMissing,
        Mandatory::WechatUserId => P::WechatUserIdMissing,
    }
}

/// The HTTP status of a refused request: 200 but for the body's transport and our own failures.
pub(super) const fn http_status(refusal: &ProfileRefusal) -> StatusCode {
    match refusal {
        ProfileRefusal::Json(JsonFault::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        ProfileRefusal::Json(JsonFault::ContentType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProfileRefusal::Json(JsonFault::TooSlow) => StatusCode::REQUEST_TIMEOUT,
        ProfileRefusal::Internal | ProfileRefusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    }
}
