//! Every published code, provoked over HTTP, with its whole body.

use waypost_content::records::shelf;
use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, TenantId};

use crate::support::{Answer, NOW, P, Server, success};

fn one(answer: &Answer, http: u16, code: i64, object: &str, text: &str) {
    assert_eq!(
        answer.errors(),
        (http, vec![(code, Some(object.to_owned()), text.to_owned())]),
        "{}",
        answer.body
    );
}

async fn take_off(server: &Server, kind: Kind, code: &'static str) {
    let (partner, ctx) = (server.partner, Ctx::operator(TenantId::ALL));
    let done = server.store.write(move |tx| shelf::switch(tx, &ctx, partner, (kind, P, code), false, NOW));
    assert!(done.await.unwrap());
}

#[tokio::test]
async fn what_is_not_found_is_named_with_its_code_under_http_200() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let answer = server.push("m", Kind::Hotel, Op::Update, vec![sample::hotel(P)]).await;
        assert_eq!(answer.whole(), (200, concat!(
            r#"{"messageId":"m","status":{"success":false,"message":"Property with code LISTEST not found","#,
            r#""errors":[{"objectCode":"LISTEST","errorMessage":"Property with code LISTEST not found","errorCode":7054}]}}"#)));
        server.furnish().await;
        let room = server.push("m1", Kind::Room, Op::Update, vec![sample::room("CDK1")]).await;
        one(&room, 200, 7055, "CDK1", "Room type with code 'CDK1' not found");
        let plan = server.push("m2", Kind::RatePlan, Op::Update, vec![sample::rateplan("X", "C24H")]).await;
        one(&plan, 200, 7056, "X", "Rate plan with code X not found");
        let policy = server.push("m3", Kind::Policy, Op::Update, vec![sample::policy("X")]).await;
        one(&policy, 200, 7057, "X", "Cancellation policy with code X not found");
        let tax = server.push("m4", Kind::Tax, Op::Enable, vec![sample::tax("X")]).await;
        one(&tax, 200, 7058, "X", "Tax with code X not found");
    })
    .await;
}

#[tokio::test]
async fn what_is_disabled_is_named_with_its_code_under_http_200() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        assert_eq!(server.push("m0", Kind::Room, Op::Disable, vec![sample::room("A")]).await.whole(), (200, success("m0").as_str()));
        let room = server.push("m1", Kind::Room, Op::Update, vec![sample::room("A")]).await;
        one(&room, 200, 7060, "A", "Room type with code 'A' is disabled");
        one(&server.products("m2", "RP1", &["A"], &[]).await, 200, 7060, "A", "Room type with code 'A' is disabled");
        // No push can disable these two: the receiver's operator does.
        take_off(&server, Kind::RatePlan, "RP1").await;
        let plan = server.push("m3", Kind::RatePlan, Op::Update, vec![sample::rateplan("RP1", "C24H")]).await;
        one(&plan, 200, 7061, "RP1", "Rate plan with code RP1 is disabled");
        take_off(&server, Kind::Policy, "C24H").await;
        let plan = server.push("m4", Kind::RatePlan, Op::Update, vec![sample::rateplan("RP2", "C24H")]).await;
        one(&plan, 200, 7062, "C24H", "Cancellation policy with code C24H is disabled");
        server.push("m5", Kind::Tax, Op::Disable, vec![sample::tax("CITY")]).await;
        let tax = server.push("m6", Kind::Tax, Op::Update, vec![sample::tax("CITY")]).await;
        one(&tax, 200, 7063, "CITY", "Tax with code CITY is disabled");
        let asked = server.audit("/tax-audit", r#","taxCodes":["CITY"]"#).await;
        assert_eq!(asked.whole(), (200, concat!(
            r#"{"messageId":"audit","status":{"success":false,"message":"Tax with code CITY is disabled","errors":[{"objectCode":"CITY","#,
            r#""errorMessage":"Tax with code CITY is disabled","errorCode":7063}]},"propertyCode":"LISTEST","taxes":[]}"#)));
        server.push("m7", Kind::Hotel, Op::Disable, vec![sample::hotel(P)]).await;
        let room = server.push("m8", Kind::Room, Op::New, vec![sample::room("C")]).await;
        one(&room, 200, 7059, P, "Property with code LISTEST is disabled");
        one(&server.audit("/hotel-audit", "").await, 200, 7059, P, "Property with code LISTEST is disabled");
    })
    .await;
}

#[tokio::test]
async fn malformed_messages_are_400_with_every_field_and_nothing_is_kept() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let mut hotel = sample::hotel(P);
        hotel.take("name");
        hotel.set("city", Json::from(" "));
        let missing = server.push("m-4", Kind::Hotel, Op::New, vec![hotel.clone()]).await;
        assert_eq!(missing.whole(), (400, concat!(
            r#"{"messageId":"m-4","status":{"success":false,"message":"Validation failed due to missing fields.","errors":["#,
            r#"{"objectCode":"LISTEST","errorMessage":"required field name missing","errorCode":4005},"#,
            r#"{"objectCode":"LISTEST","errorMessage":"required field city missing","errorCode":4005}]}}"#)));
        hotel.set("starRating", Json::from("four"));
        let both = server.push("m-5", Kind::Hotel, Op::New, vec![hotel]).await;
        assert_eq!(both.json()["status"]["message"],
            "Validation failed due to missing fields and invalid values: starRating must be a number from 0 to 7.");
        assert_eq!(both.errors().1.iter().map(|error| error.0).collect::<Vec<_>>(), [4005, 4006, 4005]);
        let mut tax = sample::tax("T");
        tax.set("startDate", Json::from("2026-02-01"));
        tax.set("endDate", Json::from("2026-01-01"));
        let reversed = server.push("m-6", Kind::Tax, Op::New, vec![tax]).await;
        one(&reversed, 400, 4007, "T", "Invalid date. The end date is earlier than the start date.");
        assert_eq!(server.count("SELECT count(*) FROM content_received").await, 0);
    })
    .await;
}

#[tokio::test]
async fn audits_answer_what_was_pushed_to_the_digit() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        server.products("p1", "RP1", &["A", "B"], &["CITY"]).await;
        let ok = |rest: &str| format!(r#"{{"messageId":"audit","status":{{"success":true}},{rest}}}"#);
        let of = |list: String| ok(&format!(r#""propertyCode":"LISTEST",{list}"#));
        let (a, b) = (sample::room("A"), sample::room("B"));
        for (path, rest, expected) in [
            ("/hotel-audit", "", ok(&format!(r#""hotel":{}"#, sample::hotel(P)))),
            ("/roomtype-audit", r#","roomCodes":null"#, of(format!(r#""rooms":[{a},{b}]"#))),
            ("/roomtype-audit", r#","roomCodes":["B"]"#, of(format!(r#""rooms":[{b}]"#))),
            ("/tax-audit", "", of(format!(r#""taxes":[{}]"#, sample::tax("CITY")))),
            ("/cancellation-policy-audit", "", of(format!(r#""cancellationPolicies":[{}]"#, sample::policy("C24H")))),
            ("/rateplan-audit", r#","rateplanCodes":["RP2"]"#, of(format!(r#""rateplans":[{}]"#, sample::rateplan("RP2", "C24H")))),
            ("/products-audit", r#","rateplanCodes":["RP1"]"#, of(format!(r#""products":[{},{}]"#,
                sample::product("RP1", "A", &["CITY"]), sample::product("RP1", "B", &["CITY"])))),
            ("/products-audit", r#","rateplanCodes":["RP2"]"#, of(r#""products":[]"#.to_owned())),
        ] {
            assert_eq!(server.audit(path, rest).await.whole(), (200, expected.as_str()), "{path}");
        }
        let some = server.audit("/roomtype-audit", r#","roomCodes":["X","A"]"#).await;
        assert_eq!(some.whole(), (200, format!(concat!(
            r#"{{"messageId":"audit","status":{{"success":false,"message":"Room type with code 'X' not found","errors":[{{"objectCode":"X","#,
            r#""errorMessage":"Room type with code 'X' not found","errorCode":7055}}]}},"propertyCode":"LISTEST","rooms":[{}]}}"#), a).as_str()));
        let nowhere = server.post("/tax-audit", r#"{"messageId":"a","propertyCode":"NOWHERE"}"#).await;
        one(&nowhere, 200, 7054, "NOWHERE", "Property with code NOWHERE not found");
        let empty = server.post("/tax-audit", "{}").await;
        assert_eq!(empty.errors(), (400, vec![
            (4005, None, "required field messageId missing".to_owned()),
            (4005, None, "required field propertyCode missing".to_owned()),
        ]));
    })
    .await;
}

#[tokio::test]
async fn what_one_partner_pushes_no_other_sees() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        let mut request = crate::support::request(
            "POST",
            "/hotel-audit",
            format!(r#"{{"messageId":"f1","propertyCode":"{P}"}}"#),
        );
        let token = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("other:{}", crate::support::PASSWORD),
        );
        request.headers_mut().insert("authorization", format!("Basic {token}").parse().unwrap());
        one(&server.call(request).await, 200, 7054, P, "Property with code LISTEST not found");
    })
    .await;
}
