//! Organizations as they are sent and shown (spec 4.2, OrganizationDTO).

use serde::Serialize;
use serde_json::Value;

use super::{Fields, coordinate};
use crate::records::coordinate::CoordinateKind;
use crate::records::organization::Organization;
use crate::rules::Refusal;

/// The published business systems.
pub const BUSINESS_SYSTEMS: &[&str] =
    &["Undefined", "UAS", "SVMMS", "MTOA", "MTO", "SIRS", "FTAE", "CPCS", "BW", "DAPLS", "RSIP", "ZEV"];

/// The organization.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationBody {
    id: i64,
    source_id: Option<i64>,
    source_reference: Option<String>,
    business_system_type: String,
    english_name: String,
    french_name: String,
    organization_type: Option<String>,
    business_number: Option<String>,
    phones: Vec<Value>,
    emails: Vec<Value>,
    addresses: Vec<Value>,
}

impl OrganizationBody {
    /// Of a record.
    #[must_use]
    pub fn of(organization: &Organization) -> Self {
        let coordinates = &organization.coordinates;
        Self {
            id: organization.id,
            source_id: organization.source_id,
            source_reference: organization.source_reference.clone(),
            business_system_type: organization.business_system.clone(),
            english_name: organization.name_en.clone(),
            french_name: organization.name_fr.clone(),
            organization_type: organization.organization_type.clone(),
            business_number: organization.business_number.clone(),
            phones: coordinate::shown(coordinates, CoordinateKind::Phone),
            emails: coordinate::shown(coordinates, CoordinateKind::Email),
            addresses: coordinate::shown(coordinates, CoordinateKind::Address),
        }
    }

    /// Of several.
    #[must_use]
    pub fn all(organizations: &[Organization]) -> Vec<Self> {
        organizations.iter().map(Self::of).collect()
    }
}

/// Longest name or reference, characters.
const NAME_CHARS_MAX: usize = 400;

/// The organization after a change: a member that is written out is set, the others stay.
///
/// # Errors
/// 901002 that names the member.
pub fn merged(fields: &Fields, before: &Organization) -> Result<Organization, Refusal> {
    let text = |member: &str, now: &Option<String>| {
        if !fields.names(member) {
            return Ok::<_, Refusal>(now.clone());
        }
        let given = fields.opt_text_of(member, NAME_CHARS_MAX)?;
        Ok(given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let some = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    let (name_en, name_fr) =
        (text("EnglishName", &some(&before.name_en))?, text("FrenchName", &some(&before.name_fr))?);
    let name_en = name_en
        .or_else(|| name_fr.clone())
        .ok_or_else(|| fields.wrong("EnglishName", "a text, mandatory"))?;
    let system =
        text("BusinessSystemType", &some(&before.business_system))?.unwrap_or_else(|| "Undefined".to_owned());
    let system = BUSINESS_SYSTEMS.iter().find(|own| own.eq_ignore_ascii_case(&system)).ok_or_else(|| {
        fields.wrong("BusinessSystemType", format!("one of {}", BUSINESS_SYSTEMS.join(", ")))
    })?;
    Ok(Organization {
        source_id: if fields.names("SourceId") { fields.opt_int("SourceId")? } else { before.source_id },
        source_reference: text("SourceReference", &before.source_reference)?,
        business_system: (*system).to_owned(),
        name_fr: name_fr.unwrap_or_else(|| name_en.clone()),
        name_en,
        organization_type: text("OrganizationType", &before.organization_type)?,
        business_number: text("BusinessNumber", &before.business_number)?,
        coordinates: coordinate::merged(fields, &before.coordinates)?,
        ..before.clone()
    })
}
