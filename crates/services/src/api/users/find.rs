//! `GET /api/v1/users`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::Scope;
use crate::records::user::{self, Credential, User};
use crate::rules::{Fault, Refusal};

/// What somebody signs in with.
pub(super) enum Asked {
    /// GCKey identifier, and its issuer where one is named.
    Mbun(String, Option<String>),
    /// Windows user name.
    Login(String),
    /// Certificate name.
    Pki(String),
}

/// One person, by the first of MBUN, login and certificate that is named.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let asked = match (call.opt_text("mbun"), call.opt_text("login"), call.opt_text("pki")) {
        (Some(mbun), _, _) => Asked::Mbun(mbun, call.opt_text("issuer")),
        (None, Some(login), _) => Asked::Login(login),
        (None, None, Some(pki)) => Asked::Pki(pki),
        (None, None, None) => {
            return Err(Refusal::argument("mbun", "one of login, mbun and pki, mandatory").into());
        }
    };
    show(&call.read(move |tx, scope| signing_in(tx, scope, &asked)).await?)
}

/// The person who signs in so.
///
/// # Errors
/// 4041003 with HTTP 400.
pub(super) fn signing_in(tx: &mut dyn Sql, scope: &Scope, asked: &Asked) -> Result<User, Fault> {
    let (field, credential) = match asked {
        Asked::Mbun(mbun, issuer) => ("mbun", Credential::Mbun(mbun, issuer.as_deref())),
        Asked::Login(login) => ("login", Credential::Login(login)),
        Asked::Pki(pki) => ("pki", Credential::Pki(pki)),
    };
    let found = user::by_credential(tx, scope, credential)?;
    Ok(found.ok_or_else(|| {
        Refusal::from(MtapiCode::UserNotFound).at(field, "what a user signs in with").in_input()
    })?)
}
