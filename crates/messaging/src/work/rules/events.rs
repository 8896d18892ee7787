//! The Events API over the store.

use std::sync::Arc;

use tokio::sync::oneshot;
use waypost_store::directory::{EventDefinition, Happens};
use waypost_store::{Ctx, Sql, StoreError};

use super::desk::Due;
use crate::api::{AcceptError, BoxFuture, Caller, EventSubmission, Events};
use crate::records::happening::Happening;
use crate::records::idempotency::{self, Known};
use crate::rules::event::EventUnit;
use crate::work::doors::Doors;
use crate::work::runtime::Shared;

impl Events for Doors {
    fn event(&self, caller: &Caller, id: i64) -> Option<Arc<EventDefinition>> {
        self.shared().directory.current().events().event(caller.tenant.0, id).cloned()
    }

    fn keep(&self, submission: EventSubmission) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let (done, wait) = oneshot::channel();
        let (job_shared, after_shared) = (Arc::clone(self.shared()), Arc::clone(self.shared()));
        let happened = happenings(&submission);
        self.shared().store.write_then(
            move |tx| keep(&job_shared, tx, &submission, &happened),
            move |written| {
                let told = written.map(|kept| match kept {
                    Kept::Known(known) => Some(known),
                    Kept::Now(dues) => {
                        after_shared.rules.release(dues);
                        None
                    }
                });
                // The client may have gone; what is committed is answered by its rules all the same.
                let _ = done.send(told);
            },
        );
        Box::pin(async move {
            let kept = wait.await.unwrap_or(Err(StoreError::Closed));
            kept.map_err(|error| match error {
                StoreError::Busy => AcceptError::Busy,
                other => {
                    tracing::error!(error = %other, "an event could not be kept");
                    AcceptError::Unavailable
                }
            })
        })
    }
}

enum Kept {
    /// The idempotency key was taken before.
    Known(Known),
    Now(Vec<Due>),
}

fn keep(
    shared: &Shared,
    tx: &mut dyn Sql,
    submission: &EventSubmission,
    happened: &[Happening],
) -> Result<Kept, StoreError> {
    let now = submission.received_at;
    let ctx = Ctx { tenant: submission.caller.tenant, actor: submission.caller.actor };
    if let Some(once) = &submission.once
        && let Some(known) = idempotency::claim(tx, &ctx, &once.once, &once.answer, now)?
    {
        return Ok(Kept::Known(known));
    }
    let mut dues = Vec::new();
    for new in happened {
        dues.extend(shared.rules.event(tx, new, now)?);
    }
    Ok(Kept::Now(dues))
}

fn happenings(submission: &EventSubmission) -> Vec<Happening> {
    let EventSubmission { plan, caller, transid, first, .. } = submission;
    let taken = plan.units.iter().filter_map(|unit| match unit {
        EventUnit::Taken(event) => Some(event),
        EventUnit::Refused { .. } => None,
    });
    let happening = |(place, event): (usize, &crate::rules::event::TakenEvent)| Happening {
        id: first.nth(u16::try_from(place).unwrap_or(u16::MAX)).0,
        tenant: caller.tenant.0,
        service: caller.service,
        happens: Happens::Event,
        event: Some(event.event),
        transid: *transid,
        correlation: event.correlation.clone(),
        notify_url: plan.notify_url.clone(),
        facts: event.facts.clone(),
    };
    taken.enumerate().map(happening).collect()
}
