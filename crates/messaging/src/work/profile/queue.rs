//! Batches of more than ten records: kept with the request, done soon after, by whichever node comes first.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::ProfileDesk;
use crate::api::profile::{Batch, BatchOutcome, ProfileWrite, RecordOutcome};
use crate::records::profile::request::{self, Waiting};
use crate::rules::profile::{RecordFault, Verb};

/// How often batches of other nodes, and those that could not be done, are looked for.
const PERIOD: Duration = Duration::from_secs(5);
/// Batches of one look.
const BATCHES_MAX: u32 = 100;
/// A batch older than a day when its turn comes is not wanted any more (7019).
const AGE_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

fn purpose(tenant: i64, id: i64) -> String {
    format!("profile_request/body/{tenant}/{id}")
}

impl ProfileDesk {
    /// Keeps a batch with its request. The body is sealed: it holds what the profiles will hold, tokens too.
    pub(super) fn enqueue(
        &self,
        tx: &mut dyn Sql,
        write: &ProfileWrite,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        let plain = serde_json::to_vec(batch).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let sealed = self.directory.master().seal(&purpose(write.caller.tenant.0, write.id.0), &plain)?;
        let app = batch.app.as_ref().map(|app| app.app);
        request::insert(tx, &write.caller.ctx(), write.id, write.transid, app, &sealed)
    }

    /// Does what waits until `stop`: at once when a batch was queued here, and every five seconds.
    pub async fn run_queue(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.do_waiting().await {
                tracing::warn!(%error, "queued profile batches wait; they are tried again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.bell.notified() => {}
                () = tokio::time::sleep(PERIOD) => {}
            }
        }
    }

    /// Does every batch that waits, each in a transaction of its own; returns how many were done.
    ///
    /// # Errors
    /// Those of the store when it is away; what was not done waits.
    pub async fn do_waiting(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        loop {
            let ctx = Ctx::all("profile batches");
            let ids = self.store.read(move |tx| request::waiting(tx, &ctx, BATCHES_MAX)).await?;
            let before = done;
            for id in ids {
                if let Some(tenant) = self.do_one(id).await? {
                    done += 1;
                    self.wake(tenant);
                }
            }
            // What another node holds is done there.
            if done == before {
                return Ok(done);
            }
        }
    }

    /// The tenant of a batch that was done here.
    async fn do_one(&self, id: i64) -> Result<Option<i64>, StoreError> {
        let desk = self.clone();
        match self.store.write(move |tx| desk.one(tx, id, false)).await {
            Err(error) if error.is_of_one_job() => {
                tracing::error!(%error, "a profile batch failed; its records are answered 7016");
                let desk = self.clone();
                self.store.write(move |tx| desk.one(tx, id, true)).await
            }
            other => other,
        }
    }

    /// One batch: its records and their results, together. `failed`: nothing of it could be written before.
    fn one(&self, tx: &mut dyn Sql, id: i64, failed: bool) -> Result<Option<i64>, StoreError> {
        let Some(waiting) = request::take(tx, &Ctx::all("profile batches"), id)? else { return Ok(None) };
        let ctx = Ctx::system(TenantId(waiting.tenant), "profile batch");
        let now = self.clock.now();
        let outcome = match self.opened(&waiting) {
            Ok(batch) if failed => all(&batch, &RecordFault::Internal),
            Ok(batch) if is_old(&waiting, now) => all(&batch, &RecordFault::Expired),
            Ok(batch) => self.batch(tx, &ctx, &batch, now)?,
            Err(error) => {
                tracing::error!(%error, "a profile batch does not open");
                BatchOutcome { verb: Verb::Update, records: vec![unknown()] }
            }
        };
        let results =
            serde_json::to_string(&outcome).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        request::finish(tx, &ctx, waiting.id, &results, now)?;
        Ok(Some(waiting.tenant))
    }

    fn opened(&self, waiting: &Waiting) -> Result<Batch, StoreError> {
        let opened = self.directory.master().open(&purpose(waiting.tenant, waiting.id.0), &waiting.body)?;
        let read = opened.as_text().and_then(|text| serde_json::from_str(text).ok());
        read.ok_or_else(|| StoreError::Refused("a queued batch is not what this program wrote".to_owned()))
    }
}

const fn is_old(waiting: &Waiting, now: Micros) -> bool {
    now.since_ms(waiting.id.time()) > AGE_MS_MAX
}

fn all(batch: &Batch, fault: &RecordFault) -> BatchOutcome {
    let refused = |record: &crate::api::profile::BatchRecord| RecordOutcome {
        customer_id: record.customer_id.clone(),
        user_id: None,
        fault: Some(record.checked.clone().err().unwrap_or_else(|| fault.clone())),
    };
    BatchOutcome { verb: batch.verb, records: batch.records.iter().map(refused).collect() }
}

fn unknown() -> RecordOutcome {
    RecordOutcome { customer_id: String::new(), user_id: None, fault: Some(RecordFault::Internal) }
}
