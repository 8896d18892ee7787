//! Many devices are away while messages are accepted for them and the server is killed: each gets every one, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Method;
use rumqttc::{ConnectReturnCode, QoS};
use serde_json::json;
use tokio::sync::Semaphore;
use waypost::config::Config;
use waypost_suite::{CLIENT_KEY, Device, Engine, Http, MESSAGING, Phone, Rt, on_both_engines};

use crate::SERVER;

on_both_engines!(a_killed_server_loses_nothing_it_accepted_for_devices_that_are_away);

/// Devices that are away.
const AWAY: usize = 1_000;
/// Devices and requests at once.
const AT_ONCE: usize = 32;
/// Acknowledgements after which the server is killed, one kill each.
const KILLED_AFTER: [u32; 2] = [200, 300];

async fn a_killed_server_loses_nothing_it_accepted_for_devices_that_are_away(engine: Engine) {
    let mut rt = Box::pin(Rt::run_with(engine, SERVER, short_leases)).await;
    let phones = Box::pin(registered_and_away(&rt)).await;
    let mut owed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut sent = BTreeSet::new();
    for (round, after) in KILLED_AFTER.into_iter().enumerate() {
        let accepted = Box::pin(accepted_before_the_kill(&mut rt, &phones, round, after, &mut sent)).await;
        assert!(accepted.len() >= after as usize, "{} were accepted", accepted.len());
        for (user, text) in accepted {
            owed.entry(user).or_default().insert(text);
        }
        rt.stage.run_again(SERVER).await;
    }
    let all = stream::iter(&phones).map(|phone| returned(&rt, phone, owed.get(&phone.user)));
    let got: Vec<(String, Vec<String>)> = Box::pin(all.buffer_unordered(AT_ONCE).collect()).await;
    assert_eq!(got.len(), AWAY);
    for (user, texts) in got {
        let once: BTreeSet<&String> = texts.iter().collect();
        assert_eq!(once.len(), texts.len(), "{user} got one twice: {texts:?}");
        assert!(texts.iter().all(|text| sent.contains(text)), "{user}: {texts:?}");
    }
}

/// Servers may share a PostgreSQL, so what a killed one had leased there is free only when the lease has ended; this is
/// the shortest that the deadlines allow.
fn short_leases(config: &mut Config) {
    config.sms.submit_deadline_ms = 1_000;
    config.callbacks.timeout_ms = 5_000;
    config.email.timeout_ms = 5_000;
    config.delivery.lease_ms = 21_000;
}

/// Registers each, subscribes at quality 2 and leaves.
async fn registered_and_away(rt: &Rt) -> Vec<Phone> {
    let one = |number: usize| async move {
        let phone = rt.register(&format!("away-{number:04}"), "d1").await;
        drop(rt.connect(&phone, QoS::ExactlyOnce).await);
        phone
    };
    stream::iter(0..AWAY).map(one).buffer_unordered(AT_ONCE).collect().await
}

/// Sends each a message and kills the server after so many acknowledgements; whom it told 1001, and of what.
async fn accepted_before_the_kill(
    rt: &mut Rt,
    phones: &[Phone],
    round: usize,
    after: u32,
    sent: &mut BTreeSet<String>,
) -> Vec<(String, String)> {
    let acknowledged = Arc::new(Semaphore::new(0));
    let asked = phones.iter().map(|phone| (phone.user.clone(), format!("{}-{round}", phone.user)));
    let asked: Vec<(String, String)> = asked.collect();
    sent.extend(asked.iter().map(|(_, text)| text.clone()));
    let (http, key, seen) = (rt.stage.http.clone(), rt.login.key.clone(), Arc::clone(&acknowledged));
    let client = tokio::spawn(async move {
        let ask = |(user, text): (String, String)| {
            let (http, key, seen) = (http.clone(), key.clone(), Arc::clone(&seen));
            async move { is_accepted(&http, &key, &user, &text, &seen).await.then_some((user, text)) }
        };
        let answers = stream::iter(asked).map(ask).buffer_unordered(AT_ONCE);
        answers.filter_map(|accepted| async move { accepted }).collect::<Vec<_>>().await
    });
    acknowledged.acquire_many(after).await.unwrap().forget();
    rt.stage.kill().await;
    client.await.unwrap()
}

async fn is_accepted(http: &Http, key: &str, user: &str, text: &str, seen: &Semaphore) -> bool {
    let body = json!({
        "deliverychannel": "rt", "channels": {"appmessaging": {"text": text}}, "destination": [{"userid": [user]}]
    });
    let headers = [("key", key), ("content-type", "application/json")];
    let body = Bytes::from(body.to_string());
    let Ok(answer) = http.try_send(Method::POST, MESSAGING, &headers, body).await else { return false };
    answer.queued();
    seen.add_permits(1);
    true
}

/// Comes back and takes what waits for it until it has all that was accepted for it; its user and what came.
async fn returned(rt: &Rt, phone: &Phone, owed: Option<&BTreeSet<String>>) -> (String, Vec<String>) {
    let mut device = Device::dial(rt.mqtt, phone, CLIENT_KEY);
    assert_eq!(device.welcome().await, ConnectReturnCode::Success);
    assert!(device.session_present);
    let (mut missing, mut texts) = (owed.cloned().unwrap_or_default(), Vec::new());
    while !missing.is_empty() {
        let text = device.next().await["message"].as_str().unwrap().to_owned();
        missing.remove(&text);
        texts.push(text);
    }
    (phone.user.clone(), texts)
}
