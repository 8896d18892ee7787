//! A tenant moves from one store to another, whichever engines they are on.

use std::sync::Arc;

use waypost_core::channel::Channel;
use waypost_core::id::MessageId;
use waypost_core::key::{KeyKind, key};
use waypost_core::limit::BurstUse;
use waypost_core::policy::Money;
use waypost_core::time::Micros;
use waypost_store::directory::admin::{self, ServiceSecret};
use waypost_store::directory::{DirectoryHandle, Happens, Link, Rule, TpsLimit, burst, credit, dnd};
use waypost_store::seal::MasterKey;
use waypost_store::testing::Place;
use waypost_store::transfer::{ExportOptions, Imported, TransferError, export_tenant, import_tenant};
use waypost_store::{Actor, Ctx, Sql, Store, TenantId, keys};

use crate::directory::{service, tenant};
use crate::ledger::{add_inbound, add_request, id_at};

const NOW: Micros = Micros::from_secs(1_700_000_000);
const OPERATOR: Ctx = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };
const WITHOUT: ExportOptions = ExportOptions { secrets: false, until: Micros::MAX };
const WITH: ExportOptions = ExportOptions { secrets: true, ..WITHOUT };
const REQUESTS: i64 = 600;

/// A tenant with a bit of everything; returns its row and the text of its key.
async fn fill(store: &Store, master: &Arc<MasterKey>) -> (i64, String) {
    let master = Arc::clone(master);
    let job = move |tx: &mut dyn Sql| {
        let id = admin::create_tenant(tx, &OPERATOR, NOW, &tenant("acme"))?.0;
        let ctx = Ctx::operator(TenantId(id));
        let alerts = admin::create_service(tx, &ctx, NOW, &service(id, "alerts"))?;
        let secret = (ServiceSecret::Hub, Some(b"hub".as_slice()));
        admin::set_service_secret(tx, &ctx, NOW, alerts, secret, &master)?;
        admin::add_sender(tx, &ctx, NOW, "ACME", Some(5))?;
        admin::allow_ip(tx, &ctx, NOW, "10.0.0.0/8")?;
        admin::set_limit(tx, &ctx, NOW, "messaging", TpsLimit { per_second: 9, burst_mode: true })?;
        dnd::add(tx, &ctx, "491511", "operator", NOW)?;
        admin::change_policy(tx, &ctx, NOW, Some(alerts), |settings| settings.promotional = true)?;
        let rate = admin::Rate { channel: Channel::Sms, prefix: "49".to_owned(), price: Money(7) };
        admin::set_rate(tx, &ctx, NOW, &rate)?;
        admin::add_spam(tx, &ctx, NOW, "free money")?;
        admin::add_verified(tx, &ctx, NOW, "491512")?;
        admin::grant_credit(tx, &ctx, NOW, Money(100))?;
        credit::charge(tx, &ctx, MessageId(id_at(NOW)), Money(7), NOW)?;
        let used = BurstUse { day: 1, day_secs: 2, month: 3, month_secs: 4 };
        burst::save(tx, &ctx, &burst::Used { tenant: id, api: "messaging".to_owned(), used })?;
        admin::create_template(tx, &ctx, NOW, Some("hello"), "Hello")?;
        let content = r#"{"type": 1, "text": "Hello {{name}}"}"#;
        let version = admin::add_template_version(tx, &ctx, NOW, "hello", Channel::Sms, content)?;
        admin::approve_template(tx, &ctx, NOW, ("hello", Channel::Sms, version), true)?;
        let url = "https://shop.example/".to_owned();
        let link =
            Link { id: 0, tenant: 0, name: "shop".to_owned(), url, validity_minutes: 60, enabled: true };
        admin::create_link(tx, &ctx, NOW, &link)?;
        let order = admin::create_event(tx, &ctx, NOW, "order", &[])?;
        admin::create_rule(tx, &ctx, NOW, &rule(alerts, order))?;
        for n in 0..REQUESTS {
            add_request(tx, (id, alerts), id_at(NOW) + n * 2, 2)?;
        }
        add_inbound(tx, id, id_at(NOW) + 10_000)?;
        Ok((id, admin::create_key(tx, &ctx, NOW, Some(alerts))?.text))
    };
    store.write(job).await.unwrap()
}

fn rule(service: i64, event: i64) -> Rule {
    Rule {
        id: 0,
        tenant: 0,
        service,
        name: "greet".to_owned(),
        happens: Happens::Event,
        event: Some(event),
        conditions: Vec::new(),
        template: "hello".to_owned(),
        channel: Channel::Sms,
        destination: serde_json::Map::new(),
        delay_s: 5,
        enabled: true,
    }
}

async fn export(store: &Store, tenant: i64, options: ExportOptions) -> (u64, Vec<u8>) {
    let mut file = Vec::new();
    let rows = export_tenant(store, &Ctx::operator(TenantId(tenant)), options, &mut file).await.unwrap();
    (rows, file)
}

async fn import(store: &Store, file: &[u8]) -> Result<Imported, TransferError> {
    import_tenant(store, &OPERATOR, NOW, &mut &*file).await
}

#[tokio::test]
async fn a_tenant_arrives_whole_and_a_second_import_changes_nothing() {
    let places = Place::both().await;
    let [one, two] = &places;
    for (from, to) in [(one, two), (two, one)] {
        let place = fresh(to).await;
        let (source, target) = (from.open(), place.open());
        let master = Arc::new(MasterKey::generate().unwrap());
        let (id, key_text) = fill(&source, &master).await;
        let (rows, file) = export(&source, id, WITH).await;
        // Tenant, service, key, sender, address, limit, number, inbound message; policy, rate, phrase, verified number,
        // balance, charge, burst; template, version, link, event, rule; request, two messages, two stories.
        assert_eq!(rows, 20 + 5 * REQUESTS as u64);

        // Another tenant comes first, so that no row id is the same.
        target
            .write(|tx| {
                let other = admin::create_tenant(tx, &OPERATOR, NOW, &tenant("other"))?;
                admin::create_event(tx, &Ctx::operator(other), NOW, "of another", &[])
            })
            .await
            .unwrap();
        let imported = import(&target, &file).await.unwrap();
        assert_ne!(imported.tenant, id);
        assert_eq!((imported.rows, imported.new), (rows, rows));
        let again = import(&target, &file).await.unwrap();
        assert_eq!(again, Imported { new: 0, ..imported });

        let handle = DirectoryHandle::open(&target, Arc::clone(&master)).await.unwrap();
        let current = handle.current();
        let arrived = Ctx::operator(TenantId(imported.tenant));
        let money = target
            .read(move |tx| {
                let charges = credit::charges(tx, &arrived, MessageId(i64::MAX), 10)?;
                Ok((
                    credit::account(tx, &arrived)?.unwrap().balance,
                    charges[0].amount,
                    burst::load(tx, &arrived)?.len(),
                ))
            })
            .await;
        assert_eq!(money, Ok((Money(93), Money(7), 1)));
        let tenant = imported.tenant;
        assert_eq!(current.templates().live(tenant, "hello", Channel::Sms).map(|live| live.version), Some(1));
        let [greet] = current.events().waiting(tenant, Happens::Event) else { panic!("one rule") };
        assert_eq!(current.service(greet.service).map(|service| service.tenant), Some(tenant));
        let event = greet.event.and_then(|id| current.events().event(tenant, id));
        assert_eq!(event.map(|event| event.name.as_str()), Some("order"));
        let policies = current.policies().of_tenant(imported.tenant).unwrap();
        assert_eq!(policies.rates.price(Channel::Sms, "491511"), Some(Money(7)));
        assert!(policies.is_verified("+491512") && policies.charged && !policies.spam.is_empty());
        let found = current.key(&key_text).unwrap();
        assert_eq!(found.tenant.slug, "acme");
        assert_eq!(found.service.unwrap().hub_secret.as_deref(), Some(b"hub".as_slice()));
        assert!(current.sender(imported.tenant, "ACME").is_some());
        let tenant = imported.tenant;
        let ids =
            target.read(move |tx| keys::find(tx, key(KeyKind::CorrelationId, tenant, "ref"))).await.unwrap();
        assert_eq!((ids.len(), ids[0]), (100, id_at(NOW) + REQUESTS * 2 - 1));
        let (_, copy) = export(&target, tenant, WITH).await;
        assert_eq!(copy.len(), file.len(), "the same rows");
        source.close().await;
        target.close().await;
    }
}

/// A new place of the same kind.
async fn fresh(like: &Place) -> Place {
    match like {
        Place::Sqlite(_) => Place::sqlite(),
        Place::Postgres(_) => Place::postgres().await,
    }
}

#[tokio::test]
async fn secrets_and_later_messages_are_left_out_unless_asked_for() {
    let place = Place::sqlite();
    let store = place.open();
    let master = Arc::new(MasterKey::generate().unwrap());
    let (id, _) = fill(&store, &master).await;
    let (_, with) = export(&store, id, WITH).await;
    let (rows, without) = export(&store, id, ExportOptions { until: NOW, ..WITHOUT }).await;
    let has_secret = |file: &[u8]| String::from_utf8_lossy(file).contains("hub_secret");
    assert!(has_secret(&with) && !has_secret(&without));
    assert_eq!(rows, 18, "nothing of the ledger");
    store.close().await;
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_refused_at_its_line() {
    let place = Place::sqlite();
    let store = place.open();
    let head = "{\"format\":\"waypost-tenant/1\"}\n";
    let cases = [
        ("".to_owned(), "line 1"),
        ("{}\n".to_owned(), "does not start with the format"),
        (format!("{head}{{\"table\":\"nonsense\"}}\n"), "line 2: no table `nonsense`"),
        (format!("{head}{{\"table\":\"sender\",\"tps\":1.5}}\n"), "line 2: tps is no integer"),
        (format!("{head}{{\"table\":\"sender\",\"address\":\"A\"}}\n"), "does not start with its tenant"),
        (format!("{head}{{\"table\":\"message\",\"progress\":\"%\"}}\n"), "progress is no base64"),
    ];
    for (file, expected) in cases {
        match import(&store, file.as_bytes()).await {
            Err(error) => assert!(error.to_string().contains(expected), "{expected}: {error}"),
            Ok(imported) => panic!("{expected}: {imported:?}"),
        }
    }
    store.close().await;
}
