//! Content between the whole server and its partners: pushed by command, audited, repaired, received, killed in between.

mod commands;
mod dialects;
mod kills;
mod pusher;
mod receiver;
mod vectors;

use serde_json::Value;
use waypost::config::Config;
use waypost_content::sample;
use waypost_content::wire::Json;
use waypost_simulators::partner::{Faults, PartnerConfig, PartnerHandle, SimulatedPartner};
use waypost_suite::Stage;

use crate::SERVER;

/// Objects of one property: hotel, tax, policy, two room types, two rate plans, two sets of products.
const OBJECTS: u64 = 9;

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
