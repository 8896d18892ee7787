//! The channels whose block stands inside `channels["OTT-Messaging"]` (spec 3.9, 3.10).

use waypost_core::channel::Channel;

/// One of these channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ott {
    /// Facebook Messenger.
    Fb,
    /// Twitter direct message.
    Twitter,
    /// WeChat.
    Wechat,
}

impl Ott {
    /// The name of the block, which is the name of the channel.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fb => "fb",
            Self::Twitter => "twitter",
            Self::Wechat => "wechat",
        }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(self) -> Channel {
        match self {
            Self::Fb => Channel::Fb,
            Self::Twitter => Channel::Twitter,
            Self::Wechat => Channel::Wechat,
        }
    }
}
