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
    an_unanswered_submit_is_made_again_on_the_same_connection,
    an_urgent_message_overtakes_the_others,
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

async fn an_unanswered_submit_is_made_again_on_the_same_connection(engine: Engine) {
    // The first time it is not answered, or the connection ends instead; then it is delivered.
    let forgetful = || {
        let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
        move |incoming: &Incoming<'_>| {
            let digits = &incoming.dest.digits;
            let is_new = seen.lock().unwrap().insert(digits.clone());
            match (is_new, digits.as_str()) {
                (true, "447700900001") => Plan::silent().answered(SubmitPlan::NoAnswer),
                (true, "447700900002") => Plan::silent().answered(SubmitPlan::Drop),
                _ => Plan::delivered(),
            }
        }
    };
    let mut backstage = Backstage::new(engine).await;
    for _ in 0..2 {
        let smsc = SmscConfig::default().behaving(forgetful());
        backstage = backstage.linked(smsc, |link| set(link, "response_timeout_ms", 200)).await;
    }
    let stage = backstage.start().await;
    for to in ["447700900001", "447700900002"] {
        let transid = stage.send("Hi", to).await;
        stage.hook.both(to, 7500).await.assert_outcome(7500, "Delivered");
        stage.record(&transid).await.assert_stands("delivered", Some(7500));
        let told: Vec<u16> =
            stage.hook.notifications().iter().filter(|n| n.to() == to).map(|n| n.code()).collect();
        assert_eq!(told.len(), 2, "{to}: each status once, {told:?}");
    }
    let submits = stage.smscs.iter().map(|smsc| smsc.counters().submits).sum::<u64>();
    assert_eq!(submits, 4, "each was sent twice, because the first may have been taken");
    let of_each: Vec<Vec<String>> = stage
        .smscs
        .iter()
        .map(|smsc| smsc.received().into_iter().map(|message| message.dest.digits).collect())
        .collect();
    for to in ["447700900001", "447700900002"] {
        let times: Vec<usize> =
            of_each.iter().map(|all| all.iter().filter(|digits| *digits == to).count()).collect();
        assert!(times == [2, 0] || times == [0, 2], "{to} went to two providers: {times:?}");
    }
}

async fn an_urgent_message_overtakes_the_others(engine: Engine) {
    let slow = |_: &Incoming<'_>| Plan::delivered().answered(SubmitPlan::Delay(10));
    let smsc = SmscConfig { window_max: 1, ..SmscConfig::default().behaving(slow) };
    let stage = Backstage::new(engine).await.linked(smsc, |link| set(link, "window", 1)).await.start().await;
    let patient = waypost_suite::with(sms_to("Hi", &numbers(100)), json!({"priority": "1"}));
    stage.post(&patient).await.queued();
    let urgent = "447700800001";
    stage.post(&waypost_suite::with(sms_to("Now", &[urgent]), json!({"priority": 3}))).await.queued();
    stage.hook.outcome(urgent, 7500).await.assert_outcome(7500, "Delivered");
    stage.hook.finals(101).await;
    let order: Vec<String> = stage.smsc().received().into_iter().map(|message| message.dest.digits).collect();
    let place = order.iter().position(|digits| digits == urgent).unwrap();
    assert!(place < 50, "it went as number {place} of {}", order.len());
    let others: Vec<&String> = order.iter().filter(|digits| *digits != urgent).collect();
    assert_eq!(
        others,
        numbers(100).iter().collect::<Vec<_>>(),
        "equal priorities go in the order of their arrival"
    );
}
