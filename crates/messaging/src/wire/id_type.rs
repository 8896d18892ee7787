//! The id keys of a destination object (spec 3.2).

/// How a destination is named, in the order in which the first of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdType {
    /// Id of the customer's master profile.
    CustomerId,
    /// Phone number.
    Msisdn,
    /// Mail address of a profile.
    Email,
    /// User of an app.
    UserId,
    /// Push token of an unnamed platform.
    PushId,
    /// Page-scoped id of Messenger; `fbid` in older clients.
    Psid,
    /// Numeric Twitter id.
    TwitterId,
    /// WeChat open id; `wechatID` in older clients.
    WechatId,
    /// Device of an app.
    DeviceId,
    /// FCM token.
    AndroidPushId,
    /// APNs token.
    IosPushId,
    /// Huawei token.
    HmsPushId,
    /// Web push, Chrome.
    ChromePushId,
    /// Web push, Firefox.
    FirefoxPushId,
    /// Web push, Safari.
    SafariPushId,
    /// WhatsApp phone id.
    WaId,
    /// WhatsApp business-scoped id.
    BsuId,
    /// Apple Messages for Business.
    AbcUserId,
    /// Topic of an app.
    Topic,
    /// Segment of an app.
    Segment,
}

impl IdType {
    /// The id type of a key of the wire; `None` for a key that names no destination.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "customerid" => Self::CustomerId,
            "msisdn" => Self::Msisdn,
            "email" => Self::Email,
            "userid" => Self::UserId,
            "pushid" => Self::PushId,
            "psid" | "fbid" => Self::Psid,
            "twitterid" => Self::TwitterId,
            "wechatid" | "wechatID" => Self::WechatId,
            "deviceid" => Self::DeviceId,
            "android_pushid" => Self::AndroidPushId,
            "ios_pushid" => Self::IosPushId,
            "hms_pushid" => Self::HmsPushId,
            "chrome_pushid" => Self::ChromePushId,
            "firefox_pushid" => Self::FirefoxPushId,
            "safari_pushid" => Self::SafariPushId,
            "waid" => Self::WaId,
            "bsuid" => Self::BsuId,
            "abcUserId" => Self::AbcUserId,
            "topic" => Self::Topic,
            "segment" => Self::Segment,
            _ => return None,
        })
    }

    /// The key, as `destinationType` of a notification shows it (spec 4.2).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerId => "customerid",
            Self::Msisdn => "msisdn",
            Self::Email => "email",
            Self::UserId => "userid",
            Self::PushId => "pushid",
            Self::Psid => "psid",
            Self::TwitterId => "twitterid",
            Self::WechatId => "wechatid",
            Self::DeviceId => "deviceid",
            Self::AndroidPushId => "android_pushid",
            Self::IosPushId => "ios_pushid",
            Self::HmsPushId => "hms_pushid",
            Self::ChromePushId => "chrome_pushid",
            Self::FirefoxPushId => "firefox_pushid",
            Self::SafariPushId => "safari_pushid",
            Self::WaId => "waid",
            Self::BsuId => "bsuid",
            Self::AbcUserId => "abcUserId",
            Self::Topic => "topic",
            Self::Segment => "segment",
        }
    }
}
