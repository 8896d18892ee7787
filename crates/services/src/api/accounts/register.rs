//! `POST /api/v1/account/register`.

use serde_json::Value;
use waypost_status::MtapiCode;
use waypost_store::StoreError;

use super::sign_in::SignIn;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::users::check_credentials;
use crate::records::coordinate::{Coordinate, CoordinateKind};
use crate::records::user::{self, User};
use crate::rules::contact::is_email;
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;
use crate::wire::user::{UserBody, nobody};

/// Adds a person with an e-mail address, and a phone where one is given. The address may be another person's too: then
/// both are found when an account is recovered.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::InvalidRegistrationContext).await?;
    let new = SignIn::of(&fields)?.bind(person(&fields)?);
    let stored = call.write(move |tx, scope| {
        check_credentials(tx, scope, &new)?;
        let id = user::create(tx, scope, &new)?;
        let stored = user::find(tx, scope, id)?;
        Ok(stored.ok_or_else(|| StoreError::Corrupt("a user is gone".to_owned()))?)
    });
    let stored = stored.await?;
    Ok(Reply::json(&UserBody::of(&stored))?.revision(stored.revision))
}

fn person(fields: &Fields) -> Result<User, Refusal> {
    let null = || Refusal::from(MtapiCode::InvalidRegistrationContext).at("User", "an object, mandatory");
    let user = fields.object("User")?.ok_or_else(null)?;
    let email = user.opt_text("Email")?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let missing = |rule| Refusal::from(MtapiCode::InvalidEmail).at("User.Email", rule);
    let email = email.ok_or_else(|| missing("an e-mail address, mandatory"))?;
    if !is_email(&email) {
        return Err(missing("an e-mail address"));
    }
    let mut coordinates = vec![reached(CoordinateKind::Email, "EmailAddress", email)];
    if let Some(phone) = user.opt_text_of("DisplayPhoneNumber", 100)?.filter(|text| !text.trim().is_empty()) {
        coordinates.push(reached(CoordinateKind::Phone, "DisplayPhoneNumber", phone.trim().to_owned()));
    }
    Ok(User {
        first_name: user.text("FirstName")?.trim().to_owned(),
        last_name: user.text("LastName")?.trim().to_owned(),
        coordinates,
        ..nobody()
    })
}

fn reached(kind: CoordinateKind, member: &str, text: String) -> Coordinate {
    Coordinate {
        id: 0,
        kind,
        location_type: None,
        is_primary: true,
        body: [(member.to_owned(), Value::String(text))].into_iter().collect(),
    }
}
