//! From refusals to rows of the catalogue: the only place that knows both.

use waypost_status::{MetadataPushCode as Code, Status};

use crate::kind::Kind;
use crate::rules::Refusal;

/// The row of `errors[]`.
pub fn row(refusal: &Refusal) -> Status {
    match refusal {
        Refusal::Credentials => Code::NotAuthorized.status(),
        Refusal::Missing(place) => Code::RequiredFieldMissing.status_with(&[("field", &place.field)]),
        Refusal::Invalid(place, _) => Code::FieldValueInvalid.status_with(&[("field", &place.field)]),
        Refusal::DatesReversed(_) => Code::DatesReversed.status(),
        Refusal::NotFound(kind, code) => not_found(*kind).status_with(&[("code", code)]),
        Refusal::Disabled(kind, code) => disabled(*kind).status_with(&[("code", code)]),
        Refusal::Internal => Code::InternalError.status(),
    }
}

/// A product has no code of its own: it is known by its rate plan's.
const fn not_found(kind: Kind) -> Code {
    match kind {
        Kind::Hotel => Code::PropertyNotFound,
        Kind::Room => Code::RoomTypeNotFound,
        Kind::RatePlan | Kind::Product => Code::RatePlanNotFound,
        Kind::Policy => Code::CancellationPolicyNotFound,
        Kind::Tax => Code::TaxNotFound,
    }
}

const fn disabled(kind: Kind) -> Code {
    match kind {
        Kind::Hotel => Code::PropertyDisabled,
        Kind::Room => Code::RoomTypeDisabled,
        Kind::RatePlan | Kind::Product => Code::RatePlanDisabled,
        Kind::Policy => Code::CancellationPolicyDisabled,
        Kind::Tax => Code::TaxDisabled,
    }
}
