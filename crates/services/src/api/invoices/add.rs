//! `POST /api/v1/invoices`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::named;
use crate::records::Scope;
use crate::records::invoice::{self, Invoice};
use crate::rules::{Fault, Refusal};
use crate::wire::invoice::{InvoiceBody, merged};

/// Stores the invoice and shows it; its revision is the `ETag`.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let zone = call.app().settings.zone.clone();
    let new = merged(&call.fields(MtapiCode::InvoiceIsNull).await?, None, &zone)?;
    let stored = call.write(move |tx, scope| {
        check(tx, scope, &new)?;
        let id = invoice::create(tx, scope, &new)?;
        Ok(Invoice { id, revision: 1, ..new.clone() })
    });
    let stored = stored.await?;
    let revision = stored.revision;
    Ok(Reply::json(&InvoiceBody::of(stored, &zone))?.revision(revision))
}

/// Its request is there and open to the application, and no other invoice has its number.
///
/// # Errors
/// 4041001; 901006; 901002.
pub(super) fn check(tx: &mut dyn Sql, scope: &Scope, new: &Invoice) -> Result<(), Fault> {
    named(tx, scope, "ServiceRequestId", new.request)?;
    if invoice::by_number(tx, scope, &new.number)?.is_some_and(|other| other.id != new.id) {
        return Err(Refusal::argument("Number", "a number that no other invoice has").into());
    }
    Ok(())
}
