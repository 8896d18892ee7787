//! What becomes of a draft.

use waypost_mail::records::{self, State};
use waypost_mail::{Ask, Draft, Safeguard};
use waypost_store::seal::MasterKey;
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, TenantId};

use crate::support::{TENANT, World, draft};

#[tokio::test]
async fn the_safeguard_diverts_or_withholds_unless_it_is_overridden() {
    on_both_engines(|store| async move {
        let divert_to = Some("tests@example.org".parse().unwrap());
        let safeguard = Safeguard { on: true, allowed: vec!["@example.org".parse().unwrap()], divert_to };
        let mut world = World::with(store.clone(), [], safeguard.clone()).await;
        let diverted = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        let allowed = world.post(draft("bob@example.org")).await;
        world.attempts(2).await;
        let overridden = Ask { on: false, overridden: true };
        let overridden = world.post(Draft { ask: overridden, ..draft("ann@example.net") }).await;
        world.attempts(3).await;
        let letters = world.letters();
        let to: Vec<&str> = letters.iter().map(|letter| letter.to.address().as_str()).collect();
        assert_eq!(to, ["tests@example.org", "bob@example.org", "ann@example.net"]);
        assert_eq!(letters[0].meant_for, Some("ann@example.net".parse().unwrap()));
        for (id, is_diverted) in [(diverted, true), (allowed, false), (overridden, false)] {
            assert_eq!(world.row(id).await.is_diverted, is_diverted);
        }
        world.end().await;
        let world = World::with(store, [], Safeguard { divert_to: None, ..safeguard }).await;
        let withheld = world.post(draft("ann@example.net")).await;
        assert_eq!((world.row(withheld).await.state, world.planned().await), (State::Withheld, 0));
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_sender_of_our_domain_is_taken_and_any_other_gets_the_answers() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, []).await;
        for from in ["Clerk <clerk@EXAMPLE.org>", "clerk@example.com"] {
            world.post(Draft { from: Some(from.parse().unwrap()), ..draft("ann@example.net") }).await;
        }
        world.attempts(2).await;
        let mut letters = world.letters();
        letters.sort_by(|a, b| a.message_id.cmp(&b.message_id));
        let shown: Vec<_> =
            letters.iter().map(|letter| (letter.from.clone(), letter.reply_to.clone())).collect();
        let (ours, own) =
            ("Clerk <clerk@EXAMPLE.org>".parse().unwrap(), "Waypost <no-reply@example.org>".parse().unwrap());
        assert_eq!(shown, [(ours, None), (own, Some("clerk@example.com".parse().unwrap()))]);
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_sealed_at_rest_and_shown_to_its_tenant_only() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, []).await;
        let id = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        let ctx = Ctx::operator(TENANT);
        let sealed = world.store.read(move |tx| records::sealed(tx, &ctx, id)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&sealed);
        assert!(!text.contains("4711") && !text.contains("example.net"));
        assert_eq!(records::open(&world.key, id, &sealed).unwrap(), world.letters()[0]);
        assert!(records::open(&world.key, id + 1, &sealed).is_err());
        assert!(records::open(&MasterKey::from_bytes([8; 32]), id, &sealed).is_err());
        let other = Ctx::operator(TenantId(8));
        assert_eq!(world.store.read(move |tx| records::find(tx, &other, id)).await.unwrap(), None);
        assert_eq!(world.store.read(move |tx| records::sealed(tx, &other, id)).await.unwrap(), None);
        world.end().await;
    })
    .await;
}
