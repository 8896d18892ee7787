//! The attributes of each store (spec 7.3). The numbers are on the wire and must not change; new attributes go to the end.

use serde::{Deserialize, Serialize};
use waypost_store::directory::AppKind;

use super::attribute::{Known, Mandatory, ValueKind};
use super::record::Verb;

/// Which store a profile is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StoreKind {
    /// Customers.
    Master,
    /// Users of a Facebook page.
    Fb,
    /// Users of a Twitter account.
    Twitter,
    /// Followers of a WeChat account.
    Wechat,
    /// Devices of an app with real-time messaging.
    Rt,
    /// Devices of an app with push only.
    Push,
}

impl StoreKind {
    /// The store of an app asset.
    #[must_use]
    pub const fn of_app(kind: AppKind, rt: bool) -> Self {
        match (kind, rt) {
            (AppKind::Fb, _) => Self::Fb,
            (AppKind::Twitter, _) => Self::Twitter,
            (AppKind::Wechat, _) => Self::Wechat,
            (AppKind::Mobile, true) => Self::Rt,
            (AppKind::Mobile, false) => Self::Push,
        }
    }

    /// Its attributes, in the order in which they are shown.
    #[must_use]
    pub const fn attributes(self) -> &'static [Known] {
        match self {
            Self::Master => MASTER,
            Self::Fb => FB,
            Self::Twitter => TWITTER,
            Self::Wechat => WECHAT,
            Self::Rt | Self::Push => MOBILE,
        }
    }

    /// Other names of its attributes in older clients (spec 7.3, "docs").
    #[must_use]
    pub const fn aliases(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Twitter => &[
                ("twitterid", "twitter_user_id"),
                ("twitter_handle", "screenName"),
                ("twitter_name", "screenName"),
            ],
            _ => &[],
        }
    }

    /// The attribute that is unique in an app, and names the user outside of mobile apps.
    #[must_use]
    pub const fn ident(self) -> &'static str {
        match self {
            Self::Master => "customerId",
            Self::Fb => "psid",
            Self::Twitter => "twitter_user_id",
            Self::Wechat => "wechat_user_id",
            Self::Rt | Self::Push => "rtmId",
        }
    }

    /// Whether its profiles are devices.
    #[must_use]
    pub const fn is_mobile(self) -> bool {
        matches!(self, Self::Rt | Self::Push)
    }

    /// What a record must have, in the order in which it is missed. `msisdn_optional`: the tenant's switch.
    #[must_use]
    pub const fn mandatory(self, verb: Verb, msisdn_optional: bool) -> &'static [Mandatory] {
        use Mandatory as M;
        match (self, verb) {
            (_, Verb::Delete) | (Self::Master, Verb::Update) => &[],
            (Self::Master, Verb::Create) => {
                if msisdn_optional {
                    &[]
                } else {
                    &[M::Msisdn]
                }
            }
            (Self::Fb, Verb::Create) => &[M::Status, M::Psid, M::AccessToken, M::AccessTokenExpiry],
            (Self::Fb, Verb::Update) => &[M::Status, M::Psid],
            (Self::Twitter, Verb::Create) => {
                &[M::Status, M::TwitterUserId, M::ScreenName, M::AccessToken, M::AccessTokenSecret]
            }
            (Self::Twitter, Verb::Update) => &[M::Status, M::TwitterUserId],
            (Self::Wechat, Verb::Create | Verb::Update) => &[M::Status, M::WechatUserId],
            (Self::Rt, Verb::Create) => &[M::Status, M::ConnectStatus, M::DeviceId, M::RtmId],
            (Self::Rt, Verb::Update) => &[M::Status, M::RtmId],
            // A push token has no connection to report on; the rtmId is made of user and device.
            (Self::Push, Verb::Create | Verb::Update) => &[M::Status, M::DeviceId],
        }
    }
}

use ValueKind::{Date, Email, Flag, Msisdn, Number, Status, Text, Token, Word};

const MASTER: &[Known] = &[
    Known::of(1_001, "customerId", Text),
    Known::of(1_002, "name", Text),
    Known::of(1_003, "email", Email),
    Known::of(1_004, "msisdn", Msisdn),
    Known::of(1_005, "sms", Flag),
    Known::of(1_006, "voice", Flag),
    Known::of(1_007, "ussd", Flag),
    Known::of(1_008, "rt", Flag),
    Known::of(1_009, "fb", Flag),
    Known::of(1_010, "fbc", Flag),
    Known::of(1_011, "twitter", Flag),
    Known::of(1_012, "mxit", Flag),
    Known::of(1_013, "wechat", Flag),
    Known::of(1_014, "wa", Flag),
    Known::of(1_015, "status", Status),
    Known::of(1_016, "verified", Flag),
];

const FB: &[Known] = &[
    Known::of(2_001, "customerId", Text),
    Known::of(2_002, "psid", Text),
    Known::of(2_003, "status", Status),
    Known::of(2_004, "verified", Flag),
    Known::secret(2_005, "access_token"),
    Known::of(2_006, "access_token_expiry", Text),
    Known::of(2_007, "name", Text),
    Known::of(2_008, "profile_pic", Text),
    Known::of(2_009, "gender", Text),
    Known::of(2_010, "locale", Text),
    Known::of(2_011, "timezone", Text),
    Known::of(2_012, "channel", Word("fb")),
    Known::of(2_013, "createdOn", Date),
    Known::of(2_014, "updatedOn", Date),
];

const TWITTER: &[Known] = &[
    Known::of(3_001, "customerId", Text),
    Known::of(3_002, "twitter_user_id", Number),
    Known::of(3_003, "status", Status),
    Known::of(3_004, "verified", Flag),
    Known::of(3_005, "screenName", Text),
    Known::secret(3_006, "access_token"),
    Known::secret(3_007, "access_token_secret"),
    Known::of(3_008, "geolocation", Text),
    Known::of(3_009, "timezone", Text),
    Known::of(3_010, "channel", Word("twitter")),
];

const WECHAT: &[Known] = &[
    Known::of(4_001, "customerId", Text),
    Known::of(4_002, "wechat_user_id", Text),
    Known::of(4_003, "status", Status),
    Known::of(4_004, "verified", Flag),
    Known::of(4_005, "nick", Text),
    Known::of(4_006, "language", Text),
    Known::of(4_007, "city", Text),
    Known::of(4_008, "province", Text),
    Known::of(4_009, "country", Text),
    Known::of(4_010, "gender", Text),
    Known::of(4_011, "channel", Word("wechat")),
];

const MOBILE: &[Known] = &[
    Known::of(5_001, "customerId", Text),
    Known::of(5_002, "rtmId", Text),
    Known::of(5_003, "userId", Text),
    Known::of(5_004, "deviceId", Text),
    Known::of(5_005, "status", Status),
    Known::of(5_006, "verified", Flag),
    Known::of(5_007, "connectStatus", Text),
    Known::of(5_008, "appId", Text),
    Known::secret(5_009, "password"),
    Known::of(5_010, "pushId", Token),
    Known::of(5_011, "ios_fcmpushid", Token),
    Known::of(5_012, "os", Text),
    Known::of(5_013, "osversion", Text),
    Known::of(5_014, "sdkversion", Text),
    Known::of(5_015, "language", Text),
    Known::of(5_016, "timezone", Text),
    Known::of(5_017, "guest", Text),
    Known::of(5_018, "foreground", Text),
    Known::of(5_019, "foregroundapp", Text),
    Known::of(5_020, "idlescreen", Text),
    Known::of(5_021, "presence", Text),
    Known::of(5_022, "last_opened", Date),
    Known::of(5_023, "last_upgraded", Date),
    Known::of(5_024, "timespent", Text),
    Known::of(5_025, "useragent", Text),
    Known::of(5_026, "make", Text),
    Known::of(5_027, "model", Text),
    Known::of(5_028, "resolution", Text),
    Known::of(5_029, "RAM", Text),
    Known::of(5_030, "internalmemory", Text),
    Known::of(5_031, "externalmemory", Text),
    Known::of(5_032, "batterylevel", Text),
    Known::of(5_033, "signalstrength", Text),
    Known::of(5_034, "Bluetooth", Text),
    Known::of(5_035, "NFC", Text),
    Known::of(5_036, "MAC", Text),
    Known::of(5_037, "IP", Text),
    Known::of(5_038, "imei", Text),
    Known::of(5_039, "imsi", Text),
    Known::of(5_040, "MCC", Text),
    Known::of(5_041, "MNC", Text),
    Known::of(5_042, "cellid", Text),
    Known::of(5_043, "teleco", Text),
    Known::of(5_044, "roaming", Text),
    Known::of(5_045, "serialnumber", Text),
    Known::of(5_046, "phonemode", Text),
    Known::of(5_047, "connectType", Text),
    Known::of(5_048, "location", Text),
    Known::of(5_049, "oldlocation", Text),
    Known::of(5_050, "accounts", Text),
    Known::of(5_051, "email", Email),
    Known::of(5_052, "channel", Word("rt")),
    Known::of(5_053, "createdOn", Date),
];
