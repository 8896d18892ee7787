//! FCM HTTP v1.

use serde_json::json;
use waypost_channels::connector::{AddressKind, Connector, Handed};
use waypost_simulators::push::Fault;

use crate::support::{Bench, TID, code, dead, everywhere, later, refused, taken};

const KIND: AddressKind = AddressKind::AndroidPush;

#[tokio::test]
async fn a_message_is_taken_and_names_its_transaction() {
    let bench = Bench::new().await;
    let name = taken(&bench.text(KIND, "device-a").await);
    let received = bench.sims.fcm.received();
    let expected = json!({
        "token": "device-a", "notification": {"body": "Hello"}, "data": {"tid": TID, "appId": "AP7"},
        "android": {"ttl": "2419200s"},
    });
    assert_eq!((received.len(), &received[0].body, &received[0].id), (1, &expected, &name));
    assert_eq!((received[0].status, received[0].version.as_str()), (200, "HTTP/2.0"));
    assert!(name.starts_with("projects/waypost-sandbox/messages/"), "{name}");
}

#[tokio::test]
async fn many_at_once_ask_for_one_token_and_share_one_connection() {
    let bench = Bench::new().await;
    let sends = (0..50).map(|n| {
        let outgoing = bench.outgoing(KIND, &format!("device-{n}-x"), everywhere());
        tokio::spawn(bench.connector.hand_over(outgoing))
    });
    for send in sends.collect::<Vec<_>>() {
        taken(&send.await.unwrap());
    }
    // One connection for the token, one for the messages.
    assert_eq!((bench.sims.fcm.tokens_given(), bench.sims.fcm.connections()), (1, 2));
    assert_eq!(bench.sims.fcm.received().len(), 50);
}

#[tokio::test]
async fn a_token_is_replaced_shortly_before_its_end() {
    let bench = Bench::new().await;
    for (minutes, tokens) in [(0, 1), (54, 1), (1, 2), (54, 2), (1, 3)] {
        bench.clock.advance_ms(minutes * 60_000);
        taken(&bench.text(KIND, "device-a").await);
        assert_eq!(bench.sims.fcm.tokens_given(), tokens, "after {minutes} minutes more");
    }
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced_within_the_attempt() {
    let bench = Bench::new().await;
    taken(&bench.text(KIND, "device-a").await);
    bench.sims.fcm.revoke_tokens();
    taken(&bench.text(KIND, "device-a").await);
    let statuses: Vec<u16> = bench.sims.fcm.received().iter().map(|received| received.status).collect();
    assert_eq!((statuses, bench.sims.fcm.tokens_given()), (vec![200, 401, 200], 2));
    // A second refusal is the end.
    for _ in 0..2 {
        bench.sims.fcm.fail_next(Fault::Status(401, None));
    }
    assert_eq!(bench.text(KIND, "device-a").await, refused(7504, "HTTP 401"));
}

#[tokio::test]
async fn credentials_the_token_server_refuses_are_an_authentication_error() {
    let mut bench = Bench::new().await;
    let other = Bench::new().await;
    let key = other.account.secrets["fcm_service_account"]["private_key"].clone();
    bench.account.secrets["fcm_service_account"]["private_key"] = key;
    let expected = refused(7504, "invalid_grant: Invalid JWT Signature.");
    assert_eq!(bench.text(KIND, "device-a").await, expected);
    bench.account.revision = 2;
    bench.account.secrets["fcm_service_account"]["client_email"] = "somebody@else.test".into();
    let expected = refused(7504, "invalid_grant: Invalid grant: account not found");
    assert_eq!(bench.text(KIND, "device-a").await, expected);
    assert_eq!(bench.sims.fcm.received().len(), 0);
}

#[tokio::test]
async fn another_project_is_an_authentication_error() {
    let mut bench = Bench::new().await;
    bench.account.config["fcm_project_id"] = "other".into();
    let text = "PERMISSION_DENIED: Permission 'cloudmessaging.messages.create' denied on resource";
    assert_eq!(bench.text(KIND, "device-a").await, refused(7504, text));
}

#[tokio::test]
async fn a_token_server_that_fails_is_left_alone_for_a_second() {
    let bench = Bench::new().await;
    bench.sims.fcm.fail_tokens(503, 1);
    let failed = later(7508, "HTTP 503", true);
    assert_eq!(bench.text(KIND, "device-a").await, failed);
    assert_eq!(bench.text(KIND, "device-a").await, failed, "without another request");
    bench.clock.advance_ms(1_000);
    taken(&bench.text(KIND, "device-a").await);
}

#[tokio::test]
async fn an_unregistered_device_is_dead() {
    let bench = Bench::new().await;
    bench.sims.fcm.unregister("device-a");
    let expected = dead(7513, "UNREGISTERED: Requested entity was not found.");
    assert_eq!(bench.text(KIND, "device-a").await, expected);
    taken(&bench.text(KIND, "device-b").await);
}

#[tokio::test]
async fn what_the_provider_throttles_or_fails_comes_later_and_when_it_says() {
    let bench = Bench::new().await;
    bench.sims.fcm.fail_next(Fault::Status(429, Some(30)));
    let at = bench.clock_after(30);
    let throttled =
        Handed::Later { code: 7507, detail: "HTTP 429".to_owned(), retry_after: Some(at), failing: false };
    assert_eq!(bench.text(KIND, "device-a").await, throttled);
    for (fault, expected) in [
        (Fault::Code(7508), later(7508, "UNAVAILABLE: The service is currently unavailable.", true)),
        (Fault::Code(7509), later(7509, "QUOTA_EXCEEDED: Device message rate exceeded", false)),
        (Fault::Status(502, None), later(7508, "HTTP 502", true)),
    ] {
        bench.sims.fcm.fail_next(fault);
        assert_eq!(bench.text(KIND, "device-a").await, expected);
    }
}

#[tokio::test]
async fn silence_and_broken_streams_come_later() {
    let bench = Bench::new().await;
    taken(&bench.text(KIND, "device-a").await);
    bench.sims.fcm.fail_next(Fault::Reset);
    let broken = bench.text(KIND, "device-a").await;
    assert!(matches!(broken, Handed::Later { code: 7508, failing: true, .. }), "{broken:?}");
    bench.sims.fcm.fail_next(Fault::Silence);
    let mut outgoing = bench.outgoing(KIND, "device-a", everywhere());
    outgoing.deadline_ms = 100;
    let silent = bench.connector.hand_over(outgoing).await;
    assert!(matches!(silent, Handed::Later { code: 7508, failing: true, .. }), "{silent:?}");
    taken(&bench.text(KIND, "device-a").await);
}

#[tokio::test]
async fn a_cloud_that_says_goodbye_loses_nothing() {
    let bench = Bench::new().await;
    for _ in 0..5 {
        taken(&bench.text(KIND, "device-a").await);
        bench.sims.fcm.go_away();
    }
    taken(&bench.text(KIND, "device-a").await);
    assert_eq!(bench.sims.fcm.received().len(), 6);
}

#[tokio::test]
async fn our_own_checks_come_before_the_request() {
    let bench = Bench::new().await;
    let long = "x".repeat(4_100);
    let ttl = json!({"android": {"text": "x", "extras": {"time_to_live": "2419201"}}});
    let cases = [
        ("device-a", json!({"android": {"text": long}}), 7505),
        ("device-a", ttl, 7506),
        ("device-a", json!({"ios": {"text": "x"}}), 7112),
        ("two words", everywhere(), 7512),
        ("", everywhere(), 7512),
        (&long, everywhere(), 7512),
    ];
    for (token, block, expected) in cases {
        assert_eq!(code(&bench.send(KIND, token, block).await), expected);
    }
    assert_eq!((bench.sims.fcm.connections(), bench.sims.fcm.received().len()), (0, 0));
}
