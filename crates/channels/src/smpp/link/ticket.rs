//! Who is told what became of a submit.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::smpp::types::{Submit, SubmitError, SubmitResult, Unknown};

/// Takes the outcomes of many submits without an allocation for each. Called on the connection's task: it must only
/// note the result and return.
pub trait SubmitSink: Send + Sync {
    /// `token` is what was given with the submit. Called exactly once per submit.
    fn complete(&self, token: u64, result: SubmitResult);
}

/// The outcome of one submit, sooner or later: never later than the response timeout after it was written.
#[derive(Debug)]
#[must_use = "the outcome is lost when nobody waits for it"]
pub struct SubmitFuture(pub(super) oneshot::Receiver<SubmitResult>);

impl Future for SubmitFuture {
    type Output = SubmitResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<SubmitResult> {
        // The sender goes away unused only when the runtime shuts down under the connection's task.
        let answer = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(answer.unwrap_or(Err(SubmitError::Unknown(Unknown::Dropped))))
    }
}

pub(super) enum Reply {
    One(oneshot::Sender<SubmitResult>),
    Sink(Arc<dyn SubmitSink>, u64),
}

/// A place in the window and whoever waits for the outcome. Dropped uncompleted, it reports an unknown fate.
pub(super) struct Ticket {
    reply: Option<Reply>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Ticket {
    pub(super) fn new(reply: Reply, permit: OwnedSemaphorePermit) -> Self {
        Self { reply: Some(reply), permit: Some(permit) }
    }

    pub(super) fn complete(mut self, result: SubmitResult) {
        self.finish(result);
    }

    fn finish(&mut self, result: SubmitResult) {
        // The place is free before the waiter wakes, so that it can take it at once.
        drop(self.permit.take());
        match self.reply.take() {
            // Nobody waiting any more is the waiter's own decision.
            Some(Reply::One(waiter)) => drop(waiter.send(result)),
            Some(Reply::Sink(sink, token)) => sink.complete(token, result),
            None => {}
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.finish(Err(SubmitError::Unknown(Unknown::Dropped)));
    }
}

pub(super) struct Command {
    pub(super) submit: Submit,
    pub(super) ticket: Ticket,
}
