//! What an operator sees and puts back on its way.

use waypost_channels::email::Carried;
use waypost_core::time::Clock as _;
use waypost_mail::records::{self, State};
use waypost_store::testing::on_both_engines;
use waypost_store::{Ctx, TenantId};

use crate::support::{TENANT, World, broken, draft};

const ALL: Ctx = Ctx::operator(TenantId::ALL);

#[tokio::test]
async fn a_refused_letter_goes_again_when_an_operator_says_so_and_a_sent_one_does_not() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, [Carried::Refused(broken(Some(550)))]).await;
        let id = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        let again = async |world: &World, ctx: Ctx, id: i64| {
            let now = world.clock.now();
            world.store.write(move |tx| records::again(tx, &ctx, (id, id + 1), now)).await.unwrap()
        };
        assert_eq!(again(&world, Ctx::operator(TenantId(8)), id).await, None);
        let row = again(&world, ALL, id).await.unwrap();
        assert_eq!((row.state, row.tenant), (State::Waiting, TENANT.0));
        world.outbox().release(TENANT, world.clock.now());
        world.attempts(2).await;
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts, row.reply_code), (State::Sent, 2, None));
        assert_eq!(again(&world, ALL, id).await, None);
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn letters_are_listed_newest_first_and_by_tenant() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, [Carried::Refused(broken(None))]).await;
        let refused = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        world.clock.advance_ms(1);
        let sent = world.post(draft("ann@example.net")).await;
        world.attempts(2).await;
        let list = async |ctx: Ctx, unsent: bool, limit: i64| {
            let rows = world.store.read(move |tx| records::list(tx, &ctx, unsent, limit)).await.unwrap();
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(list(ALL, false, 10).await, [sent, refused]);
        assert_eq!(list(ALL, false, 1).await, [sent]);
        assert_eq!(list(Ctx::operator(TENANT), true, 10).await, [refused]);
        assert!(list(Ctx::operator(TenantId(8)), false, 10).await.is_empty());
        world.end().await;
    })
    .await;
}
