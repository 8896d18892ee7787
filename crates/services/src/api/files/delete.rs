//! `DELETE /api/v1/file-attachments/{id}`.

use super::get::unknown;
use super::receive::broken;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::found;
use crate::files::Kept;
use crate::records::file::{self, FileState};
use crate::rules::Fault;

/// Removes a file. Its row stays for the audit, its content does not.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let file = call
        .write(move |tx, scope| {
            let file = file::find(tx, scope, id)?.ok_or_else(unknown)?;
            found(tx, scope, file.request)?;
            file::set_state(tx, scope, &file, FileState::Deleted)?;
            Ok(file)
        })
        .await?;
    let room = call.app().files()?;
    room.blobs.remove(&Kept(file.blob)).await.map_err(|error| broken(&error))?;
    Ok(Reply::empty())
}
