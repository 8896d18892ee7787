//! How a call-back proves where it comes from: the contract's `x-hub-signature` and, beside it, Standard Webhooks.

use waypost_core::time::Micros;
use waypost_egress::signature;

use super::callback_item::CallbackItem;
use super::runtime::Shared;

/// The headers of one attempt. Without a secret the call-back goes unsigned, as the contract allows (spec 4.1).
pub fn headers(shared: &Shared, item: &CallbackItem, id: i64, now: Micros) -> Vec<(&'static str, String)> {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    let directory = shared.directory.current();
    let Some(service) = directory.service(item.service) else { return headers };
    let Some(secret) = service.hub_secret.as_deref() else { return headers };
    let algorithm = signature::HubAlgorithm::parse(&service.hub_algorithm).unwrap_or_default();
    headers.push(("x-hub-signature", signature::hub(algorithm, secret, &item.body)));
    let webhook_id = format!("cb_{id}");
    headers.push(("webhook-signature", signature::standard(secret, &webhook_id, now, &item.body)));
    headers.push(("webhook-timestamp", now.as_secs().to_string()));
    headers.push(("webhook-id", webhook_id));
    headers
}
