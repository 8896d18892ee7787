//! `POST /api/v1/servicerequests/search-metadata`.

use waypost_status::MtapiCode;

use super::list::none;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::offered;
use crate::api::requests::list::{Included, collection};
use crate::records::metadata_structure::{self, Structure};
use crate::records::request_list::Selection;
use crate::rules::{Fault, Refusal};
use crate::wire::Page;

/// Shortest text that is searched for, in characters without blanks around them.
const SEARCH_CHARS_MIN: usize = 2;

/// One page of the requests of a service whose metadata holds a text under a searchable key. Case does not matter, accents do.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let service = fields.id("ServiceId")?;
    let text = fields.opt_text("SearchValue")?.unwrap_or_default().trim().to_lowercase();
    if text.chars().count() < SEARCH_CHARS_MIN {
        let rule = format!("at least {SEARCH_CHARS_MIN} characters without blanks around them");
        return Err(fields.wrong("SearchValue", rule).into());
    }
    let named = match fields.opt_text("StructureColumnKeyName")? {
        Some(name) => name,
        None => fields
            .opt_text("SearchOption")?
            .ok_or_else(|| fields.wrong("StructureColumnKeyName", "the key name of a column, mandatory"))?,
    };
    let page = Page::of(fields.opt_int("Page")?, fields.opt_int("PageSize")?)?;
    let (user, organization) = (fields.opt_id("UserId")?, fields.opt_id("OrganizationId")?);
    let zone = call.app().settings.zone.clone();
    let read = call.read(move |tx, scope| {
        offered(tx, scope, "ServiceId", service).map_err(Fault::in_input)?;
        let structure = metadata_structure::current(tx, scope, service)?;
        let key = key(&structure.ok_or_else(|| none("ServiceId").in_input())?, &named)?;
        let selection = Selection {
            user,
            organization,
            services: Some(vec![service]),
            metadata: Some((key, text)),
            ..Selection::default()
        };
        let included = Included { requests: true, metadata: true, entities: false, history: false };
        collection(tx, scope, &selection, (included, page), &zone)
    });
    Reply::json(&read.await?)
}

/// The key of the searchable column with this English, French or own name.
fn key(structure: &Structure, named: &str) -> Result<String, Refusal> {
    let named = named.trim().to_lowercase();
    let fits = |name: &String| name.to_lowercase() == named;
    let column = structure.columns.iter().find(|column| {
        column.is_searchable
            && [&column.key_name_en, &column.key_name_fr, &column.key_name].into_iter().any(fits)
    });
    column.map(|column| column.key_name.to_lowercase()).ok_or_else(|| {
        Refusal::from(MtapiCode::StructureColumnKeyNameNotFound)
            .at("StructureColumnKeyName", "the English or French key name of a searchable column")
            .in_input()
    })
}
