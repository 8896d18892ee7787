//! `POST /api/v1/account/activate`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::sign_in::SignIn;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::api::users::check_credentials;
use crate::records::user::{self, User};
use crate::records::{Scope, application, enrolment};
use crate::rules::enrolment::{Action, State, after};
use crate::rules::{Fault, Refusal};
use crate::wire::user::UserBody;

/// The key is good once: it pairs the prepared person with what they sign in with and makes their enrolment active.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::InvalidUserActivationContext).await?;
    let (key, service) = (fields.text("EnrollmentKey")?, fields.id("ServiceId")?);
    let (hash, sign_in) = (application::hash(key.trim()), SignIn::of(&fields)?);
    let person = call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "ServiceId"), service)?;
        activate(tx, scope, (service, &hash), sign_in.clone())
    });
    let person = person.await?;
    Ok(Reply::json(&UserBody::of(&person))?.revision(person.revision))
}

fn activate(
    tx: &mut dyn Sql,
    scope: &Scope,
    (service, hash): (i64, &[u8]),
    sign_in: SignIn,
) -> Result<User, Fault> {
    let unknown = || Refusal::argument("EnrollmentKey", "the enrolment key of a user in the service, once");
    let own = enrolment::by_key(tx, scope, service, hash)?.ok_or_else(unknown)?;
    let person = user::find(tx, scope, own.user)?.ok_or_else(unknown)?;
    let after_it = after(Some(own.state_at(scope.now)), Action::Enrol).ok_or_else(|| {
        Refusal::argument("EnrollmentKey", "the key of an enrolment that was not deactivated")
    })?;
    let bound = sign_in.bind(person);
    check_credentials(tx, scope, &bound)?;
    user::update(tx, scope, &bound, false)?;
    let end = own.deactivate_at.filter(|_| after_it == State::Active && own.state == State::Active);
    enrolment::put(tx, scope, (own.user, service, own.organization), (after_it, end), own.self_enrolled)?;
    enrolment::set_key(tx, scope, own.id, None)?;
    Ok(user::find(tx, scope, own.user)?.ok_or_else(unknown)?)
}
