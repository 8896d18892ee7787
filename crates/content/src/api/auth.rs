//! Who pushes: Basic credentials (spec 2.1).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Mutex;
use waypost_core::limit::Bucket;
use waypost_core::time::Micros;
use waypost_store::directory::{Directory, Partner, login};

use super::state::Shared;

/// Looks at the store a second that unknown users can cause, over all callers.
const LOOKS_PER_S: u32 = 5;

/// Limits how often an unknown user makes the directory be read anew.
#[derive(Debug)]
pub(super) struct Looks(Mutex<Bucket>);

impl Default for Looks {
    fn default() -> Self {
        Self(Mutex::new(Bucket::new(LOOKS_PER_S, LOOKS_PER_S)))
    }
}

impl Looks {
    /// Whether one more is allowed now.
    pub(super) async fn take(&self, now: Micros) -> bool {
        self.0.lock().await.try_take(now, 1)
    }
}

/// The partner that is let in: enabled, its tenant too.
pub(super) async fn partner(app: &Shared, headers: &HeaderMap) -> Option<Partner> {
    let (user, password) = credentials(headers)?;
    if let Some(found) = find(&app.directory.current(), &user, &password) {
        return Some(found);
    }
    // A partner or a password made a moment ago by a command: the directory is read anew, within bounds.
    if !app.looks.take(app.clock.now()).await {
        return None;
    }
    if let Err(error) = app.directory.refresh(&app.store).await {
        tracing::warn!(%error, "the directory could not be read for unknown credentials");
    }
    find(&app.directory.current(), &user, &password)
}

fn find(directory: &Directory, user: &str, password: &str) -> Option<Partner> {
    let named = |partner: &&Partner| partner.login_name.as_deref() == Some(user);
    let partner = directory.partners().iter().find(named);
    let stored = partner.and_then(|partner| partner.login_hash.as_deref()).unwrap_or(&[0; 48]);
    // Also for an unknown user, so that the time tells nothing.
    let good = login::matches(stored, password);
    let live = |partner: &&Partner| {
        let tenant = directory.tenant(partner.tenant);
        partner.enabled
            && tenant.is_some_and(|tenant| tenant.status == waypost_store::directory::Status::Live)
    };
    partner.filter(live).filter(|_| good).cloned()
}

/// User and password of an `Authorization` header; the scheme's name in any letter case.
fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = given.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(token.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        credentials(&headers)
    }

    #[test]
    fn the_published_example_is_read_and_everything_else_is_not() {
        let demo = Some(("demo".to_owned(), "p@55w0rd".to_owned()));
        assert_eq!(with("Basic ZGVtbzpwQDU1dzByZA=="), demo);
        assert_eq!(with("basic  ZGVtbzpwQDU1dzByZA=="), demo);
        for bad in ["Bearer ZGVtbzpwQDU1dzByZA==", "Basic", "Basic ###", "Basic ZGVtbw==", "Basic /////w=="] {
            assert_eq!(with(bad), None, "{bad}");
        }
    }
}
