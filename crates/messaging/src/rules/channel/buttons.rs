//! The tables of interactive notifications (spec 3.7): categories, the identifiers of their buttons by position, and what
//! a button may do. The contract's own table of identifiers is not public; this one follows the words of the names.

/// Where buttons are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// Under a push notification.
    Push,
    /// Under the notification of an in-app message.
    Rt,
}

type Category = (&'static str, &'static [&'static str]);

const OF_BOTH: [Category; 17] = [
    ("SINGLE_DISMISS", &["DISMISS"]),
    ("SINGLE_OPEN", &["OPEN"]),
    ("SINGLE_SUBSCRIBE", &["SUBSCRIBE"]),
    ("SINGLE_UNSUBSCRIBE", &["UNSUBSCRIBE"]),
    ("SINGLE_SHARE", &["SHARE"]),
    ("SINGLE_DEEPLINK", &["DEEPLINK"]),
    ("SINGLE_REPLY", &["REPLY"]),
    ("DOUBLE_YES_NO", &["YES", "NO"]),
    ("DOUBLE_ACCEPT_CANCEL", &["ACCEPT", "CANCEL"]),
    ("DOUBLE_SHARE_CANCEL", &["SHARE", "CANCEL"]),
    ("DOUBLE_SHOPNOW_CANCEL", &["SHOPNOW", "CANCEL"]),
    ("DOUBLE_LATER_NOW", &["LATER", "NOW"]),
    ("DOUBLE_PLAY_NOW_PLAY_LATER", &["PLAY_NOW", "PLAY_LATER"]),
    ("DOUBLE_OK_LEARN_MORE", &["OK", "LEARN_MORE"]),
    ("DOUBLE_SUBSCRIBE_UNSUBSCRIBE", &["SUBSCRIBE", "UNSUBSCRIBE"]),
    ("DOUBLE_BUY_NOW_BUY_LATER", &["BUY_NOW", "BUY_LATER"]),
    ("DOUBLE_LIKE_SHARE", &["LIKE", "SHARE"]),
];

const OF_RT: [Category; 4] = [
    ("DOUBLE_REPLY_DISMISS", &["REPLY", "DISMISS"]),
    ("DOUBLE_REPLY_NO_DISMISS", &["REPLY_NO", "DISMISS"]),
    ("DOUBLE_REPLY_YES_DISMISS", &["REPLY_YES", "DISMISS"]),
    ("DOUBLE_REPLY_YES_NO", &["REPLY_YES", "REPLY_NO"]),
];

const ACTIONS: [&str; 8] =
    ["DISMISS", "OPEN_URL", "OPEN_APP", "DEEPLINK", "OPENWEBVIEW", "SHARE", "TRIVIAL_REPLY", "INLINE_REPLY"];
/// How many of [`ACTIONS`] push has.
const PUSH_ACTIONS: usize = 6;

/// Spellings of the contract's samples, with those of its tables.
const ALIASES: [(&str, &str); 2] = [("TRIVIAL_REPLIES", "TRIVIAL_REPLY"), ("IN_LINE_REPLY", "INLINE_REPLY")];

impl Surface {
    const fn own(self) -> &'static [Category] {
        match self {
            Self::Push => &[],
            Self::Rt => &OF_RT,
        }
    }

    fn categories(self) -> impl Iterator<Item = &'static Category> {
        OF_BOTH.iter().chain(self.own())
    }

    /// The identifiers of a category's buttons.
    pub fn buttons(self, category: &str) -> Option<&'static [&'static str]> {
        self.categories().find(|(known, _)| *known == category).map(|(_, buttons)| *buttons)
    }

    /// Whether a category has a button of this name.
    pub fn knows(self, identifier: &str) -> bool {
        self.categories().any(|(_, buttons)| buttons.contains(&identifier))
    }

    /// The actions of the channel.
    pub const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Push => ACTIONS.split_at(PUSH_ACTIONS).0,
            Self::Rt => &ACTIONS,
        }
    }

    /// An action of the channel by any of its spellings.
    pub fn action(self, name: &str) -> Option<&'static str> {
        let name = canonical_action(name);
        self.actions().iter().copied().find(|known| *known == name)
    }

    /// The actions a button can have.
    pub const fn allowed(self, identifier: &str) -> &'static [&'static str] {
        match (identifier.as_bytes(), self) {
            (b"SHARE", _) => &["SHARE"],
            (b"DEEPLINK", _) => &["DEEPLINK"],
            (b"OPEN", _) => &["OPEN_APP", "OPEN_URL", "OPENWEBVIEW", "DEEPLINK"],
            (b"REPLY" | b"REPLY_YES" | b"REPLY_NO", Self::Rt) => &["INLINE_REPLY", "TRIVIAL_REPLY"],
            (b"REPLY" | b"REPLY_YES" | b"REPLY_NO", Self::Push) => &["OPEN_APP", "DEEPLINK"],
            _ => &["DISMISS", "OPEN_APP", "OPEN_URL", "OPENWEBVIEW", "DEEPLINK"],
        }
    }
}

/// An action in the spelling of the contract's table.
pub(super) fn canonical_action(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name)
}
