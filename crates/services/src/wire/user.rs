//! People as they are sent and shown (spec 4.2, UserDTO).

use serde::Serialize;
use serde_json::Value;

use super::{Fields, coordinate};
use crate::records::coordinate::CoordinateKind;
use crate::records::user::{User, UserType};
use crate::rules::Refusal;
use waypost_status::MtapiCode;

/// What a person signs in with.
#[derive(Debug, Serialize)]
struct GcKey {
    #[serde(rename = "MBUN")]
    mbun: String,
    #[serde(rename = "Issuer")]
    issuer: Option<String>,
}

/// The person.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserBody {
    id: i64,
    user_type: &'static str,
    first_name: String,
    last_name: String,
    #[serde(rename = "GCKey")]
    gc_key: Option<GcKey>,
    windows_user_name: Option<String>,
    verified: bool,
    #[serde(rename = "PKI")]
    pki: Option<String>,
    authentication_type: String,
    phones: Vec<Value>,
    emails: Vec<Value>,
    addresses: Vec<Value>,
}

impl UserBody {
    /// Of a record.
    #[must_use]
    pub fn of(user: &User) -> Self {
        let issuer = user.issuer.clone();
        Self {
            id: user.id,
            user_type: user.kind.word(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            gc_key: user.mbun.clone().map(|mbun| GcKey { mbun, issuer }),
            windows_user_name: user.login.clone(),
            verified: user.verified,
            pki: user.pki.clone(),
            authentication_type: user.authentication_type.clone(),
            phones: coordinate::shown(&user.coordinates, CoordinateKind::Phone),
            emails: coordinate::shown(&user.coordinates, CoordinateKind::Email),
            addresses: coordinate::shown(&user.coordinates, CoordinateKind::Address),
        }
    }

    /// Of several.
    #[must_use]
    pub fn all(users: &[User]) -> Vec<Self> {
        users.iter().map(Self::of).collect()
    }
}

/// A page of people.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserPage {
    /// The people of the page.
    pub users: Vec<UserBody>,
    /// How many there are in all.
    pub count: i64,
    /// Which page.
    pub page: i64,
    /// Whether more follow.
    pub has_more: bool,
}

/// Longest name or credential, characters.
pub const NAME_CHARS_MAX: usize = 200;

/// GCKey identifier and issuer; also from the `GCKey` of an AuthenticationContext.
///
/// # Errors
/// 901002.
pub fn gc_key(fields: &Fields) -> Result<Option<(String, Option<String>)>, Refusal> {
    let Some(key) = fields.object("GCKey")? else { return Ok(None) };
    let text = |name| {
        let text = key.opt_text_of(name, NAME_CHARS_MAX)?;
        Ok::<_, Refusal>(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let issuer = text("Issuer")?;
    Ok(text("MBUN")?.map(|mbun| (mbun, issuer)))
}

/// The person after a change: a member that is written out is set, the others stay. `before` is nobody for a new one.
///
/// # Errors
/// 901002 that names the member; 620001 for a word that is no type of user.
pub fn merged(fields: &Fields, before: &User, coordinates: bool) -> Result<User, Refusal> {
    let name = |member: &str, now: &str| {
        let given = if fields.names(member) { fields.opt_text_of(member, NAME_CHARS_MAX)? } else { None };
        let text = given.map_or_else(|| now.to_owned(), |text| text.trim().to_owned());
        if text.is_empty() { Err(fields.wrong(member, "a text, mandatory")) } else { Ok(text) }
    };
    let text = |member: &str, now: &Option<String>| {
        if !fields.names(member) {
            return Ok::<_, Refusal>(now.clone());
        }
        let given = fields.opt_text_of(member, NAME_CHARS_MAX)?;
        Ok(given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let (mbun, issuer) = if fields.names("GCKey") {
        gc_key(fields)?.map_or((None, None), |(mbun, issuer)| (Some(mbun), issuer))
    } else {
        (before.mbun.clone(), before.issuer.clone())
    };
    let mut after = User {
        first_name: name("FirstName", &before.first_name)?,
        last_name: name("LastName", &before.last_name)?,
        mbun,
        issuer,
        login: text("WindowsUserName", &before.login)?,
        pki: text("PKI", &before.pki)?,
        verified: fields.flag("Verified", before.verified)?,
        ..before.clone()
    };
    after.kind = kind(fields, &after)?;
    let given = text("AuthenticationType", &None)?;
    after.authentication_type = given.unwrap_or_else(|| signs_in_with(&after).to_owned());
    if coordinates {
        after.coordinates = coordinate::merged(fields, &before.coordinates)?;
    }
    Ok(after)
}

fn kind(fields: &Fields, user: &User) -> Result<UserType, Refusal> {
    if let Some(word) = fields.opt_text("UserType")?.filter(|word| !word.trim().is_empty()) {
        return UserType::parse(word.trim()).ok_or_else(|| {
            Refusal::from(MtapiCode::InvalidUserType)
                .at(fields.place("UserType"), "Guest, Internal or External")
        });
    }
    Ok(match (user.login.is_some() || user.pki.is_some(), user.mbun.is_some()) {
        (true, _) => UserType::Internal,
        (false, true) => UserType::External,
        (false, false) if user.id > 0 => user.kind,
        (false, false) => UserType::Guest,
    })
}

/// The published word for what a person signs in with; empty for nothing.
#[must_use]
pub fn signs_in_with(user: &User) -> &'static str {
    match (&user.mbun, &user.login, &user.pki) {
        (Some(_), _, _) => "GCKey",
        (None, Some(_), _) => "Windows",
        (None, None, Some(_)) => "PKI",
        (None, None, None) => "",
    }
}

/// Nobody yet.
#[must_use]
pub const fn nobody() -> User {
    User {
        id: 0,
        kind: UserType::Guest,
        first_name: String::new(),
        last_name: String::new(),
        mbun: None,
        issuer: None,
        login: None,
        pki: None,
        authentication_type: String::new(),
        verified: false,
        revision: 0,
        coordinates: Vec::new(),
    }
}
