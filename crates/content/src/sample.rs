//! Messages of a small hotel in Lisbon: for certifying a receiver, for the sandbox, for tests. Each is valid.

use crate::kind::{Kind, Op};
use crate::wire::json::{self, Json};

/// Reads a literal of this file.
fn literal(text: &str) -> Json {
    json::parse(text.as_bytes()).unwrap_or(Json::Null)
}

/// The hotel.
#[must_use]
pub fn hotel(code: &str) -> Json {
    let mut hotel = literal(
        r#"{"code":"","mappingProviders":[{"mappingProvider":"GIATA","mappingCode":"123456"}],
        "name":"Test House Lisbon","starRating":3.5,"defaultCurrencyCode":"EUR","maxRoomsBookable":5,
        "numberOfRooms":40,"numberOfFloors":4,"addressLine1":"Rua A 1","addressLine2":null,"city":"Lisbon",
        "state":null,"stateCode":null,"country":"Portugal","countryCode":"PT","zip":"1000-001",
        "phone1":"351000000","phone2":null,"fax1":null,"fax2":null,"websiteUrl":"www.example.test",
        "longitude":"-9.1393","latitude":"38.7223","longDescription":"A house by the river.",
        "shortDescription":"By the river","checkInPolicy":"At the desk","checkInTime":"15:00",
        "checkOutTime":"11:00","adultAge":18,"timeZone":"Europe/Lisbon","defaultLanguage":"en",
        "adultOnly":false,"currencies":[{"code":"EUR","name":"Euro"}],
        "languages":[{"code":"EN","name":"English"}],"creditCardTypes":[{"code":"MC","name":"MasterCard"}],
        "bedtypes":[{"code":"TWB","name":"Two Twin Beds"},{"code":"1FB","name":"One Full Bed"}],
        "amenities":[{"code":"AC","name":"Air Conditioning"}],"ageCategories":[],"images":[]}"#,
    );
    hotel.set("code", Json::from(code));
    hotel
}

/// A room type.
#[must_use]
pub fn room(code: &str) -> Json {
    let mut room = literal(
        r#"{"name":"Twin","code":"","shortDescription":"A room of two beds","longDescription":null,
        "maxAdultOccupancy":2,"minAdultOccupancy":1,"maxChildOccupancy":1,"minChildOccupancy":0,
        "totalMaxOccupancy":3,"maxOccupancyForDefaultPrice":2,
        "bedtypes":[{"code":"TWB","name":"Two Twin Beds"},{"code":"1FB","name":"One Full Bed"}],"amenities":[],
        "images":[{"index":1,"name":"front","shortDescription":null,
        "url":[{"size":"LARGE","url":"https://img.example.test/1.jpg"}]}]}"#,
    );
    room.set("code", Json::from(code));
    room
}

/// A rate plan under a cancellation policy.
#[must_use]
pub fn rateplan(code: &str, policy: &str) -> Json {
    let mut plan = literal(
        r#"{"name":"Flexible B&B","code":"","currency":{"code":"EUR","name":"Euro"},
        "mealplan":{"mealplanCode":"BBI","mealplanName":"Breakfast Included","mealplanDescription":null},
        "shortDescription":"With breakfast","detailDescription":null,"cancellationPolicyCode":"",
        "isTaxInclusive":false,"isRefundable":true,"rateplanType":["RETAIL"],"isPromo":false,
        "destinationExclusive":null,"destinationRestriction":null,"seasonalPolicies":null}"#,
    );
    plan.set("code", Json::from(code));
    plan.set("cancellationPolicyCode", Json::from(policy));
    plan
}

/// A cancellation policy: a night's price from a day before arrival.
#[must_use]
pub fn policy(code: &str) -> Json {
    let mut policy = literal(
        r#"{"name":"24 hours","code":"","description":"Free until a day before arrival",
        "penaltyWindows":[{"relativeDeadline":{"relativeTo":"CHECK_IN","type":"BEFORE","offsetUnit":"HOUR",
        "offsetValue":24},"penalty":{"percent":null,"nights":1,"taxInclusive":true}}]}"#,
    );
    policy.set("code", Json::from(code));
    policy
}

/// A city tax.
#[must_use]
pub fn tax(code: &str) -> Json {
    let mut tax = literal(
        r#"{"name":"City tax","code":"","description":null,"taxType":"TAX","chargeFrequency":"DAY",
        "chargeBasis":"PERSON","percentOrFlat":"FLAT","appliesToChildren":false,"value":4.00,
        "payAtProperty":true}"#,
    );
    tax.set("code", Json::from(code));
    tax
}

/// A product.
#[must_use]
pub fn product(rateplan: &str, room: &str, taxes: &[&str]) -> Json {
    json::object([
        ("rateplanCode", Json::from(rateplan)),
        ("roomtypeCode", Json::from(room)),
        ("taxes", Json::List(taxes.iter().map(|code| Json::from(*code)).collect())),
    ])
}

/// A message of several objects; for products see [`products`].
#[must_use]
pub fn message(id: &str, kind: Kind, op: Op, property: &str, objects: Vec<Json>) -> Json {
    let mut message = json::object([("messageId", Json::from(id)), ("updateType", Json::from(op.word()))]);
    if kind == Kind::Hotel {
        message.set(kind.list_key(), objects.into_iter().next().unwrap_or(Json::Null));
    } else {
        message.set("propertyCode", Json::from(property));
        message.set(kind.list_key(), Json::List(objects));
    }
    message
}

/// The message of all products of a rate plan.
#[must_use]
pub fn products(id: &str, property: &str, rateplan: &str, products: Vec<Json>) -> Json {
    json::object([
        ("messageId", Json::from(id)),
        ("propertyCode", Json::from(property)),
        ("rateplanCode", Json::from(rateplan)),
        ("products", Json::List(products)),
    ])
}
