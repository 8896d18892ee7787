//! The room type (spec 3.2).

use super::parts::{CODED, IMAGE};
use crate::wire::decimal::Decimal;
use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, optional, required};
use crate::wire::shape::{Shape, WHOLE_MAX};

pub const FIELDS: &[Field] = &[
    required("name", Shape::Text),
    required("code", Shape::Code),
    required("shortDescription", Shape::Text),
    optional("longDescription", Shape::Text),
    required("maxAdultOccupancy", Shape::Whole(1, WHOLE_MAX)),
    required("minAdultOccupancy", Shape::Whole(0, WHOLE_MAX)),
    required("maxChildOccupancy", Shape::Whole(0, WHOLE_MAX)),
    required("minChildOccupancy", Shape::Whole(0, WHOLE_MAX)),
    required("totalMaxOccupancy", Shape::Whole(0, WHOLE_MAX)),
    required("maxOccupancyForDefaultPrice", Shape::Whole(1, WHOLE_MAX)),
    optional("bedtypes", Shape::List(CODED)),
    optional("amenities", Shape::List(CODED)),
    optional("images", Shape::List(IMAGE)),
];

/// How the occupancies bound each other.
pub fn between(room: &Json, faults: &mut Faults) {
    let number = |name: &str| match room.given(name) {
        Some(Json::Number(digits)) => Decimal::parse(digits).and_then(|it| it.to_int()).unwrap_or(0),
        _ => 0,
    };
    let (adults, children) = (number("maxAdultOccupancy"), number("maxChildOccupancy"));
    let total = number("totalMaxOccupancy");
    if number("minAdultOccupancy") > adults {
        faults.invalid("minAdultOccupancy", "at most maxAdultOccupancy");
    }
    if number("minChildOccupancy") > children {
        faults.invalid("minChildOccupancy", "at most maxChildOccupancy");
    }
    if total < adults || total > adults + children {
        faults.invalid(
            "totalMaxOccupancy",
            "from maxAdultOccupancy to the sum of maxAdultOccupancy and maxChildOccupancy",
        );
    }
    if number("maxOccupancyForDefaultPrice") > total {
        faults.invalid("maxOccupancyForDefaultPrice", "at most totalMaxOccupancy");
    }
}
