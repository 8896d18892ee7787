//! The App controller: the caller itself, version, state (spec 4.1, 4.4).

mod clear_cache;
mod schema_version;
mod status;
mod validate_key;
mod version;
mod whoami;

use waypost_status::MtapiCode;

use super::operation::Operation;
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Platform);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("/api/v1/validate-apikey", READ, |call| Box::pin(validate_key::handle(call)))
        .reads("ApiKeyValidationContext")
        .gives("boolean")
        .does("Checks a key and its token for a service."),
    Operation::get("/api/v1/status", READ, |call| Box::pin(status::handle(call)))
        .gives("string")
        .does("Tells whether the database answers."),
    Operation::get("/api/v1/version", READ, |call| Box::pin(version::handle(call)))
        .gives("string")
        .does("Tells the version of the server."),
    Operation::get("/api/v1/mtoa-db-schema-version", READ, |call| Box::pin(schema_version::handle(call)))
        .gives("string")
        .does("Tells the version of the database schema."),
    Operation::get("/api/v1/whoami", READ, |call| Box::pin(whoami::handle(call)))
        .fails(MtapiCode::ApplicationInfoNotFound)
        .gives("Application")
        .also(&[404])
        .does("Tells who calls and which services are bound to it."),
    Operation::post("/api/v1/clear-cache", Grant::write(Area::Platform), |call| {
        Box::pin(clear_cache::handle(call))
    })
    .does("Forgets the settings that are remembered for five minutes."),
];
