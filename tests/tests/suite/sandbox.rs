//! The sandbox: every asynchronous code on demand, by the last four digits of the destination.

use std::collections::BTreeSet;

use waypost_simulators::smsc::SmscConfig;
use waypost_status::{Api, CATALOGUE, Phase};
use waypost_store::directory::{Service, Tenant};
use waypost_suite::{Backstage, Engine, desk, on_both_engines, sms_to};

use crate::outcomes::words;

on_both_engines!(every_outcome_of_the_catalogue_can_be_had_on_demand);

/// The four-digit codes with which a message can end.
fn outcomes() -> BTreeSet<u16> {
    let outcomes = CATALOGUE.iter().filter(|entry| {
        // A text with a placeholder has nothing to fill it with here.
        entry.api == Api::Messaging
            && entry.phase != Phase::Answer
            && entry.reserved.is_none()
            && !entry.text().contains('{')
    });
    outcomes.filter_map(|entry| u16::try_from(entry.code).ok()).collect()
}

async fn every_outcome_of_the_catalogue_can_be_had_on_demand(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let backstage =
        backstage.linked(SmscConfig::default().with_forced_codes(), |link| link.sandbox = true).await;
    let tenant = backstage.tenant(Tenant { sandbox: true, ..desk::tenant("sandbox") }).await;
    backstage.desk().add_sender(tenant, "SANDBOX").await;
    let service = Service {
        notify_url: Some(backstage.hook().url("/sandbox")),
        default_sender: Some("SANDBOX".to_owned()),
        ..desk::service("alerts")
    };
    let login = backstage.desk().create_service(tenant, service).await;
    let stage = backstage.start().await;

    let codes = outcomes();
    let numbers: Vec<String> = codes.iter().map(|code| format!("44770090{code}")).collect();
    let transid = stage.http.post(&login.key, &sms_to("Hi", &numbers)).await.queued();
    for (code, number) in codes.iter().zip(&numbers) {
        let told = stage.hook.outcome(number, *code).await;
        // Every other outcome of a sandbox is decided as a provider would have decided it.
        told.assert_outcome(*code, words(*code).0);
    }
    let records = stage.http.status(&login.key, &transid).await.records();
    assert_eq!(records.len(), codes.len());
    for (code, record) in codes.iter().zip(&records) {
        record.assert_stands(words(*code).1, Some(*code));
    }

    // A code that only ever answers a request forces nothing, nor does a number that is no code.
    let others = ["447700907001", "447700901001", "447700900001", "447700909999"];
    let transid = stage.http.post(&login.key, &sms_to("Hi", &others)).await.queued();
    for number in others {
        stage.hook.outcome(number, 7500).await.assert_outcome(7500, "Delivered");
    }
    for record in stage.http.status(&login.key, &transid).await.records() {
        record.assert_stands("delivered", Some(7500));
    }
}
