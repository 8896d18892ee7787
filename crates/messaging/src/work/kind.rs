//! The kinds of work of this family, and the queues they stand in.

use waypost_core::channel::Channel;
use waypost_core::key::{KeyKind, key};
use waypost_core::sender::SenderId;
use waypost_store::work::QueueKey;

use super::callback_item::CallbackItem;

/// Work of kind SMS: submit one message. On disk.
pub const SMS: i64 = 1;
/// Work of kind call-back: post one notification. On disk.
pub const CALLBACK: i64 = 2;

/// Work of kind send: hand one message of another channel to its connector. On disk.
pub const SEND: i64 = 3;

/// Work of kind rule: send what a rule answers something that happened with. On disk.
pub const RULE: i64 = 5;

/// The queue of a tenant's rules.
#[must_use]
pub const fn rule_queue(tenant: i64) -> QueueKey {
    QueueKey { kind: RULE, dest: 0, tenant, sender: 0, priority: 2 }
}

/// The queue of a message on another channel: one for each app asset (or channel without one), tenant and priority.
#[must_use]
pub fn send_queue(channel: Channel, app: Option<i64>, tenant: i64, priority: u8) -> QueueKey {
    QueueKey { kind: SEND, dest: send_destination(channel, app), tenant, sender: 0, priority }
}

/// What limits of a channel are set for: an app asset, or the channel where it has none.
#[must_use]
pub fn send_destination(channel: Channel, app: Option<i64>) -> i64 {
    // Rows of assets are positive.
    app.unwrap_or(-i64::from(channel.to_u8()))
}

/// The queue of an SMS: one for each connection group, tenant, sender and priority.
#[must_use]
pub fn sms_queue(group: i64, tenant: i64, sender: Option<&str>, priority: u8) -> QueueKey {
    // The limit of a sender is kept under its canonical spelling, and so is its order.
    let sender = sender.map_or(0, |text| {
        let known = SenderId::parse(text);
        key(KeyKind::Source, tenant, known.as_ref().map_or(text, SenderId::as_str))
    });
    QueueKey { kind: SMS, dest: group, tenant, sender, priority }
}

/// The queue of a call-back: one for each endpoint (scheme, host and port) and tenant.
#[must_use]
pub fn callback_queue(tenant: i64, item: &CallbackItem) -> QueueKey {
    let dest = match &item.url {
        Ok(url) => key(KeyKind::Destination, ENDPOINT_SCOPE, &url.origin().ascii_serialization()),
        // Nothing will be posted: these stand in a queue of their own and are given up at once.
        Err(_) => 0,
    };
    QueueKey { kind: CALLBACK, dest, tenant, sender: 0, priority: 2 }
}

/// Endpoints are not a tenant's: two tenants that call the same host share its breaker and limits.
const ENDPOINT_SCOPE: i64 = -1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_two_senders_or_priorities_do_not_share_a_queue() {
        let base = sms_queue(1, 7, Some("ACME"), 2);
        assert_eq!(base, sms_queue(1, 7, Some("ACME"), 2));
        assert_ne!(base.id(), sms_queue(1, 7, Some("OTHER"), 2).id());
        assert_ne!(base.id(), sms_queue(1, 7, Some("ACME"), 3).id());
        assert_ne!(base.id(), sms_queue(1, 8, Some("ACME"), 2).id());
    }
}
