//! Settings given as KEY=VALUE.

use serde_json::{Map, Value};

use crate::cli::Usage;

/// Puts KEY=VALUE pairs into settings; a value is JSON, or text.
pub fn merge(settings: &mut Map<String, Value>, given: &[String]) -> Result<(), Usage> {
    for entry in given {
        let (key, value) =
            entry.split_once('=').ok_or_else(|| Usage(format!("`{entry}` is not KEY=VALUE")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        settings.insert(key.to_owned(), value);
    }
    Ok(())
}
