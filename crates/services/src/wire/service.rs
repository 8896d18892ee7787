//! A service as it is shown.

use serde::Serialize;

use crate::records::service::Service;

/// The service (spec 5.2; the published material has no response schema).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServiceBody {
    id: i64,
    short_name: String,
    english_name: String,
    french_name: String,
    service_group_id: Option<i64>,
    base_url: String,
    is_visible: bool,
    is_self_enrolment: bool,
}

impl ServiceBody {
    /// Of a record.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        Self {
            id: service.id,
            short_name: service.short_name.clone(),
            english_name: service.name_en.clone(),
            french_name: service.name_fr.clone(),
            service_group_id: service.group,
            base_url: service.base_url.clone(),
            is_visible: service.is_visible,
            is_self_enrolment: service.self_enrol,
        }
    }
}
