//! Our own rules, applied when a message leaves the queue.

use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_store::StoreError;
use waypost_store::directory::Directory;

use super::policy::{self, Question};
use super::runtime::Shared;
use super::sms_content::{self, StoredSms};
use super::sms_item::SmsItem;
use crate::rules::{EarlyOutcome, IdType, Policies, destination_outcome};

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
) -> Result<Option<Refused>, StoreError> {
    if let Some(code) = stored.refused {
        return Ok(Some(Refused::plain(code)));
    }
    let number = match number(shared, item) {
        Ok(number) => number,
        Err(outcome) => return Ok(Some(Refused::plain(outcome.code()))),
    };
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
        number: number.as_ref(),
        standing: None,
        now: shared.clock.now(),
    };
    let decision = policy::decide(shared, question).await?;
    Ok(decision.refused.map(|code| Refused { code, why: decision.line() }))
}

fn number(shared: &Shared, item: &SmsItem) -> Result<Option<Msisdn>, EarlyOutcome> {
    let (request, message) = (item.request(), item.message());
    let current = shared.directory.current();
    let policies = TenantPolicies { shared, directory: &current, tenant: request.tenant };
    let id_type = IdType::from_key(&message.dest_type).ok_or(EarlyOutcome::ProfileNotFound)?;
    let mut number = None;
    let keep = |given: &Msisdn| {
        number = Some(*given);
        false
    };
    destination_outcome(Channel::Sms, id_type, &message.destination, &policies, keep).map_or(Ok(number), Err)
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
            other => self.shared.connectors.of(other, sandbox).is_some(),
        }
    }

    fn is_sender(&self, sender: &str) -> bool {
        self.directory.sender(self.tenant, sender).is_some()
    }

    fn is_template(&self, _template: &str, _channel: Channel) -> bool {
        // No template can be created yet, so every id is unknown (7108).
        false
    }

    fn plus_rule(&self) -> PlusRule {
        PlusRule::Optional
    }
}
