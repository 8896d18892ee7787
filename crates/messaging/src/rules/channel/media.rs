//! What Twitter and WeChat share (spec 3.10): an uploaded file as attachment; and members of which one may be given.

use crate::rules::node::{Checked, Node};

/// Checks `attachment` of `{"type":"media","media":{"id":"…"}}`; whether there is one.
pub(super) fn attachment(block: &Node<'_>) -> Checked<bool> {
    let Some(attachment) = block.object("attachment")? else { return Ok(false) };
    attachment.needed_one_of("type", &["media"])?;
    let Some(media) = attachment.object("media")? else {
        return Err(attachment.absent("media", "mandatory"));
    };
    media.needed_text("id")?;
    Ok(true)
}

/// Of several members one at most: the provider would send one and drop the others without a word.
pub(super) fn only_one(block: &Node<'_>, given: &[(&'static str, bool)]) -> Checked {
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    match given.iter().filter(|(_, is_given)| *is_given).nth(1) {
        Some((name, _)) => {
            let rule = format!("one of {}, not two", names.join(", "));
            Err(block.get(name).map_or_else(|| block.absent(name, "one"), |node| node.wrong(rule)))
        }
        None => Ok(()),
    }
}
