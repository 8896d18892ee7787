//! Our own rules, applied when a message leaves the queue.

use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_store::directory::{self, Directory};
use waypost_store::{Ctx, StoreError, TenantId};

use super::runtime::Shared;
use super::sms_content::StoredSms;
use super::sms_item::SmsItem;
use crate::rules::{EarlyOutcome, IdType, Policies, destination_outcome};

/// The code with which our rules end this message; `None` when it may leave.
///
/// # Errors
/// Those of the store, which is asked only for tenants that have a do-not-disturb list.
pub async fn refusal(shared: &Shared, item: &SmsItem, stored: &StoredSms) -> Result<Option<u16>, StoreError> {
    if stored.refused.is_some() {
        return Ok(stored.refused);
    }
    let request = item.request();
    let message = item.message();
    let current = shared.directory.current();
    let policies = TenantPolicies { shared, directory: &current, tenant: request.tenant };
    let mut number = None;
    let Some(id_type) = IdType::from_key(&message.dest_type) else {
        return Ok(Some(EarlyOutcome::ProfileNotFound.code()));
    };
    let keep = |given: &Msisdn| {
        number = Some(*given);
        false
    };
    if let Some(outcome) = destination_outcome(Channel::Sms, id_type, &message.destination, &policies, keep) {
        return Ok(Some(outcome.code()));
    }
    let Some(number) = number.filter(|_| shared.dnd.may_have(request.tenant)) else { return Ok(None) };
    let ctx = Ctx::system(TenantId(request.tenant), "do-not-disturb check");
    let listed = shared.store.read(move |tx| directory::dnd::contains(tx, &ctx, number.as_str())).await?;
    Ok(listed.then_some(EarlyOutcome::DoNotDisturb.code()))
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
