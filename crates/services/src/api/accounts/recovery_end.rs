//! `POST /api/v1/account/complete-recovery`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::sign_in::SignIn;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::users::check_credentials;
use crate::records::mailed_code::{self, Purpose, RecoveryAbout};
use crate::records::request::{self, Request, RequestKind};
use crate::records::{Scope, user};
use crate::rules::{Fault, Refusal, RequestStatus};

/// Pairs the person of the recovery with the MBUN it was started with, or cancels it; either uses the code up. Where
/// several share the address, the id is that of one of them, not of the parent.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, code, mbun) = (call.id("accountRecoveryId")?, call.text("code")?, call.text("mbun")?);
    let cancels = call.opt_text("action").is_some_and(|action| action.eq_ignore_ascii_case("Cancel"));
    call.write(move |tx, scope| {
        let wrong = || Refusal::argument("code", "the code of the recovery, once, before it expires");
        let open = mailed_code::open(tx, scope, Purpose::Recovery, &code)?.ok_or_else(wrong)?;
        let recovery = request::find(tx, scope, id)?.filter(|own| own.kind == RequestKind::Recovery);
        let recovery = recovery.filter(|own| own.id == open.request || own.parent == Some(open.request));
        let recovery = recovery.ok_or_else(wrong)?;
        let about: RecoveryAbout = open.about()?;
        if about.mbun != mbun {
            return Err(Refusal::argument("mbun", "the MBUN with which the recovery was started").into());
        }
        let status = if cancels {
            RequestStatus::Canceled
        } else {
            pair(tx, scope, &recovery, about)?;
            RequestStatus::Accepted
        };
        let ended = Request { status, ..recovery };
        request::update(tx, scope, &ended)?;
        request::enter(tx, scope, &ended, scope.actor(None), None)?;
        Ok(mailed_code::close(tx, scope, open.id)?)
    })
    .await?;
    Ok(Reply::empty())
}

fn pair(tx: &mut dyn Sql, scope: &Scope, recovery: &Request, about: RecoveryAbout) -> Result<(), Fault> {
    if request::has_children(tx, scope, recovery.id)? {
        let rule = "the id of one person's recovery: several share the address";
        return Err(Refusal::argument("accountRecoveryId", rule).into());
    }
    let gone = || {
        Refusal::from(MtapiCode::UserNotFound).at("accountRecoveryId", "of a user who is there").in_input()
    };
    let person = user::bare(tx, scope, recovery.user)?.ok_or_else(gone)?;
    let paired = SignIn::GcKey(about.mbun, about.issuer).bind(person);
    check_credentials(tx, scope, &paired)?;
    user::update(tx, scope, &paired, false)?;
    Ok(())
}
