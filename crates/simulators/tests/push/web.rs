//! Web Push.

use serde_json::json;
use waypost_channels::connector::{AddressKind, Connector, Handed};
use waypost_simulators::push::Fault;

use crate::support::{Bench, TID, code, dead, everywhere, refused, taken};

const KIND: AddressKind = AddressKind::ChromePush;

#[tokio::test]
async fn the_browser_reads_what_was_sent_to_it() {
    let bench = Bench::new().await;
    let block = json!({"web": {
        "title": "T", "text": "x", "url": "https://a", "extras": {"time_to_live": 60, "collapse_key": "order 7"},
    }});
    let place = taken(&bench.send(KIND, &bench.sims.web.subscription("sub-a"), block).await);
    let received = bench.sims.web.received();
    let got = &received[0];
    let expected = json!({
        "title": "T", "alert": "x", "tid": TID, "appId": "AP7", "collapse_key": "order 7",
        "extras": "{\"url\":\"https://a\"}",
    });
    assert_eq!((&got.body, got.address.as_str(), got.status, &got.id), (&expected, "sub-a", 201, &place));
    let headers = ["ttl", "content-encoding", "urgency"].map(|name| got.header(name).unwrap_or_default());
    assert_eq!(headers, ["60", "aes128gcm", "normal"]);
    assert_eq!(got.header("topic").map(str::len), Some(32));
    assert_eq!(place, format!("{}/message/1", bench.sims.web.base_url()));
}

#[tokio::test]
async fn every_browser_and_every_form_of_a_subscription_is_taken() {
    let bench = Bench::new().await;
    let keys = &bench.account.config["web_sandbox"];
    let (p256dh, auth) = (keys["p256dh"].as_str().unwrap(), keys["auth"].as_str().unwrap());
    let short = format!("{}/push/sub-b|{p256dh}|{auth}", bench.sims.web.base_url());
    let forms = [bench.sims.web.subscription("sub-a"), short, "any word".to_owned()];
    for (kind, form) in [
        (AddressKind::ChromePush, &forms[0]),
        (AddressKind::FirefoxPush, &forms[1]),
        (AddressKind::SafariPush, &forms[2]),
    ] {
        taken(&bench.text(kind, form).await);
    }
    let received = bench.sims.web.received();
    let addresses: Vec<&str> = received.iter().map(|received| received.address.as_str()).collect();
    assert_eq!(addresses, ["sub-a", "sub-b", "any word"]);
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_dead() {
    let bench = Bench::new().await;
    bench.sims.web.unregister("sub-a");
    assert_eq!(bench.text(KIND, &bench.sims.web.subscription("sub-a")).await, dead(7213, "Gone"));
    bench.sims.web.fail_next(Fault::Status(404, None));
    assert_eq!(bench.text(KIND, "sub-b").await, dead(7213, "HTTP 404"));
}

#[tokio::test]
async fn a_subscription_that_cannot_be_used_is_an_invalid_registration() {
    let mut bench = Bench::new().await;
    let good = bench.sims.web.subscription("sub-a");
    let p256dh = bench.account.config["web_sandbox"]["p256dh"].as_str().unwrap();
    let off_curve = good.replace(p256dh, &format!("B{}", "A".repeat(86)));
    for value in ["{}", "a|b", &off_curve, &good.replace("http://", "ftp://")] {
        assert_eq!(code(&bench.text(KIND, value).await), 7212, "{value}");
    }
    let away = good.replace(&bench.sims.web.base_url(), "https://fcm.googleapis.com");
    assert_eq!(code(&bench.text(KIND, &away).await), 7114, "off this machine in the sandbox");
    assert_eq!(bench.sims.web.received().len(), 0);
    bench.account.sandbox = false;
    bench.account.revision = 2;
    let plain = bench.text(KIND, &good).await;
    assert_eq!(plain, refused(7212, "the subscription's endpoint must be an https URL"));
    assert_eq!(code(&bench.text(KIND, "any word").await), 7212, "words are for the sandbox");
}

#[tokio::test]
async fn a_key_the_browser_did_not_subscribe_with_is_an_authentication_error() {
    let mut bench = Bench::new().await;
    let other = Bench::new().await;
    bench.account.secrets["vapid_private_key"] = other.account.secrets["vapid_private_key"].clone();
    let expected = refused(7504, "the key is not the one of the subscription");
    assert_eq!(bench.text(KIND, "sub-a").await, expected);
}

#[tokio::test]
async fn the_signature_is_kept_for_hours_and_made_anew_when_refused() {
    let bench = Bench::new().await;
    let mut signatures = Vec::new();
    for hours in [0, 10, 1, 10] {
        bench.clock.advance_ms(hours * 3_600_000);
        taken(&bench.text(KIND, "sub-a").await);
        let received = bench.sims.web.received();
        signatures.push(received.last().unwrap().header("authorization").unwrap().to_owned());
    }
    assert_eq!(signatures[0], signatures[1]);
    assert_ne!(signatures[1], signatures[2]);
    assert_eq!(signatures[2], signatures[3]);
    bench.sims.web.fail_next(Fault::Status(401, None));
    taken(&bench.text(KIND, "sub-a").await);
    let received = bench.sims.web.received();
    let last = received.last().unwrap().header("authorization").unwrap();
    assert_ne!(last, signatures[3]);
}

#[tokio::test]
async fn what_the_service_throttles_or_fails_comes_later() {
    let bench = Bench::new().await;
    bench.sims.web.fail_next(Fault::Status(429, Some(10)));
    let at = bench.clock_after(10);
    let expected =
        Handed::Later { code: 7507, detail: "HTTP 429".to_owned(), retry_after: Some(at), failing: false };
    assert_eq!(bench.text(KIND, "sub-a").await, expected);
    for fault in [Fault::Status(500, None), Fault::Status(503, None), Fault::Code(7214), Fault::Reset] {
        bench.sims.web.fail_next(fault);
        let handed = bench.text(KIND, "sub-a").await;
        assert!(matches!(handed, Handed::Later { code: 7214, failing: true, .. }), "{handed:?}");
    }
    bench.sims.web.fail_next(Fault::Silence);
    let mut outgoing = bench.outgoing(KIND, "sub-a", everywhere());
    outgoing.deadline_ms = 100;
    let handed = bench.connector.hand_over(outgoing).await;
    assert!(matches!(handed, Handed::Later { code: 7214, failing: true, .. }), "{handed:?}");
}

#[tokio::test]
async fn our_own_checks_come_before_the_request() {
    let bench = Bench::new().await;
    let long = json!({"web": {"text": "x".repeat(4_000)}});
    assert_eq!(code(&bench.send(KIND, "sub-a", long).await), 7505);
    let ttl = json!({"web": {"text": "x", "extras": {"time_to_live": 2_419_201}}});
    assert_eq!(code(&bench.send(KIND, "sub-a", ttl).await), 7506);
    let chrome = json!({"web": {"text": "x", "platform_types": ["firefox"]}});
    assert_eq!(code(&bench.send(KIND, "sub-a", chrome).await), 7112);
    assert_eq!(bench.sims.web.connections(), 0);
}
