//! User applications as they are shown (spec 4.3).

use serde::Serialize;
use waypost_store::{Sql, StoreError};

use crate::records::Scope;
use crate::records::permission::{self, Definition};
use crate::records::user_application::{self, Role, UserApplication};
use crate::rules::permission::find;
use crate::wire::permission::PermissionBody;

/// The application with its roles.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::api) struct ApplicationBody {
    id: i64,
    english_name: String,
    french_name: String,
    manage_internal_account_ind: bool,
    english_acronym: String,
    french_acronym: String,
    english_description: String,
    french_description: String,
    roles: Vec<RoleBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RoleBody {
    role_id: i64,
    english_name: String,
    french_name: String,
    permissions: Vec<PermissionBody>,
}

impl ApplicationBody {
    /// Of a record, with its roles.
    ///
    /// # Errors
    /// See [`Sql::query`].
    pub(in crate::api) fn of(
        tx: &mut dyn Sql,
        scope: &Scope,
        application: UserApplication,
    ) -> Result<Self, StoreError> {
        let (roles, defined) =
            (user_application::roles(tx, scope, application.id)?, permission::all(tx, scope)?);
        Ok(Self {
            id: application.id,
            english_name: application.name_en,
            french_name: application.name_fr,
            manage_internal_account_ind: application.manage_internal,
            english_acronym: application.acronym_en,
            french_acronym: application.acronym_fr,
            english_description: application.description_en,
            french_description: application.description_fr,
            roles: roles.into_iter().map(|role| RoleBody::of(role, &defined)).collect(),
        })
    }
}

impl RoleBody {
    fn of(role: Role, defined: &[Definition]) -> Self {
        Self {
            role_id: role.role,
            english_name: role.name_en,
            french_name: role.name_fr,
            permissions: role.permissions.into_iter().map(|code| name(code, defined)).collect(),
        }
    }
}

/// The published name of a permission, else the one some service gives it.
fn name(code: i64, defined: &[Definition]) -> PermissionBody {
    let own = || defined.iter().find(|own| own.code == code).map(PermissionBody::defined);
    find(code).map(PermissionBody::known).or_else(own).unwrap_or_else(|| PermissionBody {
        permission_id: code,
        english_name: String::new(),
        french_name: String::new(),
    })
}
