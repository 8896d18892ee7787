//! Keeps profiles: the Profile API's seam over the store.

mod build;
mod caller;
mod devices;
mod queue;
mod read;
mod secrets;
mod write;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Notify, oneshot};
use waypost_core::id::TransactionId;
use waypost_core::time::{Clock, Micros};
use waypost_store::directory::{DirectoryHandle, Happens};
use waypost_store::{Ctx, Sql, Store, StoreError};

use crate::api::profile::{
    AppStore, BatchOutcome, ProfileAsk, ProfileCaller, ProfileJob, ProfileWrite, ProfileWritten, Profiles,
    ProfilesFound,
};
use crate::api::{AcceptError, BoxFuture};
use crate::records::idempotency::{self, Known, Once};
use crate::records::profile::request;
use crate::rules::profile::{Attributes, StoreKind};
use crate::work::rules::RuleDesk;
use crate::work::rules::facts::{self, Change};

/// Profiles in one store.
#[derive(Clone)]
pub struct ProfileDesk {
    store: Store,
    directory: DirectoryHandle,
    clock: Arc<dyn Clock>,
    /// Rung when a batch was queued.
    bell: Arc<Notify>,
    /// Told of changed customers.
    rules: Option<RuleDesk>,
}

impl std::fmt::Debug for ProfileDesk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ProfileDesk").finish_non_exhaustive()
    }
}

impl ProfileDesk {
    /// A desk over the running store and directory.
    #[must_use]
    pub fn new(store: Store, directory: DirectoryHandle, clock: Arc<dyn Clock>) -> Self {
        Self { store, directory, clock, bell: Arc::default(), rules: None }
    }

    /// The same with rules that answer changed customers.
    #[must_use]
    pub fn with_rules(self, rules: RuleDesk) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// Writes, and has the rules looked at that were woken, whether or not the caller still waits.
    fn write_and_wake<T: Send + 'static, J: FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static>(
        &self,
        tenant: i64,
        job: J,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J> {
        let (done, wait) = oneshot::channel();
        let desk = self.clone();
        self.store.write_then(job, move |written| {
            if written.is_ok() {
                desk.wake(tenant);
            }
            let _ = done.send(written);
        });
        async move { wait.await.unwrap_or(Err(StoreError::Closed)) }
    }

    /// Has the rules looked at that changed customers of the tenant may have woken.
    fn wake(&self, tenant: i64) {
        if let Some(rules) = self.rules.as_ref().filter(|rules| rules.awaits(tenant, Happens::Profile)) {
            rules.wake(tenant, self.clock.now());
        }
    }

    /// Tells the rules of a changed customer, in the transaction of the change.
    fn tell(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        (id, change): (&str, Change),
        attributes: &Attributes,
        now: Micros,
    ) -> Result<(), StoreError> {
        let tenant = ctx.tenant.0;
        match self.rules.as_ref().filter(|rules| rules.awaits(tenant, Happens::Profile)) {
            Some(rules) => {
                rules.happened(tx, &facts::customer(tenant, id, change, attributes), now).map(drop)
            }
            None => Ok(()),
        }
    }
}

impl Profiles for ProfileDesk {
    fn by_key(&self, presented: &str) -> Option<Arc<ProfileCaller>> {
        caller::by_key(&self.directory.current(), presented).map(Arc::new)
    }

    fn app(&self, caller: &ProfileCaller, app_id: &str) -> Option<AppStore> {
        let directory = self.directory.current();
        let app = directory.apps().of_tenant(caller.tenant.0, app_id)?;
        let kind = StoreKind::of_app(app.kind, app.rt);
        Some(AppStore { app: app.id, app_id: app.app_id.clone(), kind })
    }

    fn known(
        &self,
        caller: &ProfileCaller,
        once: Once,
        now: Micros,
    ) -> BoxFuture<'static, Result<Option<ProfileWritten>, AcceptError>> {
        let (ctx, store) = (caller.ctx(), self.store.clone());
        Box::pin(async move {
            let known = store.read(move |tx| idempotency::find(tx, &ctx, &once, now)).await;
            known.map(|known| known.map(written_before)).map_err(|error| fault(&error))
        })
    }

    fn write(&self, write: ProfileWrite) -> BoxFuture<'static, Result<ProfileWritten, AcceptError>> {
        let desk = self.clone();
        Box::pin(async move {
            let queued = matches!(write.job, ProfileJob::Queue(..));
            let job_desk = desk.clone();
            let tenant = write.caller.tenant.0;
            let written = desk.write_and_wake(tenant, move |tx| job_desk.written(tx, &write)).await;
            if queued && written.is_ok() {
                desk.bell.notify_one();
            }
            written.map_err(|error| fault(&error))
        })
    }

    fn read(
        &self,
        caller: Arc<ProfileCaller>,
        ask: ProfileAsk,
    ) -> BoxFuture<'static, Result<ProfilesFound, AcceptError>> {
        let desk = self.clone();
        Box::pin(async move {
            let reader = desk.clone();
            let found = desk.store.read(move |tx| reader.found(tx, &caller, &ask)).await;
            found.map_err(|error| fault(&error))
        })
    }

    fn results(
        &self,
        caller: Arc<ProfileCaller>,
        transid: TransactionId,
    ) -> BoxFuture<'static, Result<Option<BatchOutcome>, AcceptError>> {
        let store = self.store.clone();
        Box::pin(async move {
            let ctx = caller.ctx();
            let found = store.read(move |tx| request::results(tx, &ctx, transid)).await;
            let results = found.map_err(|error| fault(&error))?;
            Ok(results.and_then(|results| serde_json::from_str(&results).ok()))
        })
    }
}

impl ProfileDesk {
    /// One write, in one transaction with its idempotency key.
    fn written(&self, tx: &mut dyn Sql, write: &ProfileWrite) -> Result<ProfileWritten, StoreError> {
        let ctx = write.caller.ctx();
        let now = write.received_at;
        if let Some(once) = &write.once
            && let Some(known) = idempotency::claim(tx, &ctx, once, "", now)?
        {
            return Ok(written_before(known));
        }
        let answer = match &write.job {
            ProfileJob::Batch(batch, render) => render(write.transid, &self.batch(tx, &ctx, batch, now)?),
            ProfileJob::Devices(delete, render) => render(write.transid, &devices::delete(tx, &ctx, delete)?),
            ProfileJob::Queue(batch, answer) => {
                self.enqueue(tx, write, batch)?;
                answer.clone()
            }
        };
        if let Some(once) = &write.once {
            idempotency::answer(tx, &ctx, once, &answer)?;
        }
        Ok(ProfileWritten::Done(answer))
    }
}

fn written_before(known: Known) -> ProfileWritten {
    match known {
        Known::Same(answer) => ProfileWritten::Repeated(answer),
        Known::Other => ProfileWritten::OtherRequest,
    }
}

fn fault(error: &StoreError) -> AcceptError {
    match error {
        StoreError::Busy => AcceptError::Busy,
        other => {
            tracing::error!(error = %other, "a profile request failed");
            AcceptError::Unavailable
        }
    }
}
