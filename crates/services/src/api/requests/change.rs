//! `PUT /api/v1/servicerequests`.

use waypost_status::MtapiCode;

use super::common::{by, named, status};
use super::draft::check_changed;
use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::request::{self, Request};
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;

/// Changes the members that are written out; a nullable one that is written as null is emptied. Service and guid stay.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let (id, asked, zone) = (fields.id("Id")?, call.if_match()?, call.app().settings.zone.clone());
    let changed = call
        .write(move |tx, scope| {
            let before = named(tx, scope, "Id", id)?;
            check_revision(asked, before.revision)?;
            let mut after = merged(&fields, &before)?;
            let scope = by(scope, after.user);
            check_changed(tx, &scope, &before, &mut after)?;
            request::update(tx, &scope, &after)?;
            if after.status != before.status || after.standard != before.standard {
                request::enter(tx, &scope, &after, scope.actor(None), None)?;
            }
            request::note_change(tx, &scope, &before, &after)?;
            Ok(Request { revision: before.revision + 1, updated_at: scope.now, ..after })
        })
        .await?;
    show(changed, &zone)
}

fn merged(fields: &Fields, before: &Request) -> Result<Request, Refusal> {
    let id = |name: &str, now: Option<i64>| if fields.names(name) { fields.opt_id(name) } else { Ok(now) };
    let text = |name: &str, now: &Option<String>| {
        if fields.names(name) { fields.opt_text(name) } else { Ok(now.clone()) }
    };
    let kept = |name: &str, now: i64| Ok::<_, Refusal>(fields.opt_id(name)?.unwrap_or(now));
    let name = |name: &str, now: &str| {
        let given = fields.opt_text(name)?.filter(|text| !text.trim().is_empty());
        Ok::<_, Refusal>(given.unwrap_or_else(|| now.to_owned()))
    };
    if kept("ServiceId", before.service)? != before.service {
        return Err(fields.wrong("ServiceId", "the service of the request, which does not change"));
    }
    let guid = fields.opt_text("Guid")?.filter(|text| !text.trim().is_empty());
    if guid.is_some_and(|guid| !guid.trim().eq_ignore_ascii_case(&before.guid)) {
        return Err(fields.wrong("Guid", "the guid of the request, which does not change"));
    }
    let new_status = fields.opt_text("RequestStatus")?.filter(|text| !text.trim().is_empty());
    Ok(Request {
        user: kept("UserId", before.user)?,
        organization: id("OrganizationId", before.organization)?,
        status: new_status.map_or(Ok(before.status), |text| status("RequestStatus", &text))?,
        name_en: name("EnglishDisplayName", &before.name_en)?,
        name_fr: name("FrenchDisplayName", &before.name_fr)?,
        metadata_structure: id("MetadataStructureId", before.metadata_structure)?,
        service_attribute: id("ServiceAttributeId", before.service_attribute)?,
        comment: text("Comment", &before.comment)?,
        requester: id("RequesterId", before.requester)?,
        requester_organization: id("RequesterOrganizationId", before.requester_organization)?,
        mail_coordinate: id("MailCoordinateId", before.mail_coordinate)?,
        place_of_supply: text("PlaceOfSupply", &before.place_of_supply)?
            .filter(|text| !text.trim().is_empty()),
        standard: if fields.names("ServiceStandardId") {
            fields.opt_id("ServiceStandardId")?.unwrap_or(0)
        } else {
            before.standard
        },
        ..before.clone()
    })
}
