//! Senders, addresses, limits, do-not-disturb lists.

use std::sync::Arc;

use waypost_store::directory::{DirectoryHandle, TpsLimit, admin, dnd};
use waypost_store::seal::MasterKey;
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, StoreError, TenantId};

use super::{NOW, OPERATOR, refusal, two_tenants, write};

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
                dnd::changes(tx, &OPERATOR, 0, 10)?.map(|changes| changes.len()),
                dnd::remove(tx, &of_acme, "+491511")?,
                dnd::remove(tx, &of_acme, "+491511")?,
            ))
        })
        .await;
        assert_eq!(seen, (true, false, Some(2), true, false));
        let bad = refusal(&store, move |tx| dnd::add(tx, &of_acme, "call me", "operator", NOW)).await;
        assert!(bad.contains("call me"), "{bad}");
    })
    .await;
}
