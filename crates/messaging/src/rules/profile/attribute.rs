//! What is known of an attribute.

use serde::{Deserialize, Serialize};
use waypost_store::directory::AttributeKind;

/// What the values of an attribute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// A text of at most 1,024 bytes.
    Text,
    /// A token of a provider: a text of at most 4,096 bytes.
    Token,
    /// A decimal number.
    Number,
    /// 0 or 1.
    Flag,
    /// A date, with or without a time.
    Date,
    /// A mail address.
    Email,
    /// A telephone number.
    Msisdn,
    /// 0 or 1, with refusals of its own.
    Status,
    /// The one word of its store.
    Word(&'static str),
}

impl From<AttributeKind> for ValueKind {
    fn from(kind: AttributeKind) -> Self {
        match kind {
            AttributeKind::Text => Self::Text,
            AttributeKind::Number => Self::Number,
            AttributeKind::Flag => Self::Flag,
            AttributeKind::Date => Self::Date,
        }
    }
}

/// An attribute without which a record is refused (7003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are the attributes of the wire, one to one")]
pub enum Mandatory {
    AccessToken,
    AccessTokenExpiry,
    AccessTokenSecret,
    ConnectStatus,
    DeviceId,
    Msisdn,
    Psid,
    RtmId,
    ScreenName,
    Status,
    TwitterUserId,
    WechatUserId,
}

impl Mandatory {
    /// The name of the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::AccessTokenExpiry => "access_token_expiry",
            Self::AccessTokenSecret => "access_token_secret",
            Self::ConnectStatus => "connectStatus",
            Self::DeviceId => "deviceId",
            Self::Msisdn => "msisdn",
            Self::Psid => "psid",
            Self::RtmId => "rtmId",
            Self::ScreenName => "screenName",
            Self::Status => "status",
            Self::TwitterUserId => "twitter_user_id",
            Self::WechatUserId => "wechat_user_id",
        }
    }
}

/// An attribute of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The number of the wire: stable, never given to another.
    pub id: i64,
    /// The name of the wire.
    pub name: &'static str,
    /// What its values are.
    pub kind: ValueKind,
    /// Whether it is kept sealed and never shown.
    pub secret: bool,
}

impl Known {
    pub(super) const fn of(id: i64, name: &'static str, kind: ValueKind) -> Self {
        Self { id, name, kind, secret: false }
    }

    pub(super) const fn secret(id: i64, name: &'static str) -> Self {
        Self { id, name, kind: ValueKind::Token, secret: true }
    }
}
