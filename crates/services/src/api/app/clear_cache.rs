//! `POST /api/v1/clear-cache`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// Forgets the tenant's settings; the next read takes them from the store.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    call.app().cache.clear(call.scope.tenant());
    Ok(Reply::empty())
}
