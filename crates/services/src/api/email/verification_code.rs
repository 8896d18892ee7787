//! `POST /api/v1/notifications/verificationcode`.

use waypost_mail::Reason;
use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::operation::Place;
use crate::api::{lookup, mailing};
use crate::records::user;
use crate::rules::{Fault, Refusal, words};
use crate::wire::notification::read_verification;

/// Sends the user the code by which their address is confirmed. Keeping and checking the code are operations of accounts.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let asked = read_verification(&call.fields(MtapiCode::ArgumentError).await?)?;
    let outbox = mailing::outbox(&call, MtapiCode::SendVerificationCodeFailed)?;
    call.write(move |tx, scope| {
        lookup::person(tx, scope, (Place::Query, "UserId"), asked.user)?;
        let person = user::find(tx, scope, asked.user)?;
        let none = || Refusal::argument("UserId", "a user with an e-mail address");
        let to = person.as_ref().and_then(mailing::address_of).ok_or_else(none)?;
        let own = words::verification(asked.is_english, &asked.url, &asked.code);
        let letter = (to, own, Some(mailing::language(asked.is_english)));
        mailing::enqueue(tx, scope, Some(&outbox), (Reason::VerificationCode, asked.user), letter)
    })
    .await?;
    mailing::release(&call);
    Ok(Reply::empty())
}
