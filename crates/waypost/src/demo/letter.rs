//! One letter: somebody is invited to the sandbox's service, and the code arrives at the simulated relay.

use std::time::Duration;

use anyhow::Context as _;
use http::Request;
use serde::Serialize;

use super::Client;
use crate::sandbox::World;

/// Who is invited.
const INVITED: &str = "ann@example.org";

/// A letter that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrived {
    /// For whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
}

/// Invites somebody and waits for the letter; `None` when it does not arrive.
///
/// # Errors
/// When the server refuses the invite.
pub async fn letter(world: &World, patience: Duration) -> anyhow::Result<Option<Arrived>> {
    let told = &world.ready().services;
    let relay = world.post().relay();
    let mut taken = relay.taken();
    let path = format!(
        "/api/v1/services/{}/initiate-invite?userId={}&email={INVITED}&organizationId={}",
        told.service_id, told.user_id, told.organization_id
    );
    let request = Request::post(path).header("api-key", &told.api_key).header("app-jwt", &told.app_jwt);
    let mut client = Client::connect(world.address()).await?;
    client.send(request, Vec::new()).await.context("inviting somebody to the sandbox's service")?;
    // Other letters of the run may come before it.
    let find = || relay.letters().into_iter().find(|letter| letter.recipients == [INVITED]);
    let arrived = tokio::time::timeout(patience, taken.wait_for(|_| find().is_some())).await;
    let letter = if matches!(arrived, Ok(Ok(_))) { find() } else { None };
    Ok(letter.map(|letter| Arrived {
        to: INVITED.to_owned(),
        subject: letter.header("Subject").unwrap_or_default(),
    }))
}
