//! What the server sees of the directory.

use std::sync::Arc;

use waypost_store::directory::admin::{self, ServiceSecret};
use waypost_store::directory::{CarrierKind, DirectoryHandle, KeyKind, Service, Tenant};
use waypost_store::seal::MasterKey;
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, TenantId};

use super::{NOW, OPERATOR, service, smpp, tenant, two_tenants, write};

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
async fn secrets_are_sealed_in_the_store_and_open_in_the_snapshot() {
    on_both_engines(|store| async move {
        let [(_, alerts), _] = two_tenants(&store).await;
        let key = Arc::new(MasterKey::generate().unwrap());
        let sealing = Arc::clone(&key);
        write(&store, move |tx| {
            let hub = (ServiceSecret::Hub, Some(b"hub secret".as_slice()));
            admin::set_service_secret(tx, &OPERATOR, NOW, alerts, hub, &sealing)?;
            admin::create_carrier(tx, &OPERATOR, NOW, CarrierKind::Connection, &smpp("smsc-1", None))?;
            admin::set_carrier_password(
                tx,
                &OPERATOR,
                NOW,
                (CarrierKind::Connection, "smsc-1"),
                Some(b"hunter2"),
                &sealing,
            )
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
