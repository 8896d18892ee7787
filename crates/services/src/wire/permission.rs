//! Permissions as they are sent and shown (spec 4.2, ServicePermissionDTO).

use serde::Serialize;

use crate::records::permission::{Definition, Held};
use crate::rules::permission::Known;

/// A permission as a service defines it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DefinitionBody {
    permission_id: i64,
    permission_abbr_lbl: String,
    permission_enm: String,
    permission_fnm: String,
    service_id: i64,
    english_comment: String,
    french_comment: String,
}

impl DefinitionBody {
    /// Of a record.
    #[must_use]
    pub fn of(definition: Definition) -> Self {
        Self {
            permission_id: definition.code,
            permission_abbr_lbl: definition.label,
            permission_enm: definition.name_en,
            permission_fnm: definition.name_fr,
            service_id: definition.service,
            english_comment: definition.comment_en,
            french_comment: definition.comment_fr,
        }
    }
}

/// A permission by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionBody {
    /// Its code.
    pub permission_id: i64,
    /// English name.
    pub english_name: String,
    /// French name.
    pub french_name: String,
}

impl PermissionBody {
    /// A published one.
    #[must_use]
    pub fn known(known: &Known) -> Self {
        Self {
            permission_id: known.code,
            english_name: known.name_en.to_owned(),
            french_name: known.name_fr.to_owned(),
        }
    }

    /// One of a service.
    #[must_use]
    pub fn defined(definition: &Definition) -> Self {
        Self {
            permission_id: definition.code,
            english_name: definition.name_en.clone(),
            french_name: definition.name_fr.clone(),
        }
    }
}

/// A permission that a person holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HeldBody {
    permission_id: i64,
    english_name: String,
    french_name: String,
    service_id: i64,
    organization_id: Option<i64>,
}

impl HeldBody {
    /// Of what is held and how it is called.
    #[must_use]
    pub fn of(held: Held, name: PermissionBody) -> Self {
        Self {
            permission_id: held.code,
            english_name: name.english_name,
            french_name: name.french_name,
            service_id: held.service,
            organization_id: held.organization,
        }
    }
}
