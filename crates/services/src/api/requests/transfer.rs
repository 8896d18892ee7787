//! `POST /api/v1/servicerequests/{id}/transfer`.

use serde::Serialize;
use waypost_core::time::Micros;
use waypost_mail::Reason;
use waypost_mail::email::Mailbox;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::common::{by, found, person};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::mailing;
use crate::records::request::Request;
use crate::records::{Scope, transfer_code, user};
use crate::rules::time::show_utc;
use crate::rules::{Fault, Refusal, words};

/// How long a code is good.
const LIFETIME: Micros = Micros::from_secs(7 * 86_400);
/// Characters of a code. There are no letters and digits that are mistaken for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// How many.
const CODE_CHARS: usize = 12;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    transfer_code: String,
    expiry_date_utc: String,
}

/// Makes the code that hands the request over; an earlier one is good no more. It is mailed to the requester and told to the
/// calling application.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, user) = (call.id("id")?, call.id("userId")?);
    let code = code(&call)?;
    let (kept, expires_at) = (code.clone(), Micros(call.now().0 + LIFETIME.0));
    let outbox = call.app().outbox().cloned();
    call.write(move |tx, scope| {
        let request = found(tx, scope, id)?;
        person(tx, scope, "userId", user)?;
        let to = reachable(tx, scope, &request)?;
        transfer_code::issue(tx, &by(scope, user), id, (&kept, expires_at))?;
        let Some(to) = to else { return Ok(()) };
        let until = show_utc(expires_at);
        let letter = words::transfer((&request.name_en, &request.name_fr), id, (&kept, &until));
        mailing::enqueue(tx, scope, outbox.as_ref(), (Reason::Transfer, id), (to, letter, None))
    })
    .await?;
    mailing::release(&call);
    Reply::json(&Body { transfer_code: code, expiry_date_utc: show_utc(expires_at) })
}

/// There must be a requester with an e-mail address; `None` for one that no letter can go to.
fn reachable(tx: &mut dyn Sql, scope: &Scope, request: &Request) -> Result<Option<Mailbox>, Fault> {
    let requester = request.requester.ok_or_else(|| {
        Refusal::from(MtapiCode::NoRequesterId).at("id", "a service request that names its requester")
    })?;
    let person = user::find(tx, scope, requester)?;
    if let Some(person) = person.filter(|person| person.coordinates.iter().any(|one| one.email().is_some())) {
        return Ok(mailing::address_of(&person));
    }
    let rule = "a service request whose requester has an e-mail address";
    Err(Refusal::from(MtapiCode::NoRequesterDetails).at("id", rule).into())
}

fn code(call: &Call) -> Result<String, Fault> {
    let mut bytes = [0; CODE_CHARS];
    if !call.app().seams.random.fill(&mut bytes) {
        return Err(MtapiCode::InternalError.into());
    }
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte % 32)])).collect())
}
