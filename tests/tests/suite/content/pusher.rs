//! The conformance vectors of a pusher (spec Appendix D, 20, 21, 22 and 24), with shorter pauses than the contract's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use waypost::config::Config;
use waypost_content::wire::Json;
use waypost_content::{Kind, sample};
use waypost_simulators::partner::Faults;
use waypost_suite::{Backstage, Engine, on_both_engines, within};

use super::{OBJECTS, import, partner, property, quick, run};
use crate::SERVER;

on_both_engines!(
    vector_20_a_silent_partner_is_asked_four_times_under_one_id_then_that_property_waits_and_others_flow,
    vector_21_error_codes_in_texts_are_understood,
    vector_22_a_launch_keeps_the_order_of_each_property_and_sends_everything_once,
    vector_24_packed_answers_are_read,
);

async fn vector_20_a_silent_partner_is_asked_four_times_under_one_id_then_that_property_waits_and_others_flow(
    engine: Engine,
) {
    let short = |config: &mut waypost::config::Config| {
        quick(config);
        config.content.timeout_ms = 1_000;
    };
    let stage = Backstage::new(engine).await.config(short).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { hang_property: "LIS1".to_owned(), ..Faults::default() }).await;
    import(&stage, &[property("LIS1"), property("LIS2")].concat()).await;
    within("the other property", ota.wait(|counts| counts.applied == OBJECTS)).await;
    within("four attempts", ota.wait(|counts| counts.pushes == OBJECTS + 4)).await;
    let alert = async {
        loop {
            let alerts = run(&stage, &["content", "alerts"]).await;
            if let Some(alert) = alerts.as_array().and_then(|alerts| alerts.first().cloned()) {
                return alert;
            }
        }
    };
    let alert = within("the alert", alert).await;
    assert_eq!(
        (&alert["kind"], &alert["propertyCode"]),
        (&json!("PUSH_RETRIES_EXHAUSTED"), &json!("LIS1")),
        "{alert}"
    );
    let silent: Vec<_> = ota.journal().into_iter().filter(|seen| seen.property == "LIS1").collect();
    let ids: BTreeSet<&str> = silent.iter().map(|seen| seen.message_id.as_str()).collect();
    assert_eq!((silent.len(), ids.len()), (4, 1), "{silent:?}");
    assert!(silent.iter().all(|seen| (seen.kind, seen.http) == (Kind::Hotel, 0)), "{silent:?}");
    let lanes = run(&stage, &["content", "lanes", "ota", "--parked"]).await;
    let parked = lanes["lanes"].as_array().unwrap();
    assert_eq!((parked.len(), &parked[0]["property"]), (1, &json!("LIS1")), "{lanes}");
    assert_eq!(parked[0]["owed"], json!(OBJECTS));
}

async fn vector_21_error_codes_in_texts_are_understood(engine: Engine) {
    // No audit finds what is lost before the push does.
    let late = |config: &mut Config| {
        quick(config);
        config.content.audit_delay_s = 3_600;
    };
    let stage = Backstage::new(engine).await.config(late).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { string_codes: true, ..Faults::default() }).await;
    import(&stage, &property("LIS1")).await;
    within("the launch", ota.wait(|counts| counts.applied == OBJECTS)).await;
    // The partner loses the room behind the protocol's back: "7055" makes it new again.
    ota.with_shelf(|shelf| shelf.remove(Kind::Room, "LIS1", "A"));
    let mut room = sample::room("A");
    room.set("name", Json::from("Other"));
    import(&stage, &[format!(r#"{{"propertyCode":"LIS1","rooms":[{room}]}}"#)]).await;
    within("the room", ota.wait(|counts| counts.applied == OBJECTS + 1)).await;
    let last: Vec<String> = ota.journal().iter().rev().take(2).map(|seen| seen.op.clone()).collect();
    assert_eq!(last, ["NEW", "UPDATE"]);
    // And "4006" parks.
    ota.set_faults(Faults { string_codes: true, reject: 1_000, ..Faults::default() });
    room.set("name", Json::from("Another"));
    import(&stage, &[format!(r#"{{"propertyCode":"LIS1","rooms":[{room}]}}"#)]).await;
    let parked = async {
        loop {
            let lanes = run(&stage, &["content", "lanes", "ota", "--parked"]).await;
            if let Some(lane) = lanes["lanes"].as_array().and_then(|lanes| lanes.first().cloned()) {
                return lane;
            }
        }
    };
    let lane = within("the parked lane", parked).await;
    assert_eq!(lane["parked"]["reason"], json!("refused with HTTP 400: 4006"));
}

async fn vector_22_a_launch_keeps_the_order_of_each_property_and_sends_everything_once(engine: Engine) {
    const PROPERTIES: u64 = 40;
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { slow_ms: 5, ..Faults::default() }).await;
    let messages: Vec<String> = (0..PROPERTIES).flat_map(|n| property(&format!("H{n:02}"))).collect();
    import(&stage, &messages).await;
    let counts = within("the launch", ota.wait(|counts| counts.applied == OBJECTS * PROPERTIES)).await;
    assert_eq!((counts.pushes, counts.repeated, counts.overlapping), (OBJECTS * PROPERTIES, 0, 0));
    let mut orders: BTreeMap<String, Vec<(Kind, String)>> = BTreeMap::new();
    for seen in ota.journal() {
        orders.entry(seen.property).or_default().push((seen.kind, seen.code));
    }
    assert_eq!(orders.len() as u64, PROPERTIES);
    assert!(orders.values().all(|order| order.len() as u64 == OBJECTS && order.is_sorted()), "{orders:?}");
}

async fn vector_24_packed_answers_are_read(engine: Engine) {
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { gzip: true, ..Faults::default() }).await;
    import(&stage, &property("LIS1")).await;
    within("the launch", ota.wait(|counts| counts.applied == OBJECTS && counts.audits >= 6)).await;
    assert_eq!(run(&stage, &["content", "drift", "ota"]).await, json!([]));
    assert_eq!(run(&stage, &["content", "alerts"]).await, json!([]));
}
