//! The readers: a few threads, each with a read-only connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::StoreError;
use crate::backend::{self, Backend};
use crate::sql::Sql;
use crate::writer::panicked;

type ReadJob = Box<dyn FnOnce(&mut dyn Backend) + Send>;

/// Hands reads to whichever reader is free.
#[derive(Clone)]
pub(crate) struct Readers {
    queue: SyncSender<Option<ReadJob>>,
}

impl Readers {
    /// Starts one thread for each connection.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no thread can be started.
    pub fn start(
        connections: Vec<Box<dyn Backend + Send>>,
        queue_max: usize,
    ) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let (queue, jobs) = sync_channel(queue_max);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut threads = Vec::with_capacity(connections.len());
        for (number, mut db) in connections.into_iter().enumerate() {
            let jobs = Arc::clone(&jobs);
            let thread = std::thread::Builder::new().name(format!("waypost-reader-{number}"));
            threads.push(thread.spawn(move || {
                while let Some(job) = next(&jobs) {
                    job(&mut *db)
                }
            })?);
        }
        Ok((Self { queue }, threads))
    }

    /// Runs `job` in a read transaction.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let run: ReadJob = Box::new(move |db| {
            let outcome = catch_unwind(AssertUnwindSafe(|| backend::read(db, job)));
            let outcome = outcome.unwrap_or_else(|panic| {
                db.rollback();
                Err(panicked(&*panic))
            });
            // Whoever asked may have gone.
            let _ = answer.send(outcome);
        });
        match self.queue.try_send(Some(run)) {
            Ok(()) => answered.await.unwrap_or(Err(StoreError::Closed)),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }

    /// Ends one thread; call it once for each.
    pub fn stop_one(&self) {
        // An error means that all have ended already.
        let _ = self.queue.send(None);
    }
}

/// The next read; one idle thread waits in the channel, the others for the lock.
fn next(jobs: &Mutex<Receiver<Option<ReadJob>>>) -> Option<ReadJob> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok().flatten()
}
