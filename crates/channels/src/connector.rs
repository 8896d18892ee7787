//! What the connectors of the IP channels (push, Messenger, X, WeChat) have in common: one message for one address goes
//! in, what the provider made of it comes out.
//!
//! A connector knows its provider's protocol, keeps its access tokens and maps its errors to codes by a data file; it
//! knows nothing of tenants, ledgers or retries.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use waypost_core::time::Micros;

/// A future behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What kind of address a message goes to: the id types of a destination (spec 3.2) that a provider understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// Telephone number.
    Msisdn,
    /// Registration token of FCM.
    AndroidPush,
    /// Device token of APNs.
    IosPush,
    /// Token of Huawei's push.
    HmsPush,
    /// Web Push subscription of Chrome.
    ChromePush,
    /// Web Push subscription of Firefox.
    FirefoxPush,
    /// Web Push subscription of Safari.
    SafariPush,
    /// User of an in-app channel.
    UserId,
    /// Page-scoped id of Messenger.
    Psid,
    /// Account of X.
    TwitterId,
    /// Open id of WeChat.
    WechatId,
    /// Topic of an in-app channel: all who follow it.
    Topic,
}

impl AddressKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Msisdn,
        Self::AndroidPush,
        Self::IosPush,
        Self::HmsPush,
        Self::ChromePush,
        Self::FirefoxPush,
        Self::SafariPush,
        Self::UserId,
        Self::Psid,
        Self::TwitterId,
        Self::WechatId,
        Self::Topic,
    ];

    /// The id key of the wire, also the `destinationType` of a notification.
    #[must_use]
    pub const fn id_key(self) -> &'static str {
        match self {
            Self::Msisdn => "msisdn",
            Self::AndroidPush => "android_pushid",
            Self::IosPush => "ios_pushid",
            Self::HmsPush => "hms_pushid",
            Self::ChromePush => "chrome_pushid",
            Self::FirefoxPush => "firefox_pushid",
            Self::SafariPush => "safari_pushid",
            Self::UserId => "userid",
            Self::Psid => "psid",
            Self::TwitterId => "twitterid",
            Self::WechatId => "wechatid",
            Self::Topic => "topic",
        }
    }

    /// From the id key of the wire.
    #[must_use]
    pub fn from_id_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id_key() == key)
    }

    /// Whether it is the token of a device.
    #[must_use]
    pub const fn is_push(self) -> bool {
        matches!(
            self,
            Self::AndroidPush
                | Self::IosPush
                | Self::HmsPush
                | Self::ChromePush
                | Self::FirefoxPush
                | Self::SafariPush
        )
    }
}

/// One address of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What it is.
    pub kind: AddressKind,
    /// As the provider gave it.
    pub value: String,
    /// The device behind a push token, when it is known.
    pub device: Option<String>,
}

/// The app asset a message goes through, opened for use.
#[derive(Clone, Debug, PartialEq)]
pub struct AppAccount {
    /// Its row: the key of everything a connector remembers about it.
    pub id: i64,
    /// The `appid` of the wire.
    pub app_id: String,
    /// Changes when settings or credentials do; what was remembered for another revision is void.
    pub revision: u64,
    /// The connector's settings, a JSON object.
    pub config: Value,
    /// The credentials, a JSON object.
    pub secrets: Value,
    /// Whether it may only reach a simulator on this machine: base addresses off loopback are refused with 7114.
    pub sandbox: bool,
}

/// One message for one address.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Through which account.
    pub account: Arc<AppAccount>,
    /// The channel's content block as accepted, placeholders and links filled: `channels.push`, `channels.appmessaging`
    /// or the channel's block inside `channels["OTT-Messaging"]`.
    pub block: Arc<Value>,
    /// To whom.
    pub address: Address,
    /// The transaction id as the client knows it; devices send it back in their receipts.
    pub tid: String,
    /// After this moment the provider must not deliver it any more.
    pub expires_at: Option<Micros>,
    /// One deadline over everything, token refresh included.
    pub deadline_ms: u64,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// The provider has it.
    Taken {
        /// The provider's id for it, by which receipts are matched; empty when it gives none.
        provider_ref: String,
        /// Whether a receipt can come; without one the message counts as delivered now.
        receipt_follows: bool,
    },
    /// Voice: the call was placed; its steps are told later, one by one.
    Calling {
        /// The call's name.
        provider_ref: String,
    },
    /// There is no room for it now. Nothing was tried, so no attempt is counted.
    Full {
        /// Milliseconds until it is worth another look.
        again_ms: u64,
    },
    /// Refused for good.
    Refused {
        /// The code of section 9.
        code: u16,
        /// The provider's words, for the story and `additionalInfo`.
        detail: String,
        /// Whether the address is dead and must not be used again (unregistered token).
        address_is_dead: bool,
    },
    /// May succeed later.
    Later {
        /// The code it ends with when there is no later.
        code: u16,
        /// The provider's words.
        detail: String,
        /// When the provider wants to be asked again.
        retry_after: Option<Micros>,
        /// Whether the provider is at fault, so that its breaker counts it.
        failing: bool,
    },
}

/// Hands messages of one channel to its provider.
pub trait Connector: Send + Sync {
    /// One attempt. Never panics, never takes longer than the deadline by more than scheduling.
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_id_key() {
        for kind in AddressKind::ALL {
            assert_eq!(AddressKind::from_id_key(kind.id_key()), Some(kind));
        }
        assert_eq!(AddressKind::from_id_key("customerid"), None);
    }
}
