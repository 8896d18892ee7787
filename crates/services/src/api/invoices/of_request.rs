//! `GET /api/v1/servicerequests/{id}/invoices`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::found;
use crate::records::invoice;
use crate::rules::Fault;
use crate::wire::invoice::InvoiceBody;

/// The invoices, by id.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, zone) = (call.id("id")?, call.app().settings.zone.clone());
    let all = call.read(move |tx, scope| {
        found(tx, scope, id)?;
        Ok(invoice::of_request(tx, scope, id)?)
    });
    let shown = all.await?.into_iter().map(|own| InvoiceBody::of(own, &zone));
    Reply::json(&shown.collect::<Vec<_>>())
}
