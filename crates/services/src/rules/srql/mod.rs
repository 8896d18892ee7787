//! The service request query language (spec 6): from the text of a filter to conditions, with places in every refusal.
//!
//! Two quirks of the published language are kept by default: a filter type that is not known is left out, and the value of
//! `PlaceOfSupply` is compared as it is written. [`Mode::Strict`] refuses the first and compares places in any case.

mod lexer;
mod parse;

use waypost_core::time::Micros;

pub use parse::parse;

use super::RequestStatus;

/// Whether the quirks of the published language are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As published.
    #[default]
    Compatible,
    /// What is not understood is refused.
    Strict,
}

/// An identifier of a regulated entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdType {
    /// Name of the vessel.
    VesselName,
    /// Canadian ship indicator.
    ShipIndicator,
    /// IMO number.
    Imo,
    /// Official number.
    OfficialNumber,
}

impl IdType {
    /// Every identifier the language knows.
    pub const ALL: &'static [Self] =
        &[Self::VesselName, Self::ShipIndicator, Self::Imo, Self::OfficialNumber];

    /// Its published code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::VesselName => "VESSEL_NM",
            Self::ShipIndicator => "CDN_SHIP_IND",
            Self::Imo => "IMO",
            Self::OfficialNumber => "OFFICIAL_NO",
        }
    }

    /// Its number in the index of parts, as stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::VesselName => 1,
            Self::ShipIndicator => 2,
            Self::Imo => 3,
            Self::OfficialNumber => 4,
        }
    }

    /// The identifier with this code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id_type| id_type.code() == code)
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// In any of these statuses.
    Status(Vec<RequestStatus>),
    /// With this place of supply.
    Place {
        /// The code.
        value: String,
        /// Whether `on` differs from `ON`.
        exact_case: bool,
    },
    /// With any of these service attributes.
    Attributes(Vec<i64>),
    /// With a regulated entity whose identifier is the value, or contains it; in lower case.
    Entity {
        /// Which identifier.
        id_type: IdType,
        /// What it is compared with.
        value: String,
        /// Whether a part is enough.
        partial: bool,
    },
    /// Last changed at or after the first moment and before the second.
    Changed(Micros, Micros),
}

/// The type of a filter; one must not be repeated with OR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterType {
    /// `Status`.
    Status,
    /// `PlaceOfSupply`.
    PlaceOfSupply,
    /// `ServiceAttributes`.
    ServiceAttributes,
    /// `RegulatedEntity-...`, whichever identifier.
    RegulatedEntity,
    /// `DateRangeUtc`.
    DateRange,
}

impl FilterType {
    /// Its name in the language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::PlaceOfSupply => "PlaceOfSupply",
            Self::ServiceAttributes => "ServiceAttributes",
            Self::RegulatedEntity => "RegulatedEntity",
            Self::DateRange => "DateRangeUtc",
        }
    }
}

impl Condition {
    /// Its type.
    #[must_use]
    pub const fn filter_type(&self) -> FilterType {
        match self {
            Self::Status(_) => FilterType::Status,
            Self::Place { .. } => FilterType::PlaceOfSupply,
            Self::Attributes(_) => FilterType::ServiceAttributes,
            Self::Entity { .. } => FilterType::RegulatedEntity,
            Self::Changed(..) => FilterType::DateRange,
        }
    }
}

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By the date of the last change, else by id.
    pub by_date: bool,
    /// Smallest first.
    pub ascending: bool,
}

impl Default for Order {
    /// Newest first.
    fn default() -> Self {
        Self { by_date: false, ascending: false }
    }
}

/// A filter that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these groups; all conditions of a group. No group lets everything through.
    pub groups: Vec<Vec<Condition>>,
    /// The order asked for.
    pub order: Order,
}

/// Why a filter was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The place, in characters from 1.
    pub at: usize,
    /// What was expected there.
    pub expected: String,
}

impl Misread {
    /// The rule for the answer.
    #[must_use]
    pub fn rule(&self) -> String {
        format!("at character {}: {}", self.at, self.expected)
    }
}
