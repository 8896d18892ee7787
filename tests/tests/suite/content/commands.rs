//! What an operator does by command: import, audit, drift, repair, retry, skip, replay, pause, resume, certify.

use serde_json::{Value, json};
use waypost_content::wire::Json;
use waypost_content::{Kind, sample};
use waypost_simulators::partner::{Faults, PartnerHandle};
use waypost_suite::{Backstage, Engine, Stage, on_both_engines, within};

use super::{OBJECTS, import, partner, property, quick, run};
use crate::SERVER;

on_both_engines!(
    a_property_is_imported_pushed_audited_and_mended_by_commands,
    a_queue_that_stopped_is_shown_and_goes_on_by_command,
    what_a_queue_stopped_at_is_skipped_and_a_property_is_replayed_whole,
    nothing_is_pushed_to_a_paused_partner_until_it_is_resumed,
    drift_that_sending_again_does_not_mend_is_shown_and_repaired_by_command,
    our_receiver_and_the_simulated_partner_are_certified,
);

/// Value of the city tax at the partner.
fn tax_of(partner: &PartnerHandle) -> Option<Json> {
    partner.with_shelf(|shelf| {
        shelf.body_mut(Kind::Tax, "LIS1", "CITY").and_then(|tax| tax.get("value").cloned())
    })
}

async fn a_property_is_imported_pushed_audited_and_mended_by_commands(engine: Engine) {
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults::default()).await;
    let imported = import(&stage, &property("LIS1")).await;
    assert_eq!(imported, json!({"messages": 7, "changed": OBJECTS, "refused": 0, "refusals": []}));
    within("the launch", ota.wait(|counts| counts.applied == OBJECTS && counts.audits >= 6)).await;

    ota.with_shelf(|shelf| {
        shelf.body_mut(Kind::Tax, "LIS1", "CITY").unwrap().set("value", Json::Number("4.01".into()));
    });
    run(&stage, &["content", "audit", "ota", "LIS1"]).await;
    within("the repair", ota.wait(|counts| counts.applied == OBJECTS + 1)).await;
    assert_eq!(tax_of(&ota), Some(Json::Number("4.00".into())));

    let story = run(&stage, &["trace", "content", "LIS1"]).await;
    let found = story.as_array().unwrap();
    assert!(found.iter().any(|it| it["what"] == "audit" && it["kind"] == "tax"), "{story}");
    let again = import(&stage, &property("LIS1")).await;
    assert_eq!(again, json!({"messages": 7, "changed": 0, "refused": 0, "refusals": []}));
    let alerts = run(&stage, &["content", "alerts"]).await;
    assert_eq!(alerts, json!([]));
}

async fn a_queue_that_stopped_is_shown_and_goes_on_by_command(engine: Engine) {
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { reject: 1_000, ..Faults::default() }).await;
    import(&stage, &property("LIS1")).await;
    within("the refusal", ota.wait(|counts| counts.pushes == 1)).await;
    // The partner has answered; that it is written down is seen by asking.
    let parked = async {
        loop {
            let lanes = run(&stage, &["content", "lanes", "ota", "--parked"]).await;
            if let Some(lane) = lanes["lanes"].as_array().and_then(|lanes| lanes.first().cloned()) {
                return lane;
            }
        }
    };
    let lane = within("the parked lane", parked).await;
    let stopped = &lane["parked"];
    assert_eq!(
        (&lane["property"], &lane["owed"], &stopped["reason"], &stopped["object"]),
        (&json!("LIS1"), &json!(OBJECTS), &json!("refused with HTTP 400: 4006"), &json!("hotel LIS1"))
    );
    let alerts = run(&stage, &["content", "alerts"]).await;
    assert_eq!((&alerts[0]["kind"], &alerts[0]["state"]), (&json!("PUSH_REJECTED"), &json!("OPEN")));
    let id = alerts[0]["alertId"].to_string();
    run(&stage, &["content", "ack", &id]).await;
    ota.set_faults(Faults::default());
    run(&stage, &["content", "retry", "ota", "LIS1"]).await;
    within("the rest", ota.wait(|counts| counts.applied == OBJECTS)).await;
}

/// The parked lane, as soon as it is one: the partner has answered, and that it is written down is seen by asking.
async fn parked(stage: &Stage) -> Value {
    let asked = async {
        loop {
            let lanes = run(stage, &["content", "lanes", "ota", "--parked"]).await;
            if let Some(lane) = lanes["lanes"].as_array().and_then(|lanes| lanes.first().cloned()) {
                return lane;
            }
        }
    };
    within("the parked lane", asked).await
}

async fn what_a_queue_stopped_at_is_skipped_and_a_property_is_replayed_whole(engine: Engine) {
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults::default()).await;
    import(&stage, &property("LIS1")).await;
    within("the launch", ota.wait(|counts| counts.applied == OBJECTS)).await;
    ota.set_faults(Faults { reject: 1_000, ..Faults::default() });
    let mut tax = sample::tax("CITY");
    tax.set("value", Json::Number("5.00".into()));
    import(&stage, &[format!(r#"{{"propertyCode":"LIS1","taxes":[{tax}]}}"#)]).await;
    let lane = parked(&stage).await;
    assert_eq!((&lane["owed"], &lane["parked"]["object"]), (&json!(1), &json!("tax CITY")));
    ota.set_faults(Faults::default());
    let before = ota.counts().pushes;
    run(&stage, &["content", "skip", "ota", "LIS1"]).await;
    let lanes = run(&stage, &["content", "lanes", "ota"]).await;
    assert_eq!(lanes, json!({"paused": null, "lanes": [{"property": "LIS1", "owed": 0, "parked": null}]}));
    assert_eq!(run(&stage, &["content", "alerts"]).await, json!([]), "skipping answers the alert");
    assert_eq!((ota.counts().pushes, tax_of(&ota)), (before, Some(Json::Number("4.00".into()))));

    run(&stage, &["content", "replay", "ota", "LIS1"]).await;
    within("the replay", ota.wait(|counts| counts.pushes == before + OBJECTS)).await;
    let kinds: Vec<Kind> = ota.journal()[before as usize..].iter().map(|seen| seen.kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    assert_eq!(tax_of(&ota), Some(Json::Number("5.00".into())));
}

async fn nothing_is_pushed_to_a_paused_partner_until_it_is_resumed(engine: Engine) {
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults::default()).await;
    let other = partner(&stage, "other", Faults::default()).await;
    run(&stage, &["content", "pause", "ota"]).await;
    import(&stage, &property("LIS1")).await;
    within("the other partner", other.wait(|counts| counts.applied == OBJECTS)).await;
    assert_eq!(ota.counts().pushes, 0);
    let lanes = run(&stage, &["content", "lanes", "ota"]).await;
    assert_eq!(
        lanes,
        json!({"paused": "an operator paused it", "lanes": [{"property": "LIS1", "owed": OBJECTS, "parked": null}]})
    );
    run(&stage, &["content", "resume", "ota"]).await;
    within("the launch", ota.wait(|counts| counts.applied == OBJECTS)).await;
}

async fn drift_that_sending_again_does_not_mend_is_shown_and_repaired_by_command(engine: Engine) {
    let stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { lose_updates: 1_000, ..Faults::default() }).await;
    import(&stage, &property("LIS1")).await;
    within("the launch", ota.wait(|counts| counts.applied == OBJECTS && counts.audits >= 6)).await;
    let mut tax = sample::tax("CITY");
    tax.set("value", Json::Number("5.00".into()));
    import(&stage, &[format!(r#"{{"propertyCode":"LIS1","taxes":[{tax}]}}"#)]).await;
    // The change and its repair are acknowledged and lost: then somebody is told.
    let asked = async {
        loop {
            let alerts = run(&stage, &["content", "alerts"]).await;
            if let Some(alert) = alerts.as_array().and_then(|alerts| alerts.first().cloned()) {
                return alert;
            }
        }
    };
    let alert = within("the alert", asked).await;
    let facts = ["kind", "severity", "partner", "propertyCode", "objectType", "objectCode", "state"];
    assert_eq!(
        facts.map(|fact| alert[fact].clone()),
        ["AUDIT_MISMATCH", "CRITICAL", "ota", "LIS1", "tax", "CITY", "OPEN"].map(|word| json!(word)),
        "{alert}"
    );
    let (code, drift) = stage.told(SERVER, &["content", "drift", "ota"]).await;
    let difference = json!({"path": "/value", "expected": 5.0, "actual": 4.0, "severity": "CRITICAL"});
    assert_eq!(code, Some(1), "drift is told by the exit code too");
    let [one] = &drift.as_array().unwrap()[..] else { panic!("{drift}") };
    assert_eq!(
        (&one["property"], &one["kind"], &one["code"], &one["differences"][0]["path"]),
        (&json!("LIS1"), &json!("tax"), &json!("CITY"), &difference["path"])
    );
    assert_eq!(one["differences"].as_array().unwrap().len(), 1, "that field and no other: {drift}");

    ota.set_faults(Faults::default());
    let repaired = run(&stage, &["content", "repair", "ota"]).await;
    assert_eq!(repaired, json!({"done": "repair", "objects": 1}));
    let settled = async { while stage.told(SERVER, &["content", "drift", "ota"]).await.1 != json!([]) {} };
    within("no drift", settled).await;
    assert_eq!(tax_of(&ota), Some(Json::Number("5.00".into())));
    assert_eq!(run(&stage, &["content", "alerts"]).await, json!([]), "what is equal again needs nobody");
}

async fn our_receiver_and_the_simulated_partner_are_certified(engine: Engine) {
    let stage = Backstage::new(engine).await.start_process(SERVER).await;
    let feed = super::receiver::Feed::new(&stage).await;
    let ota = partner(&stage, "ota", Faults::default()).await;
    let (user, password) = ota.credentials();
    let ours = format!("http://{}/content", stage.http.address());
    for (url, user, password) in
        [(ours.as_str(), "feed", feed.password.as_str()), (&ota.url(), user, password)]
    {
        let secret = [("WAYPOST_PARTNER_PASSWORD", password)];
        let found = stage.bare_command(SERVER, &["content", "certify", url, "--user", user], &secret).await;
        let kept: Vec<_> =
            found.as_array().unwrap().iter().map(|one| (&one["vector"], &one["kept"])).collect();
        let numbers: Vec<Value> = (1..=19).chain([23]).map(|number| json!(number)).collect();
        assert_eq!(
            kept,
            numbers.iter().map(|number| (number, &json!(true))).collect::<Vec<_>>(),
            "{found:#}"
        );
    }
}
