//! The policies of a tenant (spec 1), one file each: pure decisions over what the directory holds in memory. The order
//! here is the order in which they are asked; the first that refuses decides.

mod address;
mod app;
mod content;
mod hours;
mod price;
mod profile;
mod switch;

use waypost_core::channel::Channel;
use waypost_core::msisdn::Msisdn;
use waypost_core::policy::WordList;
use waypost_core::time::Micros;
use waypost_store::directory::{App, TenantPolicies};

pub use app::carries;
pub use price::price;

/// Why a policy ends a message before it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyCode {
    /// 7008: the tenant's profile is switched off.
    ProfileOff,
    /// 7103: the balance is too low.
    NoCredits,
    /// 7106: the app is suspended.
    AppSuspended,
    /// 7107: the text has too many characters.
    TextTooLong,
    /// 7109: the number is on a do-not-disturb list.
    DoNotDisturb,
    /// 7110: the recipient's profile is inactive.
    RecipientInactive,
    /// 7111: the text has a phrase of a spam list.
    Spam,
    /// 7113: outside the social hours.
    SocialHours,
    /// 7115: no price covers the destination.
    NoRate,
    /// 7116: the destination is not verified.
    NotVerified,
    /// 7117: real-time messaging is off for the app.
    RtOff,
    /// 7118: push is off for the app.
    PushOff,
}

impl PolicyCode {
    /// The code of the catalogue's Messaging list.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::ProfileOff => 7008,
            Self::NoCredits => 7103,
            Self::AppSuspended => 7106,
            Self::TextTooLong => 7107,
            Self::DoNotDisturb => 7109,
            Self::RecipientInactive => 7110,
            Self::Spam => 7111,
            Self::SocialHours => 7113,
            Self::NoRate => 7115,
            Self::NotVerified => 7116,
            Self::RtOff => 7117,
            Self::PushOff => 7118,
        }
    }

    /// The policy that decides it, as the story names it.
    #[must_use]
    pub const fn policy(self) -> &'static str {
        match self {
            Self::ProfileOff => "profile",
            Self::NoCredits => "credits",
            Self::AppSuspended | Self::RtOff | Self::PushOff => "app",
            Self::TextTooLong => "message length",
            Self::DoNotDisturb => "do not disturb",
            Self::RecipientInactive => "recipient",
            Self::Spam => "spam",
            Self::SocialHours => "social hours",
            Self::NoRate => "rate plan",
            Self::NotVerified => "verified destinations",
        }
    }
}

/// What one policy decided, for the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The policy.
    pub policy: &'static str,
    /// The code with which it ends the message; `None` when it let it pass.
    pub code: Option<u16>,
    /// One line for an operator. Never message text.
    pub detail: String,
}

impl Note {
    /// A refusal.
    #[must_use]
    pub fn refusal(code: PolicyCode, detail: impl Into<String>) -> Self {
        Self { policy: code.policy(), code: Some(code.code()), detail: detail.into() }
    }

    /// As the story shows it.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {}", self.policy, self.detail)
    }
}

/// What the profile behind a destination says of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// `status` is 1.
    pub active: bool,
    /// `verified` is 1.
    pub verified: bool,
}

/// One message about to leave.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The service it is sent by.
    pub service: i64,
    /// The channel.
    pub channel: Channel,
    /// The app it goes through.
    pub app: Option<&'a App>,
    /// What it says.
    pub text: Option<&'a str>,
    /// The resolved number on sms and voice.
    pub number: Option<&'a Msisdn>,
    /// The destination as the client wrote it.
    pub destination: &'a str,
    /// The profile behind it, when there is one.
    pub recipient: Option<Recipient>,
    /// Now.
    pub now: Micros,
}

/// The policies that need nothing but memory, in order; `None` when they let the message pass.
#[must_use]
pub fn refusal(facts: &Facts<'_>, tenant: Option<&TenantPolicies>, platform_spam: &WordList) -> Option<Note> {
    tenant
        .and_then(switch::check)
        .or_else(|| app::check(facts))
        .or_else(|| profile::check(facts))
        .or_else(|| tenant.and_then(|tenant| address::check(facts, tenant)))
        .or_else(|| content::length(facts, tenant))
        .or_else(|| content::spam(facts, tenant, platform_spam))
        .or_else(|| tenant.and_then(|tenant| hours::check(facts, tenant)))
}

#[cfg(test)]
mod tests;
