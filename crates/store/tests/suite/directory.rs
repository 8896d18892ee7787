//! The directory: changes, what they are refused for, and the snapshot.

use std::sync::Arc;

use waypost_core::time::Micros;
use waypost_store::directory::admin::{self, ServiceSecret};
use waypost_store::directory::{
    self, DirectoryHandle, KeyKind, Service, SmppConnection, Status, Tenant, TpsLimit, dnd,
};
use waypost_store::seal::MasterKey;
use waypost_store::testing::on_both_engines;
use waypost_store::{Actor, Ctx, Sql, Store, StoreError, TenantId};

const NOW: Micros = Micros::from_secs(1_700_000_000);
const OPERATOR: Ctx = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };

pub fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: 0,
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        status: Status::Live,
        time_zone: "Europe/Berlin".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: Micros::ZERO,
    }
}

pub fn service(tenant: i64, slug: &str) -> Service {
    Service {
        id: 0,
        tenant,
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        status: Status::Live,
        notify_url: Some("https://sink.example/dlr".to_owned()),
        notify_types: 31,
        inbound_url: None,
        default_sender: Some("+4915112345678".to_owned()),
        route_group: None,
        hub_secret: None,
        hub_algorithm: "sha256".to_owned(),
        jwt_secret: None,
        has_hub_secret: false,
        has_jwt_secret: false,
        created_at: Micros::ZERO,
    }
}

fn smpp(name: &str, tenant: Option<i64>) -> SmppConnection {
    SmppConnection {
        id: 0,
        name: name.to_owned(),
        tenant,
        sandbox: false,
        config: r#"{"host":"localhost"}"#.to_owned(),
        password: None,
        has_password: false,
        enabled: true,
        created_at: Micros::ZERO,
    }
}

async fn write<T: Send + 'static>(
    store: &Store,
    job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(job).await.unwrap()
}

/// Two tenants with a service each: `(tenant, service)` rows.
async fn two_tenants(store: &Store) -> [(i64, i64); 2] {
    write(store, |tx| {
        let mut made = [(0, 0); 2];
        for (slot, slug) in made.iter_mut().zip(["acme", "globex"]) {
            let tenant = admin::create_tenant(tx, &OPERATOR, NOW, &tenant(slug))?.0;
            *slot = (tenant, admin::create_service(tx, &OPERATOR, NOW, &service(tenant, "alerts"))?);
        }
        Ok(made)
    })
    .await
}

async fn refusal(
    store: &Store,
    job: impl FnMut(&mut dyn Sql) -> Result<(), StoreError> + Send + 'static,
) -> String {
    match store.write(job).await {
        Err(StoreError::Refused(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_created_is_in_the_snapshot() {
    on_both_engines(|store| async move {
        let [(acme, alerts), _] = two_tenants(&store).await;
        let key = Arc::new(MasterKey::generate().unwrap());
        let handle = DirectoryHandle::open(&store, Arc::clone(&key)).await.unwrap();
        let current = handle.current();
        assert_eq!(current.tenant(acme), Some(&Tenant { id: acme, created_at: NOW, ..tenant("acme") }));
        let expected = Service { id: alerts, created_at: NOW, ..service(acme, "alerts") };
        assert_eq!(current.service(alerts), Some(&expected));
        assert_eq!(current.zone(acme).minute_of_day(NOW), 23 * 60 + 13);
        assert_eq!(current.zone(999).minute_of_day(NOW), 22 * 60 + 13);
        assert_eq!((current.tenant(999), current.service(999)), (None, None));
    })
    .await;
}

#[tokio::test]
async fn a_key_opens_its_service_until_it_is_revoked() {
    on_both_engines(|store| async move {
        let [(acme, alerts), _] = two_tenants(&store).await;
        let handle = DirectoryHandle::open(&store, Arc::new(MasterKey::generate().unwrap())).await.unwrap();
        let of_acme = Ctx::operator(TenantId(acme));
        let (first, second, profile) = write(&store, move |tx| {
            let first = admin::create_key(tx, &of_acme, NOW, Some(alerts))?;
            let second = admin::create_key(tx, &of_acme, NOW, Some(alerts))?;
            Ok((first, second, admin::create_key(tx, &of_acme, NOW, None)?))
        })
        .await;
        assert!(handle.current().key(&first.text).is_none(), "before the refresh");
        assert_eq!(handle.refresh(&store).await, Ok(true));
        assert_eq!(handle.refresh(&store).await, Ok(false));
        let current = handle.current();
        let found = current.key(&first.text).unwrap();
        assert_eq!((found.key.id, found.tenant.id, found.service.unwrap().id), (first.id, acme, alerts));
        let found = current.key(&profile.text).unwrap();
        assert_eq!((found.key.kind, found.service), (KeyKind::Profile, None));
        assert!(current.key("wps_unknown").is_none());

        let revoked = first.id;
        write(&store, move |tx| admin::revoke_key(tx, &of_acme, NOW, revoked)).await;
        handle.refresh(&store).await.unwrap();
        assert!(handle.current().key(&first.text).is_none());
        assert!(handle.current().key(&second.text).is_some());
        let listed = store.read(move |tx| admin::list_keys(tx, &of_acme)).await.unwrap();
        assert_eq!(listed.iter().map(|key| key.revoked_at).collect::<Vec<_>>(), [Some(NOW), None, None]);
        assert!(listed.iter().all(|key| key.prefix.len() == 10));
    })
    .await;
}

#[tokio::test]
async fn a_taken_name_and_a_bad_value_are_refused_with_what_is_wrong() {
    on_both_engines(|store| async move {
        let [(acme, _), _] = two_tenants(&store).await;
        let again = |tx: &mut dyn Sql| admin::create_tenant(tx, &OPERATOR, NOW, &tenant("acme")).map(|_| ());
        assert_eq!(refusal(&store, again).await, "there is a tenant acme already");
        let again = move |tx: &mut dyn Sql| {
            admin::create_service(tx, &OPERATOR, NOW, &service(acme, "alerts")).map(|_| ())
        };
        assert_eq!(refusal(&store, again).await, "tenant acme has a service alerts already");
        let bad = [
            (Tenant { time_zone: "Mars/Base".to_owned(), ..tenant("a") }, "time zone"),
            (Tenant { default_priority: 4, ..tenant("a") }, "default priority"),
            (Tenant { settings: "[]".to_owned(), ..tenant("a") }, "settings"),
            (tenant("Ä"), "short name"),
            (tenant(""), "short name"),
        ];
        for (tenant, word) in bad {
            let text =
                refusal(&store, move |tx| admin::create_tenant(tx, &OPERATOR, NOW, &tenant).map(|_| ()))
                    .await;
            assert!(text.contains(word), "{text}");
        }
        let url = move |tx: &mut dyn Sql| {
            let bad = Service { notify_url: Some("ftp://x".to_owned()), ..service(acme, "b") };
            admin::create_service(tx, &OPERATOR, NOW, &bad).map(|_| ())
        };
        assert!(refusal(&store, url).await.contains("notify URL"));
    })
    .await;
}

#[tokio::test]
async fn updates_keep_the_identity() {
    on_both_engines(|store| async move {
        let [(acme, alerts), _] = two_tenants(&store).await;
        let (tenant, service) = write(&store, move |tx| {
            let tenant = admin::update_tenant(tx, &OPERATOR, NOW, acme, |tenant| {
                tenant.slug = "other".to_owned();
                tenant.status = Status::Suspended;
            })?;
            let service = admin::update_service(tx, &OPERATOR, NOW, alerts, |service| {
                service.id = 99;
                service.tenant = 99;
                service.notify_url = None;
                service.inbound_url = Some("http://sink.example/mo".to_owned());
            })?;
            Ok((tenant, service))
        })
        .await;
        assert_eq!((tenant.slug.as_str(), tenant.status), ("acme", Status::Suspended));
        assert_eq!((service.id, service.tenant, service.notify_url.as_deref()), (alerts, acme, None));
        let stored =
            store.read(move |tx| admin::service_by_slug(tx, &OPERATOR, acme, "alerts")).await.unwrap();
        assert_eq!(stored, service);
    })
    .await;
}

#[tokio::test]
async fn a_context_of_one_tenant_neither_sees_nor_changes_another() {
    on_both_engines(|store| async move {
        let [(acme, _), (globex, theirs)] = two_tenants(&store).await;
        let ctx = Ctx::operator(TenantId(acme));
        let seen = store
            .read(move |tx| {
                let tenants = admin::list_tenants(tx, &ctx)?.len();
                let services = admin::list_services(tx, &ctx)?.iter().map(|service| service.tenant).collect();
                Ok::<(usize, Vec<i64>), _>((tenants, services))
            })
            .await;
        assert_eq!(seen, Ok((1, vec![acme])));
        let jobs: [fn(&mut dyn Sql, &Ctx, i64, i64) -> Result<(), StoreError>; 5] = [
            |tx, ctx, other, _| admin::update_tenant(tx, ctx, NOW, other, |_| ()).map(|_| ()),
            |tx, ctx, other, _| admin::create_service(tx, ctx, NOW, &service(other, "x")).map(|_| ()),
            |tx, ctx, _, theirs| admin::update_service(tx, ctx, NOW, theirs, |_| ()).map(|_| ()),
            |tx, ctx, _, theirs| admin::create_key(tx, ctx, NOW, Some(theirs)).map(|_| ()),
            |tx, ctx, _, _| admin::create_tenant(tx, ctx, NOW, &tenant("new")).map(|_| ()),
        ];
        for job in jobs {
            let text = refusal(&store, move |tx| job(tx, &ctx, globex, theirs)).await;
            assert!(text.starts_with("no such"), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn secrets_are_sealed_in_the_store_and_open_in_the_snapshot() {
    on_both_engines(|store| async move {
        let [(_, alerts), _] = two_tenants(&store).await;
        let key = Arc::new(MasterKey::generate().unwrap());
        let sealing = Arc::clone(&key);
        write(&store, move |tx| {
            let hub = (ServiceSecret::Hub, Some(b"hub secret".as_slice()));
            admin::set_service_secret(tx, &OPERATOR, NOW, alerts, hub, &sealing)?;
            admin::create_connection(tx, &OPERATOR, NOW, &smpp("smsc-1", None))?;
            admin::set_connection_password(tx, &OPERATOR, NOW, "smsc-1", Some(b"hunter2"), &sealing)
        })
        .await;
        let stored = store
            .read(|tx| tx.query("SELECT hub_secret FROM service WHERE hub_secret IS NOT NULL", &[]))
            .await
            .unwrap();
        assert!(!stored[0].blob(0).unwrap().windows(3).any(|window| window == b"hub"));

        let handle = DirectoryHandle::open(&store, Arc::clone(&key)).await.unwrap();
        let current = handle.current();
        let found = current.service(alerts).unwrap();
        assert_eq!(found.hub_secret.as_deref(), Some(b"hub secret".as_slice()));
        assert_eq!((found.has_hub_secret, found.has_jwt_secret), (true, false));
        assert_eq!(current.connections()[0].password.as_deref(), Some(b"hunter2".as_slice()));

        let other = Arc::new(MasterKey::generate().unwrap());
        let refused = DirectoryHandle::open(&store, other).await.map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("another master key"), "{refused}");

        let removing = Arc::clone(&key);
        write(&store, move |tx| {
            admin::set_service_secret(tx, &OPERATOR, NOW, alerts, (ServiceSecret::Hub, None), &removing)
        })
        .await;
        handle.refresh(&store).await.unwrap();
        assert_eq!(handle.current().service(alerts).unwrap().hub_secret, None);
    })
    .await;
}

#[tokio::test]
async fn senders_are_found_in_any_form_and_own_their_number() {
    on_both_engines(|store| async move {
        let [(acme, alerts), (globex, theirs)] = two_tenants(&store).await;
        let (of_acme, of_globex) = (Ctx::operator(TenantId(acme)), Ctx::operator(TenantId(globex)));
        write(&store, move |tx| {
            admin::add_sender(tx, &of_acme, NOW, "+49 1".trim_end_matches(" 1"), None).unwrap_err();
            admin::add_sender(tx, &of_acme, NOW, "ACME", None)?;
            admin::add_sender(tx, &of_acme, NOW, "+4930123456", Some(5))?;
            admin::add_sender(tx, &of_acme, NOW, "4930123456", Some(7))?;
            admin::add_sender(tx, &of_acme, NOW, "12345", None)?;
            admin::add_sender(tx, &of_globex, NOW, "12345", None)?;
            admin::update_service(tx, &of_acme, NOW, alerts, |service| {
                service.default_sender = None;
                service.inbound_url = Some("http://sink.example/mo".to_owned());
            })
            .map(|_| ())
        })
        .await;
        let handle = DirectoryHandle::open(&store, Arc::new(MasterKey::generate().unwrap())).await.unwrap();
        let current = handle.current();
        for form in ["+4930123456", "4930123456"] {
            assert_eq!(current.sender(acme, form).map(|sender| sender.tps), Some(Some(7)), "{form}");
            assert_eq!(current.owner_of_number(form).map(|service| service.id), Some(alerts), "{form}");
        }
        assert_eq!(current.sender(globex, "ACME"), None);
        assert_eq!(current.owner_of_number("12345"), None, "registered for two tenants");
        assert_eq!(current.owner_of_number("4915112345678").map(|service| service.id), Some(theirs));
        assert_eq!(current.senders(acme).count(), 3);
        let gone = write(&store, move |tx| {
            admin::remove_sender(tx, &of_acme, NOW, "ACME")?;
            Ok(admin::remove_sender(tx, &of_acme, NOW, "ACME"))
        })
        .await;
        assert_eq!(gone, Err(StoreError::Refused("no sender ACME".to_owned())));
    })
    .await;
}

#[tokio::test]
async fn an_empty_allowlist_allows_every_address_and_a_filled_one_only_its_own() {
    on_both_engines(|store| async move {
        let [(acme, _), (globex, _)] = two_tenants(&store).await;
        let ctx = Ctx::operator(TenantId(acme));
        write(&store, move |tx| {
            admin::allow_ip(tx, &ctx, NOW, "10.1.2.3/8")?;
            admin::allow_ip(tx, &ctx, NOW, "2001:db8::1")
        })
        .await;
        let listed = store.read(move |tx| admin::list_ips(tx, &ctx)).await;
        assert_eq!(listed, Ok(vec!["10.0.0.0/8".to_owned(), "2001:db8::1/128".to_owned()]));
        let bad = refusal(&store, move |tx| admin::allow_ip(tx, &ctx, NOW, "10.0.0.0/33")).await;
        assert!(bad.contains("neither an address nor a network"), "{bad}");
        let handle = DirectoryHandle::open(&store, Arc::new(MasterKey::generate().unwrap())).await.unwrap();
        let current = handle.current();
        let allowed = |tenant, address: &str| current.allows(tenant, address.parse().unwrap());
        assert!(
            allowed(acme, "10.255.0.1") && allowed(acme, "::ffff:10.0.0.1") && allowed(acme, "2001:db8::1")
        );
        assert!(!allowed(acme, "11.0.0.1") && !allowed(acme, "2001:db8::2"));
        assert!(allowed(globex, "11.0.0.1"));
        write(&store, move |tx| admin::disallow_ip(tx, &ctx, NOW, "10.0.0.0/8")).await;
        handle.refresh(&store).await.unwrap();
        assert!(!handle.current().allows(acme, "10.0.0.1".parse().unwrap()));
    })
    .await;
}

#[tokio::test]
async fn a_limit_is_set_changed_and_cleared() {
    on_both_engines(|store| async move {
        let [(acme, _), _] = two_tenants(&store).await;
        let ctx = Ctx::operator(TenantId(acme));
        let limit = |per_second| TpsLimit { per_second, burst_mode: per_second > 10 };
        write(&store, move |tx| {
            admin::set_limit(tx, &ctx, NOW, "messaging", limit(10))?;
            admin::set_limit(tx, &ctx, NOW, "messaging", limit(20))
        })
        .await;
        let handle = DirectoryHandle::open(&store, Arc::new(MasterKey::generate().unwrap())).await.unwrap();
        assert_eq!(handle.current().limit(acme, "messaging"), Some(limit(20)));
        assert_eq!(handle.current().limit(acme, "status"), None);
        let listed = store.read(move |tx| admin::list_limits(tx, &ctx)).await;
        assert_eq!(listed, Ok(vec![("messaging".to_owned(), limit(20))]));
        let zero = refusal(&store, move |tx| admin::set_limit(tx, &ctx, NOW, "messaging", limit(0))).await;
        assert!(zero.contains("at least 1"), "{zero}");
        write(&store, move |tx| admin::clear_limit(tx, &ctx, NOW, "messaging")).await;
        handle.refresh(&store).await.unwrap();
        assert_eq!(handle.current().limit(acme, "messaging"), None);
    })
    .await;
}

#[tokio::test]
async fn a_number_on_a_do_not_disturb_list_is_on_the_list_of_its_tenant_only() {
    on_both_engines(|store| async move {
        let [(acme, _), (globex, _)] = two_tenants(&store).await;
        let (of_acme, of_globex) = (Ctx::operator(TenantId(acme)), Ctx::operator(TenantId(globex)));
        let seen = write(&store, move |tx| {
            for number in ["+491511", "491512222", "491511"] {
                dnd::add(tx, &of_acme, number, "operator", NOW)?;
            }
            let page = dnd::list(tx, &of_acme, "491511", 10)?;
            let entry =
                dnd::Entry { msisdn: "491512222".to_owned(), since: NOW, source: "operator".to_owned() };
            assert_eq!(page, [entry]);
            Ok((
                dnd::contains(tx, &of_acme, "491511")?,
                dnd::contains(tx, &of_globex, "491511")?,
                dnd::tenants(tx, &OPERATOR)?,
                dnd::remove(tx, &of_acme, "+491511")?,
                dnd::remove(tx, &of_acme, "+491511")?,
            ))
        })
        .await;
        assert_eq!(seen, (true, false, vec![acme], true, false));
        let bad = refusal(&store, move |tx| dnd::add(tx, &of_acme, "call me", "operator", NOW)).await;
        assert!(bad.contains("call me"), "{bad}");
    })
    .await;
}

#[tokio::test]
async fn connections_are_changed_and_a_tenant_sees_only_its_own() {
    on_both_engines(|store| async move {
        let [(acme, _), _] = two_tenants(&store).await;
        let ctx = Ctx::operator(TenantId(acme));
        write(&store, move |tx| {
            admin::create_connection(tx, &OPERATOR, NOW, &smpp("shared", None))?;
            admin::create_connection(tx, &ctx, NOW, &smpp("own", Some(acme)))?;
            admin::update_connection(tx, &OPERATOR, NOW, "shared", |connection| connection.enabled = false)
        })
        .await;
        let names = |list: Vec<SmppConnection>| {
            list.into_iter().map(|connection| (connection.name, connection.enabled)).collect::<Vec<_>>()
        };
        let all = store.read(|tx| admin::list_connections(tx, &OPERATOR)).await.unwrap();
        assert_eq!(names(all), [("shared".to_owned(), false), ("own".to_owned(), true)]);
        let own = store.read(move |tx| admin::list_connections(tx, &ctx)).await.unwrap();
        assert_eq!(names(own), [("own".to_owned(), true)]);
        let taken = refusal(&store, |tx| {
            admin::create_connection(tx, &OPERATOR, NOW, &smpp("own", None)).map(|_| ())
        });
        assert_eq!(taken.await, "there is a connection own already");
        let text = refusal(&store, move |tx| admin::connection(tx, &ctx, "shared").map(|_| ())).await;
        assert_eq!(text, "no connection shared");
    })
    .await;
}

#[tokio::test]
async fn every_change_raises_the_revision_and_is_audited() {
    on_both_engines(|store| async move {
        let before = store.read(directory::revision).await.unwrap();
        let [(acme, _), _] = two_tenants(&store).await;
        let after = store.read(directory::revision).await.unwrap();
        assert_eq!((before, after), (0, 4));
        let rows = store
            .read(|tx| tx.query("SELECT actor, tenant, action, detail FROM audit ORDER BY id LIMIT 2", &[]))
            .await
            .unwrap();
        let line = |row: &waypost_store::Row| {
            [row.text(0).unwrap(), row.text(2).unwrap(), row.text(3).unwrap()].map(str::to_owned)
        };
        assert_eq!(line(&rows[0]), ["operator", "tenant.create", "acme"]);
        assert_eq!(line(&rows[1]), ["operator", "service.create", "alerts"]);
        assert_eq!(rows[0].int(1), Ok(acme));
    })
    .await;
}
