//! The rate plan (spec 3.3).

use super::parts::{MARKET, MEAL_PLAN, dates, each};
use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, Need, optional, present, required};
use crate::wire::shape::Shape;

pub const FIELDS: &[Field] = &[
    required("name", Shape::Text),
    required("code", Shape::Code),
    required("currency", Shape::Currency),
    // The page says `mealPlan`, the wire and the sample `mealplan`; inside both it is `mealplanCode`.
    Field { name: "mealplan", also: Some("mealPlan"), need: Need::Present, shape: Shape::Object(MEAL_PLAN) },
    required("shortDescription", Shape::Text),
    optional("detailDescription", Shape::Text),
    optional("cancellationPolicyCode", Shape::Code),
    required("isTaxInclusive", Shape::Flag),
    required("isRefundable", Shape::Flag),
    present("rateplanType", Shape::Texts),
    required("isPromo", Shape::Flag),
    optional("destinationExclusive", Shape::Object(MARKET)),
    optional("destinationRestriction", Shape::List(MARKET)),
    optional("seasonalPolicies", Shape::List(SEASON)),
];

const SEASON: &[Field] = &[
    optional("name", Shape::Text),
    required("code", Shape::Code),
    required("startDate", Shape::Date),
    required("endDate", Shape::Date),
];

/// A season must not end before it begins (4007).
pub fn between(plan: &Json, faults: &mut Faults) {
    for (path, season) in each(plan, "seasonalPolicies") {
        dates(season, "startDate", "endDate", &path, faults);
    }
}
