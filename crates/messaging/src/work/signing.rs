//! How a call-back proves where it comes from: the contract's `x-hub-signature` and, beside it, Standard Webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use waypost_core::time::Micros;
use waypost_egress::signature::{HubHash, HubKey, WebhookKey, X_HUB_SIGNATURE};
use waypost_store::directory::Service;

use super::callback_item::CallbackItem;
use super::runtime::Shared;

/// The trace of a call-back (spec 4.1 names the header only): the id of the message it is about, which `waypost trace`
/// takes, or the call-back's own for an inbound message. The same over all attempts.
const X_WX_GTRID: HeaderName = HeaderName::from_static("x-wx-gtrid");

/// The headers of one attempt. Without a secret the call-back goes unsigned, as the contract allows (spec 4.1).
pub fn headers(shared: &Shared, item: &CallbackItem, id: i64, now: Micros) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_WX_GTRID, HeaderValue::from(item.message.map_or(id, |message| message.0)));
    let directory = shared.directory.current();
    if let Some(service) = directory.service(item.service) {
        sign(&mut headers, service, &item.body, id, now);
    }
    headers
}

fn sign(headers: &mut HeaderMap, service: &Service, body: &[u8], id: i64, now: Micros) {
    let Some(secret) = &service.hub_secret else { return };
    headers.insert(X_HUB_SIGNATURE, HubKey::new(hash(&service.hub_algorithm), secret).sign(body));
    // The id is the call-back's own and the same over all its attempts.
    let signed = webhook_key(secret).and_then(|key| key.sign(&format!("cb_{id}"), now, body));
    if let Some(signed) = signed {
        signed.insert_into(headers);
    }
}

fn hash(name: &str) -> HubHash {
    HubHash::ALL.into_iter().find(|hash| hash.name() == name).unwrap_or(HubHash::Sha256)
}

/// A secret written `whsec_…` is read as the standard says; any other is used as its bytes. One shorter than the standard's
/// 24 bytes signs the contract's header only.
fn webhook_key(secret: &[u8]) -> Option<WebhookKey> {
    let text = std::str::from_utf8(secret).ok().filter(|text| text.starts_with("whsec_"));
    match text {
        Some(text) => WebhookKey::parse(text).ok(),
        None => WebhookKey::parse(&format!("whsec_{}", STANDARD.encode(secret))).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_signs_the_standards_header_in_both_its_forms() {
        let raw = [7_u8; 32];
        let written = format!("whsec_{}", STANDARD.encode(raw));
        let of =
            |secret: &[u8]| webhook_key(secret).and_then(|key| key.sign("cb_1", Micros::from_secs(1), b"{}"));
        assert!(of(&raw).is_some());
        assert_eq!(of(&raw), of(written.as_bytes()));
        assert_eq!(of(b"short"), None);
    }

    #[test]
    fn an_unknown_algorithm_is_the_usual_one() {
        assert_eq!(hash("sha512"), HubHash::Sha512);
        assert_eq!(hash(""), HubHash::Sha256);
    }
}
