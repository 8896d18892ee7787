//! Content between the whole server and its partners: pushed by command, audited, repaired, received, killed in between.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use waypost::config::Config;
use waypost_content::wire::Json;
use waypost_content::{Kind, sample};
use waypost_simulators::partner::{Faults, PartnerConfig, PartnerHandle, SimulatedPartner};
use waypost_suite::{Answer, Backstage, Engine, Stage, on_both_engines, within};

use crate::SERVER;

on_both_engines!(
    a_property_is_imported_pushed_audited_and_mended_by_commands,
    a_queue_that_stopped_is_shown_and_goes_on_by_command,
    nothing_is_lost_or_reordered_when_the_server_is_killed_amid_a_launch,
    what_was_acknowledged_to_a_partner_is_there_after_a_kill,
);

/// Objects of one property: hotel, tax, policy, two room types, two rate plans, two sets of products.
const OBJECTS: u64 = 9;
const LAUNCHED: usize = 20;

/// No pauses between looks; leases as short as the deadlines allow.
fn quick(config: &mut Config) {
    config.content.timeout_ms = 5_000;
    config.content.retry_delays_s = vec![1, 1, 1];
    config.content.audit_delay_s = 0;
    config.content.audit_again_s = Vec::new();
    config.content.full_audit_h = 0;
    config.sms.submit_deadline_ms = 1_000;
    config.callbacks.timeout_ms = 5_000;
    config.delivery.lease_ms = 21_000;
}

async fn run(stage: &Stage, arguments: &[&str]) -> Value {
    stage.command(SERVER, arguments, &[]).await
}

async fn partner(stage: &Stage, slug: &str, faults: Faults) -> PartnerHandle {
    let partner =
        SimulatedPartner::start(PartnerConfig { faults, ..PartnerConfig::default() }).await.unwrap();
    let (user, password) = partner.credentials();
    let create =
        ["admin", "partner", "create", "--tenant", &stage.login.tenant_slug, "--slug", slug, "--url"];
    run(stage, &[&create[..], &[&partner.url()]].concat()).await;
    let secret = [("WAYPOST_PARTNER_PASSWORD", password)];
    stage.command(SERVER, &["admin", "partner", "credentials", slug, "--user", user], &secret).await;
    partner
}

/// The messages of one property as an import takes them.
fn property(code: &str) -> Vec<String> {
    let list = |key: &str, objects: Vec<Json>| {
        let objects: Vec<String> = objects.iter().map(Json::to_string).collect();
        format!(r#"{{"propertyCode":"{code}","{key}":[{}]}}"#, objects.join(","))
    };
    let products = |plan: &str, rooms: &[&str]| {
        let products = rooms.iter().map(|room| sample::product(plan, room, &["CITY"])).collect();
        list("products", products)
    };
    vec![
        format!(r#"{{"hotel":{}}}"#, sample::hotel(code)),
        list("taxes", vec![sample::tax("CITY")]),
        list("cancellationPolicies", vec![sample::policy("C24H")]),
        list("rooms", vec![sample::room("A"), sample::room("B")]),
        list("rateplans", vec![sample::rateplan("RP1", "C24H"), sample::rateplan("RP2", "C24H")]),
        products("RP1", &["A", "B"]),
        products("RP2", &["B"]),
    ]
}

async fn import(stage: &Stage, messages: &[String]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("content.jsonl");
    std::fs::write(&file, messages.join("\n")).unwrap();
    let arguments =
        ["content", "import", file.to_str().unwrap(), "--tenant", stage.login.tenant_slug.as_str()];
    run(stage, &arguments).await
}

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

async fn nothing_is_lost_or_reordered_when_the_server_is_killed_amid_a_launch(engine: Engine) {
    let mut stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { slow_ms: 5, ..Faults::default() }).await;
    let codes: Vec<String> = (0..LAUNCHED).map(|n| format!("H{n:02}")).collect();
    let messages: Vec<String> = codes.iter().flat_map(|code| property(code)).collect();
    import(&stage, &messages).await;
    let all = OBJECTS * LAUNCHED as u64;
    for part in [all / 3, all * 2 / 3] {
        within("a part of the launch", ota.wait(|counts| counts.applied >= part)).await;
        stage.kill().await;
        stage.run_again(SERVER).await;
    }
    within("the launch", ota.wait(|counts| counts.applied == all)).await;
    let mut orders: BTreeMap<String, Vec<(Kind, String)>> = BTreeMap::new();
    for seen in ota.journal().into_iter().filter(|seen| !seen.repeated) {
        orders.entry(seen.property).or_default().push((seen.kind, seen.code));
    }
    assert_eq!(orders.keys().collect::<Vec<_>>(), codes.iter().collect::<Vec<_>>());
    for (property, order) in orders {
        assert_eq!(order.len() as u64, OBJECTS, "{property}");
        assert!(order.is_sorted(), "{property}: {order:?}");
    }
}

async fn push(stage: &Stage, password: &str, path: &str, body: &str) -> Answer {
    use base64::Engine as _;
    let token = base64::engine::general_purpose::STANDARD.encode(format!("feed:{password}"));
    let authorization = format!("Basic {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    stage.http.send(Method::POST, &format!("/content{path}"), &headers, body.to_owned()).await
}

async fn what_was_acknowledged_to_a_partner_is_there_after_a_kill(engine: Engine) {
    let mut stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let tenant = stage.login.tenant_slug.clone();
    run(&stage, &["admin", "partner", "create", "--tenant", &tenant, "--slug", "feed"]).await;
    let login = run(&stage, &["admin", "partner", "login", "feed", "--user", "feed"]).await;
    let password = login["password"].as_str().unwrap().to_owned();
    let hotel = sample::hotel("LIS1");
    let message = format!(r#"{{"messageId":"m-1","updateType":"NEW","hotel":{hotel}}}"#);
    let taken = push(&stage, &password, "/hotel", &message).await;
    let success =
        r#"{"messageId":"m-1","status":{"success":true,"message":"message received successfully"}}"#;
    assert_eq!((taken.http, &taken.body[..]), (200, success.as_bytes()));
    stage.kill().await;
    stage.run_again(SERVER).await;
    let again = push(&stage, &password, "/hotel", &message).await;
    assert_eq!((again.http, &again.body[..]), (200, success.as_bytes()));
    let other = message.replace("NEW", "DISABLE");
    let refused = push(&stage, &password, "/hotel", &other).await;
    assert_eq!(refused.http, 400);
    assert_eq!(refused.json()["status"]["errors"][0]["errorCode"], json!(4006));
    let audit = push(&stage, &password, "/hotel-audit", r#"{"messageId":"a","propertyCode":"LIS1"}"#).await;
    let expected: Value = serde_json::from_str(&hotel.to_string()).unwrap();
    assert_eq!((audit.http, &audit.json()["hotel"]), (200, &expected));
}
