//! Profiles move with their tenant, and devices that gave no sign of life go.

use waypost_channels::connector::AddressKind;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_messaging::records::profile::app_profile::{By, seen};
use waypost_messaging::rules::IdType;
use waypost_messaging::work::addresses::{Resolver, Wanted};
use waypost_store::directory::{AttributeKind, admin};
use waypost_store::retention::{Pruned, Retention, prune};
use waypost_store::testing::{Place, on_both_engines};
use waypost_store::transfer::{ExportOptions, export_tenant, import_tenant};
use waypost_store::{Actor, Ctx, Store, TenantId};

use crate::support::{NOW, customer_of, device_of, house, keep, page_user};

const DAY_MS: i64 = 86_400_000;

async fn number_of_keys(store: &Store) -> i64 {
    let count = "SELECT count(*) FROM profile_key";
    store.read(move |tx| tx.query(count, &[])?[0].int(0)).await.unwrap()
}

#[tokio::test]
async fn a_tenants_profiles_arrive_with_it_and_are_found_there() {
    for (from, to) in [(Place::sqlite(), Place::postgres().await), (Place::postgres().await, Place::sqlite())]
    {
        let (source, target) = (from.open(), to.open());
        let acme = house(&source, "acme").await;
        let devices = vec![device_of(acme.mobile, "C1", "u1", "d1"), page_user(acme.fb, "C1", "99")];
        keep(&source, acme, vec![customer_of("C1", Some("447700900001"))], devices).await;
        source
            .write(move |tx| {
                let ctx = Ctx::operator(TenantId(acme.tenant));
                admin::add_profile_attribute(tx, &ctx, NOW, "birthday", AttributeKind::Date)
            })
            .await
            .unwrap();
        // Rows of the target have other numbers.
        house(&target, "other").await;

        let mut file = Vec::new();
        let options = ExportOptions { secrets: true, until: Micros::MAX };
        let ctx = Ctx::operator(TenantId(acme.tenant));
        export_tenant(&source, &ctx, options, &mut file).await.unwrap();
        let all = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };
        let imported = import_tenant(&target, &all, NOW, &mut &*file).await.unwrap();
        let again = import_tenant(&target, &all, NOW, &mut &*file).await.unwrap();
        assert_eq!((again.new, number_of_keys(&target).await), (0, number_of_keys(&source).await));

        let of = Ctx::operator(TenantId(imported.tenant));
        let (apps, own) = target
            .read(move |tx| Ok((admin::list_apps(tx, &of)?, admin::list_profile_attributes(tx, &of)?)))
            .await
            .unwrap();
        assert_eq!(own.len(), 1);
        let resolver = Resolver::new(target.clone());
        let wanted = Wanted {
            tenant: imported.tenant,
            channel: Channel::Push,
            app: Some(apps[0].id),
            id_type: IdType::Email,
            value: "c1@x.example".to_owned(),
        };
        let found = resolver.resolve(wanted).await.unwrap();
        assert_eq!(
            (found.addresses[0].kind, &*found.addresses[0].value),
            (AddressKind::AndroidPush, "token-d1")
        );
        source.close().await;
        target.close().await;
    }
}

#[tokio::test]
async fn a_device_goes_forty_days_after_its_last_sign_of_life_and_an_account_stays() {
    on_both_engines(|store| async move {
        let acme = house(&store, "acme").await;
        let devices = vec![
            device_of(acme.mobile, "C1", "u1", "d1"),
            device_of(acme.mobile, "C2", "u2", "d2"),
            page_user(acme.fb, "C1", "99"),
        ];
        keep(&store, acme, vec![], devices).await;
        let later = NOW.add_ms(20 * DAY_MS);
        store.write(move |tx| seen(tx, &acme.ctx(), acme.mobile, By::User("u2"), later)).await.unwrap();
        let pass = async |days: i64| {
            let now = NOW.add_ms(days * DAY_MS);
            prune(&store, &Ctx::all("retention"), Retention::default(), now).await.unwrap()
        };
        assert_eq!(pass(40).await, Pruned::default(), "a day counts as a whole");
        assert_eq!(pass(41).await, Pruned { devices: 1, ..Pruned::default() });
        assert_eq!(pass(61).await, Pruned { devices: 1, ..Pruned::default() });
        assert_eq!(pass(400).await, Pruned::default());
        assert_eq!(number_of_keys(&store).await, 2, "the account's");
    })
    .await;
}
