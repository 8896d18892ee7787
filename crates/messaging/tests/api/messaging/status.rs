use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_messaging::api::{LookupError, StatusRecord};

use crate::support::{Answer, Server};

const ID: &str = "019f5e66-e801-7fea-bcdf-ffffffffffff";
/// Not an id; the tests know answers of this endpoint by it.
const ODD: &str = "asked";

fn path(id: &str) -> String {
    format!("/resources/v1/messaging/status/{id}")
}

fn record(unit: Option<u16>, code: Option<u16>) -> StatusRecord {
    let mut transid: waypost_core::id::TransactionRef = ID.parse().unwrap();
    transid.unit = unit;
    StatusRecord {
        transid,
        from: "ACME".into(),
        to: "+447700900001".into(),
        body: "Hi \"you\"".into(),
        channel: Channel::Sms,
        callflow: None,
        code,
        created_at: Micros::from_secs(1_281_930_301),
        updated_at: Micros::from_secs(1_281_930_307),
    }
}

fn refused(answer: &Answer, code: &str, description: &str, asked: &str) {
    let body = answer.json();
    let said =
        ["code", "description", "transid"].map(|name| body["response"][name].as_str().unwrap().to_owned());
    assert_eq!(said, [code, description, asked]);
}

#[tokio::test]
async fn records_are_a_bare_array_in_the_words_of_the_contract() {
    let server = Server::new();
    let codes = [None, Some(7501), Some(7500), Some(7502), Some(7102), Some(7503), Some(7602), Some(7280)];
    let records = codes.iter().zip(0..).map(|(code, unit)| record(Some(unit), *code)).collect();
    *server.world.found.lock().unwrap() = Ok(records);
    let answer = server.get(&path(ID)).await;
    assert_eq!(
        (answer.http.as_u16(), &answer.headers["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    let body = answer.json();
    assert_eq!(
        body[4],
        json!({
            "transactionid": format!("{ID}_4"), "clientid": "acme", "api_version": "v1", "type": "outbound-api",
            "from": "ACME", "to": "+447700900001", "body": "Hi \"you\"", "channel": "SMS", "status": "failed",
            "date_created": "Mon, 16 Aug 2010 03:45:01 UTC", "last_updated": "Mon, 16 Aug 2010 03:45:07 UTC",
            "error_code": "7102", "error_message": "Invalid address",
        })
    );
    let seen: Vec<_> = body
        .as_array()
        .unwrap()
        .iter()
        .map(|record| json!([record["status"], record["error_code"], record["error_message"]]))
        .collect();
    assert_eq!(seen[0], json!(["queued", null, null]));
    assert_eq!(seen[1], json!(["sent", null, null]));
    assert_eq!(seen[2], json!(["delivered", null, null]));
    assert_eq!(seen[3], json!(["delivered", null, null]));
    assert_eq!(seen[5], json!(["expired", "7503", "Message expired before delivery attempt"]));
    assert_eq!(seen[6], json!(["failed", "7602", "User presence failure"]));
    assert_eq!(seen[7][1], "7280");
    assert!(seen[7][2].is_string(), "a code of notifications has a text too: {}", seen[7]);
}

#[tokio::test]
async fn the_id_is_taken_with_or_without_suffix_and_slash_in_any_case() {
    let server = Server::new();
    *server.world.found.lock().unwrap() = Ok(vec![record(None, None)]);
    for asked in [ID.to_owned(), format!("{ID}_7"), format!("{ID}/"), ID.to_uppercase()] {
        assert_eq!(server.get(&path(&asked)).await.json()[0]["status"], "queued", "{asked}");
    }
    let asked: Vec<_> = server.world.asked.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(asked, [ID.to_owned(), format!("{ID}_7"), ID.to_owned(), ID.to_owned()]);
}

#[tokio::test]
async fn each_refused_look_up_has_its_code_and_repeats_the_id() {
    let server = Server::new();
    let unkeyed = server.call(Request::get(path(ODD)).body(Body::empty()).unwrap()).await;
    refused(&unkeyed, "7002", "Service Key Missing", ODD);
    const FOREIGN: &str = "Transaction is not under this service or service key is invalid";
    let wrong = Request::get(path(ODD)).header("key", "wrong").body(Body::empty()).unwrap();
    refused(&server.call(wrong).await, "7601", FOREIGN, ODD);
    refused(&server.get(&path(ODD)).await, "7600", "No results found", ODD);
    refused(&server.get(&path(ID)).await, "7600", "No results found", ID);
    *server.world.found.lock().unwrap() = Ok(Vec::new());
    refused(&server.get(&path(ID)).await, "7600", "No results found", ID);
    *server.world.found.lock().unwrap() = Err(LookupError::Foreign);
    refused(&server.get(&path(ID)).await, "7601", FOREIGN, ID);

    server.limit(0, false);
    refused(&server.get(&path(ODD)).await, "7020", "You have reached maximum transaction limit", ODD);
    server.set_caller(|caller| caller.allowlist = vec!["192.0.2.0/24".parse().unwrap()]);
    refused(&server.get(&path(ODD)).await, "7010", "Source IP is not whitelisted", ODD);
    server.set_caller(|_| ());
    *server.world.found.lock().unwrap() = Err(LookupError::Unavailable);
    let broken = server.get(&path(ID)).await;
    assert_eq!((broken.http.as_u16(), &broken.headers["retry-after"]), (503, &"1".parse().unwrap()));
    refused(&broken, "7006", "Internal server error", ID);
    insta::assert_snapshot!("refused_lookup", wide(&unkeyed));
}

fn wide(answer: &Answer) -> String {
    format!("HTTP {}\n{}", answer.http.as_u16(), answer.body)
}

#[tokio::test]
async fn a_suspended_service_may_still_look_up_what_it_sent() {
    let server = Server::new();
    server.set_caller(|caller| caller.is_active = false);
    *server.world.found.lock().unwrap() = Ok(vec![record(None, Some(7500))]);
    assert_eq!(server.get(&path(ID)).await.json()[0]["status"], "delivered");
}

#[tokio::test]
async fn a_hostile_id_is_unknown_and_is_repeated_harmlessly() {
    let server = Server::new();
    let check = async |asked: &str, echoed: &str| {
        refused(&server.get(&path(asked)).await, "7600", "No results found", echoed);
    };
    check("%22%7d%0a%3cscript%3e", "\"}\n<script>").await;
    check(&"9".repeat(500), &"9".repeat(64)).await;
    check("%ff", "").await;
    check(&format!("{ID}_1000"), &format!("{ID}_1000")).await;
    assert_eq!(server.world.asked.lock().unwrap().len(), 0, "the store need not be asked");
}
