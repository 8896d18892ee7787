//! What comes back.

use std::collections::HashMap;

use bytes::Bytes;
use waypost_channels::smpp::{Address, BindMode, DeliverAnswer, DeliverSm, wire::esm};
use waypost_simulators::smsc::{
    IdFormat, Incoming, Mo, Plan, ReceiptForm, ReceiptPlan, Smsc, SmscConfig, SubmitPlan,
};

use crate::support::{bench, bench_with, config, connect, hello, receipt_field, soon};

fn with_receipt(receipt: ReceiptPlan) -> SmscConfig {
    SmscConfig::default().behaving(move |_: &Incoming<'_>| Plan::receipt(receipt.clone()))
}

#[tokio::test]
async fn a_receipt_comes_whole_and_is_acknowledged() {
    let mut bench = bench(with_receipt(ReceiptPlan::new("UNDELIV", "027"))).await;
    let submitted = soon(bench.connection.submit(hello())).await.unwrap();
    let receipt = soon(bench.deliveries.recv()).await.unwrap();
    let expected = DeliverSm {
        connection: "test".into(),
        source: hello().dest,
        dest: hello().source,
        esm_class: esm::RECEIPT,
        protocol_id: 0,
        data_coding: 0,
        payload: receipt.payload.clone(),
        receipted_message_id: Some(submitted.message_id.clone()),
        message_state: Some(5),
        network_error_code: Some((3, 27)),
        sar: None,
        user_message_reference: None,
    };
    assert!(receipt.is_receipt());
    assert_eq!(receipt, expected);
    assert_eq!(receipt_field(&receipt, "id"), submitted.message_id);
    assert_eq!(receipt_field(&receipt, "stat"), "UNDELIV");
    assert_eq!(receipt_field(&receipt, "err"), "027");
    let counters = soon(bench.smsc.wait(|counters| counters.receipts_acked == 1)).await;
    assert_eq!(counters.receipts_sent, 1);
}

#[tokio::test]
async fn a_receipt_may_come_before_the_answer() {
    let early = ReceiptPlan { before_response: true, ..ReceiptPlan::new("DELIVRD", "000") };
    let mut bench = bench(with_receipt(early)).await;
    let submitted = soon(bench.connection.submit(hello())).await.unwrap();
    let receipt = bench.deliveries.try_recv().expect("it was there before the answer");
    assert_eq!(receipt.receipted_message_id, Some(submitted.message_id));
}

#[tokio::test]
async fn a_receipt_by_another_link_may_come_before_the_answer_too() {
    let early = ReceiptPlan { before_response: true, ..ReceiptPlan::new("DELIVRD", "000") };
    let mut bench = bench_with(with_receipt(early), |config| config.bind_mode = BindMode::Pair).await;
    let submitted = soon(bench.connection.submit(hello())).await.unwrap();
    let receipt = soon(bench.deliveries.recv()).await.unwrap();
    assert_eq!(receipt.receipted_message_id, Some(submitted.message_id));
}

#[tokio::test]
async fn ids_may_be_spelt_differently_in_receipts() {
    let smsc = SmscConfig {
        response_ids: IdFormat::PaddedUpperHex(10),
        receipt_ids: IdFormat::Decimal,
        first_id: 0xABCDEF,
        ..SmscConfig::default()
    };
    let mut bench = bench(smsc).await;
    let submitted = soon(bench.connection.submit(hello())).await.unwrap();
    let receipt = soon(bench.deliveries.recv()).await.unwrap();
    assert_eq!(submitted.message_id, "0000ABCDEF");
    assert_eq!(receipt.receipted_message_id.as_deref(), Some("11259375"));
}

#[tokio::test]
async fn receipts_may_be_duplicate_strange_or_without_text() {
    let odd = |receipt| bench(with_receipt(receipt));
    let mut twice = odd(ReceiptPlan { duplicate: true, ..ReceiptPlan::new("DELIVRD", "000") }).await;
    soon(twice.connection.submit(hello())).await.unwrap();
    let pair = [soon(twice.deliveries.recv()).await.unwrap(), soon(twice.deliveries.recv()).await.unwrap()];
    assert_eq!(pair[0], pair[1]);

    let mut strange = odd(ReceiptPlan { unknown_id: true, ..ReceiptPlan::new("DELIVRD", "000") }).await;
    let id = soon(strange.connection.submit(hello())).await.unwrap().message_id;
    let receipt = soon(strange.deliveries.recv()).await.unwrap();
    assert_ne!(receipt.receipted_message_id, Some(id));

    let form = ReceiptForm::Tlv;
    let mut bare = odd(ReceiptPlan { form, ..ReceiptPlan::new("EXPIRED", "000") }).await;
    soon(bare.connection.submit(hello())).await.unwrap();
    let receipt = soon(bare.deliveries.recv()).await.unwrap();
    assert_eq!((receipt.payload, receipt.message_state), (Bytes::new(), Some(3)));
}

#[tokio::test]
async fn a_receipt_put_off_is_sent_again_until_it_is_taken() {
    let smsc = Smsc::start(SmscConfig { retry_ms: 10, ..SmscConfig::default() }).await.unwrap();
    let answers = vec![DeliverAnswer::TemporaryError, DeliverAnswer::Reject(0x66), DeliverAnswer::Ok];
    let (connection, mut deliveries) = connect(config(&smsc), answers);
    soon(connection.bound()).await.unwrap();
    soon(connection.submit(hello())).await.unwrap();
    let first = soon(deliveries.recv()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(soon(deliveries.recv()).await.unwrap(), first);
    }
    let counters = soon(smsc.wait(|counters| counters.receipts_acked == 1)).await;
    assert_eq!((counters.receipts_sent, counters.deliveries_refused), (3, 2));
}

#[tokio::test]
async fn receipts_outlive_the_connection_they_were_due_on() {
    let late = ReceiptPlan { after_ms: 100, ..ReceiptPlan::new("DELIVRD", "000") };
    let mut bench = bench(with_receipt(late)).await;
    let mut waiting = HashMap::new();
    for _ in 0..20 {
        let id = soon(bench.connection.submit(hello())).await.unwrap().message_id;
        waiting.insert(id, ());
    }
    bench.smsc.disconnect_all();
    while !waiting.is_empty() {
        let receipt = soon(bench.deliveries.recv()).await.unwrap();
        waiting.remove(&receipt.receipted_message_id.unwrap());
    }
    let counters = soon(bench.smsc.wait(|counters| counters.receipts_acked == 20)).await;
    assert_eq!(counters.outbox_overflows, 0);
}

#[tokio::test]
async fn no_receipt_comes_that_was_not_asked_for() {
    let behaviour = |incoming: &Incoming<'_>| match incoming.payload {
        b"silent" => Plan::delivered(),
        _ => Plan {
            submit: SubmitPlan::Accept,
            receipts: vec![ReceiptPlan::new("ENROUTE", "000"), ReceiptPlan::new("DELIVRD", "000")],
        },
    };
    let mut bench = bench(SmscConfig::default().behaving(behaviour)).await;
    let mut silent = crate::support::text("447700900001", "silent");
    silent.registered_delivery = Some(0);
    soon(bench.connection.submit(silent)).await.unwrap();
    let mut all = hello();
    all.registered_delivery = Some(17);
    let id = soon(bench.connection.submit(all)).await.unwrap().message_id;
    let intermediate = soon(bench.deliveries.recv()).await.unwrap();
    assert_eq!((intermediate.esm_class, intermediate.receipted_message_id), (esm::INTERMEDIATE, Some(id)));
    assert_eq!(soon(bench.deliveries.recv()).await.unwrap().esm_class, esm::RECEIPT);
    let counters = soon(bench.smsc.wait(|counters| counters.receipts_acked == 2)).await;
    assert_eq!(counters.receipts_sent, 2);
}

#[tokio::test]
async fn a_message_from_a_handset_arrives_with_its_header() {
    let mut bench = bench(SmscConfig::default()).await;
    let mo = Mo {
        source: Address::new(1, 1, "447700900001"),
        dest: Address::new(0, 1, "60300"),
        data_coding: 8,
        udh: Bytes::from_static(&[5, 0, 3, 1, 2, 1]),
        payload: Bytes::from_static(&[0x04, 0x1F]),
    };
    bench.smsc.inject_mo(mo.clone()).unwrap();
    let message = soon(bench.deliveries.recv()).await.unwrap();
    assert!(!message.is_receipt());
    assert_eq!((&message.source, &message.dest, message.data_coding), (&mo.source, &mo.dest, 8));
    assert_eq!(
        (message.esm_class, message.payload.as_ref()),
        (esm::UDHI, &[5, 0, 3, 1, 2, 1, 0x04, 0x1F][..])
    );
    soon(bench.smsc.wait(|counters| counters.mo_acked == 1)).await;
}

#[tokio::test]
async fn above_the_limit_deliveries_are_put_off_and_come_again() {
    // One place, and an answer that comes for each only after the test has looked.
    let smsc = SmscConfig { retry_ms: 10, ..SmscConfig::default() };
    let mut bench = bench_with(smsc, |config| config.deliveries_max = 1).await;
    for _ in 0..20 {
        bench.smsc.inject_mo(Mo { payload: Bytes::from_static(b"x"), ..Mo::default() }).unwrap();
    }
    for _ in 0..20 {
        soon(bench.deliveries.recv()).await.unwrap();
    }
    let counters = soon(bench.smsc.wait(|counters| counters.mo_acked == 20)).await;
    assert_eq!(counters.mo_sent, 20 + counters.deliveries_refused);
}
