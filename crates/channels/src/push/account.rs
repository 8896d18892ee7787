//! An account's settings and credentials, read once for each revision.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::apns::ApnsAccount;
use super::base::SettingsError;
use super::fcm::FcmAccount;
use super::refusal::refused;
use super::web::WebAccount;
use crate::connector::{AppAccount, Handed};

/// Accounts remembered; the one used longest ago goes first, with its tokens.
const ACCOUNTS_MAX: usize = 4_096;

/// A platform of an account: ready, without credentials, or wrong.
type Platform<T> = Result<Option<Arc<T>>, SettingsError>;

/// What was made of an account.
pub(super) struct Account {
    revision: u64,
    pub(super) receipts: bool,
    fcm: Platform<FcmAccount>,
    apns: Platform<ApnsAccount>,
    web: Platform<WebAccount>,
}

impl Account {
    pub(super) fn open(account: &AppAccount) -> Self {
        Self {
            revision: account.revision,
            receipts: account.config.get("receipts").and_then(Value::as_bool).unwrap_or(true),
            fcm: FcmAccount::open(account).map(|fcm| fcm.map(Arc::new)),
            apns: ApnsAccount::open(account).map(|apns| apns.map(Arc::new)),
            web: WebAccount::open(account).map(|web| web.map(Arc::new)),
        }
    }

    pub(super) fn problems(&self) -> Vec<SettingsError> {
        let problems = [self.fcm.as_ref().err(), self.apns.as_ref().err(), self.web.as_ref().err()];
        problems.into_iter().flatten().cloned().collect()
    }

    pub(super) fn platforms(&self) -> usize {
        let ready = |is_ready: bool| usize::from(is_ready);
        ready(matches!(self.fcm, Ok(Some(_))))
            + ready(matches!(self.apns, Ok(Some(_))))
            + ready(matches!(self.web, Ok(Some(_))))
    }

    pub(super) fn fcm(&self) -> Result<Arc<FcmAccount>, Handed> {
        ready(&self.fcm, "the app has no FCM service account")
    }

    pub(super) fn apns(&self) -> Result<Arc<ApnsAccount>, Handed> {
        ready(&self.apns, "the app has no APNs key")
    }

    pub(super) fn web(&self) -> Result<Arc<WebAccount>, Handed> {
        ready(&self.web, "the app has no VAPID key")
    }
}

fn ready<T>(platform: &Platform<T>, missing: &str) -> Result<Arc<T>, Handed> {
    match platform {
        Ok(Some(ready)) => Ok(Arc::clone(ready)),
        Ok(None) => Err(refused(7106, missing)),
        Err(error) => Err(refused(7114, error.to_string())),
    }
}

/// The accounts in use.
#[derive(Default)]
pub(super) struct Accounts {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<i64, (Arc<Account>, u64)>,
    uses: u64,
}

impl Accounts {
    /// The account as it is at this revision. Its keys are read outside the lock: that takes a while.
    pub(super) fn of(&self, account: &AppAccount) -> Arc<Account> {
        if let Some(known) = self.known(account) {
            return known;
        }
        let opened = Arc::new(Account::open(account));
        let mut known = self.lock();
        // Somebody was faster: their tokens are kept.
        if let Some(same) = known.touch(account) {
            return same;
        }
        known.make_room();
        let uses = known.uses;
        known.by_id.insert(account.id, (Arc::clone(&opened), uses));
        opened
    }

    fn known(&self, account: &AppAccount) -> Option<Arc<Account>> {
        self.lock().touch(account)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn touch(&mut self, account: &AppAccount) -> Option<Arc<Account>> {
        self.uses += 1;
        let (known, used) = self.by_id.get_mut(&account.id)?;
        *used = self.uses;
        (known.revision == account.revision).then(|| Arc::clone(known))
    }

    fn make_room(&mut self) {
        if self.by_id.len() < ACCOUNTS_MAX {
            return;
        }
        let oldest = self.by_id.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
        if let Some(id) = oldest {
            self.by_id.remove(&id);
        }
    }
}

/// The text under a key; absent and empty are the same.
pub(super) fn text<'a>(object: &'a Value, key: &'static str) -> Result<Option<&'a str>, SettingsError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim())),
        Some(_) => Err(SettingsError::new(key, "it must be a text")),
    }
}

/// The text under a key that must be there.
pub(super) fn needed<'a>(object: &'a Value, key: &'static str) -> Result<&'a str, SettingsError> {
    text(object, key)?.ok_or_else(|| SettingsError::new(key, "it is missing"))
}
