//! `GET /api/v1/services`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::{service, service_parts};
use crate::rules::{Fault, Refusal};
use crate::wire::service::ServiceBody;

/// The application's services, by id; with a group, named by id or by one of its names, those of it.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let named = call.opt_text("groupId");
    let found = call.read(move |tx, scope| {
        let group = match named {
            None => None,
            Some(named) => Some(
                service_parts::group(tx, scope, &named)?
                    .ok_or_else(|| Refusal::argument("groupId", "the id or a name of a group of services"))?,
            ),
        };
        let all = service::list(tx, scope)?.into_iter();
        Ok(all
            .filter(|own| scope.covers(own.id) && (group.is_none() || own.group == group))
            .collect::<Vec<_>>())
    });
    Reply::json(&found.await?.iter().map(ServiceBody::of).collect::<Vec<_>>())
}
