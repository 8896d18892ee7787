//! The product: a rate plan sold for a room type (spec 3.6), with its opt-in fields (3.7).

use super::parts::{dates, each};
use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, optional, present, required};
use crate::wire::shape::Shape;

pub const FIELDS: &[Field] = &[
    required("rateplanCode", Shape::Code),
    required("roomtypeCode", Shape::Code),
    present("taxes", Shape::Codes),
    optional("cancellationPolicies", Shape::List(POLICY)),
    optional("mealplans", Shape::List(MEAL_PLAN_OF_A_PERIOD)),
];

const POLICY: &[Field] =
    &[required("code", Shape::Code), optional("startDate", Shape::Date), optional("endDate", Shape::Date)];

const MEAL_PLAN_OF_A_PERIOD: &[Field] = &[
    required("mealplanCode", Shape::Code),
    required("mealplanName", Shape::Text),
    optional("mealplanDescription", Shape::Text),
    optional("startDate", Shape::Date),
    optional("endDate", Shape::Date),
];

/// Periods of policies and meal plans must not be reversed (4007).
pub fn between(product: &Json, faults: &mut Faults) {
    for name in ["cancellationPolicies", "mealplans"] {
        for (path, period) in each(product, name) {
            dates(period, "startDate", "endDate", &path, faults);
        }
    }
}
