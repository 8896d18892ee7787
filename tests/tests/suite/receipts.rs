//! Delivery receipts as providers really send them (workload W5).

use std::sync::Arc;

use serde_json::{Value, json};
use waypost_messaging::records::receipt_held;
use waypost_simulators::smsc::{IdFormat, Incoming, Plan, ReceiptForm, ReceiptPlan, SmscConfig, SubmitPlan};
use waypost_store::Ctx;
use waypost_suite::{Backstage, Engine, Stage, Table, counted, on_both_engines, sms_to};

use crate::SERVER;

on_both_engines!(
    a_receipt_before_its_response_is_held_and_matched,
    an_id_is_matched_however_it_is_spelt,
    a_receipt_sent_twice_is_applied_once,
    the_first_final_receipt_decides,
    a_receipt_of_an_unknown_message_is_acknowledged_and_listed,
    a_receipt_is_read_from_its_text_or_its_parameters,
    an_intermediate_receipt_changes_nothing_that_is_told,
    one_failed_part_fails_the_message,
    one_refused_part_fails_the_message,
    a_receipt_finds_its_message_after_a_restart,
);

const TO: &str = "447700900001";

fn scripted(plan: impl Fn(&Incoming<'_>) -> Plan + Send + Sync + 'static) -> SmscConfig {
    SmscConfig::default().behaving(plan)
}

fn delivered() -> ReceiptPlan {
    ReceiptPlan::new("DELIVRD", "000")
}

fn expired() -> ReceiptPlan {
    ReceiptPlan::new("EXPIRED", "000")
}

/// The codes told of `to` when it was told of as submitted, in the order of their numbers.
async fn told(stage: &Stage, to: &str) -> Vec<u16> {
    stage.hook.outcome(to, 7501).await;
    let mut codes: Vec<u16> =
        stage.hook.notifications().iter().filter(|n| n.to() == to).map(|n| n.code()).collect();
    codes.sort_unstable();
    codes
}

async fn a_receipt_before_its_response_is_held_and_matched(engine: Engine) {
    let first = ReceiptPlan { before_response: true, ..delivered() };
    let stage = Stage::with(engine, scripted(move |_| Plan::receipt(first.clone()))).await;
    let numbers: Vec<String> = (0..50).map(|n| format!("4477009001{n:02}")).collect();
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    let finals = stage.hook.finals(numbers.len()).await;
    finals.iter().for_each(|n| n.assert_outcome(7500, "Delivered"));
    for record in stage.status(&transid).await.records() {
        record.assert_stands("delivered", Some(7500));
    }
    assert_eq!(stage.desk.count(Table::ReceiptHeld).await, 0, "none is left over");
}

/// Spelling in the answer to the submit, spelling in the receipt.
const SPELLINGS: [(IdFormat, IdFormat); 10] = [
    (IdFormat::Decimal, IdFormat::Decimal),
    (IdFormat::Hex, IdFormat::Decimal),
    (IdFormat::Decimal, IdFormat::Hex),
    (IdFormat::UpperHex, IdFormat::Hex),
    (IdFormat::Hex, IdFormat::UpperHex),
    (IdFormat::PaddedDecimal(12), IdFormat::Decimal),
    (IdFormat::Decimal, IdFormat::PaddedDecimal(10)),
    (IdFormat::PaddedUpperHex(10), IdFormat::Hex),
    (IdFormat::Hex, IdFormat::PaddedUpperHex(12)),
    (IdFormat::PaddedUpperHex(10), IdFormat::PaddedDecimal(12)),
];

async fn an_id_is_matched_however_it_is_spelt(engine: Engine) {
    // With letters among the hexadecimal digits, and without, where every spelling is also a decimal number.
    for first_id in [0x1234_ABC0, 0x1000_0000] {
        let mut backstage = Backstage::new(engine).await;
        for (response_ids, receipt_ids) in SPELLINGS {
            // The same ids at every provider: an id is unique at its provider only.
            let smsc = SmscConfig { response_ids, receipt_ids, first_id, ..SmscConfig::default() };
            backstage = backstage.smsc(smsc).await;
        }
        let stage = backstage.start().await;
        let numbers: Vec<String> = (0..100).map(|n| format!("4477009001{n:02}")).collect();
        let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
        stage.hook.finals(numbers.len()).await;
        for record in stage.status(&transid).await.records() {
            record.assert_stands("delivered", Some(7500));
        }
        for (smsc, spelling) in stage.smscs.iter().zip(SPELLINGS) {
            assert!(smsc.counters().accepted > 0, "{spelling:?} was not tried");
        }
        assert_eq!(stage.desk.count(Table::ReceiptHeld).await, 0);
    }
}

async fn a_receipt_sent_twice_is_applied_once(engine: Engine) {
    let twice = ReceiptPlan { duplicate: true, ..delivered() };
    let stage = Stage::with(engine, scripted(move |_| Plan::receipt(twice.clone()))).await;
    let transid = stage.send("Hi", TO).await;
    counted(stage.smsc(), "both receipts acknowledged", |c| c.receipts_acked >= 2).await;
    // What an acknowledged receipt causes is committed with it, before what follows.
    stage.send("Hi", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;
    stage.record(&transid).await.assert_stands("delivered", Some(7500));
    assert_eq!(told(&stage, TO).await, [7500, 7501]);
}

async fn the_first_final_receipt_decides(engine: Engine) {
    let both = |first: ReceiptPlan, second: ReceiptPlan| Plan {
        submit: SubmitPlan::Accept,
        receipts: vec![first, ReceiptPlan { after_ms: 30, ..second }],
    };
    let smsc = scripted(move |incoming| match incoming.dest.digits.as_str() {
        TO => both(delivered(), expired()),
        _ => both(expired(), delivered()),
    });
    let stage = Stage::with(engine, smsc).await;
    let other = "447700900002";
    let transid = stage.post(&sms_to("Hi", &[TO, other])).await.queued();
    counted(stage.smsc(), "four receipts acknowledged", |c| c.receipts_acked >= 4).await;
    stage.hook.outcome(TO, 7500).await.assert_outcome(7500, "Delivered");
    stage.hook.outcome(other, 7208).await.assert_outcome(7208, "Un-Delivered");
    let records = stage.status(&transid).await.records();
    records[0].assert_stands("delivered", Some(7500));
    records[1].assert_stands("expired", Some(7208));
    assert_eq!((told(&stage, TO).await, told(&stage, other).await), (vec![7500, 7501], vec![7208, 7501]));
}

async fn a_receipt_of_an_unknown_message_is_acknowledged_and_listed(engine: Engine) {
    let unknown = ReceiptPlan { unknown_id: true, ..ReceiptPlan::new("UNDELIV", "027") };
    let stage = Stage::with(engine, scripted(move |_| Plan::receipt(unknown.clone()))).await;
    let transid = stage.send("Hi", TO).await;
    stage.hook.outcome(TO, 7501).await.assert_outcome(7501, "Submitted");
    counted(stage.smsc(), "the receipt acknowledged", |c| c.receipts_acked >= 1).await;
    stage.record(&transid).await.assert_stands("sent", Some(7501));
    let listed = stage.desk.read(|tx| receipt_held::unmatched(tx, &Ctx::all("test"), 10)).await;
    let [held] = &listed[..] else { panic!("{listed:?}") };
    let strange = (1_000_000_u64 + (1 << 40)).to_string();
    assert_eq!((&held.provider_id, held.stat.as_str(), held.code), (&strange, "UNDELIV", Some(7207)));
    assert_eq!(held.err.as_deref().map(|err| err.trim_start_matches('0')), Some("27"));
    assert_eq!(held.source, TO);
}

async fn a_receipt_is_read_from_its_text_or_its_parameters(engine: Engine) {
    let absent = |form| ReceiptPlan { form, ..ReceiptPlan::new("UNDELIV", "027") };
    let forms = [
        ("447700900010", ReceiptForm::Text),
        ("447700900011", ReceiptForm::Tlv),
        ("447700900012", ReceiptForm::Both),
    ];
    let smsc = scripted(move |incoming| {
        let (_, form) = forms.iter().find(|(to, _)| *to == incoming.dest.digits).unwrap();
        Plan::receipt(absent(*form))
    });
    let stage = Stage::with(engine, smsc).await;
    stage.post(&sms_to("Hi", &forms.map(|(to, _)| to))).await.queued();
    for (to, form) in forms {
        eprintln!("{form:?}");
        stage.hook.outcome(to, 7207).await.assert_outcome(7207, "Un-Delivered");
    }
}

async fn an_intermediate_receipt_changes_nothing_that_is_told(engine: Engine) {
    let smsc = scripted(|_| Plan {
        submit: SubmitPlan::Accept,
        receipts: vec![
            ReceiptPlan::new("ENROUTE", "000"),
            ReceiptPlan::new("ACCEPTD", "000"),
            ReceiptPlan { after_ms: 30, ..delivered() },
        ],
    });
    let backstage = Backstage::new(engine).await.linked(smsc, |connection| {
        let mut config: Value = serde_json::from_str(&connection.config).unwrap();
        config["registered_delivery"] = json!(17);
        connection.config = config.to_string();
    });
    let stage = backstage.await.start().await;
    let transid = stage.send("Hi", TO).await;
    stage.hook.outcome(TO, 7500).await.assert_outcome(7500, "Delivered");
    counted(stage.smsc(), "all receipts acknowledged", |c| c.receipts_acked >= 3).await;
    stage.record(&transid).await.assert_stands("delivered", Some(7500));
    assert_eq!(told(&stage, TO).await, [7500, 7501]);
}

async fn one_failed_part_fails_the_message(engine: Engine) {
    let smsc = scripted(|incoming| match incoming.part.map(|part| part.sequence) {
        Some(2) => Plan::receipt(ReceiptPlan::new("UNDELIV", "027")),
        _ => Plan::delivered(),
    });
    let stage = Stage::with(engine, smsc).await;
    let transid = stage.send(&"x".repeat(400), TO).await;
    let failed = stage.hook.outcome(TO, 7209).await;
    failed.assert_outcome(7209, "Un-Delivered");
    assert_eq!(failed.parts(), "3");
    counted(stage.smsc(), "a receipt for each part", |c| c.receipts_acked >= 3).await;
    stage.record(&transid).await.assert_stands("failed", Some(7209));
    assert_eq!(stage.hook.finals(1).await.len(), 1, "the message is told of, not its parts");
}

async fn one_refused_part_fails_the_message(engine: Engine) {
    // ESME_RX_P_APPN for the last part only.
    let smsc = scripted(|incoming| match incoming.part.map(|part| part.sequence) {
        Some(3) => Plan::refused(0x65),
        _ => Plan::silent(),
    });
    let stage = Stage::with(engine, smsc).await;
    let transid = stage.send(&"x".repeat(400), TO).await;
    stage.hook.outcome(TO, 7209).await.assert_outcome(7209, "Un-Delivered");
    stage.record(&transid).await.assert_stands("failed", Some(7209));
    assert_eq!(stage.smsc().counters().submits, 3, "parts that were taken are not sent again");
}

async fn a_receipt_finds_its_message_after_a_restart(engine: Engine) {
    let late = ReceiptPlan { after_ms: 1_500, ..delivered() };
    let smsc =
        SmscConfig { response_ids: IdFormat::UpperHex, ..scripted(move |_| Plan::receipt(late.clone())) };
    let mut stage = Backstage::new(engine).await.smsc(smsc).await.start_process(SERVER).await;
    let numbers: Arc<Vec<String>> = Arc::new((0..20).map(|n| format!("4477009001{n:02}")).collect());
    let transid = stage.post(&sms_to("Hi", &numbers)).await.queued();
    for to in numbers.iter() {
        stage.hook.outcome(to, 7501).await;
    }
    stage.kill().await;
    assert_eq!(stage.smsc().counters().receipts_acked, 0, "the receipts come later");
    stage.run_again(SERVER).await;
    let finals = stage.hook.finals(numbers.len()).await;
    finals.iter().for_each(|n| n.assert_outcome(7500, "Delivered"));
    for record in stage.status(&transid).await.records() {
        record.assert_stands("delivered", Some(7500));
    }
    assert_eq!(stage.smsc().counters().submits, numbers.len() as u64, "nothing is sent again");
}
