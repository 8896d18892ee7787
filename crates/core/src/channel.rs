//! The channels of the messaging contract (spec 3.1, 4.2).

use serde::{Deserialize, Serialize};

/// How a message reaches its destination. The number is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Channel {
    /// Short message.
    Sms = 1,
    /// Telephone call.
    Voice = 2,
    /// Mobile and web push.
    Push = 3,
    /// Real-time, in-app.
    Rt = 4,
    /// Facebook Messenger.
    Fb = 5,
    /// Twitter direct message.
    Twitter = 6,
    /// WeChat.
    Wechat = 7,
    /// E-mail.
    Email = 8,
    /// WhatsApp.
    Whatsapp = 9,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 9] = [
        Self::Sms,
        Self::Voice,
        Self::Push,
        Self::Rt,
        Self::Fb,
        Self::Twitter,
        Self::Wechat,
        Self::Email,
        Self::Whatsapp,
    ];

    /// The channel a request's `deliverychannel` names; case does not matter, `appmessaging` is `rt`, `wa` is `whatsapp`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let aliases = [("appmessaging", Self::Rt), ("wa", Self::Whatsapp)];
        let known = Self::ALL.into_iter().map(|channel| (channel.wire_name(), channel)).chain(aliases);
        known.into_iter().find(|(wire, _)| wire.eq_ignore_ascii_case(name)).map(|(_, channel)| channel)
    }

    /// The `deliveryChannel` of a notification: `SMS`, the others in lower case.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Voice => "voice",
            Self::Push => "push",
            Self::Rt => "rt",
            Self::Fb => "fb",
            Self::Twitter => "twitter",
            Self::Wechat => "wechat",
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
        }
    }

    /// Whether a message goes to each device of its recipient, rather than to one address in parts.
    #[must_use]
    pub const fn reaches_devices(self) -> bool {
        matches!(self, Self::Push | Self::Rt)
    }

    /// The number on disk.
    #[must_use]
    pub const fn to_u8(self) -> u8 {
        self as u8
    }

    /// From the number on disk.
    #[must_use]
    pub fn from_u8(value: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.to_u8() == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_found_by_its_name_and_number_in_any_case() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.wire_name()), Some(channel));
            assert_eq!(Channel::parse(&channel.wire_name().to_uppercase()), Some(channel));
            assert_eq!(Channel::from_u8(channel.to_u8()), Some(channel));
        }
        assert_eq!(Channel::parse("AppMessaging"), Some(Channel::Rt));
        assert_eq!(Channel::parse("wa"), Some(Channel::Whatsapp));
        assert_eq!((Channel::parse("fax"), Channel::from_u8(0)), (None, None));
    }
}
