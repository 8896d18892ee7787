//! The web push receipt of a service worker (`trackDeliveryRequest`, spec 8.2): it knows the transaction id and the app, and
//! has neither key nor token.

use std::sync::Arc;

use waypost_core::id::TransactionRef;
use waypost_store::{Sql, StoreError};

use super::ledger::{Ledger, RtApp};
pub use crate::work::browser_receipts::Tracked;
use crate::work::browser_receipts::{self, Shown};
use crate::work::emit;
use crate::work::runtime::Shared;

impl Ledger {
    /// Applies a receipt, or keeps it until the push it is of is recorded.
    ///
    /// # Errors
    /// Those of the store; nothing is applied then.
    pub async fn track(
        &self,
        shared: &Arc<Shared>,
        app: &RtApp,
        tid: TransactionRef,
    ) -> Result<Tracked, StoreError> {
        let (job_shared, app) = (Arc::clone(shared), app.clone());
        let job = move |tx: &mut dyn Sql| {
            let (ctx, at) = (app.ctx(), job_shared.clock.now());
            browser_receipts::record(&job_shared, tx, &Shown { ctx: &ctx, app: app.app.id, tid, at })
        };
        let (tracked, emitted) = self.0.parts.store.write(job).await?;
        emit::release(shared, emitted);
        Ok(tracked)
    }
}
