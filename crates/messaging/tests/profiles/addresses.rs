//! From ids to addresses.

use futures_util::future::join_all;
use waypost_channels::connector::{Address, AddressKind};
use waypost_core::channel::Channel;
use waypost_messaging::records::profile::app_profile::{By, find, forget_token};
use waypost_messaging::records::profile::customer;
use waypost_messaging::rules::IdType;
use waypost_messaging::work::addresses::{Resolved, Resolver, Standing, Wanted};
use waypost_store::Store;
use waypost_store::testing::on_both_engines;

use crate::support::{House, NOW, customer_of, device_of, house, keep, page_user};

fn wanted(house: House, channel: Channel, id_type: IdType, value: &str) -> Wanted {
    let app = match channel {
        Channel::Push | Channel::Rt => Some(house.mobile),
        Channel::Fb => Some(house.fb),
        _ => None,
    };
    Wanted { tenant: house.tenant, channel, app, id_type, value: value.to_owned() }
}

fn address(kind: AddressKind, value: &str, device: Option<&str>) -> Address {
    Address { kind, value: value.to_owned(), device: device.map(str::to_owned) }
}

const GOOD: Standing = Standing { active: true, verified: true, has_os: true };

async fn one_customer(store: &Store) -> House {
    let acme = house(store, "acme").await;
    let mut asleep = device_of(acme.mobile, "C1", "u1", "d3");
    asleep.active = false;
    keep(
        store,
        acme,
        vec![customer_of("C1", Some("447700900001"))],
        vec![
            device_of(acme.mobile, "C1", "u1", "d1"),
            device_of(acme.mobile, "C1", "u1", "d2"),
            asleep,
            page_user(acme.fb, "C1", "1234567890"),
        ],
    )
    .await;
    acme
}

#[tokio::test]
async fn every_id_type_leads_to_the_addresses_of_its_channel() {
    on_both_engines(|store| async move {
        let acme = one_customer(&store).await;
        let resolver = Resolver::new(store.clone());
        let device =
            |n: u8| address(AddressKind::AndroidPush, &format!("token-d{n}"), Some(&format!("d{n}")));
        let user = |n: u8| address(AddressKind::UserId, "u1", Some(&format!("d{n}")));
        let page = address(AddressKind::Psid, "1234567890", None);
        let number = address(AddressKind::Msisdn, "447700900001", None);
        let cases = [
            (Channel::Push, IdType::CustomerId, "C1", vec![device(2), device(1)]),
            (Channel::Push, IdType::Email, " C1@X.example", vec![device(2), device(1)]),
            (Channel::Push, IdType::Msisdn, "+447700900001", vec![device(2), device(1)]),
            (Channel::Push, IdType::UserId, "u1", vec![device(2), device(1)]),
            (Channel::Push, IdType::DeviceId, "d1", vec![device(1)]),
            (Channel::Push, IdType::PushId, "token-d2", vec![device(2)]),
            (Channel::Push, IdType::PushId, "token-d9", vec![]),
            (Channel::Rt, IdType::CustomerId, "C1", vec![user(2), user(1)]),
            (Channel::Rt, IdType::UserId, "u1", vec![user(2), user(1)]),
            (Channel::Rt, IdType::DeviceId, "d2", vec![user(2)]),
            (Channel::Fb, IdType::CustomerId, "C1", vec![page.clone()]),
            (Channel::Fb, IdType::Msisdn, "447700900001", vec![page.clone()]),
            (Channel::Sms, IdType::CustomerId, "C1", vec![number.clone()]),
            (Channel::Voice, IdType::Email, "c1@x.example", vec![number]),
            (Channel::Sms, IdType::CustomerId, "c1", vec![]),
            (Channel::Sms, IdType::UserId, "u1", vec![]),
            (Channel::Push, IdType::CustomerId, "C2", vec![]),
        ];
        for (channel, id_type, value, addresses) in cases {
            let found = resolver.resolve(wanted(acme, channel, id_type, value)).await.unwrap();
            assert_eq!(found.addresses, addresses, "{channel:?} {id_type:?} {value}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_an_address_already_costs_no_query_unless_its_standing_is_asked() {
    on_both_engines(|store| async move {
        let acme = one_customer(&store).await;
        let resolver = Resolver::new(store.clone());
        let number = wanted(acme, Channel::Sms, IdType::Msisdn, "+447700900001");
        let own = address(AddressKind::Msisdn, "+447700900001", None);
        let found = resolver.resolve(number.clone()).await.unwrap();
        assert_eq!(found, Resolved { addresses: vec![own.clone()], profile: None });
        for (channel, id_type, value) in [
            (Channel::Push, IdType::AndroidPushId, "token-d1"),
            (Channel::Fb, IdType::Psid, "1234567890"),
            (Channel::Voice, IdType::Msisdn, "447700900002"),
        ] {
            let found = resolver.resolve(wanted(acme, channel, id_type, value)).await.unwrap();
            assert_eq!((found.addresses.len(), found.profile), (1, None));
        }
        assert_eq!(resolver.queries(), 0);

        let found = resolver.resolve_with_standing(number).await.unwrap();
        let standing = Standing { active: true, verified: false, has_os: false };
        assert_eq!(found, Resolved { addresses: vec![own], profile: Some(standing) });
        let token = wanted(acme, Channel::Push, IdType::AndroidPushId, "token-d1");
        let found = resolver.resolve_with_standing(token).await.unwrap();
        let own = address(AddressKind::AndroidPush, "token-d1", None);
        assert_eq!(found, Resolved { addresses: vec![own], profile: Some(GOOD) });
    })
    .await;
}

#[tokio::test]
async fn a_profile_tells_whether_it_is_active_and_has_a_platform() {
    on_both_engines(|store| async move {
        let acme = one_customer(&store).await;
        let mut left = customer_of("C2", None);
        left.active = false;
        let mut nowhere = device_of(acme.mobile, "C3", "u3", "d33");
        nowhere.os = Some("Symbian".to_owned());
        let devices = vec![device_of(acme.mobile, "C2", "u2", "d22"), nowhere];
        keep(&store, acme, vec![left, customer_of("C3", None)], devices).await;
        let resolver = Resolver::new(store.clone());
        let standing = async |id_type, value: &str| {
            let found = resolver.resolve(wanted(acme, Channel::Push, id_type, value)).await.unwrap();
            (found.addresses.len(), found.profile)
        };
        assert_eq!(standing(IdType::CustomerId, "C1").await, (2, Some(GOOD)));
        assert_eq!(standing(IdType::CustomerId, "C2").await, (1, Some(Standing { active: false, ..GOOD })));
        assert_eq!(standing(IdType::DeviceId, "d3").await, (1, Some(Standing { active: false, ..GOOD })));
        assert_eq!(standing(IdType::CustomerId, "C3").await, (0, Some(Standing { has_os: false, ..GOOD })));
    })
    .await;
}

#[tokio::test]
async fn another_tenants_profiles_are_not_found() {
    on_both_engines(|store| async move {
        let acme = one_customer(&store).await;
        let other = house(&store, "other").await;
        let resolver = Resolver::new(store.clone());
        for (channel, id_type, value) in [
            (Channel::Sms, IdType::CustomerId, "C1"),
            (Channel::Push, IdType::Msisdn, "447700900001"),
            (Channel::Push, IdType::PushId, "token-d1"),
        ] {
            let found = resolver.resolve(wanted(other, channel, id_type, value)).await.unwrap();
            assert_eq!(found, Resolved::default());
            // Not even through the app of the other tenant.
            let through = Wanted { tenant: other.tenant, ..wanted(acme, channel, id_type, value) };
            assert_eq!(resolver.resolve(through).await.unwrap(), Resolved::default());
        }
    })
    .await;
}

#[tokio::test]
async fn a_thousand_mixed_destinations_cost_a_handful_of_queries() {
    on_both_engines(|store| async move {
        let acme = house(&store, "acme").await;
        let ids: Vec<String> = (0..250).map(|n| format!("C{n}")).collect();
        let customers = ids.iter().enumerate().map(|(n, id)| customer_of(id, Some(&number(n)))).collect();
        let devices = ids.iter().map(|id| device_of(acme.mobile, id, &format!("u{id}"), &format!("d{id}")));
        keep(&store, acme, customers, devices.collect()).await;

        let resolver = Resolver::new(store.clone());
        let look_ups = ids.iter().enumerate().flat_map(|(n, id)| {
            [
                wanted(acme, Channel::Push, IdType::CustomerId, id),
                wanted(acme, Channel::Sms, IdType::Email, &format!("{id}@x.example")),
                wanted(acme, Channel::Rt, IdType::UserId, &format!("u{id}")),
                wanted(acme, Channel::Push, IdType::Msisdn, &number(n)),
            ]
        });
        let found = join_all(look_ups.map(|wanted| resolver.resolve(wanted))).await;
        assert_eq!(found.len(), 1_000);
        for (n, found) in found.into_iter().enumerate() {
            let id = &ids[n / 4];
            let address = found.unwrap().addresses.remove(0);
            let expected = match n % 4 {
                1 => number(n / 4),
                2 => format!("u{id}"),
                _ => format!("token-d{id}"),
            };
            assert_eq!(address.value, expected);
        }
        assert!(resolver.queries() <= 6, "{} queries", resolver.queries());
    })
    .await;
}

fn number(n: usize) -> String {
    format!("4477009{n:05}")
}

#[tokio::test]
async fn a_dead_token_and_a_deleted_customer_are_not_found_again() {
    on_both_engines(|store| async move {
        let acme = one_customer(&store).await;
        let resolver = Resolver::new(store.clone());
        let gone = store.write(move |tx| {
            let ctx = acme.ctx();
            assert_eq!(forget_token(tx, &ctx, acme.mobile, "token-d1", NOW)?, 1);
            assert!(customer::delete(tx, &ctx, "C1")? && !customer::delete(tx, &ctx, "C1")?);
            find(tx, &ctx, acme.mobile, By::Customer("C1"))
        });
        // The devices stay, without a master.
        assert_eq!(gone.await.unwrap().len(), 3);
        let found = resolver.resolve(wanted(acme, Channel::Push, IdType::CustomerId, "C1")).await.unwrap();
        assert_eq!(found.addresses, [address(AddressKind::AndroidPush, "token-d2", Some("d2"))]);
        let found = resolver.resolve(wanted(acme, Channel::Sms, IdType::CustomerId, "C1")).await.unwrap();
        assert_eq!(found, Resolved::default());
    })
    .await;
}
