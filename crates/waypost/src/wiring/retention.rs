//! Prunes what is past its days, in small transactions between which other writes go first.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use waypost_core::time::Clock;
use waypost_messaging::rt::media::Media;
use waypost_store::retention::{Pruned, Retention, prune};
use waypost_store::{Ctx, Store};

use crate::config;

/// How often it looks.
const PERIOD: Duration = Duration::from_secs(600);

/// The settings as the store wants them.
pub fn days(settings: &config::Retention) -> Retention {
    Retention {
        requests_days: settings.messages_days,
        inbound_days: settings.inbound_days,
        receipts_days: settings.unmatched_receipts_days,
        content_days: settings.content_days,
        audit_days: settings.audit_days,
        devices_days: settings.devices_days,
        inbox_days: settings.inbox_days,
        mail_days: settings.mail_days,
        ..Retention::default()
    }
}

/// Prunes at once and then every ten minutes, until `stop`; a pass under way ends with the chunk it is at.
pub async fn run(
    store: Store,
    days: Retention,
    media: Media,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = pass(&store, days, &*clock) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = files(&store, &media, &*clock) => {}
        }
    }
}

async fn pass(store: &Store, days: Retention, clock: &dyn Clock) {
    match prune(store, &Ctx::all("retention"), days, clock.now()).await {
        Ok(pruned) => count(pruned),
        Err(error) => tracing::warn!(%error, "old rows could not be pruned; it is tried again"),
    }
}

/// Files of apps lie beside the store, so that they are not the store's to remove.
async fn files(store: &Store, media: &Media, clock: &dyn Clock) {
    match media.prune(store, clock.now()).await {
        Ok(removed) => {
            metrics::counter!("waypost_retention_rows_total", "table" => "rt_media").increment(removed);
        }
        Err(error) => tracing::warn!(%error, "old files of apps could not be removed; it is tried again"),
    }
}

fn count(pruned: Pruned) {
    let Pruned {
        requests,
        inbound,
        receipts,
        inbound_parts,
        content,
        audit,
        devices,
        profile_requests,
        idempotency,
        parcels,
        happenings,
        inbox,
        clicks,
        letters,
    } = pruned;
    let tables = [
        ("request", requests),
        ("inbound", inbound),
        ("receipt_held", receipts),
        ("inbound_part", inbound_parts),
        ("content_log", content),
        ("audit", audit),
        ("app_profile", devices),
        ("profile_request", profile_requests),
        ("idempotency", idempotency),
        ("rt_parcel", parcels),
        ("happening", happenings),
        ("rt_message", inbox),
        ("link_click", clicks),
        ("mail", letters),
    ];
    for (table, rows) in tables {
        metrics::counter!("waypost_retention_rows_total", "table" => table).increment(rows);
    }
    if tables.iter().any(|(_, rows)| *rows > 0) {
        tracing::info!(
            requests,
            inbound,
            receipts,
            inbound_parts,
            audit,
            devices,
            content,
            "pruned what was past its days"
        );
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use waypost_core::id::{MessageId, TransactionId};
    use waypost_core::key::{KeyKind, key};
    use waypost_core::time::{ManualClock, Micros};
    use waypost_messaging::records::receipt_held::{self, Held};
    use waypost_messaging::records::{Accepted, MessageRecord, RequestRecord, accept};
    use waypost_store::work::{self, NewWork, QueueKey};
    use waypost_store::{Location, Sql, StoreConfig, StoreError, keys};

    use super::*;
    use crate::config::Config;

    const DAY_MS: i64 = 86_400_000;
    const START: Micros = Micros::from_secs(1_790_000_000);
    const CTX: Ctx = Ctx::all("test");

    fn store() -> (TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let place = Location::Sqlite(folder.path().join("waypost.db"));
        let store = Store::open(&StoreConfig::new(place)).unwrap();
        (folder, store)
    }

    fn request(at: Micros) -> Accepted {
        let id = MessageId::floor(at);
        let message = MessageRecord {
            id,
            unit: 0,
            dest_type: "msisdn".into(),
            destination: "447700900123".into(),
            correlation: Some("case-7".into()),
        };
        let request = RequestRecord {
            id,
            tenant: 1,
            service: 1,
            api_key: 1,
            transid: TransactionId::from_id(id, 7),
            channel: "sms".into(),
            content: "{}".into(),
            notify_url: None,
            callback_data: None,
            expires_at: None,
            priority: 2,
            route: None,
            units: 1,
        };
        Accepted { request, messages: vec![message] }
    }

    fn held(at: Micros) -> Held {
        let (provider_id, source, stat) = ("a1".into(), "447700900123".into(), "DELIVRD".into());
        Held { id: 0, connection: 1, provider_id, source, received_at: at, stat, err: None, code: Some(7500) }
    }

    fn open_work(tx: &mut dyn Sql, subject: i64) -> Result<(), StoreError> {
        let queue = QueueKey { kind: 1, dest: 1, tenant: 1, sender: 0, priority: 2 };
        work::ensure_queue(tx, &queue)?;
        let (id, ready_at, payload) = (subject + 1, START, "{}");
        let expires_at = None;
        let queue = &queue;
        work::insert(
            tx,
            &NewWork { id, queue, lane: 0, ready_at, leased: false, subject, expires_at, payload },
        )
    }

    async fn left(store: &Store) -> [Vec<i64>; 2] {
        let job = |tx: &mut dyn Sql| {
            let mut left = [Vec::new(), Vec::new()];
            for (sql, into) in
                ["SELECT id FROM request ORDER BY id", "SELECT id FROM receipt_held ORDER BY id"]
                    .into_iter()
                    .zip(&mut left)
            {
                *into = tx.query(sql, &[])?.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
            }
            Ok(left)
        };
        store.read(job).await.unwrap()
    }

    #[tokio::test]
    async fn old_rows_go_by_the_settings_and_young_ones_and_those_with_open_work_stay() {
        let (_folder, store) = store();
        let (old, busy, young) = (START, START.add_ms(1_000), START.add_ms(5 * DAY_MS));
        let id = |at| MessageId::floor(at).0;
        store
            .write(move |tx| {
                for at in [old, busy, young] {
                    accept::insert(tx, &CTX, &request(at))?;
                    receipt_held::hold(tx, &CTX, &held(at), 1)?;
                }
                open_work(tx, id(busy))
            })
            .await
            .unwrap();
        let mut config = Config::default();
        config.retention.messages_days = 10;
        config.retention.unmatched_receipts_days = 3;
        let clock = ManualClock::new(START.add_ms(2 * DAY_MS));
        let days = days(&config.retention);
        pass(&store, days, &clock).await;
        assert_eq!(left(&store).await, [vec![id(old), id(busy), id(young)], vec![1, 2, 3]]);
        clock.set(START.add_ms(11 * DAY_MS));
        pass(&store, days, &clock).await;
        assert_eq!(left(&store).await, [vec![id(busy), id(young)], vec![]]);
        store.write(move |tx| work::complete(tx, id(busy) + 1, 0)).await.unwrap();
        pass(&store, days, &clock).await;
        assert_eq!(left(&store).await, [vec![id(young)], vec![]]);
        store.close().await;
    }

    #[tokio::test]
    async fn a_key_generation_goes_with_its_messages() {
        let (_folder, store) = store();
        for at in [START, START.add_ms(50 * DAY_MS)] {
            store.write(move |tx| accept::insert(tx, &CTX, &request(at))).await.unwrap();
            store.write(move |tx| keys::merge(tx, at)).await.unwrap();
        }
        let clock = ManualClock::new(START.add_ms(100 * DAY_MS));
        pass(&store, days(&Config::default().retention), &clock).await;
        let found = store.read(|tx| keys::find(tx, key(KeyKind::CorrelationId, 1, "case-7"))).await;
        assert_eq!(found, Ok(vec![MessageId::floor(START.add_ms(50 * DAY_MS)).0]));
        store.close().await;
    }

    #[test]
    fn what_was_pruned_is_counted_by_table() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let pruned = Pruned { receipts: 3, ..Pruned::default() };
        metrics::with_local_recorder(&recorder, || count(pruned));
        let page = recorder.handle().render();
        assert!(page.contains("waypost_retention_rows_total{table=\"receipt_held\"} 3"), "{page}");
        assert!(page.contains("waypost_retention_rows_total{table=\"request\"} 0"), "{page}");
    }
}
