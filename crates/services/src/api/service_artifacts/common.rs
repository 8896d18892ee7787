//! What the operations on service artifacts share.

use axum::http::HeaderValue;
use bytes::Bytes;
use serde::Serialize;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::records::Scope;
use crate::records::service_artifact::{self, ServiceArtifact};
use crate::rules::time::show_utc;
use crate::rules::{Fault, Refusal};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Info<'a> {
    id: i64,
    service_id: i64,
    alias: &'a str,
    version: &'a str,
    date_updated_utc: String,
}

/// What is known of one.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(artifact: &ServiceArtifact) -> Result<Reply, Fault> {
    let info = Info {
        id: artifact.id,
        service_id: artifact.service,
        alias: &artifact.alias,
        version: &artifact.version,
        date_updated_utc: show_utc(artifact.updated_at),
    };
    Ok(Reply::json(&info)?.revision(artifact.revision))
}

/// Its content, byte for byte.
pub(super) fn content(artifact: &ServiceArtifact, body: Vec<u8>) -> Reply {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    Reply::raw(json, body).revision(artifact.revision)
}

/// One by its row, of a service the application is bound to.
///
/// # Errors
/// 622000; 901006.
pub(super) fn found(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<ServiceArtifact, Fault> {
    let artifact = service_artifact::find(tx, scope, id)?.ok_or_else(|| unknown("id"))?;
    scope.require(artifact.service)?;
    Ok(artifact)
}

pub(super) fn unknown(field: &'static str) -> Refusal {
    Refusal::from(MtapiCode::ServiceArtifactNotFound).at(field, "a service artifact that is there")
}

pub(super) fn taken() -> Refusal {
    Refusal::from(MtapiCode::ServiceArtifactAlreadyExists)
        .at("version", "a version that the alias does not have in the service")
}

/// Refuses a content that is no JSON.
///
/// # Errors
/// `code` and 901002.
pub(super) fn check(body: &Bytes, code: MtapiCode) -> Result<(), Refusal> {
    serde_json::from_slice::<serde_json::Value>(body).map(drop).map_err(|error| {
        Refusal::from(code).at("body", format!("JSON: {error}")).and(MtapiCode::ArgumentError)
    })
}
