//! One direct message.

use std::sync::Arc;

use bytes::Bytes;
use waypost_core::time::Clock;
use waypost_egress::Egress;

use super::{api, body};
use crate::connector::{Handed, Outgoing};
use crate::social::endpoint;

const HOST: &str = "https://api.twitter.com";
const PATH: &str = "/1.1/direct_messages/events/new.json";
/// The message has no form the channel knows.
const MESSAGE_TYPE: u16 = 7112;
/// The message expired before the provider was asked.
const EXPIRED: u16 = 7301;

pub(super) async fn send(egress: Egress, clock: Arc<dyn Clock>, outgoing: Outgoing) -> Handed {
    let refused =
        |code, detail: &str| Handed::Refused { code, detail: detail.to_owned(), address_is_dead: false };
    if outgoing.expires_at.is_some_and(|at| at <= clock.now()) {
        return refused(EXPIRED, "it has expired");
    }
    let url = match endpoint(&outgoing.account, "base_url", HOST, PATH) {
        Ok(url) => url,
        Err(handed) => return handed,
    };
    let Some(body) = body::of(&outgoing.block, &outgoing.address.value) else {
        return refused(MESSAGE_TYPE, "no text");
    };
    let body = Bytes::from(body.to_string());
    let account = &outgoing.account;
    match api::post(&egress, &*clock, account, &url, "application/json", body, outgoing.deadline_ms).await {
        Ok(answer) if answer.is_success() => {
            let provider_ref = answer.text("/event/id").unwrap_or_default().to_owned();
            // The provider sends no receipts: taken is delivered.
            Handed::Taken { provider_ref, receipt_follows: false }
        }
        Ok(answer) => api::refused(&answer, clock.now()),
        Err(handed) => handed,
    }
}
