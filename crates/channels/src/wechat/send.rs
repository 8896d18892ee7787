//! One customer-service message.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::api::{Api, Request};
use super::body;
use crate::connector::{Handed, Outgoing};

const PATH: &str = "/cgi-bin/message/custom/send";
/// The provider's word for a message that has no form it knows.
const MESSAGE_TYPE: u16 = 7607;
/// The message expired before the provider was asked.
const EXPIRED: u16 = 7301;
/// The provider cannot be reached.
const UNREACHABLE: u16 = 7307;

pub(super) async fn send(api: Arc<Api>, outgoing: Outgoing) -> Handed {
    let refused =
        |code, detail: &str| Handed::Refused { code, detail: detail.to_owned(), address_is_dead: false };
    if outgoing.expires_at.is_some_and(|at| at <= api.clock.now()) {
        return refused(EXPIRED, "it has expired");
    }
    let body = match body::of(&outgoing.block, &outgoing.address.value) {
        Ok(body) => Bytes::from(body.to_string()),
        Err(why) => return refused(MESSAGE_TYPE, why),
    };
    let request = Request { path: PATH, query: &[], content_type: "application/json", body };
    // One deadline over waiting for a token, fetching it, and up to two calls.
    let call = api.call(&outgoing.account, request, outgoing.deadline_ms);
    match tokio::time::timeout(Duration::from_millis(outgoing.deadline_ms), call).await {
        Ok(Ok(answer)) => {
            let text = answer.text("/msgid").map(str::to_owned);
            let number = answer.int("/msgid").map(|id| id.to_string());
            // The provider sends no receipts for these messages: taken is delivered.
            Handed::Taken { provider_ref: text.or(number).unwrap_or_default(), receipt_follows: false }
        }
        Ok(Err(handed)) => handed,
        Err(_) => Handed::Later {
            code: UNREACHABLE,
            detail: "the deadline passed".to_owned(),
            retry_after: None,
            failing: true,
        },
    }
}
