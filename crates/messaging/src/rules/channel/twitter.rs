//! `channels["OTT-Messaging"].twitter` (spec 3.10).

use super::media;
use crate::rules::node::{Checked, Node};

/// Most options of a quick reply; the provider's own limit, for the contract names none.
const OPTIONS_MAX: usize = 20;

/// Checks the block; whether it has its text, which is mandatory with an attachment too.
pub(super) fn check(block: &Node<'_>) -> Checked<bool> {
    let text = block.text("text")?.is_some();
    media::attachment(block)?;
    if let Some(reply) = block.object("quick_reply")? {
        reply.needed_one_of("type", &["options"])?;
        let Some(options) = reply.items("options")?.filter(|options| options.len() > 0) else {
            return Err(reply.absent("options", format!("1 to {OPTIONS_MAX} of them")));
        };
        for option in options.at_most(OPTIONS_MAX)?.objects() {
            let option = option?;
            option.needed_text("label")?;
            option.texts(&["description", "metadata"])?;
        }
    }
    Ok(text)
}
