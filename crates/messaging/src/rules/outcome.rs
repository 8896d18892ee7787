//! What is judged after acceptance, before anything is sent (spec 2.3: everything from 7100 comes later).

use serde_json::Value;
use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};

use super::channel::is_voice_too_long;
use super::plan::{Content, Plan, SmsBody, SmsContent, TEXT_CHARS_MAX};
use crate::wire::IdType;

/// What the checks need to know of the tenant.
pub trait Policies {
    /// Whether the service can send on this channel.
    fn is_configured(&self, channel: Channel) -> bool;
    /// Whether this sender id is registered for the tenant.
    fn is_sender(&self, sender: &str) -> bool;
    /// Whether this template exists and is approved for the channel.
    fn is_template(&self, template: &str, channel: Channel) -> bool;
    /// Whether this smart link exists and leads somewhere.
    fn is_link(&self, link: i64) -> bool;
    /// Whether the tenant insists on the `+` of E.164.
    fn plus_rule(&self) -> PlusRule;
}

/// An outcome that is certain before the message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EarlyOutcome {
    /// 7101: the sender id is not registered, or there is none.
    InvalidSenderId,
    /// 7102: not a telephone number.
    InvalidAddress,
    /// 7104: the app asset is unknown, not the tenant's, or carries another channel.
    InvalidApp,
    /// 7105: the id leads to no profile with an address for the channel.
    ProfileNotFound,
    /// 7106: the service cannot send on the channel.
    ChannelNotConfigured,
    /// 7107: more than [`TEXT_CHARS_MAX`] characters.
    TextTooLong,
    /// 7108: no such template.
    InvalidTemplate,
    /// 7109: the recipient is on a do-not-disturb list.
    DoNotDisturb,
    /// 7120: what a call is given is longer than it takes.
    VoiceParametersTooLong,
    /// 7121: a placeholder has no value.
    UnresolvedPlaceholder,
    /// 7205: the body of a binary message is not hexadecimal.
    InvalidBinary,
    /// 9000: consent or a frequency cap is to be asked for, and nobody here can.
    ContactPolicyNotEnabled,
}

impl EarlyOutcome {
    /// Every outcome.
    pub const ALL: [Self; 12] = [
        Self::InvalidSenderId,
        Self::InvalidAddress,
        Self::InvalidApp,
        Self::ProfileNotFound,
        Self::ChannelNotConfigured,
        Self::TextTooLong,
        Self::InvalidTemplate,
        Self::DoNotDisturb,
        Self::VoiceParametersTooLong,
        Self::UnresolvedPlaceholder,
        Self::InvalidBinary,
        Self::ContactPolicyNotEnabled,
    ];

    /// The code of the catalogue's Messaging list.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::InvalidSenderId => 7101,
            Self::InvalidAddress => 7102,
            Self::InvalidApp => 7104,
            Self::ProfileNotFound => 7105,
            Self::ChannelNotConfigured => 7106,
            Self::TextTooLong => 7107,
            Self::InvalidTemplate => 7108,
            Self::DoNotDisturb => 7109,
            Self::VoiceParametersTooLong => 7120,
            Self::UnresolvedPlaceholder => 7121,
            Self::InvalidBinary => 7205,
            Self::ContactPolicyNotEnabled => 9000,
        }
    }
}

/// The checks that are the same for every destination of a request: channel, template, sender, content.
#[must_use]
pub fn content_outcome(plan: &Plan, policies: &dyn Policies) -> Option<EarlyOutcome> {
    if !policies.is_configured(plan.channel) {
        return Some(EarlyOutcome::ChannelNotConfigured);
    }
    if plan.template.as_ref().is_some_and(|template| !policies.is_template(&template.id, plan.channel)) {
        return Some(EarlyOutcome::InvalidTemplate);
    }
    if plan.asks_contact_policy {
        return Some(EarlyOutcome::ContactPolicyNotEnabled);
    }
    if plan.unresolved.is_some() || plan.smart_links.iter().any(|link| !policies.is_link(link.link)) {
        return Some(EarlyOutcome::UnresolvedPlaceholder);
    }
    match &plan.content {
        Content::Sms(sms) => sms_outcome(sms, policies),
        Content::Block(block) if plan.channel == Channel::Voice && is_voice_too_long(block, &plan.spoken) => {
            Some(EarlyOutcome::VoiceParametersTooLong)
        }
        // Only a number of the tenant's own may be shown as the caller.
        Content::Block(block) if plan.channel == Channel::Voice && !is_own_caller(block, policies) => {
            Some(EarlyOutcome::InvalidSenderId)
        }
        Content::Block(_) => None,
    }
}

fn is_own_caller(block: &Value, policies: &dyn Policies) -> bool {
    block.get("cli").and_then(Value::as_str).is_none_or(|cli| policies.is_sender(cli))
}

fn sms_outcome(sms: &SmsContent, policies: &dyn Policies) -> Option<EarlyOutcome> {
    if !sms.sender.as_deref().is_some_and(|sender| policies.is_sender(sender)) {
        return Some(EarlyOutcome::InvalidSenderId);
    }
    match &sms.body {
        SmsBody::Text { unresolved: Some(_), .. } => Some(EarlyOutcome::UnresolvedPlaceholder),
        SmsBody::Text { text, .. } if is_too_long(text) => Some(EarlyOutcome::TextTooLong),
        SmsBody::Binary(_) if sms.body.octets().is_none() => Some(EarlyOutcome::InvalidBinary),
        SmsBody::Text { .. } | SmsBody::Binary(_) | SmsBody::Template => None,
    }
}

fn is_too_long(text: &str) -> bool {
    // Bytes bound characters from above: most texts need no counting.
    text.len() > TEXT_CHARS_MAX && text.chars().count() > TEXT_CHARS_MAX
}

/// The checks of one destination value. `on_dnd` tells whether the value stands on a do-not-disturb list; it is asked
/// only for a good telephone number.
#[must_use]
pub fn destination_outcome(
    channel: Channel,
    id_type: IdType,
    value: &str,
    policies: &dyn Policies,
    on_dnd: impl FnOnce(&Msisdn) -> bool,
) -> Option<EarlyOutcome> {
    let by_number = matches!(channel, Channel::Sms | Channel::Voice) && id_type == IdType::Msisdn;
    if !by_number {
        return Some(EarlyOutcome::ProfileNotFound);
    }
    match Msisdn::parse(value, policies.plus_rule()) {
        Err(_) => Some(EarlyOutcome::InvalidAddress),
        Ok(number) => on_dnd(&number).then_some(EarlyOutcome::DoNotDisturb),
    }
}

/// All checks of one destination: those of the content first.
#[must_use]
pub fn outcome_checks(
    plan: &Plan,
    id_type: IdType,
    value: &str,
    policies: &dyn Policies,
    on_dnd: impl FnOnce(&Msisdn) -> bool,
) -> Option<EarlyOutcome> {
    content_outcome(plan, policies)
        .or_else(|| destination_outcome(plan.channel, id_type, value, policies, on_dnd))
}
