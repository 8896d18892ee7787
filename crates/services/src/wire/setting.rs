//! Settings and preferences as they are sent and shown (spec 4.2).

use serde::Serialize;

use super::Fields;
use crate::records::setting::{Preference, Setting};
use crate::rules::Refusal;
use crate::rules::setting::{KEY_CHARS_MAX, fits, is_key};

/// The setting.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SettingBody {
    /// Its name.
    pub key: String,
    /// The service.
    pub service_id: i64,
    /// Its value.
    pub value: String,
}

impl SettingBody {
    /// Of a record.
    #[must_use]
    pub fn of(setting: Setting) -> Self {
        Self { key: setting.key, service_id: setting.service, value: setting.value }
    }
}

/// The preference.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PreferenceBody {
    key: String,
    service_id: i64,
    english_description: Option<String>,
    french_description: Option<String>,
    setting_type: Option<String>,
    value: Option<String>,
}

impl PreferenceBody {
    /// Of a record.
    #[must_use]
    pub fn of(preference: Preference) -> Self {
        Self {
            key: preference.key,
            service_id: preference.service,
            english_description: preference.description_en,
            french_description: preference.description_fr,
            setting_type: preference.setting_type,
            value: preference.value,
        }
    }
}

fn key(fields: &Fields) -> Result<String, Refusal> {
    let key = fields.text("Key")?.trim().to_owned();
    if is_key(&key) {
        return Ok(key);
    }
    let rule = format!("at most {KEY_CHARS_MAX} letters, digits, dots, hyphens and underscores");
    Err(fields.wrong("Key", rule))
}

/// The setting of a body.
///
/// # Errors
/// 901002 that names the member.
pub fn read(fields: &Fields) -> Result<Setting, Refusal> {
    let key = key(fields)?;
    let value = fields.opt_text("Value")?.unwrap_or_default();
    if !fits(&key, value.trim()) {
        return Err(fields.wrong("Value", "true or false"));
    }
    Ok(Setting { service: fields.id("ServiceId")?, key, value, revision: 0 })
}

/// The preference of a body.
///
/// # Errors
/// 901002 that names the member.
pub fn read_preference(fields: &Fields) -> Result<Preference, Refusal> {
    Ok(Preference {
        key: key(fields)?,
        service: fields.id("ServiceId")?,
        description_en: fields.opt_text("EnglishDescription")?,
        description_fr: fields.opt_text("FrenchDescription")?,
        setting_type: fields.opt_text("SettingType")?,
        value: fields.opt_text("Value")?,
        revision: 0,
    })
}
