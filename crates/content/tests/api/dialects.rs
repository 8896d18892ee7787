//! The eleven wire dialects (spec Appendix C), and gzip in both directions.

use std::io::Write as _;

use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use waypost_content::wire::Json;
use waypost_content::wire::json::{object, parse};
use waypost_content::{Kind, Op, sample};
use waypost_store::testing::on_both_engines;

use crate::support::{Answer, P, Server, request, success};

fn taken(answer: &Answer, id: &str) {
    assert_eq!(answer.whole(), (200, success(id).as_str()));
}

#[tokio::test]
async fn every_route_is_served_under_each_of_its_names() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        let hotel =
            |id: &str, op: Op| sample::message(id, Kind::Hotel, op, "", vec![sample::hotel(P)]).to_string();
        taken(&server.post("/hotels", hotel("d1", Op::New)).await, "d1");
        taken(&server.post("/hotel/", hotel("d2", Op::New)).await, "d2");
        for (n, (kind, body)) in [
            (Kind::Hotel, sample::hotel(P)),
            (Kind::Room, sample::room("A")),
            (Kind::RatePlan, sample::rateplan("RP1", "C24H")),
            (Kind::Policy, sample::policy("C24H")),
            (Kind::Tax, sample::tax("CITY")),
        ]
        .into_iter()
        .enumerate()
        {
            let code = body.get("code").unwrap().text().unwrap().to_owned();
            for (method, slash) in [("PUT", ""), ("POST", ""), ("PUT", "/"), ("POST", "/")] {
                let id = format!("u{n}{method}{}", slash.len());
                let message = sample::message(&id, kind, Op::Update, P, vec![body.clone()]).to_string();
                let path = format!("{}{slash}", kind.update_path(&code));
                taken(&server.call(request(method, &path, message)).await, &id);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_of_any_characters_travels_in_the_path() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        let code = "ä b/ç?%#";
        server.push("n", Kind::Room, Op::New, vec![sample::room(code)]).await;
        let message = sample::message("u", Kind::Room, Op::Update, P, vec![sample::room(code)]).to_string();
        taken(&server.call(request("PUT", &Kind::Room.update_path(code), message)).await, "u");
        let other = sample::message("v", Kind::Room, Op::Update, P, vec![sample::room("A")]).to_string();
        let answer = server.call(request("PUT", "/roomtype/B", other)).await;
        assert_eq!(
            answer.errors(),
            (400, vec![(4006, Some("A".to_owned()), "Invalid value for field code".to_owned())])
        );
        let message = sample::message("w", Kind::Room, Op::Update, P, vec![sample::room("A")]).to_string();
        let answer = server.call(request("PUT", "/roomtype/%FF", message)).await;
        assert_eq!(answer.errors().1[0].0, 4006);
    })
    .await;
}

#[tokio::test]
async fn what_comes_in_a_dialect_is_given_back_in_canonical_names() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        let mut hotel = sample::hotel("FLAT");
        hotel.take("mappingProviders");
        hotel.set("mappingProvider", Json::from("GIATA"));
        hotel.set("mappingCode", Json::from("7"));
        hotel.set("zip", Json::Number("10001".into()));
        hotel.set("latitude", Json::Number("38.7220".into()));
        let message = object([("messageId", "d1".into()), ("updateType", "NEW".into()), ("hotel", hotel)]);
        taken(&server.post("/hotel", message.to_string()).await, "d1");
        let answer = server.post("/hotel-audit", r#"{"messageId":"a","propertyCode":"FLAT"}"#).await;
        assert!(
            answer.body.contains(r#""mappingProviders":[{"mappingProvider":"GIATA","mappingCode":"7"}]"#),
            "{}",
            answer.body
        );
        assert!(answer.body.contains(r#""zip":10001"#) && answer.body.contains(r#""latitude":38.7220"#));

        let mut plan = sample::rateplan("RP1", "C24H");
        let meal = plan.take("mealplan").unwrap();
        plan.set("mealPlan", meal.clone());
        plan.set("currency", Json::from("EUR"));
        let mut message = sample::message("d2", Kind::RatePlan, Op::Update, P, Vec::new());
        message.take("rateplans");
        message.set("rateplan", plan);
        taken(&server.call(request("PUT", "/rateplan/RP1", message.to_string())).await, "d2");
        let answer = server.audit("/rateplan-audit", r#","rateplanCodes":["RP1"]"#).await;
        let body = parse(answer.body.as_bytes()).unwrap();
        let stored = &body.get("rateplans").unwrap().list().unwrap()[0];
        assert_eq!((stored.get("mealplan"), stored.get("mealPlan")), (Some(&meal), None));
        assert_eq!(stored.get("currency"), Some(&Json::from("EUR")));

        let mut tax = sample::message("d3", Kind::Tax, Op::Disable, P, vec![sample::tax("CITY")]);
        tax.set("updateType", Json::from("DISABLED"));
        taken(&server.post("/taxes", tax.to_string()).await, "d3");
        tax.set("messageId", Json::from("d4"));
        tax.set("updateType", Json::from("ENABLED"));
        taken(&server.post("/taxes", tax.to_string()).await, "d4");
    })
    .await;
}

#[tokio::test]
async fn headers_are_read_in_any_letter_case_and_encodings_may_be_missing() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let body =
            |id: &str| sample::message(id, Kind::Hotel, Op::New, "", vec![sample::hotel(P)]).to_string();
        for (id, kind) in [
            ("h1", "application/JSON"),
            ("h2", "Application/Json; charset=UTF-8"),
            ("h3", "application/json"),
        ] {
            let mut request = request("POST", "/hotel", body(id));
            request.headers_mut().insert("content-type", kind.parse().unwrap());
            let basic = request.headers()["authorization"].to_str().unwrap().replace("Basic", "bAsIc");
            request.headers_mut().insert("authorization", basic.parse().unwrap());
            taken(&server.call(request).await, id);
        }
    })
    .await;
}

#[tokio::test]
async fn gzip_is_taken_and_given() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let message = sample::message("g1", Kind::Hotel, Op::New, "", vec![sample::hotel(P)]).to_string();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(message.as_bytes()).unwrap();
        let mut packed = request("POST", "/hotel", Body::from(encoder.finish().unwrap()));
        packed.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        taken(&server.call(packed).await, "g1");

        let mut asked =
            request("POST", "/hotel-audit", format!(r#"{{"messageId":"a","propertyCode":"{P}"}}"#));
        asked.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
        let answer = server.call(asked).await;
        assert_eq!(answer.headers["content-encoding"], "gzip");
        let expected =
            format!(r#"{{"messageId":"a","status":{{"success":true}},"hotel":{}}}"#, sample::hotel(P));
        assert_eq!(answer.whole(), (200, expected.as_str()));
        let plain = server.audit("/hotel-audit", "").await;
        assert_eq!(plain.headers.get("content-encoding"), None);
    })
    .await;
}
