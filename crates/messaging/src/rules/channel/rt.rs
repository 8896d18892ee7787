//! `channels.appmessaging` (spec 3.8). Older bodies have `text` and its neighbours beside `message`, not in it.

use std::collections::HashSet;

use super::{attachment, notification, priority_of_five, quick_replies, require};
use crate::rules::missing::Missing;
use crate::rules::node::{Checked, Node};
use crate::rules::refusal::{Limit, Refusal};

/// Largest part of a message, in bytes of its JSON (7026).
pub(super) const PART_BYTES_MAX: usize = 4_096;
/// What `message` holds and older bodies have beside it.
pub(super) const CONTENT: [&str; 4] = ["text", "attachment", "quickreplies", "extras"];

/// Checks the block.
pub(super) fn check(block: &Node<'_>, templated: bool) -> Checked {
    priority_of_five(block)?;
    let indicator = block.one_of("type", &["typingStart", "typingStop"])?.is_some();
    block.texts(&["thread_id", "topic", "streamname"])?;
    let message = block.object("message")?;
    let holder = |name: &'static str| match &message {
        Some(message) if message.get(name).is_some() => message.clone(),
        _ => block.clone(),
    };
    let text = holder("text").text("text")?;
    let attached = holder("attachment").object("attachment")?;
    require(indicator || templated || text.is_some() || attached.is_some(), Missing::RtText)?;
    // Of quick replies and buttons alike: each is named once in a message.
    let mut identifiers = HashSet::new();
    if let Some(attached) = &attached {
        attachment::check(attached, &mut identifiers)?;
    }
    if let Some(replies) = holder("quickreplies").object("quickreplies")? {
        quick_replies::check(&replies, &mut identifiers)?;
    }
    if let Some(extras) = holder("extras").object("extras")? {
        part(&extras)?;
    }
    block.object("notification")?.map_or(Ok(()), |offline| notification::check(&offline))
}

/// A part of the message, which may not be too large.
pub(super) fn part(place: &Node<'_>) -> Checked {
    if place.json_bytes() <= PART_BYTES_MAX {
        return Ok(());
    }
    let rule = format!("at most {PART_BYTES_MAX} bytes of JSON");
    Err(Refusal::Limit(Limit::PartBytes, place.field(rule)))
}
