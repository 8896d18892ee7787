//! Made-up hotels for the content workloads: every object carries its place in its property's order in its code.

use std::fmt::Write as _;

/// Room types a rate plan is sold with.
const PRODUCTS: u32 = 3;

/// What an object is; the order is that of dependency, in which a property's objects must go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The property itself.
    Hotel,
    /// A tax.
    Tax,
    /// A cancellation policy.
    Policy,
    /// A room type.
    Room,
    /// A rate plan.
    Plan,
    /// All products of a rate plan.
    Products,
}

/// A number of properties, each of the same number of messages.
#[derive(Debug, Clone, Copy)]
pub struct Hotels {
    /// How many properties.
    pub properties: u32,
    /// Messages of each, at least 15.
    pub messages: u32,
}

impl Hotels {
    /// All messages.
    #[must_use]
    pub fn total(self) -> u64 {
        u64::from(self.properties) * u64::from(self.messages)
    }

    fn plans(self) -> u32 {
        self.messages / 3
    }

    fn taxes(self) -> u32 {
        self.messages / 15
    }

    fn rooms(self) -> u32 {
        self.messages - 1 - 2 * self.taxes() - 2 * self.plans()
    }

    /// The places of a kind within the property, counted from 0.
    #[must_use]
    pub fn places(self, kind: Kind) -> std::ops::Range<u32> {
        let (taxes, rooms, plans) = (self.taxes(), self.rooms(), self.plans());
        let from = |start: u32, count: u32| start..start + count;
        match kind {
            Kind::Hotel => from(0, 1),
            Kind::Tax => from(1, taxes),
            Kind::Policy => from(1 + taxes, taxes),
            Kind::Room => from(1 + 2 * taxes, rooms),
            Kind::Plan => from(1 + 2 * taxes + rooms, plans),
            Kind::Products => from(1 + 2 * taxes + rooms + plans, plans),
        }
    }

    /// The place of an object by the number in its code; products are named by their rate plan.
    #[must_use]
    pub fn place(self, kind: Kind, number: u32) -> u32 {
        if kind == Kind::Products { number + self.plans() } else { number }
    }

    /// The messages of one property, one a line, as `waypost content import` takes them.
    #[must_use]
    pub fn lines(self, property: u32) -> String {
        let mut text = String::new();
        let code = property_code(property);
        // Writing to a String cannot fail.
        let _ = writeln!(text, r#"{{"hotel":{}}}"#, hotel(&code));
        let mut list = |key: &str, objects: Vec<String>| {
            let _ = writeln!(text, r#"{{"propertyCode":"{code}","{key}":[{}]}}"#, objects.join(","));
        };
        list("taxes", self.places(Kind::Tax).map(tax).collect());
        list("cancellationPolicies", self.places(Kind::Policy).map(policy).collect());
        list("rooms", self.places(Kind::Room).map(|place| room(place, "Twin")).collect());
        let first_policy = self.places(Kind::Policy).start;
        list("rateplans", self.places(Kind::Plan).map(|place| plan(place, first_policy)).collect());
        for place in self.places(Kind::Plan) {
            list("products", self.products(place));
        }
        text
    }

    fn products(self, plan: u32) -> Vec<String> {
        let (rooms, tax) = (self.places(Kind::Room), self.places(Kind::Tax).start);
        let product = |room: u32| {
            format!(r#"{{"rateplanCode":"Q{plan:04}","roomtypeCode":"Q{room:04}","taxes":["Q{tax:04}"]}}"#)
        };
        (0..PRODUCTS.min(self.rooms())).map(|n| product(rooms.start + (plan + n) % self.rooms())).collect()
    }
}

/// The code of a property.
#[must_use]
pub fn property_code(number: u32) -> String {
    format!("H{number:05}")
}

fn hotel(code: &str) -> String {
    format!(
        r#"{{"code":"{code}","mappingProviders":[{{"mappingProvider":"GIATA","mappingCode":"123456"}}],"name":"House {code}",
        "starRating":3.5,"defaultCurrencyCode":"EUR","maxRoomsBookable":5,"numberOfRooms":40,"numberOfFloors":4,
        "addressLine1":"Rua A 1","addressLine2":null,"city":"Lisbon","country":"Portugal","countryCode":"PT","zip":"1000-001",
        "phone1":"351000000","websiteUrl":"www.example.test","longitude":"-9.1393","latitude":"38.7223",
        "longDescription":"A house by the river.","shortDescription":"By the river","checkInPolicy":"At the desk",
        "checkInTime":"15:00","checkOutTime":"11:00","adultAge":18,"timeZone":"Europe/Lisbon","defaultLanguage":"en",
        "adultOnly":false,"currencies":[{{"code":"EUR","name":"Euro"}}],"languages":[{{"code":"EN","name":"English"}}],
        "creditCardTypes":[{{"code":"MC","name":"MasterCard"}}],"bedtypes":[{{"code":"TWB","name":"Two Twin Beds"}}],
        "amenities":[{{"code":"AC","name":"Air Conditioning"}}],"ageCategories":[],"images":[]}}"#
    )
    .replace(['\n'], "")
}

fn tax(place: u32) -> String {
    format!(
        r#"{{"code":"Q{place:04}","name":"City tax","description":null,"taxType":"TAX","chargeFrequency":"DAY","chargeBasis":"PERSON","percentOrFlat":"FLAT","appliesToChildren":false,"value":4.00,"payAtProperty":true}}"#
    )
}

fn policy(place: u32) -> String {
    format!(
        r#"{{"code":"Q{place:04}","name":"24 hours","description":"Free until a day before arrival","penaltyWindows":[{{"relativeDeadline":{{"relativeTo":"CHECK_IN","type":"BEFORE","offsetUnit":"HOUR","offsetValue":24}},"penalty":{{"percent":null,"nights":1,"taxInclusive":true}}}}]}}"#
    )
}

/// A room type; its name is how a change is recognised at the partner.
#[must_use]
pub fn room(place: u32, name: &str) -> String {
    format!(
        r#"{{"code":"Q{place:04}","name":"{name}","shortDescription":"A room of two beds","longDescription":null,"maxAdultOccupancy":2,"minAdultOccupancy":1,"maxChildOccupancy":1,"minChildOccupancy":0,"totalMaxOccupancy":3,"maxOccupancyForDefaultPrice":2,"bedtypes":[{{"code":"TWB","name":"Two Twin Beds"}},{{"code":"1FB","name":"One Full Bed"}}],"amenities":[],"images":[{{"index":1,"name":"front","shortDescription":null,"url":[{{"size":"LARGE","url":"https://img.example.test/1.jpg"}}]}}]}}"#
    )
}

fn plan(place: u32, policy: u32) -> String {
    format!(
        r#"{{"code":"Q{place:04}","name":"Flexible B&B","currency":{{"code":"EUR","name":"Euro"}},"mealplan":{{"mealplanCode":"BBI","mealplanName":"Breakfast Included","mealplanDescription":null}},"shortDescription":"With breakfast","detailDescription":null,"cancellationPolicyCode":"Q{policy:04}","isTaxInclusive":false,"isRefundable":true,"rateplanType":["RETAIL"],"isPromo":false,"destinationExclusive":null,"destinationRestriction":null,"seasonalPolicies":null}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_a_property_follow_each_other_without_a_hole() {
        for messages in [15, 50, 100, 150, 2_000] {
            let hotels = Hotels { properties: 1, messages };
            let kinds = [Kind::Hotel, Kind::Tax, Kind::Policy, Kind::Room, Kind::Plan, Kind::Products];
            let mut next = 0;
            for kind in kinds {
                let places = hotels.places(kind);
                assert!(places.start == next && !places.is_empty(), "{kind:?} of {messages}: {places:?}");
                next = places.end;
            }
            assert_eq!(next, messages);
        }
    }

    #[test]
    fn every_line_is_json() {
        let lines = Hotels { properties: 1, messages: 150 }.lines(7);
        for line in lines.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["propertyCode"] == "H00007" || value["hotel"]["code"] == "H00007", "{line}");
        }
        assert_eq!(lines.lines().count(), 5 + 50);
    }
}
