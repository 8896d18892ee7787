//! One group commit.

use std::time::{Duration, Instant};

use waypost_core::time::Clock;

use super::job::Job;
use crate::backend::Backend;
use crate::{StoreError, keys};

/// Runs at most this often when PostgreSQL asks to try again (deadlock, serialization).
const SINGLE_RUNS_MAX: u32 = 3;

/// The bounds of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub jobs_max: usize,
    pub work_max: Duration,
}

/// Runs `first` and what `next` yields in one transaction, commits, and answers all. When one job fails, the group is
/// rolled back and every job of it runs again in a transaction of its own.
pub(crate) fn commit_group(
    db: &mut dyn Backend,
    clock: &dyn Clock,
    bounds: Bounds,
    first: Box<dyn Job>,
    mut next: impl FnMut() -> Option<Box<dyn Job>>,
) {
    let mut jobs = vec![first];
    match run_group(db, clock, bounds, &mut jobs, &mut next) {
        Ok(()) => {
            db.after_commit();
            answer_all(jobs, &Ok(()));
        }
        Err(error) if error.is_of_one_job() && jobs.len() > 1 => {
            metrics::counter!("waypost_store_group_reruns_total").increment(1);
            for job in jobs {
                run_single(db, clock, job);
            }
        }
        Err(error) if error.is_of_one_job() => jobs.into_iter().for_each(|job| run_single(db, clock, job)),
        Err(error) => answer_all(jobs, &Err(error)),
    }
}

fn answer_all(jobs: Vec<Box<dyn Job>>, outcome: &Result<(), StoreError>) {
    metrics::histogram!("waypost_store_group_jobs").record(jobs.len() as f64);
    for job in jobs {
        job.answer(outcome.clone());
    }
}

fn run_group(
    db: &mut dyn Backend,
    clock: &dyn Clock,
    bounds: Bounds,
    jobs: &mut Vec<Box<dyn Job>>,
    next: &mut impl FnMut() -> Option<Box<dyn Job>>,
) -> Result<(), StoreError> {
    let started = Instant::now();
    db.begin_write()?;
    let ran = (|| {
        let mut at = 0;
        while let Some(job) = jobs.get_mut(at) {
            job.run(db)?;
            at += 1;
            if at == jobs.len() && at < bounds.jobs_max && started.elapsed() < bounds.work_max {
                // Only what waits already: a lone job must not wait for company.
                jobs.extend(next());
            }
        }
        keys::step(db, clock.now())
    })();
    settle(db, ran)
}

/// Commits what ran, or rolls it back.
fn settle(db: &mut dyn Backend, ran: Result<(), StoreError>) -> Result<(), StoreError> {
    let started = Instant::now();
    let settled = ran.and_then(|()| db.commit());
    match &settled {
        Ok(()) => metrics::histogram!("waypost_store_commit_seconds").record(started.elapsed().as_secs_f64()),
        Err(_) => db.rollback(),
    }
    settled
}

fn run_single(db: &mut dyn Backend, clock: &dyn Clock, mut job: Box<dyn Job>) {
    let mut runs = 0;
    let outcome = loop {
        runs += 1;
        let began = db.begin_write();
        let ran = began.and_then(|()| {
            let ran = job.run(db).and_then(|()| keys::step(db, clock.now()));
            settle(db, ran)
        });
        match ran {
            Err(StoreError::Conflict(_)) if runs < SINGLE_RUNS_MAX => {}
            other => break other,
        }
    };
    if outcome.is_ok() {
        db.after_commit();
    } else {
        metrics::counter!("waypost_store_job_failures_total").increment(1);
    }
    job.answer(outcome);
}
