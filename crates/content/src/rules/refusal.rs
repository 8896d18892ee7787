//! Every way a push or an audit is refused.

use std::borrow::Cow;

use crate::kind::Kind;

/// Why a message, or one object of it, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 4001: no credentials, or wrong ones.
    Credentials,
    /// 4005: a required field is absent, null or blank, or a required list is empty.
    Missing(Place),
    /// 4006: a value that cannot be used; with the rule it breaks.
    Invalid(Place, Cow<'static, str>),
    /// 4007: the end is earlier than the start; the place is the end's.
    DatesReversed(Place),
    /// 7054–7058.
    NotFound(Kind, String),
    /// 7059–7063.
    Disabled(Kind, String),
    /// 4099: the message could not be kept or read.
    Internal,
}

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path: inside the object when `object` names it, else inside the message.
    pub field: String,
    /// The code of the object it belongs to (`objectCode`).
    pub object: Option<String>,
}

impl Place {
    /// A field of the message itself.
    #[must_use]
    pub fn message(field: impl Into<String>) -> Self {
        Self { field: field.into(), object: None }
    }
}

impl Refusal {
    /// The code of the offending object, where it is one's (`errors[].objectCode`).
    #[must_use]
    pub fn object_code(&self) -> Option<&str> {
        match self {
            Self::Missing(place) | Self::Invalid(place, _) | Self::DatesReversed(place) => {
                place.object.as_deref()
            }
            Self::NotFound(_, code) | Self::Disabled(_, code) => Some(code),
            Self::Credentials | Self::Internal => None,
        }
    }

    /// The path of the field; empty where it is about no field.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Missing(place) | Self::Invalid(place, _) | Self::DatesReversed(place) => &place.field,
            Self::NotFound(..) | Self::Disabled(..) | Self::Credentials | Self::Internal => "",
        }
    }

    /// Whether it lies in the message itself (HTTP 400), not in what is stored (HTTP 200).
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Invalid(..) | Self::DatesReversed(_))
    }
}
