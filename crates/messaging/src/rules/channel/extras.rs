//! `extras` of a platform of push, and their namesakes in the offline notification of rt (spec 3.6, 3.8).

use serde_json::Value;

use super::action;
use crate::rules::node::{Checked, Node};

/// Whose extras.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    Android,
    Ios,
    Web,
    Windows,
}

impl Platform {
    const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Android => &["collapse_key", "sound", "notificationChannelId"],
            Self::Ios => &["collapse_key", "sound", "badge"],
            Self::Web => &["collapse_key", "action"],
            Self::Windows => &["sound", "badge"],
        }
    }

    const fn urls(self) -> &'static [&'static str] {
        match self {
            Self::Android => &["iconurl"],
            Self::Ios => &["attachmenturl"],
            Self::Web => &["url"],
            Self::Windows => &["logo", "image"],
        }
    }
}

/// Checks the extras that `block` has under `name`. The range of `time_to_live` is judged after acceptance (7506, 7511).
pub(super) fn check(block: &Node<'_>, name: &'static str, platform: Platform) -> Checked {
    let Some(extras) = block.object(name)? else { return Ok(()) };
    extras.texts(platform.texts())?;
    extras.urls(platform.urls())?;
    extras.whole("time_to_live")?;
    extras.flag("delay_while_idle")?;
    if let Some(tags) = extras.object("customtags")?
        && let Some(bad) =
            tags.members().find(|tag| matches!(tag.value(), Value::Array(_) | Value::Object(_)))
    {
        return Err(bad.wrong("a text"));
    }
    extras.object("notificationaction")?.map_or(Ok(()), |place| action::of_notification(&place))
}
