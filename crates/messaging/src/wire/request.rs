//! The body of `POST /resources/v1/messaging` (spec 3.1, 3.3, 3.4). Members we do not know are ignored.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::destination::Destinations;
use super::value::{Block, Parameters, Text};

/// The whole body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Request<'a> {
    /// Which channel the message goes to.
    #[serde(borrow)]
    pub deliverychannel: Text<'a>,
    /// The app asset, for channels that have one.
    #[serde(borrow)]
    pub appid: Text<'a>,
    /// Whom the message goes to.
    #[serde(borrow)]
    pub destination: Destinations<'a>,
    /// The content, one block per channel.
    #[serde(borrow)]
    pub channels: Block<Channels<'a>>,
    /// The content by template.
    #[serde(borrow)]
    pub message: Block<Message<'a>>,
    /// The client's reference, for destination objects without their own.
    #[serde(borrow)]
    pub correlationid: Text<'a>,
    /// The same in the spelling of some clients; counts when the other is absent.
    #[serde(borrow, rename = "correlationId")]
    pub correlation_id: Text<'a>,
    /// Where notifications go instead of the service's URL.
    #[serde(borrow)]
    pub notifyurl: Text<'a>,
    /// Stored credential for the call-back.
    #[serde(borrow, rename = "notifyurlAuthId")]
    pub notifyurl_auth_id: Text<'a>,
    /// Returned in every notification.
    #[serde(borrow, rename = "callbackData")]
    pub callback_data: Text<'a>,
    /// When the message is no longer wanted.
    #[serde(borrow)]
    pub expiry: Text<'a>,
    /// 1 low, 2 medium, 3 high.
    #[serde(borrow)]
    pub priority: Text<'a>,
    /// `IMMD`, `LCGD` or `LCBE`.
    #[serde(borrow)]
    pub route: Text<'a>,
    /// The conversation it belongs to.
    #[serde(borrow)]
    pub conversationid: Text<'a>,
    /// Shortened and counted links, of a later version of the API.
    #[serde(borrow)]
    pub options: Option<&'a RawValue>,
    /// `"true"` when a gateway of the contract has passed it on.
    #[serde(borrow)]
    pub icmessage: Option<&'a RawValue>,
    /// Tracing ids, one per destination object.
    #[serde(borrow, rename = "gtrId")]
    pub gtr_id: Option<&'a RawValue>,
}

impl<'a> Request<'a> {
    /// The request's correlation id in either spelling.
    #[must_use]
    pub const fn correlation(&self) -> &Text<'a> {
        match self.correlationid {
            Text::Absent => &self.correlation_id,
            _ => &self.correlationid,
        }
    }
}

/// `channels`. Blocks of channels other than SMS stay text until a rule needs them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Channels<'a> {
    /// SMS.
    #[serde(borrow)]
    pub sms: Block<Sms<'a>>,
    /// Voice.
    #[serde(borrow)]
    pub voice: Option<&'a RawValue>,
    /// Push.
    #[serde(borrow)]
    pub push: Option<&'a RawValue>,
    /// Real-time messaging.
    #[serde(borrow)]
    pub appmessaging: Option<&'a RawValue>,
    /// Facebook, Twitter, WeChat.
    #[serde(borrow, rename = "OTT-Messaging")]
    pub ott: Option<&'a RawValue>,
    /// Tracked links.
    #[serde(borrow)]
    pub smartlinks: Option<&'a RawValue>,
    /// Consent and frequency caps, of a later version of the API.
    #[serde(borrow, rename = "contactPolicy")]
    pub contact_policy: Option<&'a RawValue>,
}

/// `channels.sms`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sms<'a> {
    /// 1 text, 2 flash, 3 binary, 4 Unicode.
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    /// The text, for every type but 3.
    #[serde(borrow)]
    pub text: Text<'a>,
    /// Hexadecimal octets, for type 3.
    #[serde(borrow)]
    pub body: Text<'a>,
    /// A URL that is appended to the text.
    #[serde(borrow, rename = "media-path")]
    pub media_path: Text<'a>,
    /// Who the message is from.
    #[serde(borrow)]
    pub senderid: Text<'a>,
    /// Regulatory ids.
    #[serde(borrow)]
    pub extras: Block<Extras<'a>>,
}

/// `channels.sms.extras`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Extras<'a> {
    /// India's template registration.
    #[serde(borrow)]
    pub dlt_templateid: Text<'a>,
}

/// `message`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Message<'a> {
    /// Template id.
    #[serde(borrow)]
    pub template: Text<'a>,
    /// Values of its placeholders.
    #[serde(borrow)]
    pub parameters: Block<Parameters<'a>>,
}
