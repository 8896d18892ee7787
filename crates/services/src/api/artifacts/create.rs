//! `POST /api/v1/artifacts`.

use super::common::{kind, read, refresh, show};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::{by, named, person};
use crate::records::artifact::{self, Artifact, ArtifactState};
use crate::rules::Fault;

/// Stores the body as an artifact, byte for byte.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let kind = kind(&call)?;
    let (id, user) = (call.id("serviceRequestId")?, call.id("userId")?);
    let version = call.text("version")?;
    let content = read(&mut call, kind).await?;
    let made = call
        .write(move |tx, scope| {
            let request = named(tx, scope, "serviceRequestId", id)?;
            person(tx, scope, "userId", user)?;
            let scope = by(scope, user);
            let mut new = Artifact {
                id: 0,
                request: id,
                kind,
                version: version.clone(),
                user,
                state: ArtifactState::Active,
                revision: 1,
            };
            new.id = artifact::create(tx, &scope, &new, &content.body)?;
            if content.pairs.is_some() {
                refresh(tx, &scope, &request)?;
            }
            Ok(new)
        })
        .await?;
    show(&made)
}
