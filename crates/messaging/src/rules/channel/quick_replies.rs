//! `message.quickreplies` of an in-app message (spec 3.8).

use std::collections::HashSet;

use super::rt::part;
use crate::rules::node::{Checked, Node};
use crate::rules::refusal::{Limit, Refusal};

/// Most quick replies of a message (7706).
const REPLIES_MAX: usize = 5;

/// Checks the quick replies.
pub(super) fn check(place: &Node<'_>, identifiers: &mut HashSet<String>) -> Checked {
    place.texts(&["reference"])?;
    let Some(options) = place.items("options")?.filter(|options| options.len() > 0) else {
        return Err(place.absent("options", format!("1 to {REPLIES_MAX} quick replies")));
    };
    if options.len() > REPLIES_MAX {
        let rule = format!("at most {REPLIES_MAX} quick replies");
        return Err(Refusal::Limit(Limit::QuickReplies, options.place().field(rule)));
    }
    part(place)?;
    for option in options.objects() {
        let option = option?;
        option.one_of("type", &["quickReplyPostback"])?;
        option.needed_text("title")?;
        option.texts(&["payload"])?;
        option.urls(&["imageurl"])?;
        unique(&option, identifiers)?;
    }
    Ok(())
}

/// An identifier, which no other of the message may have.
pub(super) fn unique(place: &Node<'_>, seen: &mut HashSet<String>) -> Checked {
    let Some(identifier) = place.text("identifier")? else { return Ok(()) };
    if seen.insert(identifier.into_owned()) {
        return Ok(());
    }
    let mut field = place.field("an identifier of its own");
    field.path = place.path_of("identifier");
    Err(Refusal::Limit(Limit::Identifier, field))
}
