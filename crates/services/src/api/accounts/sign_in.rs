//! What an AuthenticationContext says (spec 5.2).

use waypost_status::MtapiCode;

use crate::records::user::{User, UserType};
use crate::rules::Refusal;
use crate::wire::Fields;
use crate::wire::user::{NAME_CHARS_MAX, gc_key, signs_in_with};

/// What somebody signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignIn {
    /// GCKey identifier, and who issued it.
    GcKey(String, Option<String>),
    /// Windows user name.
    Windows(String),
}

impl SignIn {
    /// Of the member `AuthenticationContext`: a Windows user name where there is one and no MBUN, else an MBUN.
    ///
    /// # Errors
    /// 601005 without either.
    pub(super) fn of(fields: &Fields) -> Result<Self, Refusal> {
        let missing = || {
            Refusal::from(MtapiCode::InvalidMbun).at("AuthenticationContext.GCKey.MBUN", "a text, mandatory")
        };
        let context = fields.object("AuthenticationContext")?.ok_or_else(missing)?;
        if let Some((mbun, issuer)) = gc_key(&context)? {
            return Ok(Self::GcKey(mbun, issuer));
        }
        let login = context.opt_text_of("WindowsUserName", NAME_CHARS_MAX)?;
        let login = login.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        login.map(Self::Windows).ok_or_else(missing)
    }

    /// The person who signs in so from now on.
    pub(super) fn bind(self, person: User) -> User {
        let mut bound = match self {
            Self::GcKey(mbun, issuer) => {
                User { mbun: Some(mbun), issuer, kind: UserType::External, ..person }
            }
            Self::Windows(login) => User { login: Some(login), kind: UserType::Internal, ..person },
        };
        signs_in_with(&bound).clone_into(&mut bound.authentication_type);
        bound
    }
}
