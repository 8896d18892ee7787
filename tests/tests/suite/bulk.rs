//! A request to a thousand recipients of whom the client has no address: found in bulk, not one by one.

use serde_json::{Value, json};
use waypost_core::time::{Clock, SystemClock};
use waypost_messaging::records::profile::{AppProfileRecord, CustomerRecord, app_profile, customer};
use waypost_simulators::smsc::SmscConfig;
use waypost_store::directory::{AppKind, admin};
use waypost_store::{Ctx, Sql, StoreError};
use waypost_suite::{Backstage, Engine, Stage, on_both_engines};

use crate::SERVER;

on_both_engines!(a_thousand_mixed_recipients_cost_few_queries_on_every_channel);

/// Customers; four ids of each make the largest request.
const CUSTOMERS: usize = 250;
const APP: &str = "SA28064527";

fn number(n: usize) -> String {
    format!("4477009{n:05}")
}

/// Customers with a number, a mail address and a device.
fn people(tx: &mut dyn Sql, ctx: &Ctx) -> Result<(), StoreError> {
    let now = SystemClock.now();
    let app = admin::app(tx, ctx, APP)?.id;
    for n in 0..CUSTOMERS {
        let id = format!("C{n}");
        let one = CustomerRecord {
            customer_id: id.clone(),
            msisdn: Some(number(n)),
            email: Some(format!("{}@x.example", id.to_lowercase())),
            active: true,
            verified: false,
            attributes: "{}".to_owned(),
        };
        assert!(customer::insert(tx, ctx, &one, now)?);
        let device = AppProfileRecord {
            app,
            ident: format!("u{n}_d{n}"),
            customer_id: Some(id),
            user_id: Some(format!("u{n}")),
            device_id: Some(format!("d{n}")),
            token: Some(format!("token-{n}")),
            os: Some("android".to_owned()),
            active: true,
            verified: true,
            attributes: "{}".to_owned(),
            secrets: None,
            seen_at: Some(now),
        };
        assert!(app_profile::insert(tx, ctx, &device, now)?);
    }
    Ok(())
}

/// What the server counted of a metric.
async fn counted(stage: &Stage, name: &str) -> u64 {
    let page = stage.http.get("/metrics").await;
    let lines = page.text().lines().filter(|line| line.starts_with(name));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

async fn a_thousand_mixed_recipients_cost_few_queries_on_every_channel(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let (tenant, service) = (backstage.login().tenant, backstage.login().service);
    backstage.desk().create_app(tenant, APP, AppKind::Mobile).await;
    backstage.desk().default_app(tenant, service, "push", APP).await;
    let ctx = Ctx::operator(waypost_store::TenantId(tenant));
    backstage.desk().change("customers", move |tx| people(tx, &ctx)).await;
    let stage = backstage.start_process(SERVER).await;

    let all = |of: fn(usize) -> String| (0..CUSTOMERS).map(of).collect::<Vec<_>>();
    let customer = || json!({"customerid": all(|n| format!("C{n}"))});
    let email = || json!({"email": all(|n| format!("c{n}@x.example"))});
    let sms =
        json!([customer(), email(), {"msisdn": all(number)}, {"customerid": all(|n| format!("nobody-{n}"))}]);
    let push = json!([customer(), email(), {"userid": all(|n| format!("u{n}"))}, {"deviceid": all(|n| format!("d{n}"))}]);
    let requests = [
        // Nobody's are told so; the others are delivered to the customer's number.
        (
            "sms",
            json!({"sms": {"text": "Hi"}}),
            sms,
            vec![(7501, 3 * CUSTOMERS), (7500, 3 * CUSTOMERS), (7105, CUSTOMERS)],
        ),
        // The app has no credentials: what was found ends there.
        ("push", json!({"push": {"android": {"text": "Hi"}}}), push, vec![(7106, 4 * CUSTOMERS)]),
    ];
    let (mut told, mut queries) = (0, 0);
    for (channel, channels, destination, ends) in requests {
        let request: Value =
            json!({"deliverychannel": channel, "channels": channels, "destination": destination});
        assert_eq!(stage.post(&request).await.all_queued().len(), 4);
        let before = told;
        told += ends.iter().map(|(_, count)| count).sum::<usize>();
        stage.hook.wait("every outcome", |callbacks| (callbacks.len() >= told).then_some(())).await;
        let outcomes = stage.hook.notifications().split_off(before);
        assert_eq!(outcomes.len(), told - before);
        for (code, count) in ends {
            let of_it = outcomes.iter().filter(|outcome| outcome.code() == code).count();
            assert_eq!(of_it, count, "{channel} {code}");
        }
        let counted = counted(&stage, "waypost_profile_queries_total").await;
        let cost = counted - std::mem::replace(&mut queries, counted);
        // What waits while a batch is read goes with the next: some batches of at most three statements. How many depends on
        // how fast messages are let through; one by one it would be 750 and more.
        assert!((1..=400).contains(&cost), "{channel}: {cost} queries for 1,000 recipients");
    }
}
