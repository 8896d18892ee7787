//! Reading and changing what a tenant's own tools look after, over the store.

use std::sync::Arc;

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::runtime::Shared;
use crate::api::{Caller, DeskFault, Desked};

fn fault(error: StoreError) -> DeskFault {
    match error {
        StoreError::Refused(rule) => DeskFault::Refused(rule),
        error => {
            tracing::error!(%error, "a tenant's own tools could not reach the store");
            DeskFault::Unavailable
        }
    }
}

/// Writes, and takes the change over at once: what is approved can be sent, and what is uploaded played, with the
/// next request.
pub(super) fn change<T: Send + 'static>(
    shared: &Arc<Shared>,
    caller: &Caller,
    mut job: impl FnMut(&mut dyn Sql, &Ctx, Micros) -> Result<T, StoreError> + Send + 'static,
) -> Desked<T> {
    let shared = Arc::clone(shared);
    let ctx = Ctx { tenant: caller.tenant, actor: caller.actor };
    Box::pin(async move {
        let now = shared.clock.now();
        let done = shared.store.write(move |tx| job(tx, &ctx, now)).await.map_err(fault)?;
        if let Err(error) = shared.directory.refresh(&shared.store).await {
            tracing::warn!(%error, "what was changed is used from the next look at the directory");
        }
        Ok(done)
    })
}

/// Reads what is the tenant's.
pub(super) fn read<T: Send + 'static>(
    shared: &Arc<Shared>,
    tenant: TenantId,
    job: impl FnOnce(&mut dyn Sql, &Ctx) -> Result<T, StoreError> + Send + 'static,
) -> Desked<T> {
    let store = shared.store.clone();
    let ctx = Ctx::system(tenant, "tools");
    Box::pin(async move { store.read(move |tx| job(tx, &ctx)).await.map_err(fault) })
}
