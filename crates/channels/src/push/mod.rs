//! Push: FCM HTTP v1, APNs and Web Push, by the kind of the address (spec 3.6, 3.7).
//!
//! An account's `config` and `secrets` are documented in `docs/channels/push.md`; [`check_account`] says what is wrong with
//! them. What a refusal means stands in `data/push-outcomes.toml` ([`outcomes`]).

pub mod outcomes;

mod account;
mod apns;
mod base;
mod call;
mod content;
mod fcm;
#[cfg(test)]
mod fuzz_tests;
mod jwt;
mod meters;
mod random;
mod refusal;
#[cfg(test)]
mod testing;
mod web;

use std::sync::Arc;

use waypost_core::sandbox::forced_outcome;
use waypost_core::time::Clock;
use waypost_egress::Egress;

pub use self::base::SettingsError;
pub use self::random::{Randomness, SystemRandomness};

use self::account::{Account, Accounts};
use self::call::{Call, Tools};
use self::outcomes::{Outcomes, Provider};
use self::refusal::refused;
use crate::connector::{AddressKind, AppAccount, BoxFuture, Connector, Handed, Outgoing};

/// The connector of the channel `push`. A clone is a handle to the same tokens and accounts.
#[derive(Clone)]
pub struct PushConnector {
    inner: Arc<Inner>,
}

struct Inner {
    tools: Tools,
    accounts: Accounts,
}

impl PushConnector {
    /// A connector that goes out by `egress`.
    #[must_use]
    pub fn new(egress: Egress, clock: Arc<dyn Clock>, random: Arc<dyn Randomness>) -> Self {
        let tools = Tools { egress, clock, random };
        Self { inner: Arc::new(Inner { tools, accounts: Accounts::default() }) }
    }
}

impl Connector for PushConnector {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move { inner.hand_over(&outgoing).await })
    }
}

impl Inner {
    async fn hand_over(&self, outgoing: &Outgoing) -> Handed {
        let kind = outgoing.address.kind;
        let Some(provider) = provider_of(kind) else { return unsupported(kind) };
        let call = Call::new(&self.tools, outgoing.deadline_ms);
        let work = Box::pin(self.send(provider, outgoing, &call));
        let handed = match tokio::time::timeout_at(call.until, work).await {
            Ok(handed) => handed,
            Err(_) => late(provider),
        };
        meters::attempt(provider.word(), &handed);
        handed
    }

    async fn send(&self, provider: Provider, outgoing: &Outgoing, call: &Call<'_>) -> Handed {
        let account = self.accounts.of(&outgoing.account);
        let handed = match provider {
            Provider::Fcm | Provider::OAuth => match account.fcm() {
                Ok(fcm) => fcm.send(outgoing, call).await,
                Err(handed) => handed,
            },
            Provider::Apns => match account.apns() {
                Ok(apns) => apns.send(outgoing, call).await,
                Err(handed) => handed,
            },
            Provider::WebPush => match account.web() {
                Ok(web) => web.send(outgoing, call).await,
                Err(handed) => handed,
            },
        };
        match handed {
            Handed::Taken { provider_ref, .. } => {
                Handed::Taken { provider_ref, receipt_follows: account.receipts }
            }
            other => other,
        }
    }
}

/// Whom an address belongs to.
#[must_use]
pub const fn provider_of(kind: AddressKind) -> Option<Provider> {
    match kind {
        AddressKind::AndroidPush => Some(Provider::Fcm),
        AddressKind::IosPush => Some(Provider::Apns),
        AddressKind::ChromePush | AddressKind::FirefoxPush | AddressKind::SafariPush => {
            Some(Provider::WebPush)
        }
        AddressKind::HmsPush
        | AddressKind::Msisdn
        | AddressKind::UserId
        | AddressKind::Psid
        | AddressKind::TwitterId
        | AddressKind::WechatId
        | AddressKind::Topic => None,
    }
}

/// Whether the provider of an address can answer with something that ends in `code`.
#[must_use]
pub fn can_bring_about(kind: AddressKind, code: u16) -> bool {
    let provider = provider_of(kind);
    provider.is_some_and(|provider| Outcomes::built_in().row_for_code(provider, code).is_some())
}

/// What is wrong with an account's settings and credentials; empty when every platform it has credentials for can be used
/// and there is at least one.
#[must_use]
pub fn check_account(account: &AppAccount) -> Vec<SettingsError> {
    let account = Account::open(account);
    let mut problems = account.problems();
    if problems.is_empty() && account.platforms() == 0 {
        let rule = "one of fcm_service_account, apns_key and vapid_private_key is needed";
        problems.push(SettingsError::new("secrets", rule));
    }
    problems
}

fn unsupported(kind: AddressKind) -> Handed {
    match kind {
        AddressKind::HmsPush => refused(7106, "Huawei's push is not supported"),
        _ => refused(7102, format!("{} is no address of a push channel", kind.id_key())),
    }
}

fn late(provider: Provider) -> Handed {
    let code = match provider {
        Provider::Fcm | Provider::OAuth => fcm::SERVER_ERROR,
        Provider::Apns => apns::SERVER_ERROR,
        Provider::WebPush => web::SERVER_ERROR,
    };
    Handed::Later { code, detail: "the deadline passed".to_owned(), retry_after: None, failing: true }
}

/// Whether a sandbox's address ends in a code that some provider can bring about.
fn asks_for_outcome(address: &str) -> bool {
    let providers = [Provider::Fcm, Provider::Apns, Provider::WebPush];
    forced_outcome(address).is_some_and(|code| {
        let rows = |provider: Provider| Outcomes::built_in().row_for_code(provider, code);
        matches!(code, 7500..=7503) || providers.into_iter().any(|provider| rows(provider).is_some())
    })
}
