//! `PUT /api/v1/invoices`.

use waypost_status::MtapiCode;

use super::add::check;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::requests::named;
use crate::records::invoice::{self, Invoice};
use crate::rules::{Fault, Refusal};
use crate::wire::invoice::{InvoiceBody, merged};

/// Changes the members that are written out.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let zone = call.app().settings.zone.clone();
    let fields = call.fields(MtapiCode::InvoiceIsNull).await?;
    let (id, local, asked) = (fields.id("Id")?, zone.clone(), call.if_match()?);
    let stored = call.write(move |tx, scope| {
        let unknown = || Refusal::argument("Id", "the id of an invoice");
        let before = invoice::find(tx, scope, id)?.ok_or_else(unknown)?;
        named(tx, scope, "Id", before.request)?;
        check_revision(asked, before.revision)?;
        let after = merged(&fields, Some(&before), &local)?;
        check(tx, scope, &after)?;
        invoice::update(tx, scope, &after)?;
        Ok(Invoice { revision: before.revision + 1, ..after })
    });
    let stored = stored.await?;
    let revision = stored.revision;
    Ok(Reply::json(&InvoiceBody::of(stored, &zone))?.revision(revision))
}
