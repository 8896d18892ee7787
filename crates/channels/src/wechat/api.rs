//! Calls with an access token, which is fetched anew when the provider no longer takes it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;
use waypost_core::time::Clock;
use waypost_egress::Egress;

use super::meanings;
use super::token::{Slot, Token, Tokens};
use crate::connector::{AppAccount, Handed};
use crate::social::{Answer, Retry, call, endpoint, handed, missing, secret_text};

const HOST: &str = "https://api.weixin.qq.com";
/// The fetch that does not void the tokens other servers hold.
const TOKEN_PATH: &str = "/cgi-bin/stable_token";
/// Errors of a token that only a forced fetch replaces; of one that ran out a plain fetch does.
const EXPIRED: i64 = 42001;

/// What calls need.
pub(super) struct Api {
    pub egress: Egress,
    pub clock: Arc<dyn Clock>,
    pub tokens: Tokens,
}

/// One call; `query` is added to the access token.
pub(super) struct Request<'a> {
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    pub content_type: &'a str,
    pub body: Bytes,
}

impl Api {
    /// Calls with the account's token, and once more with a fresh one when the token is at fault.
    ///
    /// # Errors
    /// What became of the message when the provider did not take it.
    pub async fn call(
        &self,
        account: &AppAccount,
        request: Request<'_>,
        deadline_ms: u64,
    ) -> Result<Answer, Handed> {
        let slot = self.tokens.slot(account.id, account.revision);
        let token = self.token(account, &slot, None, deadline_ms).await?;
        let answer = self.once(account, &request, &token, deadline_ms).await?;
        let Some(code) = token_fault(&answer) else { return checked(answer) };
        let stale = Stale { token: &token, force: code != EXPIRED };
        let token = self.token(account, &slot, Some(stale), deadline_ms).await?;
        checked(self.once(account, &request, &token, deadline_ms).await?)
    }

    async fn once(
        &self,
        account: &AppAccount,
        request: &Request<'_>,
        token: &str,
        deadline_ms: u64,
    ) -> Result<Answer, Handed> {
        let mut url = endpoint(account, "base_url", HOST, request.path)?;
        url.query_pairs_mut().append_pair("access_token", token).extend_pairs(request.query);
        let headers = headers(request.content_type)?;
        call(&self.egress, Method::POST, &url, headers, request.body.clone(), deadline_ms).await
    }

    /// The account's token; a stale one is replaced, unless somebody has done so meanwhile.
    async fn token(
        &self,
        account: &AppAccount,
        slot: &Slot,
        stale: Option<Stale<'_>>,
        deadline_ms: u64,
    ) -> Result<Arc<str>, Handed> {
        let mut kept = slot.lock().await;
        let now = self.clock.now();
        let is_stale = |token: &Token| stale.as_ref().is_some_and(|stale| *stale.token == *token.text);
        if let Some(token) = kept.as_ref().filter(|token| token.is_good(now) && !is_stale(token)) {
            return Ok(Arc::clone(&token.text));
        }
        let force = stale.is_some_and(|stale| stale.force);
        let token = self.fetch(account, force, deadline_ms).await?;
        let text = Arc::clone(&token.text);
        *kept = Some(token);
        Ok(text)
    }

    async fn fetch(&self, account: &AppAccount, force: bool, deadline_ms: u64) -> Result<Token, Handed> {
        let text = |name| secret_text(account, name).ok_or_else(|| missing(name));
        let body = json!({
            "grant_type": "client_credential",
            "appid": text("app_id")?,
            "secret": text("app_secret")?,
            "force_refresh": force,
        });
        let url = endpoint(account, "base_url", HOST, TOKEN_PATH)?;
        let body = Bytes::from(body.to_string());
        let headers = headers("application/json")?;
        let answer = checked(call(&self.egress, Method::POST, &url, headers, body, deadline_ms).await?)?;
        metrics::counter!("waypost_wechat_token_fetches_total").increment(1);
        match (answer.text("/access_token"), answer.int("/expires_in")) {
            (Some(token), Some(secs)) if !token.is_empty() => Ok(Token::new(token, secs, self.clock.now())),
            _ => Err(Handed::Later {
                code: 7307,
                detail: "the provider gave no access token".to_owned(),
                retry_after: None,
                failing: true,
            }),
        }
    }
}

/// A token the provider has refused.
struct Stale<'a> {
    token: &'a str,
    force: bool,
}

fn headers(content_type: &str) -> Result<HeaderMap, Handed> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(content_type).map_err(|_| missing("usable content type"))?;
    headers.insert(CONTENT_TYPE, value);
    Ok(headers)
}

/// The provider answers errors with HTTP 200 and a number.
fn error_code(answer: &Answer) -> Option<i64> {
    answer.int("/errcode").filter(|code| *code != 0)
}

fn token_fault(answer: &Answer) -> Option<i64> {
    let code = error_code(answer)?;
    (meanings().of(Some(code), None, answer.status).retry == Retry::Token).then_some(code)
}

fn checked(answer: Answer) -> Result<Answer, Handed> {
    let code = error_code(&answer);
    if code.is_none() && answer.is_success() && answer.json.is_object() {
        return Ok(answer);
    }
    // A success without JSON is some gateway's page.
    let status = if answer.is_success() && code.is_none() { 502 } else { answer.status };
    let words = answer.text("/errmsg").unwrap_or("no reason given");
    let number = code.map_or_else(|| format!("HTTP {}", answer.status), |code| code.to_string());
    Err(handed(meanings().of(code, None, status), &format!("{number} {words}"), answer.retry_after))
}
