//! APNs.

use serde_json::json;
use waypost_channels::connector::{AddressKind, Connector, Handed};
use waypost_core::time::Micros;
use waypost_simulators::push::Fault;

use crate::support::{Bench, DEVICE, NOW, TID, code, connector, dead, everywhere, later, refused, taken};

const KIND: AddressKind = AddressKind::IosPush;

#[tokio::test]
async fn a_notification_is_taken_with_every_header() {
    let bench = Bench::new().await;
    let block =
        json!({"ios": {"title": "T", "text": "x", "extras": {"time_to_live": 60, "collapse_key": "k"}}});
    let id = taken(&bench.send(KIND, DEVICE, block.clone()).await);
    let received = bench.sims.apns.received();
    let got = &received[0];
    let expected = json!({"aps": {"alert": {"title": "T", "body": "x"}}, "tid": TID, "appId": "AP7"});
    assert_eq!((received.len(), &got.body, got.address.as_str(), &got.id), (1, &expected, DEVICE, &id));
    let headers = ["apns-topic", "apns-priority", "apns-push-type", "apns-expiration", "apns-collapse-id"];
    let values = headers.map(|name| got.header(name).unwrap_or_default().to_owned());
    let expiration = (NOW.as_secs() + 60).to_string();
    assert_eq!(values, ["com.example.waypost", "10", "alert", &expiration, "k"]);
    assert_eq!((got.header("apns-id"), got.version.as_str()), (Some(id.as_str()), "HTTP/2.0"));
    // The same message for the same device has the same id in every attempt; another device another one.
    assert_eq!(taken(&bench.send(KIND, DEVICE, block.clone()).await), id);
    assert_ne!(taken(&bench.send(KIND, &DEVICE.replace("00fc", "00fd"), block).await), id);
}

#[tokio::test]
async fn the_expiry_of_the_message_is_told() {
    let bench = Bench::new().await;
    let mut outgoing = bench.outgoing(KIND, DEVICE, everywhere());
    outgoing.expires_at = Some(NOW.add_ms(90_000));
    taken(&bench.connector.hand_over(outgoing.clone()).await);
    let expiration = (NOW.as_secs() + 90).to_string();
    assert_eq!(bench.sims.apns.received()[0].header("apns-expiration"), Some(expiration.as_str()));
    outgoing.expires_at = Some(NOW);
    assert_eq!(code(&bench.connector.hand_over(outgoing).await), 7503);
}

#[tokio::test]
async fn many_at_once_use_one_token_and_one_connection() {
    let bench = Bench::new().await;
    let sends =
        (0..50).map(|_| tokio::spawn(bench.connector.hand_over(bench.outgoing(KIND, DEVICE, everywhere()))));
    for send in sends.collect::<Vec<_>>() {
        taken(&send.await.unwrap());
    }
    assert_eq!((bench.sims.apns.tokens_seen(), bench.sims.apns.connections()), (1, 1));
}

#[tokio::test]
async fn the_token_is_replaced_every_forty_five_minutes() {
    let bench = Bench::new().await;
    for (minutes, tokens) in [(0, 1), (44, 1), (1, 2), (44, 2), (1, 3)] {
        bench.clock.advance_ms(minutes * 60_000);
        taken(&bench.text(KIND, DEVICE).await);
        assert_eq!(bench.sims.apns.tokens_seen(), tokens, "after {minutes} minutes more");
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_but_not_more_often_than_apns_allows() {
    let bench = Bench::new().await;
    let expired = || bench.sims.apns.fail_next(Fault::Error("ExpiredProviderToken".to_owned()));
    taken(&bench.text(KIND, DEVICE).await);
    expired();
    assert_eq!(bench.text(KIND, DEVICE).await, refused(7515, "ExpiredProviderToken"));
    assert_eq!(bench.sims.apns.tokens_seen(), 1);
    bench.clock.advance_ms(20 * 60_000);
    expired();
    taken(&bench.text(KIND, DEVICE).await);
    assert_eq!((bench.sims.apns.tokens_seen(), bench.sims.apns.received().len()), (2, 4));
}

#[tokio::test]
async fn a_clock_that_was_set_back_leaves_no_token_of_the_future() {
    let bench = Bench::new().await;
    taken(&bench.text(KIND, DEVICE).await);
    bench.clock.advance_ms(-3_700_000);
    taken(&bench.text(KIND, DEVICE).await);
    assert_eq!(bench.sims.apns.tokens_seen(), 2);
}

#[tokio::test]
async fn a_server_that_starts_anew_all_the_time_is_told_to_wait() {
    let bench = Bench::new().await;
    for _ in 0..8 {
        taken(&connector(&bench.clock).hand_over(bench.outgoing(KIND, DEVICE, everywhere())).await);
    }
    let ninth = connector(&bench.clock).hand_over(bench.outgoing(KIND, DEVICE, everywhere())).await;
    assert_eq!(ninth, later(7517, "TooManyProviderTokenUpdates", false));
}

#[tokio::test]
async fn wrong_credentials_are_a_bad_certificate() {
    let other = Bench::new().await;
    for (key, value, reason) in [
        ("apns_team_id", "OTHER00001", "InvalidProviderToken"),
        ("apns_key_id", "OTHER00001", "InvalidProviderToken"),
        ("apns_topic", "com.example.other", "TopicDisallowed"),
    ] {
        let mut bench = Bench::new().await;
        bench.account.config[key] = value.into();
        assert_eq!(bench.text(KIND, DEVICE).await, refused(7515, reason), "{key}");
    }
    let mut bench = Bench::new().await;
    bench.account.secrets["apns_key"] = other.account.secrets["apns_key"].clone();
    assert_eq!(bench.text(KIND, DEVICE).await, refused(7515, "InvalidProviderToken"));
}

#[tokio::test]
async fn an_unregistered_device_is_dead_and_a_malformed_token_is_not_sent() {
    let bench = Bench::new().await;
    bench.sims.apns.unregister(DEVICE);
    assert_eq!(bench.text(KIND, DEVICE).await, dead(7513, "Unregistered"));
    for token in ["", "abc", "zz", "../../x", &"00".repeat(201)] {
        assert_eq!(code(&bench.text(KIND, token).await), 7512, "{token}");
    }
    assert_eq!(bench.sims.apns.received().len(), 1);
}

#[tokio::test]
async fn what_the_provider_throttles_or_fails_comes_later() {
    let bench = Bench::new().await;
    let after = Micros::from_secs(NOW.as_secs() + 5);
    bench.sims.apns.fail_next(Fault::Status(503, Some(5)));
    let expected =
        Handed::Later { code: 7517, detail: "HTTP 503".to_owned(), retry_after: Some(after), failing: true };
    assert_eq!(bench.text(KIND, DEVICE).await, expected);
    bench.sims.apns.fail_next(Fault::Code(7516));
    assert_eq!(bench.text(KIND, DEVICE).await, later(7516, "TooManyRequests", false));
    bench.sims.apns.go_away();
    taken(&bench.text(KIND, DEVICE).await);
}

#[tokio::test]
async fn our_own_checks_come_before_the_request() {
    let bench = Bench::new().await;
    let long = json!({"ios": {"text": "x".repeat(4_100)}});
    assert_eq!(code(&bench.send(KIND, DEVICE, long).await), 7510);
    let ttl = json!({"ios": {"text": "x", "extras": {"time_to_live": 2_592_001}}});
    assert_eq!(code(&bench.send(KIND, DEVICE, ttl).await), 7511);
    assert_eq!(code(&bench.send(KIND, DEVICE, json!({"web": {"text": "x"}})).await), 7112);
    assert_eq!(bench.sims.apns.connections(), 0);
}
