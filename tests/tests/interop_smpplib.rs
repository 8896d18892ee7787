//! Our SMSC simulator against a client nobody here wrote (`interop/esme.py`, on smpplib): what the connector is
//! tested with must itself be what the field expects.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;
use waypost_core::sms::{gsm, ucs2};
use waypost_simulators::smsc::{Received, Smsc, SmscConfig};

/// Longer than the client's own limit.
const LIMIT: Duration = Duration::from_secs(40);
/// `ESME_RINVPASWD`.
const INVALID_PASSWORD: u32 = 0x0e;

/// Lets the client hold its conversation; the JSON it prints.
async fn conversation(port: u16, options: &[&str]) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
    let output = Command::new(format!("{folder}/.venv/bin/python"))
        .arg(format!("{folder}/esme.py"))
        .args(["--port", &port.to_string(), "--system-id", "waypost", "--password", "secret"])
        .args(options)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(LIMIT, output)
        .await
        .expect("an end in time")
        .expect("python starts; run tests/interop/install");
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn text(message: &Received) -> String {
    match message.data_coding {
        8 => ucs2::decode(&message.payload).unwrap(),
        _ => gsm::decode(&message.payload).unwrap(),
    }
}

#[tokio::test]
async fn smpplib_submits_and_reads_its_receipts_from_the_simulator() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let told = conversation(smsc.address().port(), &["--wrong-password", "nope"]).await;
    assert_eq!(told["error"], Value::Null);
    let ends = json!([told["refused_bind"], told["smsc"], told["parts"], told["link"], told["unbind"]]);
    assert_eq!(ends, json!([INVALID_PASSWORD, "SIMULATOR", 5, "enquire_link_resp", "unbind_resp"]));

    let texts: Vec<String> = smsc.received().iter().map(text).collect();
    let meant =
        ["Your parcel is here".to_owned(), "€ and [brackets]. ".repeat(20), "Посылка ждёт вас".to_owned()];
    assert_eq!(texts, meant);

    let given: Vec<String> = smsc.received().into_iter().flat_map(|message| message.message_ids).collect();
    let answers: Vec<Value> = given.iter().map(|id| json!({"id": id, "status": 0})).collect();
    assert_eq!(told["submitted"], Value::from(answers));
    let receipts = told["receipts"].as_array().unwrap();
    for receipt in receipts {
        let facts = json!([
            receipt["source"],
            receipt["destination"],
            receipt["esm_class"],
            receipt["message_state"]
        ]);
        assert_eq!(facts, json!(["447700000001", "Waypost", 4, 2]));
        let id = receipt["receipted_message_id"].as_str().unwrap();
        let written = receipt["text"].as_str().unwrap();
        assert!(written.starts_with(&format!("id:{id} sub:001 dlvrd:001 ")), "{written}");
        assert!(written.contains(" stat:DELIVRD err:000 "), "{written}");
    }
    let named: BTreeSet<&str> =
        receipts.iter().filter_map(|receipt| receipt["receipted_message_id"].as_str()).collect();
    assert_eq!((named, receipts.len()), (given.iter().map(String::as_str).collect(), given.len()));
}

#[tokio::test]
async fn smpplib_gets_no_receipt_it_did_not_ask_for() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let told = conversation(smsc.address().port(), &["--no-receipts"]).await;
    assert_eq!((&told["error"], &told["parts"], &told["receipts"]), (&Value::Null, &json!(5), &json!([])));
    let counters = smsc.counters();
    assert_eq!((counters.accepted, counters.receipts_sent, counters.protocol_errors), (5, 0, 0));
}
