//! `GET /api/v1/file-attachments/{id}`.

use axum::http::header::ACCEPT;
use waypost_status::MtapiCode;

use super::download::{as_it_is, as_json};
use super::receive::broken;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::found;
use crate::files::Kept;
use crate::records::file::{self, FileState};
use crate::rules::{Fault, Refusal};

/// The file: as JSON with its content in base64, or as it is when `Accept` asks for `application/octet-stream`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let file = call
        .read(move |tx, scope| {
            let file = file::find(tx, scope, id)?.ok_or_else(unknown)?;
            found(tx, scope, file.request)?;
            Ok(file)
        })
        .await?;
    match file.state {
        FileState::Clean => {}
        FileState::Infected => {
            return Err(Refusal::from(MtapiCode::VirusDetected).at("id", "a file without viruses").into());
        }
        FileState::Pending | FileState::Error => {
            return Err(Refusal::from(MtapiCode::VirusScanFailed).at("id", "a file that was scanned").into());
        }
        FileState::Deleted => return Err(unknown().into()),
    }
    let room = call.app().files()?;
    let content = room.blobs.read(&Kept(file.blob.clone())).await.map_err(|error| broken(&error))?;
    let accept = call.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let raw = accept.contains("application/octet-stream") && !accept.contains("json");
    if raw { Ok(as_it_is(&file, content)) } else { as_json(&file, content) }
}

/// There is no such file.
pub(super) fn unknown() -> Refusal {
    Refusal::from(MtapiCode::FileAttachmentNotFound).at("id", "a file that is there")
}
