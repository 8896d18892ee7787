//! The one writer: a thread that owns the write connection and commits in groups.

mod group;
mod job;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use waypost_core::time::Clock;

use crate::StoreError;
use crate::backend::Backend;

pub(crate) use group::Bounds;
use group::commit_group;
pub(crate) use job::{Job, TypedJob, panicked};

/// What the writer is told.
enum Message {
    Job(Box<dyn Job>),
    /// Finish what is queued, then end.
    Stop,
}

/// Hands jobs to the writer thread; clones share the queue.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: SyncSender<Message>,
    depth: Arc<AtomicUsize>,
    new_work_max: usize,
}

/// Room in the queue that only outcomes may take. What is under way is bounded by windows and concurrency, far below it.
const OUTCOMES_RESERVE: usize = 100_000;

/// What a job's refusal would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A caller that is told to come again.
    NewWork,
    /// The knowledge of what has already happened outside: losing it would do it twice.
    Outcome,
}

impl Writer {
    /// Starts the thread with the connection it owns. `keep` lives as long as the thread (the server's lock).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no thread can be started.
    pub fn start(
        mut db: Box<dyn Backend + Send>,
        clock: Arc<dyn Clock>,
        bounds: Bounds,
        queue_max: usize,
        keep: impl Send + 'static,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        let (queue, jobs) = sync_channel(queue_max.saturating_add(OUTCOMES_RESERVE));
        let depth = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&depth);
        let thread = std::thread::Builder::new().name("waypost-writer".to_owned()).spawn(move || {
            run(&mut *db, &*clock, bounds, &Inbox { jobs, depth: seen });
            drop(db);
            drop(keep);
        })?;
        Ok((Self { queue, depth, new_work_max: queue_max }, thread))
    }

    /// Puts a job at the end of the queue. A job that cannot be queued is answered at once: new work beyond the queue's
    /// bound, and outcomes of work under way beyond a reserve that work's own bounds never fill.
    pub fn push(&self, job: Box<dyn Job>, urgency: Urgency) {
        if urgency == Urgency::NewWork && self.depth.load(Ordering::Relaxed) >= self.new_work_max {
            metrics::counter!("waypost_store_jobs_refused_total").increment(1);
            job.answer(Err(StoreError::Busy));
            return;
        }
        self.enqueue(job);
    }

    fn enqueue(&self, job: Box<dyn Job>) {
        // Counted before it is sent, so that the writer never counts down below zero.
        self.depth.fetch_add(1, Ordering::Relaxed);
        if let Err(refused) = self.queue.try_send(Message::Job(job)) {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            let (message, error) = match refused {
                TrySendError::Full(message) => (message, StoreError::Busy),
                TrySendError::Disconnected(message) => (message, StoreError::Closed),
            };
            metrics::counter!("waypost_store_jobs_refused_total").increment(1);
            if let Message::Job(job) = message {
                job.answer(Err(error));
            }
        }
    }

    /// Asks the thread to finish; blocks while the queue is full.
    pub fn stop(&self) {
        // An error means that it has ended already.
        let _ = self.queue.send(Message::Stop);
    }
}

struct Inbox {
    jobs: Receiver<Message>,
    depth: Arc<AtomicUsize>,
}

impl Inbox {
    /// A waiting job, if any; `stopping` becomes true when the queue says so.
    fn waiting(&self, stopping: &mut bool) -> Option<Box<dyn Job>> {
        loop {
            match self.jobs.try_recv().ok()? {
                Message::Job(job) => return Some(self.taken(job)),
                Message::Stop => *stopping = true,
            }
        }
    }

    fn taken(&self, job: Box<dyn Job>) -> Box<dyn Job> {
        self.depth.fetch_sub(1, Ordering::Relaxed);
        job
    }
}

fn run(db: &mut dyn Backend, clock: &dyn Clock, bounds: Bounds, inbox: &Inbox) {
    let mut stopping = false;
    loop {
        let first = match inbox.waiting(&mut stopping) {
            Some(job) => job,
            None if stopping => return,
            None => match inbox.jobs.recv() {
                Ok(Message::Job(job)) => inbox.taken(job),
                Ok(Message::Stop) => {
                    stopping = true;
                    continue;
                }
                Err(_) => return,
            },
        };
        commit_group(db, clock, bounds, first, || inbox.waiting(&mut stopping));
        metrics::gauge!("waypost_store_queue_jobs").set(inbox.depth.load(Ordering::Relaxed) as f64);
    }
}
