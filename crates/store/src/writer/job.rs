//! A job: a re-runnable closure and whoever waits for it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::StoreError;
use crate::sql::Sql;

/// A job whose type is forgotten; one allocation each.
pub(crate) trait Job: Send {
    /// Runs the job in the open transaction; may be called again after a rollback.
    fn run(&mut self, tx: &mut dyn Sql) -> Result<(), StoreError>;

    /// Answers. `Ok` after the commit of the last successful run.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// A closure, its last result, and the answer. An answer is given exactly once, also when the job is dropped.
pub(crate) struct TypedJob<T, F, A: FnOnce(Result<T, StoreError>)> {
    run: F,
    result: Option<T>,
    after: Option<A>,
}

impl<T, F, A: FnOnce(Result<T, StoreError>)> TypedJob<T, F, A> {
    pub const fn new(run: F, after: A) -> Self {
        Self { run, result: None, after: Some(after) }
    }
}

impl<T, F, A> Job for TypedJob<T, F, A>
where
    T: Send,
    F: FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send,
    A: FnOnce(Result<T, StoreError>) + Send,
{
    fn run(&mut self, tx: &mut dyn Sql) -> Result<(), StoreError> {
        self.result = None;
        // The transaction is rolled back after a panic, and the job is a closure of its own: nothing half-done is seen.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.run)(tx)));
        self.result = Some(outcome.unwrap_or_else(|panic| Err(panicked(&*panic)))?);
        Ok(())
    }

    fn answer(mut self: Box<Self>, outcome: Result<(), StoreError>) {
        let Some(after) = self.after.take() else { return };
        let result = outcome.and_then(|()| self.result.take().ok_or(StoreError::Closed));
        // Runs on the writer thread, which must outlive it.
        if catch_unwind(AssertUnwindSafe(|| after(result))).is_err() {
            tracing::error!("what followed a store job panicked");
        }
    }
}

impl<T, F, A: FnOnce(Result<T, StoreError>)> Drop for TypedJob<T, F, A> {
    fn drop(&mut self) {
        if let Some(after) = self.after.take() {
            after(Err(StoreError::Closed));
        }
    }
}

/// The error that stands for a panic.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> StoreError {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    StoreError::Panicked(text.unwrap_or_else(|| "no message".to_owned()))
}
