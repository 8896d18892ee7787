use serde_json::json;
use waypost_core::time::Micros;
use waypost_messaging::rules::{Content, NotifyTo, Priority, Route, SmsBody, SmsContent, SmsKind};
use waypost_store::TenantId;

use crate::support::{KEY, NOW, Server, request, sms};

#[tokio::test]
async fn one_destination_object_is_answered_by_one_element_with_a_plain_id() {
    let server = Server::new();
    let answer = server
        .post(sms(
            json!({"destination": [{"msisdn": ["447700900001", "447700900002"], "correlationid": "r1"}]}),
        ))
        .await;
    assert_eq!(answer.http, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let expected = json!({"response": [{"code": "1001", "description": "Queued", "transid": "<id>", "correlationid": "r1"}]});
    assert_eq!(answer.masked(), expected);

    let kept = server.kept();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!(answer.json()["response"][0]["transid"], kept.transid.to_string());
    assert_eq!(kept.transid.first_id(), Some(kept.first));
    assert_eq!((kept.received_at, kept.caller.tenant, kept.plan.message_count()), (NOW, TenantId(7), 2));
}

#[tokio::test]
async fn without_a_correlation_id_none_is_answered() {
    let server = Server::new();
    let answer = server.post(sms(json!({}))).await;
    assert_eq!(
        answer.masked(),
        json!({"response": [{"code": "1001", "description": "Queued", "transid": "<id>"}]})
    );
}

#[tokio::test]
async fn several_objects_are_answered_in_order_each_with_its_suffix() {
    let server = Server::new();
    let body = sms(json!({
        "correlationid": "top",
        "destination": [
            {"msisdn": "447700900001"},
            {"msisdn": 447_700_900_002_u64, "correlationId": "camel"},
            {"correlationid": "nobody"},
            {"msisdn": ["447700900003"], "correlationid": "x".repeat(51)},
            {"customerid": ["8953"], "correlationid": "é\"\\"},
        ],
    }));
    let answer = server.post(body).await;
    const NOBODY: &str =
        "any one of [customerid,msisdn,email, userid,pushid,psid, twitterid, wechatid] is mandatory";
    assert_eq!(
        answer.units(),
        [
            "1001 | Queued | <id>_0 | top".to_owned(),
            "1001 | Queued | <id>_1 | camel".to_owned(),
            format!("7003 | {NOBODY} | <id>_2 | nobody"),
            "7004 | invalid value for param correlationid | <id>_3 | -".to_owned(),
            "1001 | Queued | <id>_4 | é\"\\".to_owned(),
        ]
    );
    assert_eq!(answer.http, 200);
    insta::assert_snapshot!("mixed_units", answer.shown());
    let kept = server.kept();
    let places: Vec<_> = kept[0].plan.accepted().map(|(place, unit)| (place, unit.values.len())).collect();
    assert_eq!(places, [(0, 1), (1, 1), (4, 1)]);
}

#[tokio::test]
async fn when_every_object_is_refused_nothing_is_kept() {
    let server = Server::new();
    let answer = server.post(sms(json!({"destination": [{"msisdn": []}]}))).await;
    assert_eq!(answer.json()["response"][0]["code"], "7003");
    assert_eq!(server.kept().len(), 0);
}

#[tokio::test]
async fn a_thousand_values_are_taken_in_one_object_or_in_a_thousand() {
    let server = Server::new();
    let bulk = server.post(sms(json!({"destination": [{"msisdn": vec!["447700900001"; 1_000]}]}))).await;
    assert_eq!(bulk.units().len(), 1);
    let own =
        server.post(sms(json!({"destination": vec![json!({"msisdn": ["447700900001"]}); 1_000]}))).await;
    let units = own.units();
    assert_eq!((units.len(), units[999].as_str()), (1_000, "1001 | Queued | <id>_999 | -"));
    let kept = server.kept();
    assert_eq!(kept.iter().map(|kept| kept.plan.message_count()).collect::<Vec<_>>(), [1_000, 1_000]);
    assert!(kept[1].first >= kept[0].first.nth(1_000), "ids of two requests must not overlap");
}

#[tokio::test]
async fn every_member_reaches_the_ledger() {
    let server = Server::new();
    let answer = server
        .post(sms(json!({
            "channels": {"sms": {"text": "Hi {{name}}", "type": "4", "senderid": "SHOP", "media-path": "https://x.example/i"}},
            "message": {"parameters": {"name": "Ann"}},
            "notifyurl": "https://x.example/dlr",
            "callbackData": "cb",
            "expiry": "2030-04-12T18:30:19.456+5:30",
            "priority": "3",
            "route": "IMMD",
        })))
        .await;
    assert_eq!(answer.units(), ["1001 | Queued | <id> | -"]);
    let plan = server.kept().remove(0).plan;
    let content = Content::Sms(SmsContent {
        kind: SmsKind::Unicode,
        body: SmsBody::Text { text: "Hi Ann https://x.example/i".into(), unresolved: None },
        sender: Some("SHOP".into()),
        dlt_template: None,
    });
    assert_eq!(plan.content, content);
    assert_eq!(plan.notify, NotifyTo::Url("https://x.example/dlr".into()));
    assert_eq!(
        (plan.callback_data.as_deref(), plan.priority, plan.route),
        (Some("cb"), Priority::High, Some(Route::Immd))
    );
    assert_eq!(plan.expires_at, Some(Micros::from_ms(1_902_229_219_456)));
}

#[tokio::test]
async fn what_ends_later_is_accepted_first() {
    let server = Server::new();
    for changes in [
        json!({"channels": {"sms": {"text": "Hi", "senderid": "NOBODY"}}}),
        json!({"channels": {"sms": {"type": 3, "body": "not hex"}}}),
        json!({"channels": {"sms": {"text": "x".repeat(4_001)}}}),
        json!({"channels": {"sms": {"text": "{{link_5}}"}, "smartlinks": [{"linkid": 5, "validity": 30}]}}),
        json!({"channels": null, "message": {"template": "1021", "parameters": {"name": "Ann"}}}),
        json!({"destination": [{"msisdn": "not a number"}]}),
        json!({"deliverychannel": "voice", "channels": {"voice": {"callflowid": "184"}}}),
        json!({"notifyurl": " https://x.example/dlr"}),
    ] {
        assert_eq!(
            server.post(sms(changes.clone())).await.units(),
            ["1001 | Queued | <id> | -"],
            "{changes}"
        );
    }
    assert_eq!(server.kept().len(), 8);
}

#[tokio::test]
async fn path_header_and_content_type_are_read_as_clients_send_them() {
    let server = Server::new();
    let good = || request(sms(json!({})));
    let mut untyped = good().header("key", KEY).done();
    untyped.headers_mut().remove("content-type");
    for request in [
        good().header("KEY", KEY).done(),
        good().header("Key", KEY).path("/resources/v1/messaging/").done(),
        good().header("key", KEY).header("content-type", "application/json; charset=utf-8").done(),
        good().header("key", KEY).header("content-type", "Application/Vnd.x+JSON").done(),
        untyped,
    ] {
        assert_eq!(server.call(request).await.units(), ["1001 | Queued | <id> | -"]);
    }
}

#[tokio::test]
async fn above_the_limit_burst_mode_says_so_until_it_is_used_up() {
    let server = Server::new();
    server.limit(2, true);
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(server.post(sms(json!({}))).await.units());
    }
    let expected =
        ["1001 | Queued | <id> | -", "1001 | Queued | <id> | -", "1001 | Queued in burst mode | <id> | -"];
    assert_eq!(seen, expected);
    assert_eq!(server.post(sms(json!({}))).await.refusal().1, "7020");
    server.world.clock.advance_ms(1_000);
    assert_eq!(server.post(sms(json!({}))).await.units(), ["1001 | Queued | <id> | -"]);
}
