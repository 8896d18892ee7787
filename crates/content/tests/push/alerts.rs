//! How people are told: the webhook and the letters.

use std::sync::Arc;

use serde_json::{Value, json};
use waypost_content::records::lane;
use waypost_content::work::AlertMail;
use waypost_core::retry::Schedule;
use waypost_core::time::SystemClock;
use waypost_delivery::Policy;
use waypost_mail::email::{RelaySettings, RelayTls, SmtpRelay};
use waypost_mail::{OutboxSettings, Parts, Runtime, Safeguard, Settings};
use waypost_simulators::callbacks::{Answer, CallbackHandle, Callbacks, CallbacksConfig};
use waypost_simulators::partner::Faults;
use waypost_simulators::smtp::{SimulatedRelay, SmtpConfig, SmtpHandle};
use waypost_store::seal::MasterKey;
use waypost_store::testing::on_both_engines;

use crate::support::{DEADLINE, World, partner};

async fn failing() -> waypost_simulators::partner::PartnerHandle {
    partner(Faults { error_500: 1_000, ..Faults::default() }).await
}

/// Keeps what it is posted; the first is answered 503.
async fn receiver() -> CallbackHandle {
    let script = Arc::new(|n: u64, _: &[u8]| if n == 0 { Answer::status(503) } else { Answer::OK });
    Callbacks::start(CallbacksConfig { script: Some(script), keep_max: 10, ..CallbacksConfig::default() })
        .await
        .unwrap()
}

/// Every post, once so many were taken.
async fn told(receiver: &CallbackHandle, n: u64) -> Vec<Value> {
    tokio::time::timeout(DEADLINE, receiver.wait_for(n)).await.unwrap();
    receiver.kept().iter().map(|one| serde_json::from_slice(&one.body).unwrap()).collect()
}

/// The operator tries again once the partner is well.
async fn mend(world: &World) {
    world.partners[0].set_faults(Faults::default());
    let (lane, _) = world.lanes().await.remove(0);
    world.act(move |tx, env| lane::unpark(tx, env, &lane)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_posted_until_it_is_taken_and_again_when_it_is_over() {
    on_both_engines(|store| async move {
        let receiver = receiver().await;
        let mut world = World::new(store, vec![failing().await]).await;
        world.alert_url = Some(receiver.url("/alerts").parse().unwrap());
        world.start().await;
        world.launch("LIS1").await;
        let posted = told(&receiver, 1).await;
        assert_eq!(posted[0], posted[1], "what was not taken is posted as it was");
        let (id, created, message) = (&posted[0]["alertId"], &posted[0]["createdAt"], &posted[0]["messageId"]);
        let open = json!({"alertId": id, "createdAt": created, "severity": "CRITICAL", "kind": "PUSH_RETRIES_EXHAUSTED",
            "partner": "p0", "propertyCode": "LIS1", "objectType": "hotel", "objectCode": "LIS1", "messageId": message,
            "summary": "HTTP 500; attempt 4 was the last", "differences": [], "state": "OPEN", "times": 1});
        assert_eq!(posted[0], open);
        mend(&world).await;
        let over = told(&receiver, 2).await.remove(2);
        assert_eq!((&over["alertId"], &over["state"]), (id, &json!("RESOLVED")));
        world.stop().await;
    })
    .await;
}

/// An outbox beside the pusher, and where its letters end.
async fn outbox(world: &World) -> (SmtpHandle, Runtime) {
    let relay = SimulatedRelay::start(SmtpConfig::default()).await.unwrap();
    let carrier = SmtpRelay::new(RelaySettings {
        host: "127.0.0.1".to_owned(),
        port: relay.address().port(),
        tls: RelayTls::Off,
        authority_pem: None,
        login: None,
        hello_name: "waypost.example.org".to_owned(),
        timeout_ms: 30_000,
        idle_ms: 60_000,
        idle_max: 4,
    });
    let from = "no-reply@example.org".parse().unwrap();
    let parts = Parts {
        store: world.store.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::clone(world.ids()),
        key: Arc::new(MasterKey::from_bytes([7; 32])),
        carrier: Arc::new(carrier.unwrap()),
        outbox: OutboxSettings { from, safeguard: Safeguard::default(), letter_bytes_max: 1 << 20 },
        settings: Settings {
            schedule: Schedule::new(Vec::new(), 0).unwrap(),
            concurrency: 4,
            upkeep_ms: 3_600_000,
            random: || 0,
            policy: Policy::new("mail", 30_000, 60_000),
        },
    };
    (relay, Runtime::start(parts).await.unwrap())
}

async fn letters(relay: &SmtpHandle, n: u64) -> Vec<String> {
    let mut taken = relay.taken();
    tokio::time::timeout(DEADLINE, taken.wait_for(|taken| *taken >= n)).await.unwrap().unwrap();
    relay.letters().iter().map(|letter| letter.header("Subject").unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_mailed_when_it_opens_and_when_it_is_over_and_not_in_between() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![failing().await]).await;
        let (relay, mail) = outbox(&world).await;
        let to = vec!["ops@example.net".parse().unwrap(), "Night <night@example.net>".parse().unwrap()];
        world.shared().mail_alerts(AlertMail { outbox: mail.outbox().clone(), to, every_ms: 0 });
        world.launch("LIS1").await;
        let subject = "[Waypost] CRITICAL p0: PUSH_RETRIES_EXHAUSTED LIS1";
        assert_eq!(letters(&relay, 2).await, [subject; 2]);
        let mut to: Vec<_> = relay.letters().into_iter().flat_map(|letter| letter.recipients).collect();
        to.sort();
        assert_eq!(to, ["night@example.net", "ops@example.net"]);
        assert!(relay.letters()[0].body().contains("HTTP 500; attempt 4 was the last"));
        mend(&world).await;
        let subjects = letters(&relay, 4).await;
        assert_eq!(subjects[2..], ["[Waypost] p0: 1 alert resolved"; 2]);
        mail.drain(5_000).await;
        world.stop().await;
    })
    .await;
}
