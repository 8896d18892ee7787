//! Changes, and what they are refused for.

use waypost_store::directory::{self, CarrierKind, Service, SmppConnection, Status, Tenant, admin};
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::{NOW, OPERATOR, refusal, service, smpp, tenant, two_tenants, write};

/// A change of another tenant or of its service.
type Change = fn(&mut dyn Sql, &Ctx, i64, i64) -> Result<(), StoreError>;

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
        let jobs: [Change; 5] = [
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
async fn connections_are_changed_and_a_tenant_sees_only_its_own() {
    on_both_engines(|store| async move {
        let [(acme, _), _] = two_tenants(&store).await;
        let ctx = Ctx::operator(TenantId(acme));
        write(&store, move |tx| {
            admin::create_carrier(tx, &OPERATOR, NOW, CarrierKind::Connection, &smpp("shared", None))?;
            admin::create_carrier(tx, &ctx, NOW, CarrierKind::Connection, &smpp("own", Some(acme)))?;
            admin::update_carrier(tx, &OPERATOR, NOW, (CarrierKind::Connection, "shared"), |connection| {
                connection.enabled = false
            })
        })
        .await;
        let names = |list: Vec<SmppConnection>| {
            list.into_iter().map(|connection| (connection.name, connection.enabled)).collect::<Vec<_>>()
        };
        let all =
            store.read(|tx| admin::list_carriers(tx, &OPERATOR, CarrierKind::Connection)).await.unwrap();
        assert_eq!(names(all), [("shared".to_owned(), false), ("own".to_owned(), true)]);
        let own =
            store.read(move |tx| admin::list_carriers(tx, &ctx, CarrierKind::Connection)).await.unwrap();
        assert_eq!(names(own), [("own".to_owned(), true)]);
        let taken = refusal(&store, |tx| {
            admin::create_carrier(tx, &OPERATOR, NOW, CarrierKind::Connection, &smpp("own", None)).map(|_| ())
        });
        assert_eq!(taken.await, "there is a connection own already");
        let text = refusal(&store, move |tx| {
            admin::carrier(tx, &ctx, CarrierKind::Connection, "shared").map(|_| ())
        })
        .await;
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
