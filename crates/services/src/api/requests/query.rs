//! `POST /api/v1/servicerequests/query`: the query language (spec 6).

use waypost_status::MtapiCode;

use super::list::{Included, collection};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::Scope;
use crate::records::request_list::Selection;
use crate::rules::srql::{self, Filter, Mode};
use crate::rules::{Fault, Refusal};
use crate::wire::{Fields, Page, ids};

/// The version of the language that is spoken.
const VERSION: i64 = 1;

/// One page of the requests that fit everything the body says.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let mode = call.app().settings.query_mode;
    let selection = selection(&fields, mode)?;
    let included = Included {
        requests: !call.flag("excludeServiceRequests", false),
        metadata: !fields.flag("ExcludeMetadata", false)?,
        entities: fields.flag("IncludeRegulatedEntities", false)?,
        history: fields.flag("IncludeStatusHistory", false)?,
    };
    let page = Page::of(fields.opt_int("Page")?, fields.opt_int("PageSize")?)?;
    let zone = call.app().settings.zone.clone();
    let read = call.read(move |tx, scope| {
        open(scope, &selection)?;
        collection(tx, scope, &selection, (included, page), &zone)
    });
    Reply::json(&read.await?)
}

/// Reads what is asked for.
fn selection(fields: &Fields, mode: Mode) -> Result<Selection, Refusal> {
    if fields.opt_int("Version")?.is_some_and(|version| version > VERSION) {
        return Err(fields.wrong("Version", "1, or nothing"));
    }
    let (user, service) = (fields.opt_id("UserId")?, fields.opt_id("ServiceId")?);
    let organization = fields.opt_id("OrganizationId")?;
    if user.is_some() && service.is_some() && organization.is_some() {
        return Err(fields.wrong("OrganizationId", "at most two of UserId, ServiceId and OrganizationId"));
    }
    let (services, requests) = (list(fields, "Services")?, list(fields, "ServiceRequests")?);
    for (name, given) in [("Services", services.is_some()), ("ServiceRequests", requests.is_some())] {
        if given && !fields.flag("ExcludeMetadata", false)? {
            let rule = format!("true with {name}, because services do not share their metadata");
            return Err(fields.wrong("ExcludeMetadata", rule));
        }
    }
    let services = match (service, services) {
        (None, services) => services,
        (Some(one), None) => Some(vec![one]),
        // Everything given must hold.
        (Some(one), Some(services)) => Some(services.into_iter().filter(|id| *id == one).collect()),
    };
    Ok(Selection {
        user,
        organization,
        services,
        requests,
        assignees: list(fields, "Assignees")?,
        metadata: None,
        filter: filter(fields, mode)?,
    })
}

fn list(fields: &Fields, name: &'static str) -> Result<Option<Vec<i64>>, Refusal> {
    let text = fields.opt_text(name)?.filter(|text| !text.trim().is_empty());
    text.map(|text| ids::parse(name, &text)).transpose()
}

fn filter(fields: &Fields, mode: Mode) -> Result<Filter, Refusal> {
    let text = fields.opt_text("Filter")?.unwrap_or_default();
    srql::parse(&text, mode)
        .map_err(|misread| Refusal::from(MtapiCode::InvalidValueInFilter).at("Filter", misread.rule()))
}

/// Refuses services the application is not bound to.
fn open(scope: &Scope, selection: &Selection) -> Result<(), Refusal> {
    for service in selection.services.iter().flatten() {
        scope.require(*service)?;
    }
    Ok(())
}
