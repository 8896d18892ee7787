//! The eleven wire dialects (spec Appendix C), each by its number, and packed bodies in both directions, against the whole
//! server. What came in a dialect is given back in canonical names.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Method;
use waypost_content::wire::json::{object, parse};
use waypost_content::wire::{Json, unpack};
use waypost_content::{Kind, Op, sample};
use waypost_suite::{Answer, Backstage, Engine, on_both_engines};

use super::receiver::{Feed, refusal, success};
use crate::SERVER;

on_both_engines!(
    every_dialect_is_taken_and_given_back_in_canonical_names,
    two_forms_that_disagree_are_refused,
    bodies_may_be_packed_in_both_directions,
);

const P: &str = "DIAL";

struct Talk {
    feed: Feed,
    said: u32,
}

impl Talk {
    async fn push(&mut self, dialect: u8, method: Method, path: &str, message: Json) {
        self.said += 1;
        let mut message = message;
        let id = format!("dialect-{dialect}-{}", self.said);
        message.set("messageId", Json::from(id.as_str()));
        let answer = self.feed.send(method, path, message.to_string()).await;
        assert_eq!(
            (answer.http, answer.text()),
            (200, success(&id).as_str()),
            "dialect {dialect}: {message}"
        );
    }

    /// The object as an audit gives it back.
    async fn kept(&self, kind: Kind, code: &str) -> Json {
        let mut asked = object([("messageId", Json::from("a")), ("propertyCode", Json::from(P))]);
        if let Some(key) = kind.filter_key() {
            asked.set(key, Json::List(vec![Json::from(code)]));
        }
        let answer = self.feed.send(Method::POST, kind.audit_path(), asked.to_string()).await;
        let mut body = parse(&answer.body).unwrap();
        match body.take(kind.list_key()).unwrap_or_else(|| panic!("{}", answer.text())) {
            Json::List(mut found) => found.remove(0),
            hotel => hotel,
        }
    }
}

/// An update whose object stands under `key`.
fn update(key: &str, value: Json) -> Json {
    object([("updateType", Json::from("UPDATE")), ("propertyCode", Json::from(P)), (key, value)])
}

async fn every_dialect_is_taken_and_given_back_in_canonical_names(engine: Engine) {
    let stage = Backstage::new(engine).await.start_process(SERVER).await;
    let feed = Feed::new(&stage).await;
    feed.furnish(P).await;
    let mut talk = Talk { feed, said: 0 };
    paths(&mut talk).await;
    names(&mut talk).await;
    values(&mut talk).await;
    headers(&talk.feed).await;
}

/// 1, 2 and 11: paths, methods, a slash at the end.
async fn paths(talk: &mut Talk) {
    let hotel = || sample::message("", Kind::Hotel, Op::New, "", vec![sample::hotel(P)]);
    for path in ["/hotel", "/hotels"] {
        talk.push(1, Method::POST, path, hotel()).await;
    }
    for path in ["/hotel/", "/hotels/"] {
        talk.push(11, Method::POST, path, hotel()).await;
    }
    for (kind, body) in [
        (Kind::Hotel, sample::hotel(P)),
        (Kind::Tax, sample::tax("CITY")),
        (Kind::Policy, sample::policy("C24H")),
        (Kind::Room, sample::room("A")),
        (Kind::RatePlan, sample::rateplan("RP1", "C24H")),
    ] {
        let code = body.given("code").and_then(Json::text).unwrap().to_owned();
        for (method, slash) in
            [(Method::PUT, ""), (Method::POST, ""), (Method::PUT, "/"), (Method::POST, "/")]
        {
            let path = format!("{}{slash}", kind.update_path(&code));
            let dialect = if slash.is_empty() { 2 } else { 11 };
            talk.push(dialect, method, &path, update(kind.single_key(), body.clone())).await;
        }
    }
}

/// 3, 4 and 5: names.
async fn names(talk: &mut Talk) {
    for (kind, body) in [
        (Kind::Tax, sample::tax("CITY")),
        (Kind::Policy, sample::policy("C24H")),
        (Kind::Room, sample::room("A")),
        (Kind::RatePlan, sample::rateplan("RP1", "C24H")),
    ] {
        let code = body.given("code").and_then(Json::text).unwrap().to_owned();
        for key in [kind.single_key(), kind.list_key()] {
            for value in [body.clone(), Json::List(vec![body.clone()])] {
                talk.push(3, Method::PUT, &kind.update_path(&code), update(key, value.clone())).await;
                talk.push(3, Method::POST, kind.create_path(), update(key, value)).await;
            }
        }
        assert_eq!(talk.kept(kind, &code).await, body);
    }
    for word in ["DISABLED", "ENABLED", "DISABLE", "ENABLE"] {
        let mut tax = update("tax", sample::tax("CITY"));
        tax.set("updateType", Json::from(word));
        talk.push(4, Method::PUT, "/tax/CITY", tax).await;
    }
    let mut plan = sample::rateplan("RP1", "C24H");
    let meal = plan.take("mealplan").unwrap();
    plan.set("mealPlan", meal.clone());
    talk.push(5, Method::PUT, "/rateplan/RP1", update("rateplan", plan)).await;
    let kept = talk.kept(Kind::RatePlan, "RP1").await;
    assert_eq!((kept.get("mealplan"), kept.get("mealPlan")), (Some(&meal), None));
}

/// 6, 7 and 8: forms of values; each keeps the form it came in where both are the contract's.
async fn values(talk: &mut Talk) {
    for currency in [Json::from("EUR"), object([("code", "EUR".into()), ("name", "Euro".into())])] {
        let mut plan = sample::rateplan("RP1", "C24H");
        plan.set("currency", currency.clone());
        talk.push(6, Method::PUT, "/rateplan/RP1", update("rateplan", plan)).await;
        assert_eq!(talk.kept(Kind::RatePlan, "RP1").await.get("currency"), Some(&currency));
    }
    let mut hotel = sample::hotel(P);
    let nested = hotel.take("mappingProviders").unwrap();
    hotel.set("mappingProvider", Json::from("GIATA"));
    hotel.set("mappingCode", Json::from("123456"));
    talk.push(7, Method::PUT, &format!("/hotel/{P}"), update("hotel", hotel)).await;
    let kept = talk.kept(Kind::Hotel, P).await;
    assert_eq!((kept.get("mappingProviders"), kept.get("mappingProvider")), (Some(&nested), None));
    for form in [Json::Text, Json::Number] {
        let mut hotel = sample::hotel(P);
        for (name, digits) in [("zip", "10001"), ("latitude", "38.7220"), ("longitude", "-9.1393")] {
            hotel.set(name, form(digits.to_owned()));
        }
        talk.push(8, Method::PUT, &format!("/hotel/{P}"), update("hotel", hotel.clone())).await;
        assert_eq!(talk.kept(Kind::Hotel, P).await, hotel);
    }
}

/// 9 and 10: the scheme's name, the media type.
async fn headers(feed: &Feed) {
    let token = feed.authorization.trim_start_matches("Basic ");
    let media = ["application/json", "application/JSON", "Application/Json; charset=UTF-8"];
    for (n, scheme) in ["Basic", "basic", "BASIC"].into_iter().enumerate() {
        for (m, media) in media.into_iter().enumerate() {
            let (id, authorization) = (format!("header-{n}-{m}"), format!("{scheme} {token}"));
            let message = sample::message(&id, Kind::Hotel, Op::New, "", vec![sample::hotel(P)]);
            let headers = [("authorization", authorization.as_str()), ("content-type", media)];
            let answer = feed.http.send(Method::POST, "/content/hotel", &headers, message.to_string()).await;
            assert_eq!((answer.http, answer.text()), (200, success(&id).as_str()), "{headers:?}");
        }
    }
}

async fn two_forms_that_disagree_are_refused(engine: Engine) {
    let stage = Backstage::new(engine).await.start_process(SERVER).await;
    let feed = Feed::new(&stage).await;
    feed.furnish(P).await;
    let mut both = update("room", sample::room("A"));
    both.set("rooms", Json::List(vec![sample::room("B")]));
    both.set("messageId", Json::from("b1"));
    let answer = feed.send(Method::PUT, "/roomtype/A", both.to_string()).await;
    let told = "Validation failed due to invalid values: rooms must be the singular name says otherwise; send one of the two.";
    let error = (None, "Invalid value for field rooms", 4006);
    assert_eq!((answer.http, answer.text()), (400, refusal("b1", told, &[error]).as_str()));
    let mut plan = sample::rateplan("RP1", "C24H");
    plan.set("mealPlan", object([("mealplanCode", "RO".into()), ("mealplanName", "Room only".into())]));
    let mut message = update("rateplan", plan);
    message.set("messageId", Json::from("b2"));
    let answer = feed.send(Method::PUT, "/rateplan/RP1", message.to_string()).await;
    assert_eq!(answer.http, 400, "{}", answer.text());
    assert!(
        answer.text().contains(r#""objectCode":"RP1""#) && answer.text().contains("4006"),
        "{}",
        answer.text()
    );
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn bodies_may_be_packed_in_both_directions(engine: Engine) {
    let stage = Backstage::new(engine).await.start_process(SERVER).await;
    let feed = Feed::new(&stage).await;
    let gzip = async |path: &str, headers: &[(&str, &str)], body: Vec<u8>| -> Answer {
        let headers = [&[("authorization", feed.authorization.as_str())], headers].concat();
        feed.with(Method::POST, path, &headers, body).await
    };
    let message = sample::message("g1", Kind::Hotel, Op::New, "", vec![sample::hotel(P)]).to_string();
    let answer = gzip("/hotel", &[("content-encoding", "gzip")], packed(&message)).await;
    assert_eq!((answer.http, answer.text()), (200, success("g1").as_str()));
    assert_eq!(answer.headers.get("content-encoding"), None, "nobody asked for it");

    let asked = format!(r#"{{"messageId":"g2","propertyCode":"{P}"}}"#);
    let both = [("content-encoding", "gzip"), ("accept-encoding", "gzip")];
    let answer = gzip("/hotel-audit", &both, packed(&asked)).await;
    assert_eq!((answer.http, &answer.headers["content-encoding"]), (200, &"gzip".parse().unwrap()));
    let expected =
        format!(r#"{{"messageId":"g2","status":{{"success":true}},"hotel":{}}}"#, sample::hotel(P));
    assert_eq!(unpack(&answer.headers, &answer.body, 1 << 20), Ok(expected));

    let cut = packed(&message)[..40].to_vec();
    let answer = gzip("/hotel", &[("content-encoding", "gzip")], cut).await;
    assert_eq!(answer.http, 400, "{}", answer.text());
    assert!(answer.text().contains(r#""errorCode":4006"#), "{}", answer.text());
}
