//! `GET /api/v1/servicerequests/{id}/requester`.

use waypost_status::MtapiCode;

use super::common::found;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::user;
use crate::rules::{Fault, Refusal};
use crate::wire::user::UserBody;

/// The requester with what is known of them.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let person = call
        .read(move |tx, scope| {
            let request = found(tx, scope, id)?;
            let requester = request.requester.ok_or_else(|| {
                Refusal::from(MtapiCode::NoRequesterId).at("id", "a service request that names its requester")
            })?;
            let rule = "a service request whose requester is there";
            let gone = || Refusal::from(MtapiCode::NoRequesterDetails).at("id", rule);
            Ok(user::find(tx, scope, requester)?.ok_or_else(gone)?)
        })
        .await?;
    Reply::json(&UserBody::of(&person))
}
