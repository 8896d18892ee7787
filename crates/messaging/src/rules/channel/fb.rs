//! `channels["OTT-Messaging"].fb` (spec 3.9). Which tags a page may use is the provider's to say (7526, after acceptance).

use super::fb_template;
use super::media::only_one;
use crate::rules::node::{Checked, Node};

/// Most quick replies; the provider's own limit, for the contract names none.
const QUICK_REPLIES_MAX: usize = 13;
const MEDIA: [&str; 4] = ["image", "audio", "video", "file"];

/// Checks the block; whether it says anything.
pub(super) fn check(block: &Node<'_>) -> Checked<bool> {
    let text = block.text("text")?.is_some();
    let attached = block.object("attachment")?;
    let indicator = block.one_of("sender_action", &["mark_seen", "typing_on", "typing_off"])?.is_some();
    only_one(block, &[("text", text), ("attachment", attached.is_some()), ("sender_action", indicator)])?;
    if let Some(attached) = &attached {
        attachment(attached)?;
    }
    block.one_of("notification_type", &["REGULAR", "SILENT_PUSH", "NO_PUSH"])?;
    let kind = block.one_of("messaging_type", &["RESPONSE", "UPDATE", "MESSAGE_TAG"])?;
    let tag = block.text("tag")?;
    if kind == Some("MESSAGE_TAG") && tag.is_none() {
        return Err(block.absent("tag", "mandatory with messaging_type MESSAGE_TAG"));
    }
    quick_replies(block)?;
    Ok(text || attached.is_some() || indicator)
}

fn attachment(place: &Node<'_>) -> Checked {
    let kinds: Vec<&'static str> = MEDIA.into_iter().chain(["template"]).collect();
    let kind = place.needed_one_of("type", &kinds)?;
    let Some(payload) = place.object("payload")? else { return Err(place.absent("payload", "mandatory")) };
    if kind == "template" { fb_template::check(&payload) } else { payload.needed_url("url") }
}

fn quick_replies(block: &Node<'_>) -> Checked {
    let Some(replies) = block.items("quick_replies")? else { return Ok(()) };
    for reply in replies.at_most(QUICK_REPLIES_MAX)?.objects() {
        let reply = reply?;
        let kind = reply.text("content_type")?;
        // The other types have the provider's own words on them.
        if kind.is_none_or(|kind| kind == "text") {
            reply.needed_text("title")?;
        }
        reply.texts(&["title", "payload"])?;
        reply.urls(&["image_url"])?;
    }
    Ok(())
}
