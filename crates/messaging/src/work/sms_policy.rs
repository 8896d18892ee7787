//! Our own rules, applied when a message leaves the queue.

use waypost_core::channel::Channel;
use waypost_core::msisdn::PlusRule;
use waypost_store::StoreError;
use waypost_store::directory::Directory;

use super::policy::{self, Question};
use super::runtime::Shared;
use super::sms_content::{self, StoredSms};
use super::sms_item::SmsItem;
use super::sms_recipient::Recipient;
use crate::rules::Policies;

/// Why a message does not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code with which it ends.
    pub code: u16,
    /// The line for its story.
    pub why: String,
}

impl Refused {
    fn plain(code: u16) -> Self {
        Self { code, why: String::new() }
    }
}

/// Why our rules end this message; `None` when it may leave to connections of `group`, and is paid for then.
///
/// # Errors
/// Those of the store, which is asked only for tenants that have a do-not-disturb list or are charged.
pub async fn refusal(
    shared: &Shared,
    group: i64,
    item: &SmsItem,
    stored: &StoredSms,
    recipient: &Recipient,
) -> Result<Option<Refused>, StoreError> {
    let segments = match segments(shared, group, item, stored) {
        Ok(segments) => segments,
        Err(code) => return Ok(Some(Refused::plain(code))),
    };
    let question = Question {
        request: item.request(),
        message: item.message(),
        channel: Channel::Sms,
        app: None,
        text: stored.text.as_deref(),
        segments,
        number: Some(&recipient.number),
        standing: recipient.standing,
        now: shared.clock.now(),
    };
    let decision = policy::decide(shared, question).await?;
    Ok(decision.refused.map(|code| Refused { code, why: decision.line() }))
}

/// Parts it will be cut into; counted only where the price depends on it.
fn segments(shared: &Shared, group: i64, item: &SmsItem, stored: &StoredSms) -> Result<u16, u16> {
    if !policy::is_charged(shared, item.request().tenant) {
        return Ok(1);
    }
    // Without a connection nothing is submitted, and what is deducted now is given back.
    let Some(group) = shared.gateway.group(group) else { return Ok(1) };
    sms_content::segmented(item, stored, group.concatenation()).map(|segmented| u16::from(segmented.count))
}

/// The rules' view of a tenant.
pub struct TenantPolicies<'a> {
    /// Connections.
    pub shared: &'a Shared,
    /// Senders.
    pub directory: &'a Directory,
    /// Whose policies.
    pub tenant: i64,
}

impl Policies for TenantPolicies<'_> {
    fn is_configured(&self, channel: Channel) -> bool {
        let sandbox = self.directory.tenant(self.tenant).is_some_and(|tenant| tenant.sandbox);
        match channel {
            Channel::Sms => self.shared.gateway.serves(self.shared.gateway.group_of(self.tenant, sandbox)),
            Channel::Voice if self.shared.calls.trunks.serves(self.tenant, sandbox) => true,
            other => self.shared.connectors.of(other, sandbox).is_some(),
        }
    }

    fn is_sender(&self, sender: &str) -> bool {
        self.directory.sender(self.tenant, sender).is_some()
    }

    fn is_template(&self, template: &str, channel: Channel) -> bool {
        self.directory.templates().live(self.tenant, template, channel).is_some()
    }

    fn is_link(&self, link: i64) -> bool {
        self.directory.link(self.tenant, link).is_some_and(|link| link.enabled)
    }

    fn plus_rule(&self) -> PlusRule {
        PlusRule::Optional
    }
}
