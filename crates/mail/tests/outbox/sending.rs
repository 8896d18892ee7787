//! From the transaction to the relay.

use std::sync::Arc;

use waypost_channels::email::Carried;
use waypost_core::time::Clock as _;
use waypost_mail::Safeguard;
use waypost_mail::records::State;
use waypost_store::StoreError;
use waypost_store::testing::on_both_engines;

use crate::support::{MINUTE_MS, World, broken, draft, later, start};

#[tokio::test]
async fn a_letter_leaves_once_after_the_commit_of_what_it_tells_of() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, []).await;
        let id = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts, row.reason.as_str(), row.about), (State::Sent, 1, "invite", 12));
        assert_eq!((row.reply_code, row.words.as_str(), world.planned().await), (None, "", 0));
        let letters = world.letters();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].message_id, format!("waypost.{id}@example.org"));
        assert_eq!(letters[0].to, "ann@example.net".parse().unwrap());
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_letter_of_a_transaction_that_fails_never_leaves() {
    on_both_engines(|store| async move {
        let world = World::new(store, []).await;
        let (outbox, now) = (world.outbox().clone(), world.clock.now());
        let failed = world.store.write(move |tx| {
            outbox.enqueue(tx, &draft("ann@example.net"), now)?;
            Err::<(), _>(StoreError::Refused("what it tells of did not happen".to_owned()))
        });
        assert!(failed.await.is_err());
        assert_eq!(world.planned().await, 0);
        let kept = world.store.read(|tx| tx.query("SELECT id FROM mail", &[])).await.unwrap();
        assert!(kept.is_empty());
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_relay_puts_off_is_tried_again_as_the_same_letter_until_the_schedule_ends() {
    on_both_engines(|store| async move {
        let unknown = Carried::Unknown(broken(None));
        let mut world = World::new(store, [later(), unknown, later()]).await;
        let id = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts, row.reply_code), (State::Waiting, 1, Some(450)));
        assert_eq!(row.words, "in words");
        world.pass(MINUTE_MS);
        world.attempts(2).await;
        assert_eq!(world.row(id).await.state, State::Waiting);
        world.pass(5 * MINUTE_MS);
        world.attempts(3).await;
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts, world.planned().await), (State::GivenUp, 3, 0));
        let letters = world.letters();
        assert_eq!(letters.len(), 3);
        assert!(letters.iter().all(|letter| *letter == letters[0]));
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_refused_letter_is_not_tried_again_and_holds_up_no_other() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, [Carried::Refused(broken(Some(550)))]).await;
        let bad = world.post(draft("ann@example.net")).await;
        world.attempts(1).await;
        let good = world.post(draft("bob@example.net")).await;
        world.attempts(2).await;
        assert_eq!(
            (world.row(bad).await.state, world.row(bad).await.reply_code),
            (State::Refused, Some(550))
        );
        assert_eq!((world.row(good).await.state, world.planned().await), (State::Sent, 0));
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_letter_written_and_not_released_leaves_after_a_restart() {
    on_both_engines(|store| async move {
        let world = World::new(store, []).await;
        let (outbox, now) = (world.outbox().clone(), world.clock.now());
        let id =
            world.store.write(move |tx| outbox.enqueue(tx, &draft("ann@example.net"), now)).await.unwrap();
        let World { store, clock, carrier, runtime, .. } = world;
        assert_eq!(runtime.drain(5_000).await, 0);
        assert!(carrier.letters.lock().unwrap().is_empty());
        let runtime = start(&store, &clock, &carrier, Safeguard::default()).await;
        let mut attempts = runtime.attempts();
        attempts.wait_for(|attempts| *attempts == 1).await.unwrap();
        assert_eq!(carrier.letters.lock().unwrap()[0].message_id, format!("waypost.{id}@example.org"));
        // Ids go on above those of the last run.
        let outbox = Arc::new(runtime.outbox().clone());
        let next = store.write(move |tx| outbox.enqueue(tx, &draft("ann@example.net"), now)).await.unwrap();
        assert!(next > id);
        runtime.drain(5_000).await;
    })
    .await;
}
