//! What a request means once every check before acceptance has passed.

use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::refusal::Refusal;
use crate::wire::IdType;

/// Longest correlation id, in bytes (spec 3.1).
pub const CORRELATION_BYTES_MAX: usize = 50;
/// Longest `callbackData`, in characters (spec 3.1).
pub const CALLBACK_DATA_CHARS_MAX: usize = 2_000;
/// Longest text of a message, in characters (spec 3.4); longer ends with 7107. The 1,024 bytes of the API page are
/// not enforced.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Longest parameters of a call, in bytes of JSON (spec 3.5, ours); longer ends with 7120.
pub const VOICE_PARAMETER_BYTES_MAX: usize = 1_024;
/// Longest `notifyurl` that is called, in bytes.
pub const NOTIFY_URL_BYTES_MAX: usize = 2_048;

/// What the rules need to know of the service that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceView {
    /// Priority of a message that names none; set when the tenant is created.
    pub default_priority: Priority,
    /// Sender of an SMS that names none.
    pub default_sender: Option<String>,
}

/// Urgency (spec 3.1). Greater is sooner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// 1.
    Low,
    /// 2.
    #[default]
    Medium,
    /// 3.
    High,
}

impl Priority {
    /// 1, 2 or 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }

    /// From the text of the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Low),
            "2" => Some(Self::Medium),
            "3" => Some(Self::High),
            _ => None,
        }
    }
}

/// Which way an SMS is asked to take (spec 1; the meanings are ours, the contract has the names only).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// Immediate.
    Immd,
    /// Least cost, guaranteed delivery.
    Lcgd,
    /// Least cost, best effort.
    Lcbe,
}

impl Route {
    /// From the text of the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Immd, Self::Lcgd, Self::Lcbe]
            .into_iter()
            .find(|route| text.eq_ignore_ascii_case(route.as_str()))
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Immd => "IMMD",
            Self::Lcgd => "LCGD",
            Self::Lcbe => "LCBE",
        }
    }
}

/// A checked request.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where it goes.
    pub channel: Channel,
    /// The app asset named, if any.
    pub appid: Option<String>,
    /// What is sent.
    pub content: Content,
    /// The first placeholder of a block that has no value (7121 later).
    pub unresolved: Option<String>,
    /// The template named, if any.
    pub template: Option<Template>,
    /// On voice, the values of the request's `message.parameters`: the texts of a call flow may name them.
    pub spoken: Vec<(String, String)>,
    /// One per destination object, in request order; never empty.
    pub units: Vec<UnitPlan>,
    /// Who is told.
    pub notify: NotifyTo,
    /// Stored credential for the call-back.
    pub notify_auth: Option<String>,
    /// Returned in every notification.
    pub callback_data: Option<String>,
    /// After this moment the message is not sent any more.
    pub expires_at: Option<Micros>,
    /// Urgency.
    pub priority: Priority,
    /// Way asked for.
    pub route: Option<Route>,
    /// Tracked links that the text may name.
    pub smart_links: Vec<SmartLink>,
    /// Whether consent or a frequency cap is to be asked for before it leaves. There is no such system here: 9000.
    pub asks_contact_policy: bool,
}

/// One of `channels.smartlinks` (spec 3.1): the text names it `{{link_<link>}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmartLink {
    /// `linkid`.
    pub link: i64,
    /// How long it leads on, in minutes; `None` is the link's own.
    pub validity_minutes: Option<u32>,
}

impl Plan {
    /// The destination objects that were accepted, each with its place in the request.
    pub fn accepted(&self) -> impl Iterator<Item = (usize, &Unit)> {
        self.units.iter().enumerate().filter_map(|(place, unit)| match unit {
            UnitPlan::Accepted(unit) => Some((place, unit)),
            UnitPlan::Refused { .. } => None,
        })
    }

    /// How many messages the request makes (0..=1,000).
    #[must_use]
    pub fn message_count(&self) -> usize {
        self.accepted().map(|(_, unit)| unit.values.len()).sum()
    }

    /// The `_<n>` of the unit at `place`: none when the request has one destination object (spec 2.3).
    #[must_use]
    pub fn suffix(&self, place: usize) -> Option<u16> {
        if self.units.len() == 1 { None } else { u16::try_from(place).ok() }
    }
}

/// One destination object of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitPlan {
    /// Good.
    Accepted(Unit),
    /// Refused by itself; the others are still queued.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Echoed.
        correlation: Option<String>,
    },
}

/// One accepted destination object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// What the values are.
    pub id_type: IdType,
    /// As the client wrote them; at least one.
    pub values: Vec<String>,
    /// Its own correlation id, or the request's.
    pub correlation: Option<String>,
}

/// Who is told what became of the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyTo {
    /// The service's URL, if it has one.
    Service,
    /// This URL: http or https, with a host.
    Url(String),
    /// A `notifyurl` that cannot be called: the message is sent, nobody is told (spec 3.1).
    Unusable(String),
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// An SMS.
    Sms(SmsContent),
    /// The checked content block of another channel: `channels.push`, `channels.voice`, `channels.appmessaging` or the
    /// channel's block inside `channels["OTT-Messaging"]`; an empty object when a template gives the content. It has one
    /// spelling whatever the client's; a `conversationid` of the request is kept in it.
    Block(serde_json::Value),
}

/// A template reference (spec 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Template id.
    pub id: String,
    /// Its values.
    pub parameters: Vec<(String, String)>,
}

/// `sms.type` (spec 3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SmsKind {
    /// 1: GSM-7 when the text allows it.
    #[default]
    Text,
    /// 2: shown at once, not stored.
    Flash,
    /// 3: octets.
    Binary,
    /// 4: UCS-2.
    Unicode,
}

impl SmsKind {
    /// 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Flash => 2,
            Self::Binary => 3,
            Self::Unicode => 4,
        }
    }

    /// From the text of the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Text),
            "2" => Some(Self::Flash),
            "3" => Some(Self::Binary),
            "4" => Some(Self::Unicode),
            _ => None,
        }
    }
}

/// A checked SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsContent {
    /// How it is coded.
    pub kind: SmsKind,
    /// What it says.
    pub body: SmsBody,
    /// Sender named, else the service's; `None` when there is neither.
    pub sender: Option<String>,
    /// India's template registration.
    pub dlt_template: Option<String>,
}

/// The body of an SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsBody {
    /// Text with its placeholders filled in and the media path appended.
    Text {
        /// What is sent.
        text: String,
        /// The first placeholder that has no value (7121 later).
        unresolved: Option<String>,
    },
    /// Hexadecimal octets as the client wrote them; judged after acceptance (7205). See [`SmsBody::octets`].
    Binary(String),
    /// Comes from the template.
    Template,
}

impl SmsBody {
    /// The octets of a binary body; `None` for another body or when it is not hexadecimal.
    #[must_use]
    pub fn octets(&self) -> Option<Vec<u8>> {
        let Self::Binary(hex) = self else { return None };
        super::sms::decode_hex(hex)
    }
}
