//! A service request as it is shown, with what may stand beside it (spec 5.1).

use serde::Serialize;
use serde_json::value::RawValue;

use crate::records::history::Entry;
use crate::records::request::Request;
use crate::records::request_parts::EntityView;
use crate::rules::time::{Local, show_utc};

/// The request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestBody {
    id: i64,
    guid: String,
    user_id: i64,
    service_id: i64,
    organization_id: Option<i64>,
    request_status: &'static str,
    english_display_name: String,
    french_display_name: String,
    metadata_structure_id: Option<i64>,
    service_attribute_id: Option<i64>,
    service_fee_id: Option<i64>,
    comment: Option<String>,
    requester_id: Option<i64>,
    requester_organization_id: Option<i64>,
    mail_coordinate_id: Option<i64>,
    place_of_supply: Option<String>,
    service_standard_id: i64,
    metadata: Option<Box<RawValue>>,
    regulated_entities: Option<Vec<EntityBody>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_history: Option<Vec<EntryBody>>,
    date_updated: String,
    date_updated_utc: String,
}

/// What stands beside a request; what is `None` was not asked for.
#[derive(Debug, Default)]
pub struct Beside {
    /// Whether its metadata is shown.
    pub metadata: bool,
    /// Its regulated entities.
    pub entities: Option<Vec<EntityView>>,
    /// Its status history.
    pub history: Option<Vec<Entry>>,
}

impl RequestBody {
    /// Of a record.
    #[must_use]
    pub fn of(request: Request, beside: Beside, zone: &Local) -> Self {
        let service = request.service;
        let entities = beside
            .entities
            .map(|found| found.into_iter().map(|entity| EntityBody::of(entity, service)).collect::<Vec<_>>());
        let history = beside
            .history
            .map(|found| found.iter().map(|entry| EntryBody::of(entry, zone)).collect::<Vec<_>>());
        Self {
            id: request.id,
            guid: request.guid,
            user_id: request.user,
            service_id: service,
            organization_id: request.organization,
            request_status: request.status.name(),
            english_display_name: request.name_en,
            french_display_name: request.name_fr,
            metadata_structure_id: request.metadata_structure,
            service_attribute_id: request.service_attribute,
            service_fee_id: request.service_fee,
            comment: request.comment,
            requester_id: request.requester,
            requester_organization_id: request.requester_organization,
            mail_coordinate_id: request.mail_coordinate,
            place_of_supply: request.place_of_supply,
            service_standard_id: request.standard,
            // It was written by us; what cannot be read as JSON any more is better left out than sent.
            metadata: request
                .metadata
                .filter(|_| beside.metadata)
                .and_then(|text| RawValue::from_string(text).ok()),
            regulated_entities: entities,
            status_history: history,
            date_updated: zone.show(request.updated_at),
            date_updated_utc: show_utc(request.updated_at),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntityBody {
    value: String,
    service_id: i64,
    regulated_entity_type_code: String,
    regulated_entity_id_type_code: String,
    sort_order: i64,
    english_display_name: String,
    french_display_name: String,
}

impl EntityBody {
    fn of(entity: EntityView, service: i64) -> Self {
        Self {
            value: entity.value,
            service_id: service,
            regulated_entity_type_code: entity.type_code,
            regulated_entity_id_type_code: entity.id_type_code,
            sort_order: entity.sort_order,
            english_display_name: entity.name_en,
            french_display_name: entity.name_fr,
        }
    }
}

/// An entry of a status history.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EntryBody {
    service_history_entry_id: i64,
    status: &'static str,
    english_display_name: &'static str,
    french_display_name: &'static str,
    date: String,
    service_category_code: &'static str,
    service_standard_id: i64,
}

impl EntryBody {
    /// Of a record.
    #[must_use]
    pub fn of(entry: &Entry, zone: &Local) -> Self {
        Self {
            service_history_entry_id: entry.id,
            status: entry.status.name(),
            english_display_name: entry.status.english(),
            french_display_name: entry.status.french(),
            date: zone.show(entry.at),
            service_category_code: if entry.clock_on { "ON" } else { "OFF" },
            service_standard_id: entry.standard,
        }
    }
}

/// An entry with who made it and what the clock had run (spec 4.5).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EntryExBody {
    /// As in the plain history.
    #[serde(flatten)]
    pub entry: EntryBody,
    /// Who made it; 0 when nobody was named.
    pub user_id: i64,
    /// Their name; null when they are there no more.
    pub user_name: Option<String>,
    /// When, in UTC.
    pub date_utc: String,
    /// The remark made with it.
    pub comment: Option<String>,
    /// The standard that holds.
    pub service_standard_english_name: Option<String>,
    /// The standard that holds.
    pub service_standard_french_name: Option<String>,
    /// Whole days the clock had run at the end of the entry, or has until now.
    pub elapsed_days: i64,
}

/// A page of requests and how many there are (spec 2.6).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CollectionBody {
    /// This page.
    pub service_requests: Vec<RequestBody>,
    /// All that match.
    pub count: i64,
    /// From 1.
    pub page: i64,
    /// Whether a page comes after it.
    pub has_more: bool,
}

/// The answer to a creation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedBody {
    /// The new request.
    pub service_request_id: i64,
}
