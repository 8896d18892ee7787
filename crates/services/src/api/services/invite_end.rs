//! `POST /api/v1/services/complete-invite`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::invite::internal;
use super::step::{Whose, enrol};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::Scope;
use crate::records::mailed_code::{self, Purpose};
use crate::records::request::{self, Request};
use crate::records::user::UserType;
use crate::rules::{Fault, Refusal, RequestStatus};

/// Enrols the person for the organization of the invite, if it has one, and uses the code up.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (user, id, code) = (call.id("userId")?, call.id("serviceRequestId")?, call.text("invitationCode")?);
    call.write(move |tx, scope| {
        let open = mailed_code::open(tx, scope, Purpose::Invite, &code)?;
        let open = open.filter(|open| open.request == id).ok_or_else(|| {
            Refusal::from(MtapiCode::CompleteInviteWithInvalidArgumentFailed)
                .at("invitationCode", "the code of the invite, once, before it expires")
        })?;
        let invite = request::find(tx, scope, id)?.ok_or(MtapiCode::InternalError)?;
        accept(tx, scope, user, invite)?;
        Ok(mailed_code::close(tx, scope, open.id)?)
    })
    .await?;
    Ok(Reply::empty())
}

fn accept(tx: &mut dyn Sql, scope: &Scope, user: i64, invite: Request) -> Result<(), Fault> {
    lookup::service(tx, scope, (Place::Query, "serviceRequestId"), invite.service)?;
    let person = lookup::person(tx, scope, (Place::Query, "userId"), user)?;
    if person.kind == UserType::Internal && invite.organization.is_some() {
        return Err(internal("userId").into());
    }
    let whose = Whose { user, service: invite.service, organization: invite.organization };
    enrol(tx, scope, whose, false)?;
    let by = Scope { user: scope.user.or(Some(user)), ..scope.clone() };
    let accepted = Request { status: RequestStatus::Accepted, ..invite };
    request::update(tx, &by, &accepted)?;
    request::enter(tx, &by, &accepted, user, None)?;
    Ok(())
}
