//! The server ends in the middle of its work, in order or not: nothing accepted is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use waypost::config::Config;
use waypost_simulators::callbacks::{Answer, Callback};
use waypost_simulators::smsc::{Incoming, Plan, Smsc, SmscConfig, SubmitPlan};
use waypost_store::directory::SmppConnection;
use waypost_suite::{
    Backstage, Engine, Hook, Http, MESSAGING, Notification, PATIENCE, Stage, counted, free_address,
    on_both_engines, received, sms, sms_to,
};

use crate::SERVER;

on_both_engines!(
    what_was_queued_when_the_server_was_killed_is_sent_afterwards,
    what_was_unanswered_when_the_server_was_killed_reaches_its_end,
    call_backs_that_waited_when_the_server_was_killed_are_made_afterwards,
    every_accepted_message_survives_a_kill_amid_the_traffic,
    a_stop_lets_what_is_under_way_end,
    what_a_stop_leaves_undone_is_taken_up_by_the_next_start,
    messages_wait_for_an_smsc_that_is_down,
    a_connection_that_breaks_loses_nothing,
);

/// Servers may share a PostgreSQL, so what a killed one had leased there is free only when the lease has ended; this is
/// the shortest that the deadlines allow.
pub(crate) fn short_leases(config: &mut Config) {
    config.sms.submit_deadline_ms = 1_000;
    config.callbacks.timeout_ms = 5_000;
    config.delivery.lease_ms = 21_000;
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("4477009{n:05}")).collect()
}

/// How often each number was told of a final outcome.
fn tellings(finals: &[Notification]) -> BTreeMap<&str, usize> {
    let mut told = BTreeMap::new();
    finals.iter().for_each(|n| *told.entry(n.to()).or_default() += 1);
    told
}

async fn assert_all_delivered(stage: &Stage, transid: &str, numbers: &[String]) {
    let records = stage.status(transid).await.records();
    assert_eq!(records.iter().map(|record| record.to.as_str()).collect::<Vec<_>>(), numbers);
    records.iter().for_each(|record| record.assert_stands("delivered", Some(7500)));
}

async fn what_was_queued_when_the_server_was_killed_is_sent_afterwards(engine: Engine) {
    let address = free_address();
    let backstage = Backstage::new(engine).await.link_to(address).await.config(short_leases);
    let mut stage = backstage.start_process(SERVER).await;
    let numbers = numbers(200);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    stage.kill().await;
    let smsc = Smsc::start(SmscConfig { address, ..SmscConfig::default() }).await.unwrap();
    stage.run_again(SERVER).await;
    let finals = stage.hook.finals(numbers.len()).await;
    assert_eq!(tellings(&finals), numbers.iter().map(|to| (to.as_str(), 1)).collect());
    assert_all_delivered(&stage, &transid, &numbers).await;
    assert_eq!(smsc.counters().submits, numbers.len() as u64, "each was sent once");
}

async fn what_was_unanswered_when_the_server_was_killed_reaches_its_end(engine: Engine) {
    let silent = Arc::new(AtomicBool::new(true));
    let behaviour = Arc::clone(&silent);
    let smsc = SmscConfig::default().behaving(move |_: &Incoming<'_>| match behaviour.load(SeqCst) {
        true => Plan::silent().answered(SubmitPlan::NoAnswer),
        false => Plan::delivered(),
    });
    let backstage = Backstage::new(engine).await.smsc(smsc).await.config(short_leases);
    let mut stage = backstage.start_process(SERVER).await;
    let numbers = numbers(20);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    counted(stage.smsc(), "all submits", |c| c.submits >= numbers.len() as u64).await;
    stage.kill().await;
    silent.store(false, SeqCst);
    stage.run_again(SERVER).await;
    let finals = stage.hook.finals(numbers.len()).await;
    assert_eq!(tellings(&finals), numbers.iter().map(|to| (to.as_str(), 1)).collect());
    assert_all_delivered(&stage, &transid, &numbers).await;
    // Whether the provider took what it never answered cannot be known: it is sent again, once.
    assert_eq!(stage.smsc().counters().submits, 2 * numbers.len() as u64);
}

async fn call_backs_that_waited_when_the_server_was_killed_are_made_afterwards(engine: Engine) {
    let refusing = Arc::new(AtomicBool::new(true));
    let script = Arc::clone(&refusing);
    let hook = Hook::answering(move |_, _| match script.load(SeqCst) {
        true => Answer::status(503),
        false => Answer::OK,
    });
    let backstage = Backstage::with_hook(engine, hook.await).await.smsc(SmscConfig::default()).await;
    let backstage =
        backstage.config(short_leases).config(|config| config.callbacks.retry_delays_s = vec![1; 20]);
    let mut stage = backstage.start_process(SERVER).await;
    let numbers = numbers(20);
    stage.post(&sms_to("Hi", &numbers)).await.queued();
    stage.hook.notification("a call-back that is refused", |_| true).await;
    counted(stage.smsc(), "all receipts", |c| c.receipts_acked >= numbers.len() as u64).await;
    stage.kill().await;
    let before = stage.hook.callbacks().len();
    refusing.store(false, SeqCst);
    stage.run_again(SERVER).await;
    let wanted: BTreeSet<(String, u16)> =
        numbers.iter().flat_map(|to| [(to.clone(), 7500), (to.clone(), 7501)]).collect();
    let all_told = |kept: &[Callback]| {
        let told = kept.iter().skip(before).filter_map(|callback| {
            let json: serde_json::Value = serde_json::from_slice(&callback.body).ok()?;
            let info = &json["deliveryInfoNotification"]["deliveryInfo"];
            Some((info["destination"].as_str()?.to_owned(), info["code"].as_str()?.parse().ok()?))
        });
        let told: BTreeSet<(String, u16)> = told.collect();
        (told == wanted).then_some(())
    };
    stage.hook.wait("every notification after the restart", all_told).await;
}

async fn every_accepted_message_survives_a_kill_amid_the_traffic(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await.config(short_leases);
    let mut stage = backstage.start_process(SERVER).await;
    let traffic: Vec<_> = (0..8)
        .map(|client| tokio::spawn(send_until_gone(client, stage.http.clone(), stage.login.key.clone())))
        .collect();
    counted(stage.smsc(), "some traffic", |c| c.accepted >= 150).await;
    stage.kill().await;
    let mut accepted = BTreeSet::new();
    for client in traffic {
        accepted.extend(client.await.expect("a client that ends"));
    }
    assert!(accepted.len() >= 100, "{} accepted", accepted.len());
    stage.run_again(SERVER).await;
    let missing = |kept: &[Callback]| {
        let told = kept.iter().cloned().filter_map(Notification::of).filter(|n| n.code() == 7500);
        let told: BTreeSet<String> = told.map(|n| n.to().to_owned()).collect();
        accepted.difference(&told).next().cloned()
    };
    let all = stage
        .hook
        .wait("the delivery of every accepted message", |kept| missing(kept).is_none().then_some(()));
    if tokio::time::timeout(PATIENCE - Duration::from_secs(1), all).await.is_err() {
        let lost = missing(&stage.hook.callbacks()).expect("a message that is missing");
        panic!("{lost} was accepted: {:#}", stage.command(SERVER, &["trace", &lost], &[]).await);
    }
}

/// Sends one message after the other until the server is gone; the numbers whose messages were accepted.
async fn send_until_gone(client: usize, http: Http, key: String) -> Vec<String> {
    let mut accepted = Vec::new();
    for n in 0..100_000 {
        let to = format!("44770{client}{n:06}");
        let headers = [("key", key.as_str()), ("content-type", "application/json")];
        let body = sms("Hi", &to).to_string();
        match http.try_send(http::Method::POST, MESSAGING, &headers, body.into()).await {
            Ok(answer) => answer.queued(),
            Err(_) => break,
        };
        accepted.push(to);
    }
    accepted
}

async fn a_stop_lets_what_is_under_way_end(engine: Engine) {
    let slow = |_: &Incoming<'_>| Plan::silent().answered(SubmitPlan::Delay(700));
    let smsc = SmscConfig::default().behaving(slow);
    let backstage = Backstage::new(engine).await.smsc(smsc).await.config(short_leases);
    let mut stage = backstage.start_process(SERVER).await;
    let numbers = numbers(20);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    counted(stage.smsc(), "all submits", |c| c.submits >= numbers.len() as u64).await;
    stage.stop().await;
    let counters = counted(stage.smsc(), "an orderly unbind", |c| c.unbinds >= 1).await;
    assert_eq!(counters.submits, numbers.len() as u64);
    stage.run_again(SERVER).await;
    for record in stage.status(&transid).await.records() {
        record.assert_stands("sent", Some(7501));
    }
    for to in &numbers {
        stage.hook.outcome(to, 7501).await.assert_outcome(7501, "Submitted");
    }
    let after = stage.smsc().counters();
    assert_eq!(after.submits, numbers.len() as u64, "the answers were waited for: nothing is sent again");
}

async fn what_a_stop_leaves_undone_is_taken_up_by_the_next_start(engine: Engine) {
    let slow = |_: &Incoming<'_>| Plan::delivered().answered(SubmitPlan::Delay(20));
    let narrow = |link: &mut SmppConnection| {
        let mut config: serde_json::Value = serde_json::from_str(&link.config).unwrap();
        config["window"] = 4.into();
        link.config = config.to_string();
    };
    let smsc = SmscConfig::default().behaving(slow);
    let mut stage = Backstage::new(engine).await.linked(smsc, narrow).await.start_process(SERVER).await;
    let numbers = numbers(200);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    counted(stage.smsc(), "some submits", |c| c.submits >= 20).await;
    stage.stop().await;
    let before = stage.smsc().counters().submits;
    assert!(before < numbers.len() as u64, "{before} were sent before the stop");
    stage.run_again(SERVER).await;
    let finals = stage.hook.finals(numbers.len()).await;
    assert_eq!(tellings(&finals), numbers.iter().map(|to| (to.as_str(), 1)).collect());
    assert_all_delivered(&stage, &transid, &numbers).await;
    assert_eq!(stage.smsc().counters().submits, numbers.len() as u64, "each was sent once");
}

async fn messages_wait_for_an_smsc_that_is_down(engine: Engine) {
    let address = free_address();
    let stage = Backstage::new(engine).await.link_to(address).await.start().await;
    let numbers = numbers(50);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    let smsc = Smsc::start(SmscConfig { address, ..SmscConfig::default() }).await.unwrap();
    received(&smsc, numbers.len()).await;
    stage.hook.finals(numbers.len()).await;
    assert_all_delivered(&stage, &transid, &numbers).await;
    assert_eq!(smsc.counters().submits, numbers.len() as u64);
}

async fn a_connection_that_breaks_loses_nothing(engine: Engine) {
    let stage = Stage::start(engine).await;
    let numbers = numbers(300);
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    for round in 1..=3 {
        counted(stage.smsc(), "submits", |c| c.accepted >= round * 20).await;
        stage.smsc().disconnect_all();
        counted(stage.smsc(), "a new bind", |c| c.binds > round).await;
    }
    let finals = stage.hook.finals(numbers.len()).await;
    assert_eq!(tellings(&finals), numbers.iter().map(|to| (to.as_str(), 1)).collect());
    assert_all_delivered(&stage, &transid, &numbers).await;
}
