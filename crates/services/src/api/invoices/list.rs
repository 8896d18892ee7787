//! `GET /api/v1/invoices`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::{invoice, request};
use crate::rules::{Fault, Refusal};
use crate::wire::invoice::InvoiceBody;

/// The invoices of requests of the application's services; with number and reference those that have both.
/// With a number there is one at most, its revision is the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (number, reference) = (call.opt_text("number"), call.opt_text("reference"));
    let zone = call.app().settings.zone.clone();
    if number.is_none() && reference.is_none() {
        return Err(Refusal::argument("number", "number or reference, mandatory").into());
    }
    let by_number = number.is_some();
    let found = call.read(move |tx, scope| {
        let mut all = match (number, &reference) {
            (Some(number), _) => invoice::by_number(tx, scope, &number)?.into_iter().collect(),
            (None, Some(reference)) => invoice::by_reference(tx, scope, reference)?,
            (None, None) => Vec::new(),
        };
        all.retain(|own| reference.is_none() || own.reference == reference);
        let mut open = Vec::new();
        for own in all {
            if request::find(tx, scope, own.request)?.is_some_and(|of| scope.covers(of.service)) {
                open.push(own);
            }
        }
        Ok(open)
    });
    let found = found.await?;
    let revision = if by_number { found.first().map(|own| own.revision) } else { None };
    let shown = found.into_iter().map(|own| InvoiceBody::of(own, &zone));
    Ok(Reply::json(&shown.collect::<Vec<_>>())?.tagged(revision))
}
