//! FCM HTTP v1: `POST /v1/projects/<project>/messages:send` over HTTP/2 with an OAuth token of the service account.

mod answer;
mod message;
mod oauth;

use bytes::Bytes;
use serde_json::Value;
use url::Url;

use self::oauth::{ServiceAccount, TokenCache};
use super::account::text;
use super::base::{SettingsError, base, below};
use super::call::{Call, headers};
use super::outcomes::Provider;
use super::refusal::{ended, outcome, refused, unanswered};
use crate::connector::{AppAccount, Handed, Outgoing};

/// The real host.
const HOST: &str = "https://fcm.googleapis.com";
/// FCM itself failed.
pub(super) const SERVER_ERROR: u16 = 7508;
/// Longer tokens do not exist.
const TOKEN_BYTES_MAX: usize = 4_096;

/// The FCM side of an account.
#[derive(Debug)]
pub(super) struct FcmAccount {
    send: Url,
    data_only: bool,
    service: ServiceAccount,
    tokens: TokenCache,
}

impl FcmAccount {
    pub(super) fn open(account: &AppAccount) -> Result<Option<Self>, SettingsError> {
        let (config, sandbox) = (&account.config, account.sandbox);
        let Some(service) = ServiceAccount::open(account)? else { return Ok(None) };
        let host = base("fcm_base_url", text(config, "fcm_base_url")?.unwrap_or(HOST), sandbox)?;
        let project = text(config, "fcm_project_id")?.unwrap_or(&service.project_id);
        let wrong = || SettingsError::new("fcm_base_url", "it cannot have a path below it");
        let send = below(&host, &["v1", "projects", project, "messages:send"]).ok_or_else(wrong)?;
        let data_only = config.get("fcm_data_only").and_then(Value::as_bool).unwrap_or(false);
        Ok(Some(Self { send, data_only, service, tokens: TokenCache::default() }))
    }

    /// One attempt, with a second token when the first is refused as such.
    pub(super) async fn send(&self, outgoing: &Outgoing, call: &Call<'_>) -> Handed {
        match self.try_send(outgoing, call).await {
            Ok(handed) | Err(handed) => handed,
        }
    }

    async fn try_send(&self, outgoing: &Outgoing, call: &Call<'_>) -> Result<Handed, Handed> {
        check_token(&outgoing.address.value)?;
        let body = Bytes::from(message::body(outgoing, self.data_only, call.now())?);
        let mut is_fresh = false;
        loop {
            let token = self.tokens.get(&self.service, call).await?;
            let head = [("content-type", "application/json"), ("authorization", &*token)];
            let head = headers(&head).ok_or_else(|| refused(7504, "the access token cannot be sent"))?;
            let sent = call.post_h2(&self.send, head, body.clone()).await;
            let response = sent.map_err(|error| unanswered(&error, SERVER_ERROR))?;
            let answer = answer::read(&response);
            if response.status.is_success() {
                return Ok(Handed::Taken { provider_ref: answer.name, receipt_follows: true });
            }
            let outcome = outcome(Provider::Fcm, response.status.as_u16(), &answer.error, &answer.text);
            if outcome.renews && !is_fresh {
                self.tokens.forget(&token).await;
                is_fresh = true;
                continue;
            }
            return Ok(ended(outcome, &response, &answer.error, &answer.text));
        }
    }
}

/// A token is one word of printable characters; what it means only FCM knows.
fn check_token(token: &str) -> Result<(), Handed> {
    let is_word = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word && token.len() <= TOKEN_BYTES_MAX {
        return Ok(());
    }
    Err(refused(7512, "an FCM registration token is one word of printable ASCII characters"))
}

/// The body alone.
#[cfg(test)]
pub(super) fn body(
    outgoing: &Outgoing,
    data_only: bool,
    now: waypost_core::time::Micros,
) -> Result<String, Handed> {
    message::body(outgoing, data_only, now)
}
