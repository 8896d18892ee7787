//! `POST /api/v2/servicerequests`.

use waypost_status::MtapiCode;

use super::common::status;
use super::create::{blank, guid, store};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::request::Request;
use crate::rules::{Fault, Refusal, RequestStatus};
use crate::wire::Fields;
use crate::wire::request::CreatedBody;

/// Creates a request from a body. The caller may choose the guid.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let new = read(&fields, guid(&call)?)?;
    let id = call.write(move |tx, scope| store(tx, scope, new.clone())).await?;
    Reply::json(&CreatedBody { service_request_id: id })
}

fn read(fields: &Fields, made: String) -> Result<Request, Refusal> {
    let status = match fields.opt_text("Status")?.or(fields.opt_text("RequestStatus")?) {
        Some(text) if !text.trim().is_empty() => status("Status", &text)?,
        _ => RequestStatus::InProgress,
    };
    let guid = match fields.opt_text("Guid")?.filter(|text| !text.trim().is_empty()) {
        None => made,
        Some(text) => uuid::Uuid::parse_str(text.trim())
            .ok()
            .filter(|guid| !guid.is_nil())
            .map(|guid| guid.to_string())
            .ok_or_else(|| fields.wrong("Guid", "a guid"))?,
    };
    Ok(Request {
        organization: fields.opt_id("OrganizationId")?,
        status,
        name_en: fields.text("EnglishDisplayName")?,
        name_fr: fields.text("FrenchDisplayName")?,
        metadata_structure: fields.opt_id("MetadataStructureId")?,
        service_attribute: fields.opt_id("ServiceAttributeId")?,
        service_fee: fields.opt_id("ServiceFeeId")?,
        comment: fields.opt_text("Comment")?,
        requester: fields.opt_id("RequesterId")?,
        requester_organization: fields.opt_id("RequesterOrganizationId")?,
        mail_coordinate: fields.opt_id("MailCoordinateId")?,
        place_of_supply: fields.opt_text("PlaceOfSupply")?.filter(|text| !text.trim().is_empty()),
        standard: fields.opt_id("ServiceStandardId")?.unwrap_or(0),
        ..blank(guid, fields.id("UserId")?, fields.id("ServiceId")?)
    })
}
