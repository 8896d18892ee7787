//! The tax or fee (spec 3.5), with its opt-in fields (3.7).

use super::condition;
use super::parts::{dates, each};
use crate::wire::decimal::Decimal;
use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, optional, required};
use crate::wire::shape::{Shape, WHOLE_MAX};

pub const FIELDS: &[Field] = &[
    required("name", Shape::Text),
    required("code", Shape::Code),
    optional("description", Shape::Text),
    required("taxType", Shape::Word(&["TAX", "FEE"], &[])),
    required("chargeFrequency", Shape::Word(&["DAY", "STAY"], &[("NIGHT", "DAY")])),
    required("chargeBasis", Shape::Word(&["ROOM", "PERSON"], &[])),
    required("percentOrFlat", Shape::Word(&["FLAT", "PERCENT"], &[])),
    required("appliesToChildren", Shape::Flag),
    required("value", Shape::Number(0, WHOLE_MAX)),
    required("payAtProperty", Shape::Flag),
    optional("startDate", Shape::Date),
    optional("endDate", Shape::Date),
    optional("chargePerPhysicalRoom", Shape::Flag),
    optional("refundable", Shape::Flag),
    optional("conditions", Shape::List(condition::FIELDS)),
];

/// A percentage is at most 100; periods and ranges are not reversed.
pub fn between(tax: &Json, faults: &mut Faults) {
    if tax.given("percentOrFlat").and_then(Json::text) == Some("PERCENT")
        && let Some(Json::Number(digits)) = tax.given("value")
        && Decimal::parse(digits).is_some_and(|value| value > Decimal::from(100))
    {
        faults.invalid("value", "at most 100 for a percentage");
    }
    dates(tax, "startDate", "endDate", "", faults);
    let by_night = tax.given("chargeFrequency").and_then(Json::text) != Some("STAY");
    for (path, condition) in each(tax, "conditions") {
        condition::check(condition, by_night, &path, faults);
    }
}
