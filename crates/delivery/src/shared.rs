//! The lock, and who is woken when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::{counter, gauge};
use tokio::sync::Notify;
use waypost_core::time::{Clock, Micros};

use crate::item::{Finish, Source};
use crate::policy::Policy;
use crate::state::{ClaimJob, Out, Picked, State};

/// A wall clock may be set while a timer sleeps; it is looked at again after this at the latest.
const SLEEP_MS_MAX: u64 = 30_000;

/// What the workers that wait have arranged.
#[derive(Debug, Default)]
struct Waiting {
    workers: usize,
    /// The moment one of them wakes by a timer.
    armed: Option<Micros>,
}

pub(crate) struct Shared<P> {
    guarded: Mutex<(State<P>, Waiting)>,
    work: Notify,
    idle: Notify,
    source: Arc<dyn Source<P>>,
    clock: Arc<dyn Clock>,
    lease_ms: i64,
    name: &'static str,
}

/// What a worker does next.
pub(crate) enum Step<P> {
    Take(Picked<P>),
    /// Wait for a word, or until then when a time is given.
    Wait(Option<Micros>),
    Over,
}

impl<P: Send + 'static> Shared<P> {
    pub(crate) fn new(policy: Policy, source: Arc<dyn Source<P>>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let (lease_ms, name) = (policy.lease_ms, policy.name);
        let guarded = Mutex::new((State::new(policy), Waiting::default()));
        Arc::new(Self { guarded, work: Notify::new(), idle: Notify::new(), source, clock, lease_ms, name })
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn source(&self) -> &dyn Source<P> {
        self.source.as_ref()
    }

    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }

    pub(crate) fn lease_until(&self, now: Micros) -> Micros {
        now.add_ms(self.lease_ms)
    }

    fn lock(&self) -> MutexGuard<'_, (State<P>, Waiting)> {
        // A panic under the lock leaves counts that are still safe to work with; leases bound the damage.
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, then wakes one worker when there is something for it.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut State<P>, Micros) -> R) -> R {
        let now = self.now();
        let mut guard = self.lock();
        let (state, waiting) = &mut *guard;
        let result = change(state, now);
        let wake = waiting.needs_word(state);
        drop(guard);
        if wake {
            self.work.notify_one();
        }
        result
    }

    /// One look: what is due is done, claims are started when `may_claim`, an item is taken.
    pub(crate) fn step(self: &Arc<Self>, may_claim: bool, wait: bool) -> Step<P> {
        let now = self.now();
        let mut guard = self.lock();
        let (state, waiting) = &mut *guard;
        state.tick(now);
        let mut jobs = Vec::new();
        while let Some(job) = if may_claim { state.next_claim(now) } else { None } {
            jobs.push(job);
        }
        let step = match state.pick(now) {
            Some(picked) => Step::Take(picked),
            None if state.is_draining() => Step::Over,
            None => Step::Wait(if wait { waiting.enter(state) } else { None }),
        };
        let wake = !matches!(step, Step::Wait(_)) && waiting.needs_word(state);
        let held = state.held();
        drop(guard);
        if wake {
            self.work.notify_one();
        }
        for job in jobs {
            gauge!("waypost_delivery_memory_items", "work" => self.name).set(held as f64);
            tokio::spawn(Arc::clone(self).claim(job));
        }
        step
    }

    /// Waits for a word or the time. The caller has entered by [`Shared::step`].
    pub(crate) async fn wait(&self, until: Option<Micros>) {
        let _leave = Leave { shared: self, until };
        match until {
            None => self.work.notified().await,
            Some(until) => {
                let us = u64::try_from(until.0.saturating_sub(self.now().0)).unwrap_or(0);
                let sleep = Duration::from_micros(us.min(SLEEP_MS_MAX * 1_000));
                tokio::select! {
                    () = self.work.notified() => {}
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        }
    }

    pub(crate) fn finish(&self, out: Out, finish: Finish) {
        counter!("waypost_delivery_finished_total", "work" => self.name, "end" => finish.label())
            .increment(1);
        let is_idle = self.change(|state, now| {
            state.finish(out, finish, now);
            state.in_flight() == 0
        });
        if is_idle {
            self.idle.notify_waiters();
        }
    }

    /// Stops handing out and waits until nothing is in flight.
    pub(crate) async fn drain(&self) {
        loop {
            let idle = self.idle.notified();
            let mut idle = std::pin::pin!(idle);
            idle.as_mut().enable();
            let in_flight = self.change(|state, _| {
                state.drain();
                state.in_flight()
            });
            if in_flight == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Runs one claim and, when it gave all there was, asks when there will be more.
    async fn claim(self: Arc<Self>, job: ClaimJob) {
        let mut guard = Unfinished { shared: &self, job: &job, gave_items: false, is_over: false };
        let items = self.source.claim(&job.queue, job.now, job.lease_until, job.n).await;
        let is_short = match items {
            Ok(items) => self.change(|state, now| state.claimed(&job, items, now)),
            Err(error) => return guard.fail(&error.to_string()),
        };
        guard.gave_items = true;
        guard.is_over = !is_short;
        if is_short {
            match self.source.next_ready(&job.queue).await {
                Ok(next_ready) => self.change(|state, now| state.claim_ended(&job, next_ready, now)),
                Err(error) => return guard.fail(&error.to_string()),
            }
            guard.is_over = true;
        }
    }
}

impl Waiting {
    fn enter<P>(&mut self, state: &State<P>) -> Option<Micros> {
        self.workers += 1;
        let at = state.wake_at().filter(|&at| self.armed.is_none_or(|armed| at < armed))?;
        self.armed = Some(at);
        Some(at)
    }

    /// True when somebody waits and there is work, or a time nobody has armed, or it is over.
    fn needs_word<P>(&self, state: &State<P>) -> bool {
        let unarmed = || state.wake_at().is_some_and(|at| self.armed.is_none_or(|armed| at < armed));
        self.workers > 0 && (state.is_draining() || state.has_work() || unarmed())
    }
}

/// Takes a worker off the count, also when its future is dropped, and hands its timer on.
struct Leave<'a, P: Send + 'static> {
    shared: &'a Shared<P>,
    until: Option<Micros>,
}

impl<P: Send + 'static> Drop for Leave<'_, P> {
    fn drop(&mut self) {
        let mut guard = self.shared.lock();
        let waiting = &mut guard.1;
        waiting.workers -= 1;
        if self.until.is_some() && waiting.armed == self.until {
            waiting.armed = None;
        }
        let wake = self.until.is_some() && waiting.workers > 0;
        drop(guard);
        if wake {
            self.shared.work.notify_one();
        }
    }
}

/// A claim whose future ends early (the runtime stops, the source panics) gives its slots back.
struct Unfinished<'a, P: Send + 'static> {
    shared: &'a Shared<P>,
    job: &'a ClaimJob,
    gave_items: bool,
    is_over: bool,
}

impl<P: Send + 'static> Unfinished<'_, P> {
    fn fail(&mut self, error: &str) {
        self.is_over = true;
        counter!("waypost_delivery_claim_errors_total", "work" => self.shared.name).increment(1);
        let gave_items = self.gave_items;
        self.shared.change(|state, now| state.claim_failed(self.job, error, gave_items, now));
    }
}

impl<P: Send + 'static> Drop for Unfinished<'_, P> {
    fn drop(&mut self) {
        if !self.is_over {
            self.fail("the claim was abandoned");
        }
    }
}
