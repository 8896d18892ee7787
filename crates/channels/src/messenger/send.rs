//! One send request.

use std::sync::Arc;

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;
use waypost_core::time::{Clock, Micros};
use waypost_egress::Egress;

use super::{body, limits, meanings};
use crate::connector::{AppAccount, Handed, Outgoing};
use crate::social::{Answer, call, endpoint, handed, missing, secret_text, text};

const HOST: &str = "https://graph.facebook.com";
const VERSION: &str = "v23.0";
/// The message has no form the channel knows.
const MESSAGE_TYPE: u16 = 7112;
/// The message expired before the provider was asked.
const EXPIRED: u16 = 7301;

pub(super) async fn send(egress: Egress, clock: Arc<dyn Clock>, outgoing: Outgoing) -> Handed {
    if outgoing.expires_at.is_some_and(|at| at <= clock.now()) {
        return Handed::Refused {
            code: EXPIRED,
            detail: "it has expired".to_owned(),
            address_is_dead: false,
        };
    }
    let (url, headers) = match request(&outgoing.account) {
        Ok(request) => request,
        Err(handed) => return handed,
    };
    let Some(body) = body::of(&outgoing.block, &outgoing.address.value) else {
        let detail = "neither text, attachment nor sender_action".to_owned();
        return Handed::Refused { code: MESSAGE_TYPE, detail, address_is_dead: false };
    };
    let body = Bytes::from(body.to_string());
    match call(&egress, Method::POST, &url, headers, body, outgoing.deadline_ms).await {
        Ok(answer) if answer.is_success() => taken(&answer, body::is_indicator(&outgoing.block)),
        Ok(answer) => refused(&answer, clock.now()),
        Err(handed) => handed,
    }
}

/// Address and headers. The token travels in a header, so that no proxy's log has it; the proof shows that the request
/// comes from the app the token was made for.
fn request(account: &AppAccount) -> Result<(Url, HeaderMap), Handed> {
    let token = secret_text(account, "page_token").ok_or_else(|| missing("page_token"))?;
    let secret = secret_text(account, "app_secret").ok_or_else(|| missing("app_secret"))?;
    let version = text(account, "version").unwrap_or(VERSION);
    let page = text(account, "page_id").unwrap_or("me");
    let mut url = endpoint(account, "base_url", HOST, &format!("/{version}/{page}/messages"))?;
    url.query_pairs_mut().append_pair("appsecret_proof", &proof(token, secret));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut bearer =
        HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| missing("usable page_token"))?;
    bearer.set_sensitive(true);
    headers.insert(AUTHORIZATION, bearer);
    Ok((url, headers))
}

/// HMAC-SHA256 of the token by the app's secret, in hexadecimal.
fn proof(token: &str, secret: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), token.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn taken(answer: &Answer, is_indicator: bool) -> Handed {
    let provider_ref = answer.text("/message_id").unwrap_or_default().to_owned();
    let receipt_follows = !provider_ref.is_empty() && !is_indicator;
    Handed::Taken { provider_ref, receipt_follows }
}

fn refused(answer: &Answer, now: Micros) -> Handed {
    let (code, subcode) = (answer.int("/error/code"), answer.int("/error/error_subcode"));
    let meaning = meanings().of(code, subcode, answer.status);
    let words = answer.text("/error/message").unwrap_or("no reason given");
    let number = code.map_or_else(|| format!("HTTP {}", answer.status), |code| format!("#{code}"));
    let detail = match subcode {
        Some(subcode) => format!("{number}/{subcode} {words}"),
        None => format!("{number} {words}"),
    };
    handed(meaning, &detail, answer.retry_after.or_else(|| limits::resume_at(&answer.headers, now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_hmac_of_the_token() {
        // RFC 4231, case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(proof("what do ya want for nothing?", "Jefe"), expected);
    }
}
