//! `POST /api/v1/servicerequests/transfer`.

use waypost_status::MtapiCode;

use super::common::{by, person};
use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::request::{self, Request};
use crate::records::{audit, transfer_code};
use crate::rules::{Fault, Refusal};

/// Accept makes the acting person the owner, Cancel leaves the request as it is; the code is good for one of them, once.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (code, user) = (call.text("code")?.to_ascii_uppercase(), call.id("userId")?);
    let accepts = call.text("action")?.eq_ignore_ascii_case("accept");
    let zone = call.app().settings.zone.clone();
    let after = call
        .write(move |tx, scope| {
            let unknown = || {
                Refusal::from(MtapiCode::CompleteTransferFailed)
                    .at("code", "a transfer code that was not used, replaced or outlived")
            };
            let open = transfer_code::open(tx, scope, &code)?.ok_or_else(unknown)?;
            let before = request::find(tx, scope, open.request)?.ok_or_else(unknown)?;
            scope.require(before.service)?;
            person(tx, scope, "userId", user)?;
            let scope = by(scope, user);
            transfer_code::close(tx, &scope, open.id)?;
            if !accepts {
                audit::note(tx, &scope, ("service_request", before.id), "cancel transfer", "")?;
                return Ok(before);
            }
            let after = Request { user, ..before.clone() };
            request::update(tx, &scope, &after)?;
            audit::note(tx, &scope, ("service_request", before.id), "accept transfer", "UserId")?;
            Ok(Request { revision: before.revision + 1, updated_at: scope.now, ..after })
        })
        .await?;
    show(after, &zone)
}
