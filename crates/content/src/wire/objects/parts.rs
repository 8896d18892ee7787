//! Objects that stand inside several others.

use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, join, optional, required};
use crate::wire::shape::{Shape, WHOLE_MAX};

/// `{code,name}` of an open vocabulary: bed types, amenities, currencies, languages, cards.
pub const CODED: &[Field] = &[required("code", Shape::Code), required("name", Shape::Text)];

/// The same where the public material does not say that a name is required.
pub const LOOSELY_CODED: &[Field] = &[required("code", Shape::Code), optional("name", Shape::Text)];

/// An image (spec 3.1).
pub const IMAGE: &[Field] = &[
    required("index", Shape::Whole(0, WHOLE_MAX)),
    optional("name", Shape::Text),
    optional("shortDescription", Shape::Text),
    required("url", Shape::List(IMAGE_URL)),
];

const IMAGE_URL: &[Field] = &[optional("size", Shape::Text), required("url", Shape::Text)];

/// A meal plan (spec 3.3).
pub const MEAL_PLAN: &[Field] = &[
    required("mealplanCode", Shape::Code),
    required("mealplanName", Shape::Text),
    optional("mealplanDescription", Shape::Text),
];

/// A source market (spec 3.3).
pub const MARKET: &[Field] =
    &[optional("type", Shape::Text), optional("name", Shape::Text), optional("code", Shape::Text)];

/// 4007 when both dates are given and good, and the end is the earlier one. ISO dates compare as texts.
pub fn dates(object: &Json, start: &str, end: &str, path: &str, faults: &mut Faults) {
    let date =
        |name: &str| object.given(name).and_then(Json::text).filter(|text| crate::wire::date::is_date(text));
    if let (Some(from), Some(to)) = (date(start), date(end))
        && to < from
    {
        faults.reversed(&join(path, end));
    }
}

/// Each element of the list `name` of `object`, with its path.
pub fn each<'a>(object: &'a Json, name: &'a str) -> impl Iterator<Item = (String, &'a Json)> + 'a {
    let list = object.given(name).and_then(Json::list).unwrap_or_default();
    list.iter().enumerate().map(move |(place, element)| (format!("{name}[{place}]"), element))
}
