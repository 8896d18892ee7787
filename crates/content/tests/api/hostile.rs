//! What must never do more than be refused.

use std::io::Write as _;

use axum::body::Body;
use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::GzEncoder;
use waypost_content::{Kind, Op, sample};
use waypost_store::testing::{Place, on_both_engines};

use crate::support::{P, Server, request};

fn hotel(id: &str) -> String {
    sample::message(id, Kind::Hotel, Op::New, "", vec![sample::hotel(P)]).to_string()
}

#[tokio::test]
async fn nobody_is_let_in_without_the_password_and_the_id_is_echoed() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let body = r#"{"messageId":"m-5","status":{"success":false,"message":"Invalid Credentials","errors":[{"errorMessage":"Authentication failed. Invalid credentials provided.","errorCode":4001}]}}"#;
        // demo with another password; an unknown user; not Base64; another scheme; nothing.
        for header in ["Basic ZGVtbzpwQDU1dzByZA==", "Basic bm9ib2R5Ong=", "Basic !", "Bearer abc", ""] {
            let mut bad = request("POST", "/hotel", hotel("m-5"));
            bad.headers_mut().insert("authorization", header.parse().unwrap());
            assert_eq!(server.call(bad).await.whole(), (401, body), "{header}");
        }
        let mut none = request("POST", "/tax-audit", "not json");
        none.headers_mut().remove("authorization");
        assert_eq!(server.call(none).await.whole(), (401, body.replace("m-5", "").as_str()));
        assert_eq!(server.count("SELECT count(*) FROM content_received").await, 0);
    })
    .await;
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_with_the_reason() {
    let place = Place::sqlite();
    let server = Server::on(place.open()).await;
    let told = |answer: crate::support::Answer| {
        let json = answer.json();
        assert_eq!(json["messageId"], "");
        (
            answer.errors().0,
            answer.errors().1[0].2.clone(),
            json["status"]["message"].as_str().unwrap().to_owned(),
        )
    };
    let bad = |field: &str, rule: &str| {
        (
            400,
            format!("Invalid value for field {field}"),
            format!("Validation failed due to invalid values: {field} must be {rule}."),
        )
    };
    assert_eq!(
        told(server.post("/hotel", "{\"messageId\":\"x\",").await),
        bad("body", "JSON; not JSON at byte 17")
    );
    assert_eq!(told(server.post("/hotel", "").await), bad("body", "JSON; not JSON at byte 0"));
    assert_eq!(
        told(server.post("/hotel", vec![b'"', 0xff, b'"']).await),
        bad("body", "JSON; the body is not UTF-8")
    );
    let twice = r#"{"messageId":"a","messageId":"b"}"#;
    let answer = server.post("/hotel", twice).await;
    assert_eq!(told(answer), bad("body", "JSON; a name stands twice in one object, at byte 17"));
    let mut xml = request("POST", "/hotel", "<hotel/>");
    xml.headers_mut().insert("content-type", "text/xml".parse().unwrap());
    assert_eq!(told(server.call(xml).await), bad("Content-Type", "application/json"));
    for (encoding, body) in [("br", "x"), ("gzip", "not gzip")] {
        let mut packed = request("POST", "/hotel", body);
        packed.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        assert_eq!(told(server.call(packed).await), bad("Content-Encoding", "gzip or none, and undamaged"));
    }
    server.store.close().await;
}

#[tokio::test]
async fn a_large_body_is_413_also_when_it_comes_packed_small() {
    let place = Place::sqlite();
    let server = Server::on(place.open()).await;
    let large = format!("{{\"messageId\":\"{}\"}}", "x".repeat(300 * 1024));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(large.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    assert!(packed.len() < 2_000);
    let mut bomb = request("POST", "/hotel", Body::from(packed));
    bomb.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    for answer in [server.post("/hotel", large).await, server.call(bomb).await] {
        assert_eq!(answer.http, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.errors().1, [(4006, None, "Invalid value for field body".to_owned())]);
    }
    server.store.close().await;
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405() {
    let place = Place::sqlite();
    let server = Server::on(place.open()).await;
    assert_eq!(server.post("/motel", hotel("m")).await.http, StatusCode::NOT_FOUND);
    assert_eq!(server.call(request("GET", "/hotel", "")).await.http, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.call(request("DELETE", "/hotel/X", "")).await.http, StatusCode::METHOD_NOT_ALLOWED);
    server.store.close().await;
}

#[tokio::test]
async fn a_value_of_any_type_in_any_field_is_answered_without_a_fault_of_ours() {
    let place = Place::sqlite();
    let server = Server::on(place.open()).await;
    let values =
        ["null", "true", "-1", "1e399", "\"\"", "\"x\"", "[]", "[null]", "{}", "[[1]]", "{\"code\":1}"];
    let mut n = 0;
    for (kind, body) in [
        (Kind::Hotel, sample::hotel(P)),
        (Kind::Room, sample::room("A")),
        (Kind::RatePlan, sample::rateplan("R", "C")),
        (Kind::Policy, sample::policy("C")),
        (Kind::Tax, sample::tax("T")),
    ] {
        let names: Vec<String> = body.members().unwrap().iter().map(|(name, _)| name.clone()).collect();
        for name in names {
            for value in values {
                n += 1;
                let mut object = body.clone();
                object.set(&name, waypost_content::wire::json::parse(value.as_bytes()).unwrap());
                let answer = server.push(&format!("m{n}"), kind, Op::New, vec![object]).await;
                assert!(answer.http.as_u16() < 500, "{name} {value}: {}", answer.body);
                assert_eq!(answer.json()["messageId"], format!("m{n}"));
            }
        }
    }
    server.store.close().await;
}
