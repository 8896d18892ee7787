//! Conditions of a tax (spec 3.7).

use crate::wire::date::is_date;
use crate::wire::decimal::Decimal;
use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, join, optional, required};
use crate::wire::shape::Shape;

const TYPES: &[&str] = &[
    "BOOKING_DATE",
    "ARRIVAL_DATE",
    "STAY_DATE",
    "DAY_OF_WEEK",
    "NIGHTLY_RATE",
    "TOTAL_PRICE",
    "NIGHT_NUMBER",
    "LOS",
    "LEAD_TIME",
];
const DAYS: &[&str] = &["ALL", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

pub const FIELDS: &[Field] = &[
    required("conditionType", Shape::Word(TYPES, &[])),
    optional("minValue", Shape::Loose),
    optional("maxValue", Shape::Loose),
    optional("values", Shape::Texts),
];

/// What the values of a type look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Dates,
    Days,
    Whole,
    Decimals,
}

/// The rules between the type of a condition and its values; `by_night` tells how often the tax is charged.
pub fn check(condition: &Json, by_night: bool, path: &str, faults: &mut Faults) {
    let Some(kind) = condition.given("conditionType").and_then(Json::text) else { return };
    let values = match kind {
        "BOOKING_DATE" | "ARRIVAL_DATE" | "STAY_DATE" => Values::Dates,
        "DAY_OF_WEEK" => Values::Days,
        "LOS" | "LEAD_TIME" | "NIGHT_NUMBER" => Values::Whole,
        "NIGHTLY_RATE" | "TOTAL_PRICE" => Values::Decimals,
        _ => return,
    };
    if kind == "NIGHT_NUMBER" && !by_night {
        faults.invalid(&join(path, "conditionType"), "NIGHT_NUMBER only with chargeFrequency DAY");
    }
    list(condition, values, path, faults);
    range(condition, values, path, faults);
}

fn list(condition: &Json, values: Values, path: &str, faults: &mut Faults) {
    let given = condition.given("values").and_then(Json::list).unwrap_or_default();
    let at = join(path, "values");
    match values {
        Values::Dates if !given.is_empty() => faults.invalid(&at, "a date condition has a range only"),
        Values::Days if given.is_empty() => faults.missing(&at),
        _ => {
            for (place, value) in given.iter().enumerate() {
                if value.text().is_some_and(|text| !is_value(values, text)) {
                    faults.invalid(&format!("{at}[{place}]"), rule(values));
                }
            }
        }
    }
}

fn range(condition: &Json, values: Values, path: &str, faults: &mut Faults) {
    let bound = |name: &str| match condition.given(name) {
        Some(Json::Text(text) | Json::Number(text)) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    };
    for (name, value) in [("minValue", bound("minValue")), ("maxValue", bound("maxValue"))] {
        let Some(value) = value else { continue };
        if values == Values::Days {
            faults.invalid(&join(path, name), "DAY_OF_WEEK has values only");
        } else if !is_value(values, value) {
            faults.invalid(&join(path, name), rule(values));
        }
    }
    let (Some(min), Some(max)) = (bound("minValue"), bound("maxValue")) else { return };
    match values {
        Values::Dates if is_date(min) && is_date(max) && max < min => {
            faults.reversed(&join(path, "maxValue"))
        }
        Values::Whole | Values::Decimals if Decimal::parse(min) > Decimal::parse(max) => {
            faults.invalid(&join(path, "maxValue"), "at least minValue");
        }
        _ => {}
    }
}

fn is_value(values: Values, text: &str) -> bool {
    match values {
        Values::Dates => is_date(text),
        Values::Days => DAYS.contains(&text),
        Values::Whole => Decimal::parse(text).is_some_and(|value| value.is_whole()),
        Values::Decimals => Decimal::parse(text).is_some(),
    }
}

const fn rule(values: Values) -> &'static str {
    match values {
        Values::Dates => "a date as YYYY-MM-DD",
        Values::Days => "one of ALL, SUN, MON, TUE, WED, THU, FRI, SAT",
        Values::Whole => "a whole number",
        Values::Decimals => "a number",
    }
}
