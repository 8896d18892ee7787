//! Several connections: shares, failover, throttling, windows.

use serde_json::{Value, json};
use waypost_simulators::smsc::{Incoming, Plan, SmscConfig, SubmitPlan};
use waypost_store::directory::SmppConnection;
use waypost_suite::{Backstage, Engine, Stage, counted, on_both_engines, sms_to};

on_both_engines!(
    connections_share_the_messages_by_their_weights,
    a_connection_that_is_down_is_stood_in_for,
    a_throttled_connection_slows_down_and_loses_nothing,
    a_window_is_never_exceeded,
    a_transmitter_and_a_receiver_do_what_a_transceiver_does,
    long_messages_are_joined_as_the_connection_is_told,
);

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("4477009{n:05}")).collect()
}

fn set(connection: &mut SmppConnection, name: &str, value: impl Into<Value>) {
    let mut config: Value = serde_json::from_str(&connection.config).unwrap();
    config[name] = value.into();
    connection.config = config.to_string();
}

/// Sends to `count` numbers and waits until all are delivered.
async fn deliver(stage: &Stage, count: usize) {
    let numbers = numbers(count);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    stage.hook.finals(count).await;
    for record in stage.status(&transid).await.records() {
        record.assert_stands("delivered", Some(7500));
    }
}

async fn connections_share_the_messages_by_their_weights(engine: Engine) {
    // Wide windows: a connection whose window is full gives its turn away.
    let of_weight = |weight: u32| {
        move |link: &mut SmppConnection| {
            set(link, "weight", weight);
            set(link, "window", 1_000);
        }
    };
    let backstage = Backstage::new(engine).await.linked(SmscConfig::default(), of_weight(3)).await;
    let stage = backstage.linked(SmscConfig::default(), of_weight(1)).await.start().await;
    deliver(&stage, 400).await;
    let shares = [0, 1].map(|n| stage.smscs[n].counters().accepted);
    assert_eq!(shares, [300, 100]);
}

async fn a_connection_that_is_down_is_stood_in_for(engine: Engine) {
    let mut stage = Backstage::new(engine)
        .await
        .smsc(SmscConfig::default())
        .await
        .smsc(SmscConfig::default())
        .await
        .start()
        .await;
    deliver(&stage, 20).await;
    let gone = stage.smscs.remove(0);
    let before = stage.smscs[0].counters().accepted;
    let address = gone.address();
    drop(gone);
    let numbers: Vec<String> = (0..100).map(|n| format!("4477008{n:05}")).collect();
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    stage.hook.finals(120).await;
    for record in stage.status(&transid).await.records() {
        record.assert_stands("delivered", Some(7500));
    }
    assert!(stage.smscs[0].counters().accepted >= before + 100, "the other one took them");
    // It comes back and takes its share again.
    let back =
        waypost_simulators::smsc::Smsc::start(SmscConfig { address, ..SmscConfig::default() }).await.unwrap();
    counted(&back, "a new bind", |c| c.binds >= 1).await;
}

async fn a_throttled_connection_slows_down_and_loses_nothing(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let stage =
        backstage.linked(SmscConfig::default(), |link| set(link, "throttle_ms", 50)).await.start().await;
    stage.smsc().set_throttle(5);
    deliver(&stage, 40).await;
    let counters = stage.smsc().counters();
    assert_eq!((counters.throttled, counters.accepted, counters.submits), (5, 40, 45), "{counters:?}");
}

async fn a_window_is_never_exceeded(engine: Engine) {
    let slow = |_: &Incoming<'_>| Plan::delivered().answered(SubmitPlan::Delay(5));
    let smsc = SmscConfig { window_max: 7, ..SmscConfig::default().behaving(slow) };
    let stage = Backstage::new(engine).await.linked(smsc, |link| set(link, "window", 7)).await.start().await;
    deliver(&stage, 300).await;
    let counters = stage.smsc().counters();
    assert_eq!(
        (counters.in_flight_peak, counters.window_exceeded, counters.submits),
        (7, 0, 300),
        "{counters:?}"
    );
}

async fn a_transmitter_and_a_receiver_do_what_a_transceiver_does(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let backstage = backstage.linked(SmscConfig::default(), |link| set(link, "bind_mode", "pair")).await;
    let stage = backstage.start().await;
    counted(stage.smsc(), "both binds", |c| c.binds >= 2).await;
    deliver(&stage, 20).await;
    assert_eq!(stage.smsc().counters().receipts_acked, 20);
}

async fn long_messages_are_joined_as_the_connection_is_told(engine: Engine) {
    for way in ["udh8", "udh16", "sar", "payload"] {
        let backstage = Backstage::new(engine).await;
        let backstage =
            backstage.linked(SmscConfig::default(), |link| set(link, "concatenation", json!(way))).await;
        let stage = backstage.start().await;
        let text = "0123456789".repeat(40);
        stage.send(&text, "447700900001").await;
        stage.hook.outcome("447700900001", 7500).await.assert_outcome(7500, "Delivered");
        let received = stage.smsc().received();
        assert_eq!(received.iter().map(waypost_suite::shown).collect::<Vec<_>>(), [text], "{way}");
        let submits = if way == "payload" { 1 } else { 3 };
        assert_eq!(stage.smsc().counters().submits, submits, "{way}");
    }
}
