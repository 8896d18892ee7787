//! `channels.appmessaging.notification` (spec 3.8): the push that is sent when the user is offline.

use super::extras::{self, Platform};
use super::interactive::{self, Surface};
use crate::rules::node::{Checked, Node};
use crate::rules::refusal::{Field, Refusal};

/// Checks the notification. A title that is missing or empty is the contract's 7004, not 7003.
pub(super) fn check(place: &Node<'_>) -> Checked {
    if place.text("title")?.is_none() {
        let rule = "a text of at least one character".into();
        return Err(Refusal::Wrong(Field { path: place.path_of("title"), param: "title", rule }));
    }
    place.texts(&["text"])?;
    extras::check(place, "android_extras", Platform::Android)?;
    extras::check(place, "ios_extras", Platform::Ios)?;
    extras::check(place, "web_extras", Platform::Web)?;
    extras::check(place, "windows_extras", Platform::Windows)?;
    place.get("interactive").map_or(Ok(()), |buttons| interactive::check(buttons, Surface::Rt))
}
