//! Every outcome an SMS can have: what the notification says and what the look-up shows.
//!
//! The sets come from the catalogue, the rules and the connector's table: a new row without a test fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waypost_core::time::{Clock, SystemClock, rfc3339_utc};
use waypost_messaging::rules::EarlyOutcome;
use waypost_simulators::smsc::{Incoming, Plan, ReceiptPlan, Smsc, SmscConfig, forcible_codes};
use waypost_status::{Api, CATALOGUE, Class, Evidence, MessagingCode, Phase};
use waypost_suite::{Backstage, Engine, Stage, free_address, on_both_engines, received, sms, sms_to, with};

on_both_engines!(
    every_outcome_the_connector_knows_is_told_and_looked_up,
    an_operators_own_table_can_give_every_other_outcome_of_a_provider,
    every_outcome_of_our_own_rules_is_told_and_looked_up,
    a_service_without_a_connection_is_told_so,
    a_message_that_expires_in_the_queue_is_not_sent,
    a_message_that_expires_while_it_waits_for_a_bind_is_not_sent_late,
    a_message_without_a_receipt_ends_with_the_receipt_window,
    a_refusal_that_may_pass_is_tried_again_and_ends_with_its_reason,
);

/// The words of spec 4.2 and 5 for an outcome the operator reports.
pub fn words(code: u16) -> (&'static str, &'static str) {
    let told = match code {
        7500 => "Delivered",
        7501 => "Submitted",
        7502 => "Read",
        7528 => "Clicked",
        7101 | 7107 | 7109 | 7111 | 7201..=7211 | 7280..=7284 => "Un-Delivered",
        7302 | 7513 | 7518 | 7607 | 7720 => "Un-Delivered",
        _ => "Failed",
    };
    let shown = match code {
        7500 | 7502 | 7528 => "delivered",
        7501 => "sent",
        7005 | 7019 | 7208 | 7301 | 7303 | 7503 => "expired",
        _ => "failed",
    };
    (told, shown)
}

/// A number that ends in the code.
fn number(code: u16) -> String {
    format!("44770090{code}")
}

/// Sends to all numbers at once and asserts what is told of and shown for each.
async fn check_all(stage: &Stage, codes: &BTreeSet<u16>) {
    let numbers: Vec<String> = codes.iter().copied().map(number).collect();
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    for code in codes {
        let (told, _) = words(*code);
        stage.hook.outcome(&number(*code), *code).await.assert_outcome(*code, told);
    }
    let records = stage.status(&transid).await.records();
    for (code, record) in codes.iter().zip(&records) {
        assert_eq!(record.to, number(*code));
        record.assert_stands(words(*code).1, Some(*code));
    }
    assert_eq!(records.len(), codes.len());
}

async fn every_outcome_the_connector_knows_is_told_and_looked_up(engine: Engine) {
    let stage = Stage::with(engine, SmscConfig::default().with_forced_codes()).await;
    // 7303 is silence, too, until its time is over.
    let codes: BTreeSet<u16> = forcible_codes().into_iter().filter(|code| *code != 7303).collect();
    check_all(&stage, &codes).await;
}

/// Outcomes of a provider that the built-in table has no words for.
fn other_outcomes_of_a_provider() -> BTreeSet<u16> {
    let known = forcible_codes();
    let ours: Vec<u16> = EarlyOutcome::ALL.iter().map(|outcome| outcome.code()).collect();
    let is_other = |code: u16| !known.contains(&code) && !ours.contains(&code);
    CATALOGUE
        .iter()
        .filter(|entry| entry.api == Api::Messaging && entry.evidence == Evidence::Seed)
        .filter(|entry| entry.phase != Phase::Answer && entry.reserved.is_none())
        .filter(|entry| matches!(entry.class, Class::Outcome | Class::Provider))
        .filter(|entry| entry.channels.is_empty() || entry.channels.contains(&"sms"))
        .filter_map(|entry| u16::try_from(entry.code).ok())
        // Ours alone: read, and the two times that run out here.
        .filter(|code| is_other(*code) && ![7502, 7503].contains(code))
        .collect()
}

async fn an_operators_own_table_can_give_every_other_outcome_of_a_provider(engine: Engine) {
    let codes = other_outcomes_of_a_provider();
    assert!(codes.contains(&7010) && codes.contains(&7011), "{codes:?}");
    // This provider writes the code's last three digits after a nine of its own.
    let rows: Vec<Value> = codes
        .iter()
        .map(|code| json!({"stat": "REJECTD", "err": format!("9{code}"), "code": code}))
        .collect();
    let smsc = SmscConfig::default().behaving(|incoming: &Incoming<'_>| {
        let digits = &incoming.dest.digits;
        Plan::receipt(ReceiptPlan {
            form: waypost_simulators::smsc::ReceiptForm::Text,
            ..ReceiptPlan::new("REJECTD", format!("9{}", &digits[digits.len() - 4..]))
        })
    });
    let backstage = Backstage::new(engine).await.linked(smsc, |connection| {
        let mut config: Value = serde_json::from_str(&connection.config).unwrap();
        config["outcomes"] = json!({"receipt": rows});
        connection.config = config.to_string();
    });
    let stage = backstage.await.start().await;
    check_all(&stage, &codes).await;
}

/// What a client must do wrong for each of our own outcomes; the destination and the top of the request.
fn provoke(outcome: EarlyOutcome) -> Option<(Value, Value)> {
    let to = |number: &str| json!([{"msisdn": [number]}]);
    let block = |block: Value| json!({"channels": {"sms": block}});
    Some(match outcome {
        EarlyOutcome::InvalidSenderId => {
            (to("447700900101"), block(json!({"text": "Hi", "senderid": "STRANGER"})))
        }
        EarlyOutcome::InvalidAddress => (to("not-a-number"), json!({})),
        // Sms has no app assets: shown in `channels`.
        EarlyOutcome::InvalidApp => return None,
        EarlyOutcome::ProfileNotFound => (json!([{"customerid": ["c1"]}]), json!({})),
        // Needs a service without a connection: a test of its own. The other needs one with a voice connection.
        EarlyOutcome::ChannelNotConfigured | EarlyOutcome::VoiceParametersTooLong => return None,
        EarlyOutcome::TextTooLong => (to("447700900107"), block(json!({"text": "x".repeat(4_001)}))),
        EarlyOutcome::InvalidTemplate => (to("447700900108"), json!({"message": {"template": "t1"}})),
        EarlyOutcome::DoNotDisturb => (to("447700900109"), json!({})),
        EarlyOutcome::UnresolvedPlaceholder => (to("447700900121"), block(json!({"text": "Hi {{name}}"}))),
        EarlyOutcome::InvalidBinary => (to("447700900205"), block(json!({"type": "3", "body": "0g"}))),
        EarlyOutcome::ContactPolicyNotEnabled => {
            let policy = json!({"contactPolicyGroup": "news", "channelCheckConsent": true});
            let channels = json!({"sms": {"text": "Hi"}, "contactPolicy": policy});
            (to("447700909000"), json!({"channels": channels}))
        }
    })
}

async fn every_outcome_of_our_own_rules_is_told_and_looked_up(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    backstage.desk().do_not_disturb(backstage.login().tenant, "447700900109").await;
    let stage = backstage.start().await;
    for outcome in EarlyOutcome::ALL {
        let Some((destination, top)) = provoke(outcome) else { continue };
        let code = outcome.code();
        let request = with(with(sms("Hi", ""), json!({"destination": destination})), top);
        let transid = stage.post(&request).await.queued();
        let to = destination[0].as_object().unwrap().values().next().unwrap()[0].as_str().unwrap();
        // The two codes whose words tell who refused are ours here.
        let told = if code == 7101 { "Failed" } else { words(code).0 };
        let notification = stage.hook.outcome(to, code).await;
        notification.assert_outcome(code, told);
        let to_type = if code == 7105 { "" } else { "msisdn" };
        assert_eq!(notification.json["deliveryInfoNotification"]["deliveryInfo"]["destinationType"], to_type);
        stage.record(&transid).await.assert_stands("failed", Some(code));
    }
    assert_eq!(stage.smsc().counters().submits, 0, "nothing of it is sent");
    let told = stage.hook.notifications().len();
    assert_eq!(told, EarlyOutcome::ALL.len() - 3, "each is told once, and none as submitted");
}

async fn a_service_without_a_connection_is_told_so(engine: Engine) {
    let stage = Backstage::new(engine).await.start().await;
    let transid = stage.send("Hi", "447700900106").await;
    stage.hook.outcome("447700900106", 7106).await.assert_outcome(7106, "Failed");
    stage.record(&transid).await.assert_stands("failed", Some(7106));
}

/// A request that expires `after_ms` from now.
fn expiring(to: &str, after_ms: i64) -> Value {
    let at = SystemClock.now().add_ms(after_ms);
    with(sms("Too late", to), json!({"expiry": rfc3339_utc(at)}))
}

async fn a_message_that_expires_in_the_queue_is_not_sent(engine: Engine) {
    const TO: &str = "447700907503";
    let nobody = free_address();
    let backstage = Backstage::new(engine).await.link_to(nobody).await;
    let stage = backstage.config(|config| config.sms.submit_deadline_ms = 300).start().await;
    let transid = stage.post(&expiring(TO, 1_000)).await.queued();
    stage.record(&transid).await.assert_stands("queued", None);
    stage.hook.outcome(TO, 7503).await.assert_outcome(7503, "Failed");
    stage.record(&transid).await.assert_stands("expired", Some(7503));
}

async fn a_message_that_expires_while_it_waits_for_a_bind_is_not_sent_late(engine: Engine) {
    const TO: &str = "447700907504";
    let later = free_address();
    let backstage = Backstage::new(engine).await.link_to(later).await;
    let stage = backstage
        .config(|config| {
            config.sms.submit_deadline_ms = 15_000;
            config.delivery.lease_ms = 60_000;
        })
        .start()
        .await;
    let transid = stage.post(&expiring(TO, 400)).await.queued();
    // The passing of this time is what is tested.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let smsc = Smsc::start(SmscConfig { address: later, ..SmscConfig::default() }).await.unwrap();
    stage.hook.outcome(TO, 7503).await.assert_outcome(7503, "Failed");
    stage.record(&transid).await.assert_stands("expired", Some(7503));
    stage.send("In time", "447700900001").await;
    let sent = received(&smsc, 1).await;
    assert_eq!(sent[0].payload, b"In time");
}

async fn a_message_without_a_receipt_ends_with_the_receipt_window(engine: Engine) {
    const TO: &str = "447700907303";
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default().with_forced_codes()).await;
    let mut stage = backstage.config(|config| config.sms.receipt_window_h = 0).start().await;
    let transid = stage.send("Hi", TO).await;
    stage.hook.outcome(TO, 7501).await.assert_outcome(7501, "Submitted");
    // The sweep runs when the server starts, and then once a minute.
    stage.stop().await;
    stage.start_again().await;
    stage.hook.outcome(TO, 7303).await.assert_outcome(7303, "Failed");
    stage.record(&transid).await.assert_stands("expired", Some(7303));
}

async fn a_refusal_that_may_pass_is_tried_again_and_ends_with_its_reason(engine: Engine) {
    const TO: &str = "447700900008";
    // ESME_RSYSERR
    let smsc = SmscConfig::default().behaving(|_: &Incoming<'_>| Plan::refused(8));
    let stage = Stage::with(engine, smsc).await;
    let transid = stage.send("Hi", TO).await;
    let told = stage.hook.notification("the end", |n| n.to() == TO).await;
    told.assert_outcome(7201, "Un-Delivered");
    stage.record(&transid).await.assert_stands("failed", Some(7201));
    let attempts = stage.config().sms.retry_delays_s.len() + 1;
    assert_eq!(stage.smsc().counters().submits, attempts as u64, "the first attempt and its retries");
}

#[test]
fn every_outcome_that_only_sms_has_is_provoked_by_these_tests() {
    let provoked: BTreeSet<u16> = forcible_codes()
        .into_iter()
        .chain(EarlyOutcome::ALL.map(EarlyOutcome::code))
        .chain(other_outcomes_of_a_provider())
        .chain([7303, 7503])
        .collect();
    let of_sms = MessagingCode::ALL.iter().map(|code| code.entry()).filter(|entry| {
        entry.phase != Phase::Answer && entry.reserved.is_none() && entry.channels.contains(&"sms")
    });
    let missing: Vec<&str> = of_sms
        .filter(|entry| entry.evidence == Evidence::Seed)
        .filter(|entry| !u16::try_from(entry.code).is_ok_and(|code| provoked.contains(&code)))
        .map(|entry| entry.id)
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
