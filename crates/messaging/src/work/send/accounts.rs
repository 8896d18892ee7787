//! App assets opened for the connectors, once for each state of the directory.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use waypost_channels::connector::AppAccount;
use waypost_store::directory::App;

/// The opened assets, by row.
#[derive(Debug, Default)]
pub struct Accounts {
    known: Mutex<HashMap<i64, Opened>>,
}

/// An asset as it was when it was opened, and what was opened.
#[derive(Debug)]
struct Opened {
    of: Arc<App>,
    account: Arc<AppAccount>,
}

impl Accounts {
    /// The account of an asset of the directory. Settings and credentials are read again only when the asset changed.
    pub fn open(&self, app: &Arc<App>, sandbox: bool) -> Arc<AppAccount> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Opened { of, account }) = known.get(&app.id)
            && (Arc::ptr_eq(of, app) || of == app)
        {
            return Arc::clone(account);
        }
        let account = Arc::new(open(app, sandbox));
        known.insert(app.id, Opened { of: Arc::clone(app), account: Arc::clone(&account) });
        account
    }
}

fn open(app: &App, sandbox: bool) -> AppAccount {
    let secrets = app.secrets.as_ref().and_then(|secret| secret.as_text()).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    (&app.config, secrets).hash(&mut hasher);
    AppAccount {
        id: app.id,
        app_id: app.app_id.clone(),
        revision: hasher.finish(),
        config: object(&app.config),
        secrets: object(secrets),
        sandbox,
    }
}

/// Both are checked to be objects when they are stored; nothing is read as an empty one.
fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::Object(serde_json::Map::new()))
}
