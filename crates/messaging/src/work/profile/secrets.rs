//! Access tokens and passwords: sealed at rest, never shown.

use waypost_store::StoreError;
use waypost_store::seal::MasterKey;

use crate::rules::profile::Attributes;

/// What is shown in place of a secret.
pub(super) const MASK: &str = "********";

fn purpose(app_id: &str, ident: &str) -> String {
    format!("app_profile/secrets/{app_id}/{ident}")
}

/// Seals the secrets of one app profile; `None` when there are none.
pub(super) fn seal(
    master: &MasterKey,
    (app_id, ident): (&str, &str),
    secrets: &Attributes,
) -> Result<Option<Vec<u8>>, StoreError> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain = serde_json::to_vec(secrets).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(Some(master.seal(&purpose(app_id, ident), &plain)?))
}

/// Opens the secrets of one app profile.
///
/// # Errors
/// [`StoreError::Refused`] when they were sealed with another key or are damaged.
pub(super) fn open(
    master: &MasterKey,
    (app_id, ident): (&str, &str),
    sealed: Option<&[u8]>,
) -> Result<Attributes, StoreError> {
    let Some(sealed) = sealed else { return Ok(Attributes::new()) };
    let opened = master.open(&purpose(app_id, ident), sealed)?;
    let read = opened.as_text().and_then(|text| serde_json::from_str(text).ok());
    read.ok_or_else(|| StoreError::Refused("the secrets of an app profile are no JSON object".to_owned()))
}
