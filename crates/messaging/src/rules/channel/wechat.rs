//! `channels["OTT-Messaging"].wechat` (spec 3.10). The limits of the media are judged when it is uploaded.

use super::media::{self, only_one};
use crate::rules::node::{Checked, Node};

/// Checks the block; whether it says anything.
pub(super) fn check(block: &Node<'_>) -> Checked<bool> {
    let text = block.text("text")?.is_some();
    let attached = media::attachment(block)?;
    only_one(block, &[("text", text), ("attachment", attached)])?;
    Ok(text || attached)
}
