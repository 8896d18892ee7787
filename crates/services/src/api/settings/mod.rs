//! The ServiceSettings and ServicePreferences controllers (spec 3.12, 3.16).

mod delete;
mod delete_preference;
mod list;
mod of_service;
mod preferences;
mod preferences_of_service;
mod set;
mod set_preference;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Settings);
const WRITE: Grant = Grant::write(Area::Settings);
const SERVICE: Param = Param::path_id("serviceId");
const KEY: Param = Param::path_text("key");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/service-settings", READ, |call| Box::pin(list::handle(call)))
        .fails(MtapiCode::RetrievingServiceSettingFailed)
        .gives("StoredSetting[]")
        .does("Lists the settings of the application's services."),
    Operation::post("/api/v1/service-settings", WRITE, |call| Box::pin(set::handle(call)))
        .reads("ServiceSetting")
        .fails(MtapiCode::CreateOrUpdateServiceSettingFailed)
        .gives("StoredSetting")
        .also(&[412])
        .does("Adds or updates a setting of a service."),
    Operation::delete("/api/v1/service-settings/{serviceId}/{key}", WRITE, |call| {
        Box::pin(delete::handle(call))
    })
    .takes(&[SERVICE, KEY])
    .fails(MtapiCode::DeletingServiceSettingFailed)
    .also(&[412])
    .does("Deletes a setting of a service."),
    Operation::get("/api/v1/services/{id}/service-settings", READ, |call| Box::pin(of_service::handle(call)))
        .takes(&[Param::path_id("id"), Param::text("key").optional(), Param::flag("useDefaults").optional()])
        .fails(MtapiCode::RetrievingServiceSettingFailed)
        .gives("StoredSetting[]")
        .does(
            "Lists the settings of a service, or one of them; on demand with what it would have otherwise.",
        ),
    Operation::get("/api/v1/service-preferences", READ, |call| Box::pin(preferences::handle(call)))
        .fails(MtapiCode::RetrievingServicePreferenceFailed)
        .gives("StoredPreference[]")
        .does("Lists the preferences of the application's services."),
    Operation::post("/api/v1/service-preferences", WRITE, |call| Box::pin(set_preference::handle(call)))
        .reads("ServicePreference")
        .fails(MtapiCode::CreateOrUpdateServicePreferenceFailed)
        .gives("StoredPreference")
        .also(&[412])
        .does("Adds or updates a preference of a service."),
    Operation::delete("/api/v1/service-preference/{serviceId}/{key}", WRITE, |call| {
        Box::pin(delete_preference::handle(call))
    })
    .takes(&[SERVICE, KEY])
    .fails(MtapiCode::DeletingServicePreferenceFailed)
    .also(&[412])
    .does("Deletes a preference of a service."),
    Operation::get("/api/v1/services/{id}/service-preferences", READ, |call| {
        Box::pin(preferences_of_service::handle(call))
    })
    .takes(&[Param::path_id("id"), Param::text("key").optional()])
    .fails(MtapiCode::RetrievingServicePreferenceFailed)
    .gives("StoredPreference[]")
    .does("Lists the preferences of a service, or one of them."),
];
