//! Messages from customers (spec 4.3).

use bytes::Bytes;
use serde_json::json;
use waypost_channels::smpp::Address;
use waypost_simulators::smsc::{Mo, SmscConfig, SmscHandle};
use waypost_suite::{Backstage, Engine, Stage, Table, counted, on_both_engines};

on_both_engines!(
    a_customers_message_is_forwarded_to_the_owner_of_the_number,
    a_message_in_parts_is_forwarded_whole,
    stop_and_start_keep_the_do_not_disturb_list,
    a_message_to_a_number_of_nobody_is_kept,
);

const OURS: &str = "447700900500";
const THEIRS: &str = "447700900001";

async fn stage(engine: Engine) -> Stage {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    backstage.desk().add_sender(backstage.login().tenant, OURS).await;
    backstage.start().await
}

fn mo(to: &str, payload: impl Into<Bytes>) -> Mo {
    Mo {
        source: Address::new(1, 1, THEIRS),
        dest: Address::new(1, 1, to),
        data_coding: 0,
        udh: Bytes::new(),
        payload: payload.into(),
    }
}

fn send(smsc: &SmscHandle, mo: Mo) {
    smsc.inject_mo(mo).expect("room in the outbox");
}

async fn a_customers_message_is_forwarded_to_the_owner_of_the_number(engine: Engine) {
    let stage = stage(engine).await;
    send(stage.smsc(), mo(OURS, "Hello there"));
    let [body] = <[serde_json::Value; 1]>::try_from(stage.hook.inbound(1).await).unwrap();
    let (tid, at, ms) = (&body["tid"], &body["timeStamp"], &body["ts"]);
    assert_eq!(
        body,
        json!({
            "userId": THEIRS,
            "channel": "SMS",
            "oa": THEIRS,
            "da": OURS,
            "message": "Hello there",
            "tid": tid,
            "datetime": at,
            "ts": ms,
            "timeStamp": at,
            "x_networkid": "",
            "messageCount": "1",
        })
    );
    let digits = |text: &serde_json::Value| text.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
    assert!(digits(tid) && digits(ms) && at.is_string(), "{body}");
    assert_eq!(stage.hook.callbacks()[0].target, "/mo");
    let euro = Mo {
        data_coding: 8,
        ..mo(OURS, "Preis: 5 €".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>())
    };
    send(stage.smsc(), euro);
    assert_eq!(stage.hook.inbound(2).await[1]["message"], "Preis: 5 €");
}

async fn a_message_in_parts_is_forwarded_whole(engine: Engine) {
    let stage = stage(engine).await;
    let part = |number: u8, text: &'static str| Mo {
        udh: Bytes::copy_from_slice(&[5, 0, 3, 77, 3, number]),
        ..mo(OURS, text)
    };
    // Out of order, one of them twice.
    for (number, text) in [(3, "three"), (1, "one, "), (1, "one, "), (2, "two, ")] {
        send(stage.smsc(), part(number, text));
    }
    let bodies = stage.hook.inbound(1).await;
    assert_eq!(
        (bodies[0]["message"].as_str(), bodies[0]["messageCount"].as_str()),
        (Some("one, two, three"), Some("3"))
    );
    counted(stage.smsc(), "all parts acknowledged", |c| c.mo_acked >= 4).await;
    send(stage.smsc(), mo(OURS, "after"));
    let bodies = stage.hook.inbound(2).await;
    assert_eq!(bodies[1]["message"], "after");
}

async fn stop_and_start_keep_the_do_not_disturb_list(engine: Engine) {
    let stage = stage(engine).await;
    stage.send("First", THEIRS).await;
    stage.hook.outcome(THEIRS, 7500).await.assert_outcome(7500, "Delivered");

    send(stage.smsc(), mo(OURS, " Stop. "));
    assert_eq!(
        stage.hook.inbound(1).await[0]["message"],
        " Stop. ",
        "a keyword is forwarded like any message"
    );
    let transid = stage.send("Second", THEIRS).await;
    stage.hook.outcome(THEIRS, 7109).await.assert_outcome(7109, "Un-Delivered");
    stage.record(&transid).await.assert_stands("failed", Some(7109));
    // Another customer did not ask for it.
    stage.send("Second", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;

    send(stage.smsc(), mo(OURS, "START"));
    stage.hook.inbound(2).await;
    let transid = stage.send("Third", THEIRS).await;
    stage
        .hook
        .notification("the delivery of the third", |n| n.transid() == transid && n.code() == 7500)
        .await;
    let sent: Vec<Vec<u8>> = stage.smsc().received().into_iter().map(|message| message.payload).collect();
    assert_eq!(sent, [b"First".to_vec(), b"Second".to_vec(), b"Third".to_vec()]);
}

async fn a_message_to_a_number_of_nobody_is_kept(engine: Engine) {
    let stage = stage(engine).await;
    send(stage.smsc(), mo("447700900599", "Anybody?"));
    counted(stage.smsc(), "the acknowledgement", |c| c.mo_acked >= 1).await;
    assert_eq!(stage.desk.count(Table::Inbound).await, 1);
    assert_eq!(stage.hook.callbacks().len(), 0);
}
