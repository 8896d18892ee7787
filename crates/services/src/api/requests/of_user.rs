//! `GET /api/v1/users/{id}/servicerequests`.

use waypost_status::MtapiCode;

use super::list::{Included, collection};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::request_list::Selection;
use crate::records::user;
use crate::rules::{Fault, Refusal};

/// The requests of a person in the services of the application, or in one of them, newest first.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (user, service) = (call.id("id")?, call.opt_id("serviceId"));
    let selection = Selection {
        user: Some(user),
        services: service.map(|service| vec![service]),
        ..Selection::default()
    };
    let (included, page, zone) = (Included::of(&call), call.page()?, call.app().settings.zone.clone());
    let read = call.read(move |tx, scope| {
        if !user::exists(tx, scope, user)? {
            return Err(Refusal::from(MtapiCode::UserNotFound).at("id", "the id of a user").into());
        }
        if let Some(service) = service {
            scope.require(service)?;
        }
        collection(tx, scope, &selection, (included, page), &zone)
    });
    Reply::json(&read.await?)
}
