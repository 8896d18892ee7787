//! `GET /api/v1/services/invites`.

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::mailed_code;
use crate::rules::time::show_utc;
use crate::rules::{Fault, RequestStatus};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    service_request_id: i64,
    user_id: i64,
    service_id: i64,
    organization_id: Option<i64>,
    email: String,
    is_english: bool,
    return_url: Option<String>,
    status: &'static str,
    expiry_date_utc: String,
}

/// The invites, the newest in front; one that nobody completed in time is shown as expired.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (user, service) = (call.id("userId")?, call.id("serviceId")?);
    let (organization, now) = (call.opt_id("organizationId"), call.now());
    let found = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Query, "userId"), user)?;
        lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        Ok(mailed_code::invites(tx, scope, service, organization)?)
    });
    let shown = found.await?.into_iter().map(|own| {
        let late = own.status == RequestStatus::Initiated && own.expires_at <= now;
        Body {
            service_request_id: own.request,
            user_id: own.user,
            service_id: service,
            organization_id: own.organization,
            email: own.about.email,
            is_english: own.about.is_english,
            return_url: own.about.return_url,
            status: if late { RequestStatus::Expired } else { own.status }.name(),
            expiry_date_utc: show_utc(own.expires_at),
        }
    });
    Reply::json(&shown.collect::<Vec<_>>())
}
