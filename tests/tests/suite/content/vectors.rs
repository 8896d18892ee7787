//! The conformance vectors of a receiver (spec Appendix D), each by its number, against the whole server: every answer to
//! the byte. Those of the pusher stand in `pusher`.

use http::Method;
use waypost_content::wire::Json;
use waypost_content::wire::json::object;
use waypost_content::{Kind, Op, sample};
use waypost_suite::{Backstage, Engine, on_both_engines};

use super::receiver::{Feed, furniture, refusal, success};
use crate::SERVER;

on_both_engines!(every_vector_of_a_receiver_is_kept_to_the_letter);

/// One request and the whole answer to it.
struct Step {
    method: Method,
    path: String,
    body: String,
    authorized: bool,
    http: u16,
    answer: String,
}

/// A vector: its number, its rule, its requests. Each has a property of its own, `V` and its number.
type Vector = (u8, &'static str, Vec<Step>);

fn step(path: impl Into<String>, body: impl ToString, http: u16, answer: String) -> Step {
    Step { method: Method::POST, path: path.into(), body: body.to_string(), authorized: true, http, answer }
}

fn new(id: &str, kind: Kind, property: &str, objects: Vec<Json>) -> Json {
    sample::message(id, kind, Op::New, property, objects)
}

/// New objects that are taken.
fn taken(id: &str, kind: Kind, property: &str, objects: Vec<Json>) -> Step {
    step(kind.create_path(), new(id, kind, property, objects), 200, success(id))
}

/// New objects that are refused.
fn refused(id: &str, kind: Kind, property: &str, objects: Vec<Json>, http: u16, answer: String) -> Step {
    step(kind.create_path(), new(id, kind, property, objects), http, answer)
}

/// A change of one object.
fn change(id: &str, kind: Kind, op: Op, property: &str, body: Json, answer: String) -> Step {
    let code = body.given("code").and_then(Json::text).unwrap().to_owned();
    let mut message = sample::message(id, kind, op, property, Vec::new());
    message.take(kind.list_key());
    message.set(kind.single_key(), body);
    Step { method: Method::PUT, ..step(kind.update_path(&code), message, 200, answer) }
}

fn furnished(property: &str) -> Vec<Step> {
    let all = furniture(property).into_iter().enumerate();
    all.map(|(n, (path, body))| step(path, body, 200, success(&format!("{property}-{n}")))).collect()
}

fn products(id: &str, property: &str, plan: &str, rooms: &[&str]) -> Step {
    let products = rooms.iter().map(|room| sample::product(plan, room, &[])).collect();
    step("/products", sample::products(id, property, plan, products), 200, success(id))
}

/// An audit and the objects that are given back.
fn audit(id: &str, kind: Kind, property: &str, codes: Json, found: Vec<Json>) -> Step {
    let mut asked = object([("messageId", Json::from(id)), ("propertyCode", Json::from(property))]);
    let status = object([("success", Json::Flag(true))]);
    let mut answer = object([("messageId", Json::from(id)), ("status", status)]);
    if let Some(key) = kind.filter_key() {
        asked.set(key, codes);
        answer.set("propertyCode", Json::from(property));
        answer.set(kind.list_key(), Json::List(found));
    } else {
        answer.set("hotel", found.into_iter().next().unwrap());
    }
    step(kind.audit_path(), asked, 200, answer.to_string())
}

fn codes(codes: &[&str]) -> Json {
    Json::List(codes.iter().map(|code| Json::from(*code)).collect())
}

fn named(mut object: Json, name: &str) -> Json {
    object.set("name", Json::from(name));
    object
}

const BAD: &str = "Validation failed due to invalid values: ";

fn messages() -> Vec<Vector> {
    let hotel = || vec![sample::hotel("V2")];
    let unauthorized = refusal(
        "v1",
        "Invalid Credentials",
        &[(None, "Authentication failed. Invalid credentials provided.", 4001)],
    );
    let mut bare = sample::hotel("V5");
    bare.take("name");
    bare.take("starRating");
    let missing = [
        (Some("V5"), "required field name missing", 4005),
        (Some("V5"), "required field starRating missing", 4005),
    ];
    let mut worded = sample::hotel("V6");
    worded.set("starRating", Json::from("four"));
    vec![
        (
            1,
            "a push without credentials",
            vec![Step {
                authorized: false,
                ..refused("v1", Kind::Hotel, "", vec![sample::hotel("V1")], 401, unauthorized)
            }],
        ),
        (2, "a valid new hotel", vec![taken("v2", Kind::Hotel, "", hotel())]),
        (
            3,
            "the same message again",
            vec![taken("v2", Kind::Hotel, "", hotel()), audit("v3", Kind::Hotel, "V2", Json::Null, hotel())],
        ),
        (
            4,
            "the same id with another body",
            vec![refused(
                "v2",
                Kind::Hotel,
                "",
                vec![named(sample::hotel("V2"), "Other")],
                400,
                refusal(
                    "v2",
                    &format!("{BAD}messageId must be an id not used for another message."),
                    &[(None, "Invalid value for field messageId", 4006)],
                ),
            )],
        ),
        (
            5,
            "a hotel without name and star rating",
            vec![refused(
                "v5",
                Kind::Hotel,
                "",
                vec![bare],
                400,
                refusal("v5", "Validation failed due to missing fields.", &missing),
            )],
        ),
        (
            6,
            "a star rating in words",
            vec![refused(
                "v6",
                Kind::Hotel,
                "",
                vec![worded],
                400,
                refusal(
                    "v6",
                    &format!("{BAD}starRating must be a number from 0 to 7."),
                    &[(Some("V6"), "Invalid value for field starRating", 4006)],
                ),
            )],
        ),
        (
            23,
            "a body that is not JSON",
            vec![step(
                "/hotel",
                "{",
                400,
                refusal(
                    "",
                    &format!("{BAD}body must be JSON; not JSON at byte 1."),
                    &[(None, "Invalid value for field body", 4006)],
                ),
            )],
        ),
    ]
}

fn references() -> Vec<Vector> {
    let about =
        |id: &str, object: &str, text: &str, code: u16| refusal(id, text, &[(Some(object), text, code)]);
    let mut bad = sample::room("B");
    bad.take("name");
    let mut season = sample::rateplan("RP9", "C24H");
    season.set(
        "seasonalPolicies",
        waypost_content::wire::json::parse(
            br#"[{"name":"New Year","code":"C24H","startDate":"2027-01-01","endDate":"2026-12-29"}]"#,
        )
        .unwrap(),
    );
    let hotel =
        |property: &str| taken(&format!("{property}-h"), Kind::Hotel, "", vec![sample::hotel(property)]);
    let off = |id: &str| {
        refusal(
            id,
            &format!("{BAD}updateType must be one of NEW, UPDATE."),
            &[(None, "Invalid value for field updateType", 4006)],
        )
    };
    vec![
        (
            7,
            "rooms of an unknown property",
            vec![refused(
                "v7",
                Kind::Room,
                "V7",
                vec![sample::room("A")],
                200,
                about("v7", "V7", "Property with code V7 not found", 7054),
            )],
        ),
        (
            8,
            "a batch with a bad room stores neither",
            vec![
                hotel("V8"),
                refused(
                    "v8",
                    Kind::Room,
                    "V8",
                    vec![sample::room("A"), bad],
                    400,
                    refusal(
                        "v8",
                        "Validation failed due to missing fields.",
                        &[(Some("B"), "required field name missing", 4005)],
                    ),
                ),
                audit("v8a", Kind::Room, "V8", Json::Null, Vec::new()),
            ],
        ),
        (
            9,
            "an update of an unknown room",
            vec![
                hotel("V9"),
                change("v9", Kind::Room, Op::Update, "V9", sample::room("CDK1"), {
                    about("v9", "CDK1", "Room type with code 'CDK1' not found", 7055)
                }),
            ],
        ),
        (
            10,
            "a rate plan of an unknown policy",
            vec![
                hotel("V10"),
                refused(
                    "v10",
                    Kind::RatePlan,
                    "V10",
                    vec![sample::rateplan("RP1", "GONE")],
                    200,
                    about("v10", "GONE", "Cancellation policy with code GONE not found", 7057),
                ),
            ],
        ),
        (11, "a season that ends before it begins", {
            let text = "Invalid date. The end date is earlier than the start date.";
            let mut steps = furnished("V11");
            let told = format!("{BAD}seasonalPolicies[0].endDate must not be before its start.");
            let answer = refusal("v11", &told, &[(Some("RP9"), text, 4007)]);
            steps.push(refused("v11", Kind::RatePlan, "V11", vec![season], 400, answer));
            steps
        }),
        (12, "a rate plan cannot be disabled", {
            let mut steps = furnished("V12");
            let body = sample::rateplan("RP1", "C24H");
            let step = change("v12", Kind::RatePlan, Op::Disable, "V12", body, off("v12"));
            steps.push(Step { http: 400, ..step });
            steps
        }),
    ]
}

fn state() -> Vec<Vector> {
    let about =
        |id: &str, object: &str, text: &str, code: u16| refusal(id, text, &[(Some(object), text, code)]);
    let with =
        |property: &str, more: Vec<Step>| furnished(property).into_iter().chain(more).collect::<Vec<_>>();
    let mut short = sample::room("A");
    if let Some(Json::List(beds)) = short.get_mut("bedtypes") {
        beds.pop();
    }
    let product = |plan: &str, room: &str| sample::product(plan, room, &[]);
    let both = || vec![sample::room("A"), sample::room("B")];
    vec![
        (
            13,
            "a disabled tax is not updated",
            with(
                "V13",
                vec![
                    change("v13a", Kind::Tax, Op::Disable, "V13", sample::tax("CITY"), success("v13a")),
                    change("v13b", Kind::Tax, Op::Update, "V13", sample::tax("CITY"), {
                        about("v13b", "CITY", "Tax with code CITY is disabled", 7063)
                    }),
                ],
            ),
        ),
        (
            14,
            "a disabled hotel takes no rooms",
            with(
                "V14",
                vec![
                    change("v14a", Kind::Hotel, Op::Disable, "", sample::hotel("V14"), success("v14a")),
                    refused("v14b", Kind::Room, "V14", vec![sample::room("C")], 200, {
                        about("v14b", "V14", "Property with code V14 is disabled", 7059)
                    }),
                ],
            ),
        ),
        (
            15,
            "products left out are deleted",
            with(
                "V15",
                vec![
                    products("v15a", "V15", "RP1", &["A", "B"]),
                    products("v15b", "V15", "RP1", &["A"]),
                    audit("v15c", Kind::Product, "V15", codes(&["RP1"]), vec![product("RP1", "A")]),
                ],
            ),
        ),
        (
            16,
            "products of another rate plan stay",
            with(
                "V16",
                vec![
                    products("v16a", "V16", "RP2", &["B"]),
                    products("v16b", "V16", "RP1", &["A"]),
                    products("v16c", "V16", "RP1", &[]),
                    audit("v16d", Kind::Product, "V16", Json::Null, vec![product("RP2", "B")]),
                ],
            ),
        ),
        (
            17,
            "an update replaces lists",
            with(
                "V17",
                vec![
                    change("v17a", Kind::Room, Op::Update, "V17", short.clone(), success("v17a")),
                    audit("v17b", Kind::Room, "V17", codes(&["A"]), vec![short]),
                ],
            ),
        ),
        (
            18,
            "an audit asks for all or for codes",
            with(
                "V18",
                vec![
                    audit("v18a", Kind::Room, "V18", Json::Null, both()),
                    audit("v18b", Kind::Room, "V18", codes(&["B"]), vec![sample::room("B")]),
                    audit("v18c", Kind::Room, "V18", codes(&[]), both()),
                ],
            ),
        ),
        (
            19,
            "an audit sees what was just acknowledged",
            with(
                "V19",
                vec![
                    change(
                        "v19a",
                        Kind::Room,
                        Op::Update,
                        "V19",
                        named(sample::room("A"), "One"),
                        success("v19a"),
                    ),
                    audit("v19b", Kind::Room, "V19", codes(&["A"]), vec![named(sample::room("A"), "One")]),
                    change(
                        "v19c",
                        Kind::Room,
                        Op::Update,
                        "V19",
                        named(sample::room("A"), "Two"),
                        success("v19c"),
                    ),
                    audit("v19d", Kind::Room, "V19", codes(&["A"]), vec![named(sample::room("A"), "Two")]),
                ],
            ),
        ),
    ]
}

async fn every_vector_of_a_receiver_is_kept_to_the_letter(engine: Engine) {
    let stage = Backstage::new(engine).await.start_process(SERVER).await;
    let feed = Feed::new(&stage).await;
    let vectors: Vec<Vector> = [messages(), references(), state()].into_iter().flatten().collect();
    let mut wrong = Vec::new();
    for (number, title, steps) in &vectors {
        for (place, step) in steps.iter().enumerate() {
            let at = format!("vector {number}, {title}, request {}: {}", place + 1, step.body);
            let answer = if step.authorized {
                feed.send(step.method.clone(), &step.path, step.body.clone()).await
            } else {
                feed.with(step.method.clone(), &step.path, &[], step.body.clone()).await
            };
            if (answer.http, answer.text()) != (step.http, step.answer.as_str()) {
                wrong.push(format!(
                    "{at}\n  {} {}\n  {} {}",
                    answer.http,
                    answer.text(),
                    step.http,
                    step.answer
                ));
            }
            assert_eq!(answer.headers["content-type"], "application/json", "{at}");
        }
    }
    assert!(wrong.is_empty(), "answered, then expected: {}", wrong.join("\n"));
    let mut numbers: Vec<u8> = vectors.iter().map(|vector| vector.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=19).chain([23]).collect::<Vec<u8>>());
}
