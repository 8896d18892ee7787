//! What a request can lack by a row of its own (7003).

use super::channel::Ott;
use super::refusal::{Detail, Refusal, detail};

/// What is missing (7003).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// `deliverychannel`.
    Channel,
    /// The value of `deliverychannel`.
    ChannelValue,
    /// `channels.sms`.
    Sms,
    /// `channels.sms.text`.
    SmsText,
    /// `channels.sms.body`.
    SmsBody,
    /// `channels.voice`.
    Voice,
    /// Call flow or media.
    VoiceContent,
    /// `channels.push`.
    Push,
    /// Android or iOS.
    PushPlatform,
    /// `channels.push.android.text`.
    AndroidText,
    /// `channels.push.ios.text`.
    IosText,
    /// `channels.appmessaging`.
    Appmessaging,
    /// Text of an in-app message.
    RtText,
    /// `channels["OTT-Messaging"]`.
    Ott(Ott),
    /// The channel's block inside it.
    OttBlock(Ott),
    /// The text of that block.
    OttText(Ott),
    /// `destination`, or an empty array of it.
    Destination,
    /// The id of the destination object at this place.
    DestinationId(usize),
}

impl Missing {
    pub(super) fn detail(self) -> Detail {
        const ADD: &str = "add it";
        match self {
            Self::Channel | Self::ChannelValue => {
                detail("deliverychannel", "mandatory", "name the channel, for example sms")
            }
            Self::Sms => detail("channels.sms", "mandatory for sms without a template", ADD),
            Self::SmsText => detail(
                "channels.sms.text",
                "mandatory for types 1, 2 and 4 without a template",
                "add a text of at least one character",
            ),
            Self::SmsBody => {
                detail("channels.sms.body", "mandatory for type 3", "add the octets in hexadecimal")
            }
            Self::Voice => detail("channels.voice", "mandatory for voice", ADD),
            Self::VoiceContent => {
                detail("channels.voice", "one of callflowid, media and promptid", "add one of them")
            }
            Self::Push => detail("channels.push", "mandatory for push without a template", ADD),
            Self::PushPlatform => detail("channels.push", "one of android, ios and web", "add one of them"),
            Self::AndroidText => detail("channels.push.android.text", "mandatory", "add a text"),
            Self::IosText => detail("channels.push.ios.text", "mandatory", "add a text"),
            Self::Appmessaging => detail("channels.appmessaging", "mandatory for rt without a template", ADD),
            Self::RtText => {
                detail("channels.appmessaging.message.text", "a text or an attachment", "add one of them")
            }
            Self::Ott(ott) => detail(
                "channels.OTT-Messaging",
                format!("mandatory for {} without a template", ott.as_str()),
                ADD,
            ),
            Self::OttBlock(ott) => {
                detail(format!("channels.OTT-Messaging.{}", ott.as_str()), "mandatory", ADD)
            }
            Self::OttText(ott) => detail(
                format!("channels.OTT-Messaging.{}.text", ott.as_str()),
                ott_content(ott),
                "add one of them",
            ),
            Self::Destination => detail("destination", "mandatory", "add an array of destination objects"),
            Self::DestinationId(place) => detail(
                format!("destination[{place}]"),
                "one id key with at least one value",
                "add for example \"msisdn\":[\"447700900001\"]",
            ),
        }
    }
}

const fn ott_content(ott: Ott) -> &'static str {
    match ott {
        Ott::Fb => "a text, an attachment or a sender_action",
        Ott::Twitter => "a text, with an attachment too",
        Ott::Wechat => "a text or an attachment",
    }
}

impl From<Missing> for Refusal {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}
