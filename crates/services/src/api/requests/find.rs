//! `GET /api/v1/servicerequests`, in both its shapes: `?guid=` one request, `?services=` a list.

use waypost_status::MtapiCode;

use super::common::{by_guid, offered};
use super::list::{Included, collection, one};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::request_list::Selection;
use crate::rules::{Fault, Refusal};
use crate::wire::ids;

/// Whichever shape is asked for; with both parameters it is the one with the guid.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    if let Some(guid) = call.opt_text("guid") {
        return single(&call, guid).await.map_err(and(MtapiCode::RetrievingServiceRequestFailed));
    }
    let Some(services) = call.opt_text("services") else {
        return Err(Refusal::argument("guid", "a guid, or else services").into());
    };
    let listed = several(&call, services).await;
    listed.map_err(and(MtapiCode::RetrievingServiceRequestsByServicesFailed))
}

/// The two shapes have a code of their own each, so it cannot stand in the operation's row.
fn and(code: MtapiCode) -> impl Fn(Fault) -> Fault {
    move |fault| match fault.refusal() {
        refusal if refusal.first() == MtapiCode::AuthorizationError => refusal.into(),
        refusal => refusal.and(code).into(),
    }
}

async fn single(call: &Call, guid: String) -> Result<Reply, Fault> {
    let zone = call.app().settings.zone.clone();
    let read = call.read(move |tx, scope| {
        let request = by_guid(tx, scope, &guid)?;
        Ok((request.revision, one(tx, scope, request, &zone)?))
    });
    let (revision, body) = read.await?;
    Ok(Reply::json(&body)?.revision(revision))
}

async fn several(call: &Call, services: String) -> Result<Reply, Fault> {
    let services = ids::parse("services", &services)?;
    let (included, page) = (Included::of(call), call.page()?);
    let zone = call.app().settings.zone.clone();
    let read = call.read(move |tx, scope| {
        for service in &services {
            offered(tx, scope, "services", *service).map_err(Fault::in_input)?;
        }
        let selection = Selection { services: Some(services), ..Selection::default() };
        collection(tx, scope, &selection, (included, page), &zone)
    });
    Reply::json(&read.await?)
}
