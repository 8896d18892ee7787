//! `PUT /api/v1/invoices`.

use waypost_status::MtapiCode;

use super::add::check;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::named;
use crate::records::invoice;
use crate::rules::{Fault, Refusal};
use crate::wire::invoice::{InvoiceBody, merged};

/// Changes the members that are written out.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let zone = call.app().settings.zone.clone();
    let fields = call.fields(MtapiCode::InvoiceIsNull).await?;
    let (id, local) = (fields.id("Id")?, zone.clone());
    let stored = call.write(move |tx, scope| {
        let unknown = || Refusal::argument("Id", "the id of an invoice");
        let before = invoice::find(tx, scope, id)?.ok_or_else(unknown)?;
        named(tx, scope, "Id", before.request)?;
        let after = merged(&fields, Some(&before), &local)?;
        check(tx, scope, &after)?;
        invoice::update(tx, scope, &after)?;
        Ok(after)
    });
    Reply::json(&InvoiceBody::of(stored.await?, &zone))
}
