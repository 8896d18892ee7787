//! `channels.voice` (spec 3.5).

use serde_json::{Value, json};

use super::require;
use crate::rules::missing::Missing;
use crate::rules::node::{Checked, Node, json_bytes};
use crate::rules::plan::VOICE_PARAMETER_BYTES_MAX;

/// What a call can say, the first of several counting.
pub(super) const CONTENT: [&str; 3] = ["callflowid", "promptid", "media"];

/// Checks the block.
pub(super) fn check(block: &Node<'_>, templated: bool) -> Checked {
    let mut said = templated;
    for name in CONTENT {
        said |= block.text(name)?.is_some();
    }
    require(said, Missing::VoiceContent)?;
    block.texts(&["cli"])
}

/// Whether what a call is given is longer than it takes (7120, told after acceptance): the block, or the values of its
/// placeholders.
pub(in crate::rules) fn is_too_long(block: &Value, spoken: &[(String, String)]) -> bool {
    json_bytes(block).max(json_bytes(&json!(spoken))) > VOICE_PARAMETER_BYTES_MAX
}
