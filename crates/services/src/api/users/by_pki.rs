//! `GET /api/v1/users/pki`.

use super::find::{Asked, signing_in};
use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The person whose certificate has this name.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let asked = Asked::Pki(call.text("pki")?);
    show(&call.read(move |tx, scope| signing_in(tx, scope, &asked)).await?)
}
