use super::json::{self, Json};
use super::push::{self, Push, Refused};
use super::{audit, date};
use crate::kind::{Kind, Op};
use crate::rules::{Place, Refusal};
use crate::sample;

fn read(kind: Kind, message: Json) -> Result<Push, Refused> {
    push::read(kind, None, message)
}

fn text(text: &str) -> Json {
    json::parse(text.as_bytes()).unwrap()
}

fn one(kind: Kind, body: Json) -> Json {
    sample::message("m-1", kind, Op::New, "LISTEST", vec![body])
}

/// What is wrong, in short: code, object, field.
fn wrong(outcome: Result<Push, Refused>) -> Vec<(u32, Option<String>, String)> {
    let refusals = outcome.map_or_else(|refused| refused.refusals, |_| Vec::new());
    refusals
        .iter()
        .map(|refusal| {
            let number = match refusal {
                Refusal::Missing(_) => 4005,
                Refusal::Invalid(..) => 4006,
                Refusal::DatesReversed(_) => 4007,
                _ => 0,
            };
            (number, refusal.object_code().map(str::to_owned), refusal.field().to_owned())
        })
        .collect()
}

fn of(number: u32, object: &str, field: &str) -> (u32, Option<String>, String) {
    (number, Some(object.to_owned()), field.to_owned())
}

fn top(number: u32, field: &str) -> (u32, Option<String>, String) {
    (number, None, field.to_owned())
}

#[test]
fn every_sample_is_taken_as_it_is() {
    for (kind, body) in [
        (Kind::Hotel, sample::hotel("LISTEST")),
        (Kind::Tax, sample::tax("CITY")),
        (Kind::Policy, sample::policy("C24H")),
        (Kind::Room, sample::room("TWN")),
        (Kind::RatePlan, sample::rateplan("FLEXBB", "C24H")),
    ] {
        let push = read(kind, one(kind, body.clone())).unwrap();
        assert_eq!((push.op, push.property.as_str()), (Op::New, "LISTEST"));
        assert_eq!(push.objects[0].body, body);
    }
    let products = vec![sample::product("FLEXBB", "TWN", &["CITY"])];
    let push = read(Kind::Product, sample::products("m", "LISTEST", "FLEXBB", products.clone())).unwrap();
    assert_eq!((push.op, push.objects[0].code.as_str()), (Op::Replace, "FLEXBB"));
    assert_eq!(push.objects[0].body, Json::List(products));
}

#[test]
fn every_required_field_left_out_is_named_in_the_order_of_the_table() {
    let bare = |kind| wrong(read(kind, one(kind, text(r#"{"code":"X"}"#))));
    let names = |kind| bare(kind).into_iter().map(|(_, _, field)| field).collect::<Vec<_>>();
    assert_eq!(
        names(Kind::Hotel),
        ["name", "starRating", "defaultCurrencyCode", "addressLine1", "city", "country", "countryCode"]
    );
    assert_eq!(
        names(Kind::Room),
        [
            "name",
            "shortDescription",
            "maxAdultOccupancy",
            "minAdultOccupancy",
            "maxChildOccupancy",
            "minChildOccupancy",
            "totalMaxOccupancy",
            "maxOccupancyForDefaultPrice"
        ]
    );
    assert_eq!(
        names(Kind::RatePlan),
        [
            "name",
            "currency",
            "mealplan",
            "shortDescription",
            "isTaxInclusive",
            "isRefundable",
            "rateplanType",
            "isPromo"
        ]
    );
    assert_eq!(names(Kind::Policy), ["name", "description", "penaltyWindows"]);
    assert_eq!(
        names(Kind::Tax),
        [
            "name",
            "taxType",
            "chargeFrequency",
            "chargeBasis",
            "percentOrFlat",
            "appliesToChildren",
            "value",
            "payAtProperty"
        ]
    );
    assert_eq!(bare(Kind::Tax)[0], of(4005, "X", "name"));
}

#[test]
fn an_object_without_a_code_is_named_by_its_place() {
    let mut room = sample::room("A");
    room.take("code");
    room.set("name", Json::from(" "));
    let message = sample::message("m", Kind::Room, Op::New, "P", vec![sample::room("B"), room]);
    assert_eq!(wrong(read(Kind::Room, message)), [top(4005, "rooms[1].name"), top(4005, "rooms[1].code")]);
}

#[test]
fn an_empty_envelope_names_all_it_lacks() {
    let empty = Json::Object(Vec::new());
    let fields = |kind| wrong(read(kind, empty.clone())).into_iter().map(|it| it.2).collect::<Vec<_>>();
    assert_eq!(fields(Kind::Hotel), ["messageId", "updateType", "hotel"]);
    assert_eq!(fields(Kind::Room), ["messageId", "updateType", "propertyCode", "rooms"]);
    assert_eq!(fields(Kind::Product), ["messageId", "propertyCode", "products", "rateplanCode"]);
    assert_eq!(wrong(read(Kind::Hotel, Json::List(Vec::new())))[0], top(4006, "body"));
}

#[test]
fn wrong_types_enums_and_ranges_are_4006_with_their_rule() {
    let mut hotel = sample::hotel("H");
    hotel.set("starRating", Json::from("four"));
    hotel.set("defaultCurrencyCode", Json::from("euro"));
    hotel.set("maxRoomsBookable", Json::Number("2.5".into()));
    hotel.set("latitude", Json::from("97"));
    hotel.set("checkInTime", Json::from("3pm"));
    hotel.set("adultOnly", Json::from("false"));
    hotel.set("bedtypes", text(r#"[{"code":"A","name":"a"},7]"#));
    hotel.set("images", text(r#"[{"index":-1,"url":[]},{"index":1,"url":[{"size":"L"}]}]"#));
    let refused = read(Kind::Hotel, one(Kind::Hotel, hotel)).unwrap_err();
    let invalid = |field: &str, rule: &'static str| {
        Refusal::Invalid(Place { field: field.to_owned(), object: Some("H".to_owned()) }, rule.into())
    };
    let missing =
        |field: &str| Refusal::Missing(Place { field: field.to_owned(), object: Some("H".to_owned()) });
    assert_eq!(
        refused.refusals,
        [
            invalid("starRating", "a number from 0 to 7"),
            invalid("defaultCurrencyCode", "three capital letters (ISO 4217)"),
            invalid("maxRoomsBookable", "a whole number of at least 1"),
            invalid("latitude", "decimal degrees from -90 to 90, as a text or a number"),
            invalid("checkInTime", "a time as HH:MM"),
            invalid("adultOnly", "true or false"),
            invalid("bedtypes[1]", "an object"),
            invalid("images[0].index", "a whole number of at least 0"),
            missing("images[0].url"),
            missing("images[1].url[0].url"),
        ]
    );
}

#[test]
fn occupancies_bound_each_other() {
    let with = |name: &str, value: &str| {
        let mut room = sample::room("R");
        room.set(name, Json::Number(value.to_owned()));
        wrong(read(Kind::Room, one(Kind::Room, room)))
    };
    assert_eq!(with("minAdultOccupancy", "3"), [of(4006, "R", "minAdultOccupancy")]);
    assert_eq!(with("minChildOccupancy", "2"), [of(4006, "R", "minChildOccupancy")]);
    assert_eq!(with("totalMaxOccupancy", "4"), [of(4006, "R", "totalMaxOccupancy")]);
    let below = with("totalMaxOccupancy", "1");
    assert_eq!(below, [of(4006, "R", "totalMaxOccupancy"), of(4006, "R", "maxOccupancyForDefaultPrice")]);
    assert_eq!(with("maxAdultOccupancy", "0"), [of(4006, "R", "maxAdultOccupancy")]);
    assert_eq!(with("maxOccupancyForDefaultPrice", "0"), [of(4006, "R", "maxOccupancyForDefaultPrice")]);
}

#[test]
fn a_season_that_ends_before_it_begins_is_4007() {
    let mut plan = sample::rateplan("RP", "C");
    let season = r#"[{"name":"x","code":"C","startDate":"2026-12-29","endDate":"2026-12-28"},
        {"name":"y","code":"C","startDate":"2026-12-29","endDate":"2026-12-29"}]"#;
    plan.set("seasonalPolicies", text(season));
    assert_eq!(
        wrong(read(Kind::RatePlan, one(Kind::RatePlan, plan))),
        [of(4007, "RP", "seasonalPolicies[0].endDate")]
    );
}

#[test]
fn a_penalty_is_a_percentage_or_nights_but_not_both() {
    for (percent, nights, good) in
        [("null", "1", true), ("50.5", "null", true), ("50", "1", false), ("null", "null", false)]
    {
        let mut policy = sample::policy("C");
        let penalty = format!(r#"{{"percent":{percent},"nights":{nights},"taxInclusive":true}}"#);
        let Some(Json::List(windows)) = policy.get_mut("penaltyWindows") else { unreachable!() };
        windows[0].set("penalty", text(&penalty));
        let outcome = read(Kind::Policy, one(Kind::Policy, policy));
        if good {
            outcome.unwrap();
        } else {
            assert_eq!(wrong(outcome), [of(4006, "C", "penaltyWindows[0].penalty")], "{penalty}");
        }
    }
}

#[test]
fn taxes_have_bounds_and_their_conditions_rules() {
    let with = |changes: &str| {
        let mut tax = sample::tax("T");
        for (name, value) in text(changes).members().unwrap() {
            tax.set(name, value.clone());
        }
        wrong(read(Kind::Tax, one(Kind::Tax, tax)))
    };
    assert_eq!(with(r#"{"value":-1}"#), [of(4006, "T", "value")]);
    assert_eq!(with(r#"{"percentOrFlat":"PERCENT","value":100.01}"#), [of(4006, "T", "value")]);
    assert_eq!(with(r#"{"startDate":"2026-02-01","endDate":"2026-01-31"}"#), [of(4007, "T", "endDate")]);
    assert_eq!(with(r#"{"startDate":"2026-02-30"}"#), [of(4006, "T", "startDate")]);
    assert_eq!(with(r#"{"taxType":"VAT"}"#), [of(4006, "T", "taxType")]);
    let condition = |condition: &str| with(&format!(r#"{{"conditions":[{condition}]}}"#));
    let at = |field: &str, number| [of(number, "T", &format!("conditions[0].{field}"))];
    assert_eq!(condition(r#"{"conditionType":"MOON"}"#), at("conditionType", 4006));
    assert_eq!(
        condition(r#"{"conditionType":"STAY_DATE","minValue":"2026-02-01","maxValue":"2026-01-01"}"#),
        at("maxValue", 4007)
    );
    assert_eq!(condition(r#"{"conditionType":"STAY_DATE","values":["2026-02-01"]}"#), at("values", 4006));
    assert_eq!(condition(r#"{"conditionType":"DAY_OF_WEEK"}"#), at("values", 4005));
    assert_eq!(condition(r#"{"conditionType":"DAY_OF_WEEK","values":["MON","YES"]}"#), at("values[1]", 4006));
    assert_eq!(condition(r#"{"conditionType":"LOS","minValue":"9","maxValue":"10.0"}"#), []);
    assert_eq!(condition(r#"{"conditionType":"LOS","minValue":"10","maxValue":"9"}"#), at("maxValue", 4006));
    assert_eq!(condition(r#"{"conditionType":"LOS","minValue":"1.5"}"#), at("minValue", 4006));
    let nights =
        r#"{"chargeFrequency":"STAY","conditions":[{"conditionType":"NIGHT_NUMBER","maxValue":"7"}]}"#;
    assert_eq!(with(nights), at("conditionType", 4006));
}

#[test]
fn update_types_are_those_of_the_kind_and_two_have_aliases() {
    let with = |kind: Kind, body: Json, word: &str| {
        let mut message = one(kind, body);
        message.set("updateType", Json::from(word));
        read(kind, message)
    };
    assert_eq!(with(Kind::Tax, sample::tax("T"), "ENABLED").unwrap().op, Op::Enable);
    assert_eq!(with(Kind::Hotel, sample::hotel("H"), "DISABLED").unwrap().op, Op::Disable);
    for word in ["DISABLE", "ENABLE", "new", "DELETE"] {
        let refused = wrong(with(Kind::RatePlan, sample::rateplan("RP", "C"), word));
        assert_eq!(refused, [top(4006, "updateType")], "{word}");
    }
    assert_eq!(wrong(with(Kind::Policy, sample::policy("C"), "DISABLE")), [top(4006, "updateType")]);
}

#[test]
fn singular_and_plural_array_and_object_are_one() {
    for (key, value) in [
        ("rooms", Json::List(vec![sample::room("R")])),
        ("rooms", sample::room("R")),
        ("room", sample::room("R")),
        ("room", Json::List(vec![sample::room("R")])),
    ] {
        let mut message = one(Kind::Room, Json::Null);
        message.take("rooms");
        message.set(key, value);
        let push = push::read(Kind::Room, Some("R"), message.clone()).unwrap();
        assert_eq!(push.objects[0].body, sample::room("R"));
        assert_eq!(wrong(push::read(Kind::Room, Some("S"), message)), [of(4006, "R", "code")]);
    }
    let mut both = one(Kind::Room, sample::room("R"));
    both.set("room", sample::room("R"));
    assert_eq!(read(Kind::Room, both.clone()).unwrap().objects.len(), 1);
    both.set("room", sample::room("S"));
    assert_eq!(wrong(read(Kind::Room, both)), [top(4006, "rooms")]);
}

#[test]
fn meal_plans_currencies_and_mappings_come_in_two_forms() {
    let mut plan = sample::rateplan("RP", "C");
    let meal = plan.take("mealplan").unwrap();
    plan.set("mealPlan", meal.clone());
    plan.set("currency", Json::from("EUR"));
    let push = read(Kind::RatePlan, one(Kind::RatePlan, plan.clone())).unwrap();
    let body = &push.objects[0].body;
    assert_eq!((body.get("mealplan"), body.get("mealPlan")), (Some(&meal), None));
    assert_eq!(body.get("currency"), Some(&Json::from("EUR")));
    plan.set("mealplan", text(r#"{"mealplanCode":"RO","mealplanName":"Room only"}"#));
    assert_eq!(wrong(read(Kind::RatePlan, one(Kind::RatePlan, plan))), [of(4006, "RP", "mealplan")]);

    let mut hotel = sample::hotel("H");
    hotel.set("mappingProvider", Json::from("GIATA"));
    hotel.set("mappingCode", Json::from("123456"));
    let push = read(Kind::Hotel, one(Kind::Hotel, hotel.clone())).unwrap();
    assert_eq!(push.objects[0].body, sample::hotel("H"));
    hotel.take("mappingProviders");
    let push = read(Kind::Hotel, one(Kind::Hotel, hotel.clone())).unwrap();
    let mapping = text(r#"[{"mappingProvider":"GIATA","mappingCode":"123456"}]"#);
    assert_eq!(push.objects[0].body.get("mappingProviders"), Some(&mapping));
    hotel.set("mappingProviders", text(r#"[{"mappingProvider":"VERVOTECH","mappingCode":"1"}]"#));
    assert_eq!(wrong(read(Kind::Hotel, one(Kind::Hotel, hotel))), [of(4006, "H", "mappingProviders")]);
}

#[test]
fn postal_codes_and_positions_may_be_numbers_and_stay_what_they_were() {
    let mut hotel = sample::hotel("H");
    for (name, digits) in [("zip", "10001"), ("latitude", "38.72230"), ("longitude", "-9"), ("phone1", "351")]
    {
        hotel.set(name, Json::Number(digits.to_owned()));
    }
    let push = read(Kind::Hotel, one(Kind::Hotel, hotel.clone())).unwrap();
    assert_eq!(push.objects[0].body.to_string(), hotel.to_string());
}

#[test]
fn fields_nobody_knows_are_kept_and_nulls_too() {
    let mut tax = sample::tax("T");
    tax.set("loyalty", text(r#"{"points":1.50}"#));
    let push = read(Kind::Tax, one(Kind::Tax, tax.clone())).unwrap();
    assert_eq!(push.objects[0].body.to_string(), tax.to_string());
    assert!(push.objects[0].body.to_string().contains(r#""value":4.00"#));
}

#[test]
fn products_belong_to_one_rate_plan_and_each_room_stands_once() {
    let product = |plan: &str, room: &str| sample::product(plan, room, &[]);
    let send = |top: Option<&str>, products: Vec<Json>| {
        let mut message = sample::products("m", "P", "RP", products);
        match top {
            Some(code) => message.set("rateplanCode", Json::from(code)),
            None => drop(message.take("rateplanCode")),
        }
        read(Kind::Product, message)
    };
    let agreed = send(None, vec![product("RP", "A"), product("RP", "B")]).unwrap();
    assert_eq!(agreed.objects[0].code, "RP");
    assert_eq!(send(Some("RP"), Vec::new()).unwrap().objects[0].body, Json::List(Vec::new()));
    assert_eq!(wrong(send(None, Vec::new())), [top(4005, "rateplanCode")]);
    assert_eq!(wrong(send(None, vec![product("RP", "A"), product("X", "B")])), [top(4005, "rateplanCode")]);
    assert_eq!(wrong(send(Some("RP"), vec![product("X", "B")])), [of(4006, "X/B", "rateplanCode")]);
    let twice = vec![product("RP", "A"), product("RP", "A")];
    assert_eq!(wrong(send(Some("RP"), twice)), [of(4006, "RP/A", "roomtypeCode")]);
    let taxes = vec![sample::product("RP", "A", &["T", "T"])];
    assert_eq!(wrong(send(Some("RP"), taxes)), [of(4006, "RP/A", "taxes[1]")]);
}

#[test]
fn an_audit_asks_for_all_or_for_codes() {
    let ask = |filter: &str| {
        audit::read(Kind::Room, text(&format!(r#"{{"messageId":"a","propertyCode":"P"{filter}}}"#)))
    };
    for all in ["", r#","roomCodes":null"#, r#","roomCodes":[]"#] {
        assert_eq!(ask(all).unwrap().codes, Vec::<String>::new(), "{all}");
    }
    assert_eq!(ask(r#","roomCodes":["X","Y","X"]"#).unwrap().codes, ["X", "Y"]);
    for (bad, field) in [(r#","roomCodes":"X""#, "roomCodes"), (r#","roomCodes":[1]"#, "roomCodes[0]")] {
        assert_eq!(ask(bad).unwrap_err().refusals[0].field(), field);
    }
    let empty = audit::read(Kind::Hotel, Json::Object(Vec::new())).unwrap_err();
    assert_eq!(
        empty.refusals,
        [Refusal::Missing(Place::message("messageId")), Refusal::Missing(Place::message("propertyCode"))]
    );
}

#[test]
fn codes_are_up_to_255_characters_without_blanks_around_them() {
    let with = |code: &str| read(Kind::Room, one(Kind::Room, sample::room(code)));
    with(&"é".repeat(255)).unwrap();
    with("A b/ç?").unwrap();
    for bad in [" A", "A ", "A\nB"] {
        assert_eq!(wrong(with(bad)), [top(4006, "rooms[0].code")], "{bad:?}");
    }
    assert_eq!(wrong(with(&"x".repeat(256))), [top(4006, "rooms[0].code")]);
    assert!(date::is_date("2026-01-01"));
}
