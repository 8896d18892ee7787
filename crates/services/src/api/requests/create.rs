//! `POST /api/v1/servicerequests`.

use waypost_core::time::Micros;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::common::{by, status};
use super::draft::check_new;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::Scope;
use crate::records::request::{self, Request, RequestKind};
use crate::rules::{Fault, Refusal, RequestStatus};
use crate::wire::request::CreatedBody;

/// Creates a request from parameters; without a status it is `InProgress`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let status = call
        .opt_text("serviceRequestStatus")
        .map(|text| status("serviceRequestStatus", &text))
        .transpose()?
        .unwrap_or(RequestStatus::InProgress);
    let new = Request {
        organization: call.opt_id("organizationId"),
        status,
        name_en: call.text("englishName")?,
        name_fr: call.text("frenchName")?,
        ..blank(guid(&call)?, call.id("userId")?, call.id("serviceId")?)
    };
    let id = call.write(move |tx, scope| store(tx, scope, new.clone())).await?;
    Reply::json(&CreatedBody { service_request_id: id })
}

/// Checks and stores a new request.
///
/// # Errors
/// The code of the first rule that does not hold; 901002 for a guid that is taken.
pub(super) fn store(tx: &mut dyn Sql, scope: &Scope, mut new: Request) -> Result<i64, Fault> {
    let scope = by(scope, new.user);
    check_new(tx, &scope, &mut new)?;
    let taken = || Refusal::argument("Guid", "a guid that no other request has");
    Ok(request::create(tx, &scope, &new)?.ok_or_else(taken)?)
}

/// A guid of our own.
///
/// # Errors
/// 901000 when there is no randomness.
pub(super) fn guid(call: &Call) -> Result<String, Fault> {
    let mut bytes = [0; 16];
    if !call.app().seams.random.fill(&mut bytes) {
        return Err(MtapiCode::InternalError.into());
    }
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// A request with nothing in it yet.
pub(super) fn blank(guid: String, user: i64, service: i64) -> Request {
    Request {
        id: 0,
        guid,
        kind: RequestKind::Service,
        user,
        service,
        organization: None,
        status: RequestStatus::InProgress,
        name_en: String::new(),
        name_fr: String::new(),
        metadata_structure: None,
        service_attribute: None,
        service_fee: None,
        comment: None,
        requester: None,
        requester_organization: None,
        mail_coordinate: None,
        place_of_supply: None,
        standard: 0,
        metadata: None,
        parent: None,
        revision: 0,
        updated_at: Micros(0),
    }
}
