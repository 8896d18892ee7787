//! What is old goes, save what open work is about.

use waypost_core::id::MessageId;
use waypost_core::key::{KeyKind, key};
use waypost_core::time::Micros;
use waypost_store::retention::{Pruned, Retention, prune};
use waypost_store::testing::on_both_engines;
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Ctx, Param, Sql, Store, StoreError, keys};

use crate::ledger::{add_inbound, add_request, id_at};

const DAY_MS: i64 = 86_400_000;
const NOW: Micros = Micros::from_secs(1_700_000_000);
const QUEUE: QueueKey = QueueKey { kind: 1, dest: 1, tenant: 1, sender: 0, priority: 2 };

const fn days_ago(days: i64) -> Micros {
    NOW.sub_ms(days * DAY_MS)
}

fn open_work(tx: &mut dyn Sql, id: i64, subject: i64) -> Result<(), StoreError> {
    work::ensure_queue(tx, &QUEUE)?;
    let (ready_at, payload) = (NOW, "{}");
    work::insert(
        tx,
        &NewWork { id, queue: &QUEUE, lane: 0, ready_at, leased: false, subject, expires_at: None, payload },
    )
}

async fn ids(store: &Store, sql: &'static str) -> Vec<i64> {
    let rows = store.read(move |tx| tx.query(sql, &[])).await.unwrap();
    rows.iter().map(|row| row.int(0).unwrap()).collect()
}

async fn pass(store: &Store) -> Pruned {
    prune(store, &Ctx::all("retention"), Retention::default(), NOW).await.unwrap()
}

#[tokio::test]
async fn old_requests_go_with_all_that_is_theirs_and_young_ones_stay() {
    on_both_engines(|store| async move {
        let (old, young) = (id_at(days_ago(91)), id_at(days_ago(89)));
        let job = move |tx: &mut dyn Sql| {
            for n in 0..1_200 {
                add_request(tx, (1, 1), old + n * 4, 2)?;
            }
            add_request(tx, (1, 1), young, 2)
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { requests: 1_200, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM request").await, [young]);
        assert_eq!(ids(&store, "SELECT id FROM message ORDER BY id").await, [young, young + 1]);
        assert_eq!(ids(&store, "SELECT message FROM story ORDER BY message").await, [young, young + 1]);
        assert_eq!(pass(&store).await, Pruned::default());
    })
    .await;
}

#[tokio::test]
async fn a_request_with_open_work_stays_until_the_work_is_done() {
    on_both_engines(|store| async move {
        let old = id_at(days_ago(91));
        let fresh = id_at(NOW);
        let job = move |tx: &mut dyn Sql| {
            (0..3).try_for_each(|n| add_request(tx, (1, 1), old + n * 10, 3))?;
            add_inbound(tx, 1, old + 100)?;
            add_inbound(tx, 1, old + 101)?;
            // Of the middle request's last message, made long ago; of an inbound message, made just now.
            open_work(tx, old + 50, old + 12)?;
            open_work(tx, fresh, old + 101)
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { requests: 2, inbound: 1, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM request").await, [old + 10]);
        assert_eq!(ids(&store, "SELECT id FROM message ORDER BY id").await, [old + 10, old + 11, old + 12]);
        assert_eq!(ids(&store, "SELECT id FROM inbound").await, [old + 101]);
        store.write(move |tx| work::complete(tx, old + 50, 0)).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { requests: 1, ..Pruned::default() });
    })
    .await;
}

#[tokio::test]
async fn a_key_generation_goes_when_all_its_messages_are_old() {
    on_both_engines(|store| async move {
        let (old, young) = (id_at(days_ago(95)), id_at(days_ago(1)));
        store.write(move |tx| add_request(tx, (1, 1), old, 1)).await.unwrap();
        store.write(|tx| keys::merge(tx, days_ago(95))).await.unwrap();
        store.write(move |tx| add_request(tx, (1, 1), young, 1)).await.unwrap();
        store.write(|tx| keys::merge(tx, days_ago(1))).await.unwrap();
        pass(&store).await;
        let found = store.read(|tx| keys::find(tx, key(KeyKind::CorrelationId, 1, "ref"))).await;
        assert_eq!(found, Ok(vec![young]));
        assert_eq!(ids(&store, "SELECT count(*) FROM find_gen").await, [1]);
        assert!(MessageId(old).time() < days_ago(94));
    })
    .await;
}

#[tokio::test]
async fn held_receipts_parts_and_audit_go_by_their_own_ages() {
    on_both_engines(|store| async move {
        let job = |tx: &mut dyn Sql| {
            for at in [days_ago(15), days_ago(13)] {
                tx.put(
                    "INSERT INTO receipt_held (connection, provider_id, source, hash, received_at, stat) \
                     VALUES (1, 'a', 'b', 1, ?1, 'DELIVRD')",
                    &[at.into()],
                )?;
            }
            for (n, at) in [(1_i64, days_ago(3)), (2, days_ago(1))] {
                tx.put(
                    "INSERT INTO inbound_part (connection, source, destination, reference, total, n, data_coding, \
                     payload, received_at) VALUES (1, 'a', 'b', 1, 3, ?1, 0, ?2, ?3)",
                    &[n.into(), b"x".into(), at.into()],
                )?;
            }
            for at in [days_ago(731), days_ago(729)] {
                tx.put("INSERT INTO audit (at, actor, action, detail) VALUES (?1, 'operator', 'a', '')", &[
                    at.into()
                ])?;
            }
            Ok(())
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { receipts: 1, inbound_parts: 1, audit: 1, ..Pruned::default() });
        assert_eq!(pass(&store).await, Pruned::default());
    })
    .await;
}

fn add_happening(tx: &mut dyn Sql, id: i64) -> Result<(), StoreError> {
    let transid: &[u8] = &[0; 16];
    tx.put(
        "INSERT INTO happening (id, tenant, service, happens, event, transid, correlation, notify_url, facts) \
         VALUES (?1, 1, 1, 'event', 1, ?2, NULL, NULL, '{}')",
        &[id.into(), Param::Blob(transid)],
    )?;
    tx.put(
        "INSERT INTO happening_rule (happening, rule, at, message, note) VALUES (?1, 1, 0, NULL, '')",
        &[id.into()],
    )
}

#[tokio::test]
async fn an_old_event_goes_with_what_rules_made_of_it_once_no_rule_waits() {
    on_both_engines(|store| async move {
        let (old, young) = (id_at(days_ago(91)), id_at(days_ago(89)));
        let job = move |tx: &mut dyn Sql| {
            for id in [old, old + 1, young] {
                add_happening(tx, id)?;
            }
            open_work(tx, old + 50, old + 1)
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { happenings: 1, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM happening ORDER BY id").await, [old + 1, young]);
        assert_eq!(ids(&store, "SELECT happening FROM happening_rule ORDER BY 1").await, [old + 1, young]);
        store.write(move |tx| work::complete(tx, old + 50, 0)).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { happenings: 1, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM happening").await, [young]);
    })
    .await;
}

#[tokio::test]
async fn what_was_said_goes_by_its_age_and_unused_conversations_with_it_but_announcements_stay() {
    on_both_engines(|store| async move {
        let (old, young) = (days_ago(92), days_ago(89));
        let job = move |tx: &mut dyn Sql| {
            for (id, kind, used) in
                [(1_i64, "Conversation", old), (2, "Conversation", young), (3, "Announcement", old)]
            {
                tx.put(
                    "INSERT INTO rt_thread (id, tenant, app, thread_id, kind, created_at, used_at) \
                     VALUES (?1, 1, 1, ?2, ?3, ?4, ?4)",
                    &[id.into(), id.to_string().as_str().into(), kind.into(), used.into()],
                )?;
                tx.put(
                    "INSERT INTO rt_thread_user (app, user_id, thread, tenant, status, updated_at, used_at) \
                     VALUES (1, 'ann', ?1, 1, 'Active', ?2, ?2)",
                    &[id.into(), used.into()],
                )?;
                tx.put(
                    "INSERT INTO rt_message (id, tenant, app, user_id, thread, tid, said, payload) \
                     VALUES (?1, 1, 1, 'ann', ?2, ?3, 0, '{}')",
                    &[(id_at(used) + id).into(), id.into(), id.to_string().as_str().into()],
                )?;
            }
            Ok(())
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { inbox: 5, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM rt_thread ORDER BY id").await, [2, 3]);
        assert_eq!(ids(&store, "SELECT thread FROM rt_thread_user").await, [2]);
        assert_eq!(ids(&store, "SELECT thread FROM rt_message").await, [2]);
        assert_eq!(pass(&store).await, Pruned::default());
    })
    .await;
}

#[tokio::test]
async fn clicks_on_links_go_with_the_messages_they_are_about() {
    on_both_engines(|store| async move {
        let (old, young) = (id_at(days_ago(91)), id_at(days_ago(89)));
        let job = move |tx: &mut dyn Sql| {
            for (id, message) in [(old, old - 1), (young, young - 1)] {
                let values = [id.into(), 1_i64.into(), 1_i64.into(), message.into()];
                tx.put(
                    "INSERT INTO link_click (id, tenant, link, message) VALUES (?1, ?2, ?3, ?4)",
                    &values,
                )?;
            }
            Ok(())
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { clicks: 1, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM link_click").await, [young]);
    })
    .await;
}

#[tokio::test]
async fn a_letter_that_is_over_goes_after_its_days_and_one_that_waits_stays() {
    on_both_engines(|store| async move {
        let (old, young) = (id_at(days_ago(31)), id_at(days_ago(29)));
        let job = move |tx: &mut dyn Sql| {
            for (id, state) in [(old, 0_i64), (old + 1, 1), (old + 2, 2), (old + 3, 4), (young, 1)] {
                tx.put(
                    "INSERT INTO mail (id, tenant, reason, about, letter, state, attempts, diverted, words, changed_at) \
                     VALUES (?1, 1, 'invite', 0, ?2, ?3, 1, 0, '', 0)",
                    &[id.into(), Param::Blob(b"sealed"), state.into()],
                )?;
            }
            Ok(())
        };
        store.write(job).await.unwrap();
        assert_eq!(pass(&store).await, Pruned { letters: 3, ..Pruned::default() });
        assert_eq!(ids(&store, "SELECT id FROM mail ORDER BY id").await, [old, young]);
    })
    .await;
}
