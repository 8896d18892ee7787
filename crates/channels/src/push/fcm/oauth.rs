//! Access tokens of a service account (RFC 7523): one is asked for at a time, and kept until shortly before its end.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::Serializer;
use waypost_core::time::Micros;
use waypost_egress::Response;

use super::super::account::text;
use super::super::base::{SettingsError, base};
use super::super::call::{Call, headers};
use super::super::jwt::SigningKey;
use super::super::meters;
use super::super::outcomes::Provider;
use super::super::refusal::{ended, outcome, refused, unanswered};
use super::SERVER_ERROR;
use crate::connector::{AppAccount, Handed};

/// The real token server.
const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long an assertion is good for; the server takes no more than an hour.
const ASSERTION_SECS: i64 = 3_600;
/// A token is given up this long before its end, or at half its life when that is shorter.
const MARGIN_SECS: i64 = 300;
/// Whoever comes this soon after a failure gets the same failure: a queue of waiters does not knock one by one.
const FAILURE_MS: i64 = 1_000;

/// The parts of a service account's file that are of use.
#[derive(Debug)]
pub(super) struct ServiceAccount {
    pub(super) project_id: String,
    client_email: String,
    key_id: Option<String>,
    key: SigningKey,
    token_url: Url,
}

#[derive(Deserialize)]
struct File {
    project_id: String,
    private_key_id: Option<String>,
    private_key: String,
    client_email: String,
    token_uri: Option<String>,
}

impl ServiceAccount {
    pub(super) fn open(account: &AppAccount) -> Result<Option<Self>, SettingsError> {
        let wrong = |rule: &str| SettingsError::new("fcm_service_account", rule);
        let file: File = match account.secrets.get("fcm_service_account") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).ok(),
            Some(object) => serde_json::from_value(object.clone()).ok(),
        }
        .ok_or_else(|| wrong("it must be a service account's JSON file with a private key"))?;
        let key = SigningKey::rsa_from_pem(&file.private_key)
            .map_err(|error| wrong(&format!("its private_key cannot be used: {error}")))?;
        let own = text(&account.config, "fcm_oauth_url")?;
        let token_url = own.or(file.token_uri.as_deref()).unwrap_or(TOKEN_URL);
        let token_url = base("fcm_oauth_url", token_url, account.sandbox)?;
        Ok(Some(Self {
            project_id: file.project_id,
            client_email: file.client_email,
            key_id: file.private_key_id,
            key,
            token_url,
        }))
    }

    fn assertion(&self, now: Micros) -> Option<String> {
        let claims = json!({
            "iss": self.client_email, "scope": SCOPE, "aud": self.token_url.as_str(),
            "iat": now.as_secs(), "exp": now.as_secs() + ASSERTION_SECS,
        });
        self.key.token(self.key_id.as_deref(), &claims)
    }

    async fn ask(&self, call: &Call<'_>) -> Result<Token, Handed> {
        let asked_at = call.now();
        let unsigned = || refused(7114, "the service account's key cannot sign");
        let assertion = self.assertion(asked_at).ok_or_else(unsigned)?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", GRANT)
            .append_pair("assertion", &assertion)
            .finish();
        let head = headers(&[("content-type", "application/x-www-form-urlencoded")]).unwrap_or_default();
        let sent = call.post(&self.token_url, head, Bytes::from(form)).await;
        let response = sent.map_err(|error| unanswered(&error, SERVER_ERROR))?;
        read(&response, asked_at)
    }
}

#[derive(Clone)]
struct Token {
    bearer: Arc<str>,
    good_until: Micros,
}

/// The token, or what its refusal means.
fn read(response: &Response, asked_at: Micros) -> Result<Token, Handed> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if !response.status.is_success() {
        let error = body["error"].as_str().unwrap_or_default();
        let text = body["error_description"].as_str().unwrap_or_default();
        let outcome = outcome(Provider::OAuth, response.status.as_u16(), error, text);
        return Err(ended(outcome, response, error, text));
    }
    let Some(token) = body["access_token"].as_str().filter(|token| !token.is_empty()) else {
        let detail = "the token server's answer has no access_token".to_owned();
        return Err(Handed::Later { code: SERVER_ERROR, detail, retry_after: None, failing: true });
    };
    let secs = body["expires_in"].as_i64().unwrap_or(0).clamp(0, 86_400);
    let good_secs = secs - MARGIN_SECS.min(secs / 2);
    Ok(Token { bearer: format!("Bearer {token}").into(), good_until: asked_at.add_ms(good_secs * 1_000) })
}

/// The account's token.
#[derive(Default)]
pub(super) struct TokenCache {
    /// Held while one is asked for, so that the others wait for that one.
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    None,
    Good(Token),
    Failed {
        at: Micros,
        how: Handed,
    },
}

impl TokenCache {
    /// The value of `authorization`.
    pub(super) async fn get(&self, service: &ServiceAccount, call: &Call<'_>) -> Result<Arc<str>, Handed> {
        let mut state = self.state.lock().await;
        let now = call.now();
        match &*state {
            State::Good(token) if now < token.good_until => return Ok(Arc::clone(&token.bearer)),
            State::Failed { at, how } if (0..FAILURE_MS).contains(&now.since_ms(*at)) => {
                return Err(how.clone());
            }
            _ => {}
        }
        let asked = service.ask(call).await;
        meters::token(Provider::OAuth, asked.is_ok());
        match asked {
            Ok(token) => {
                *state = State::Good(token.clone());
                Ok(token.bearer)
            }
            Err(how) => {
                *state = State::Failed { at: call.now(), how: how.clone() };
                Err(how)
            }
        }
    }

    /// Forgets a token that was refused, unless it was replaced already.
    pub(super) async fn forget(&self, bearer: &str) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Good(token) if &*token.bearer == bearer) {
            *state = State::None;
        }
    }
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("TokenCache")
    }
}
