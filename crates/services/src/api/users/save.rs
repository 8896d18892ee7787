//! `POST /api/v1/users`.

use waypost_status::MtapiCode;
use waypost_store::{Sql, StoreError};

use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::Scope;
use crate::records::user::{self, Credential, User};
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;
use crate::wire::user::{gc_key, merged, nobody};

/// Updates the person with the `Id`, else the one who signs in so, else adds one. A member that is not written out stays
/// as it was. With `excludeCoordinates` phones, e-mail and postal addresses are left alone.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let coordinates = !call.flag("excludeCoordinates", false);
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let asked = call.if_match()?;
    let stored = call.write(move |tx, scope| {
        let before = known(tx, scope, &fields)?;
        if let Some(before) = &before {
            check_revision(asked, before.revision)?;
        }
        let after = merged(&fields, before.as_ref().unwrap_or(&nobody()), coordinates)?;
        check_credentials(tx, scope, &after)?;
        if coordinates {
            check_emails(tx, scope, &after)?;
        }
        let id = match before {
            Some(before) => {
                user::update(tx, scope, &after, coordinates)?;
                before.id
            }
            None => user::create(tx, scope, &after)?,
        };
        let stored = user::find(tx, scope, id)?;
        Ok(stored.ok_or_else(|| StoreError::Corrupt("a user is gone".to_owned()))?)
    });
    show(&stored.await?)
}

/// Whom the body means, if they are there.
fn known(tx: &mut dyn Sql, scope: &Scope, fields: &Fields) -> Result<Option<User>, Fault> {
    if let Some(id) = fields.opt_id("Id").map_err(|refusal| refusal.led_by(MtapiCode::UsersInvalidUserId))? {
        let found = user::find(tx, scope, id)?;
        let unknown =
            || Refusal::from(MtapiCode::UserNotFound).at("Id", "the id of a user, or none").in_input();
        return Ok(Some(found.ok_or_else(unknown)?));
    }
    if let Some((mbun, issuer)) = gc_key(fields)? {
        let found = user::by_credential(tx, scope, Credential::Mbun(&mbun, issuer.as_deref()))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    if let Some(login) = fields.opt_text("WindowsUserName")?.filter(|text| !text.trim().is_empty()) {
        let found = user::by_credential(tx, scope, Credential::Login(login.trim()))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    match fields.opt_text("PKI")?.filter(|text| !text.trim().is_empty()) {
        Some(pki) => Ok(user::by_credential(tx, scope, Credential::Pki(pki.trim()))?),
        None => Ok(None),
    }
}

/// Nobody else signs in so.
///
/// # Errors
/// 901002.
pub(in crate::api) fn check_credentials(tx: &mut dyn Sql, scope: &Scope, after: &User) -> Result<(), Fault> {
    let asked = [
        ("GCKey.MBUN", after.mbun.as_deref().map(|mbun| Credential::Mbun(mbun, None))),
        ("WindowsUserName", after.login.as_deref().map(Credential::Login)),
        ("PKI", after.pki.as_deref().map(Credential::Pki)),
    ];
    for (field, credential) in asked {
        let Some(credential) = credential else { continue };
        if user::by_credential(tx, scope, credential)?.is_some_and(|other| other.id != after.id) {
            return Err(Refusal::argument(field, "what no other user signs in with").into());
        }
    }
    Ok(())
}

/// Nobody else has one of the e-mail addresses.
fn check_emails(tx: &mut dyn Sql, scope: &Scope, after: &User) -> Result<(), Fault> {
    for address in after.coordinates.iter().filter_map(|one| one.email()) {
        if user::by_email(tx, scope, address)?.iter().any(|other| other.id != after.id) {
            return Err(Refusal::from(MtapiCode::AddingOrUpdatingUserFailedBecauseEmailAlreadyTaken)
                .at("Emails", "addresses that no other user has")
                .into());
        }
    }
    Ok(())
}
