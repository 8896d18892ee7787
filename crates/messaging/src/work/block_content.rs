//! What the ledger keeps of a message on a channel other than SMS.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use waypost_core::id::MessageId;

use super::links::{LinkCodes, StoredLink};

/// The stored form. Field names are on disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredBlock {
    /// The row of the app asset it goes through; none on voice, and when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<i64>,
    /// The `appid` the client named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// The channel's content block as accepted, placeholders and template filled.
    pub block: Value,
    /// Its smart links: their placeholders are filled when a message leaves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<StoredLink>,
    /// On voice, what the texts of a call flow may name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The code with which our own rules end every message of the request, found when it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u16>,
}

impl StoredBlock {
    /// What it says in words: the text of the block, or of its first part that has one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let direct = self.block.get("text").and_then(Value::as_str);
        let inner = || {
            ["android", "ios", "web", "message"]
                .iter()
                .find_map(|part| self.block.get(part)?.get("text")?.as_str())
        };
        direct.or_else(inner)
    }

    /// The same with the message's own links in its texts.
    #[must_use]
    pub fn linked(mut self, codes: &LinkCodes, message: MessageId) -> Self {
        if !self.links.is_empty() {
            codes.fill_block(&mut self.block, message, &self.links);
        }
        self
    }

    /// Reads the stored form; `None` when it is not ours.
    #[must_use]
    pub fn read(content: &str) -> Option<Self> {
        serde_json::from_str(content).ok()
    }

    /// The stored form.
    #[must_use]
    pub fn write(&self) -> String {
        // JSON values and numbers only: writing them to memory cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}
