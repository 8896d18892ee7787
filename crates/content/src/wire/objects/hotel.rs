//! The hotel (spec 3.1).

use super::parts::{CODED, IMAGE, LOOSELY_CODED};
use crate::wire::json::{self, Json};
use crate::wire::schema::{Faults, Field, optional, required};
use crate::wire::shape::{Shape, WHOLE_MAX};

/// Stars: halves are allowed, and some hotels claim more than five.
const STARS_MAX: i64 = 7;

pub const FIELDS: &[Field] = &[
    required("code", Shape::Code),
    optional("mappingProviders", Shape::List(MAPPING)),
    required("name", Shape::Text),
    required("starRating", Shape::Number(0, STARS_MAX)),
    required("defaultCurrencyCode", Shape::Capitals(3)),
    optional("maxRoomsBookable", Shape::Whole(1, WHOLE_MAX)),
    optional("numberOfRooms", Shape::Whole(0, WHOLE_MAX)),
    optional("numberOfFloors", Shape::Whole(0, WHOLE_MAX)),
    required("addressLine1", Shape::Text),
    optional("addressLine2", Shape::Text),
    required("city", Shape::Text),
    optional("state", Shape::Text),
    optional("stateCode", Shape::Text),
    required("country", Shape::Text),
    required("countryCode", Shape::Capitals(2)),
    optional("zip", Shape::Loose),
    optional("phone1", Shape::Loose),
    optional("phone2", Shape::Loose),
    optional("fax1", Shape::Loose),
    optional("fax2", Shape::Loose),
    optional("websiteUrl", Shape::Text),
    optional("longitude", Shape::Degrees(180)),
    optional("latitude", Shape::Degrees(90)),
    optional("longDescription", Shape::Text),
    optional("shortDescription", Shape::Text),
    optional("checkInPolicy", Shape::Text),
    optional("checkInTime", Shape::Time),
    optional("checkOutTime", Shape::Time),
    optional("adultAge", Shape::Whole(0, 150)),
    optional("timeZone", Shape::Text),
    optional("defaultLanguage", Shape::Text),
    optional("adultOnly", Shape::Flag),
    optional("currencies", Shape::List(LOOSELY_CODED)),
    optional("languages", Shape::List(LOOSELY_CODED)),
    optional("creditCardTypes", Shape::List(LOOSELY_CODED)),
    optional("bedtypes", Shape::List(CODED)),
    optional("amenities", Shape::List(CODED)),
    // No source shows what an age category or the hotel's taxes look like: kept as they come.
    optional("ageCategories", Shape::Array),
    optional("images", Shape::List(IMAGE)),
    optional("taxes", Shape::Any),
];

const MAPPING: &[Field] = &[required("mappingProvider", Shape::Text), required("mappingCode", Shape::Loose)];

/// The flat pair `mappingProvider`, `mappingCode` becomes a list of one (Appendix C, 7).
pub fn gather_mapping(hotel: &mut Json, faults: &mut Faults) {
    let (provider, code) = (hotel.take("mappingProvider"), hotel.take("mappingCode"));
    let none = |value: &Option<Json>| value.as_ref().is_none_or(|value| *value == Json::Null);
    if none(&provider) && none(&code) {
        return;
    }
    let own = |value: Option<Json>| value.unwrap_or(Json::Null);
    let pair = json::object([("mappingProvider", own(provider)), ("mappingCode", own(code))]);
    let list = Json::List(vec![pair]);
    match hotel.given("mappingProviders") {
        None => hotel.set("mappingProviders", list),
        Some(given) if given.sorted() == list.sorted() => {}
        Some(_) => {
            faults.invalid("mappingProviders", "`mappingProvider` says otherwise; send one of the two")
        }
    }
}
