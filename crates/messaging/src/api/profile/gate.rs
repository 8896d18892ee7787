//! What every endpoint asks first, in the order of the contract (spec 2.3): key, address, rate, store.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::Method;
use axum::http::request::Parts;
use waypost_core::limit::Admission;
use waypost_core::time::Micros;

use super::seams::{AppStore, ProfileCaller};
use crate::api::client::client_ip;
use crate::api::limits::{ApiFamily, is_allowed};
use crate::api::state::Shared;
use crate::rules::profile::ProfileRefusal;

/// Lets a caller in.
///
/// # Errors
/// 7002, 7001, 7010 (or 7208) and 7020, in this order.
pub(super) async fn pass(
    app: &Shared,
    parts: &Parts,
    now: Micros,
) -> Result<Arc<ProfileCaller>, ProfileRefusal> {
    let caller = caller(app, parts).await?;
    if !caller.allowlist.is_empty() {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
        let from = client_ip(peer, &parts.headers, &app.settings.trusted_proxies);
        if !is_allowed(&caller.allowlist, from) {
            let old_code = caller.switches.old_delete_codes && parts.method == Method::DELETE;
            return Err(ProfileRefusal::SourceIp { old_code });
        }
    }
    match app.limits.admit(caller.tenant, ApiFamily::Profile, caller.tps, now) {
        Admission::Normal | Admission::Burst => Ok(caller),
        Admission::Refused => Err(ProfileRefusal::Rate),
    }
}

/// The profile key: in `key`, or in `secretKey`, as some pages of the contract have it.
async fn caller(app: &Shared, parts: &Parts) -> Result<Arc<ProfileCaller>, ProfileRefusal> {
    let given = |name| parts.headers.get(name).filter(|key| !key.is_empty());
    let presented = given("key").or_else(|| given("secretkey")).ok_or(ProfileRefusal::KeyMissing)?;
    let presented = presented.to_str().map_err(|_| ProfileRefusal::KeyUnknown)?;
    let known = match app.seams.profiles.by_key(presented) {
        Some(known) => Some(known),
        None => {
            app.seams.directory.refresh().await;
            app.seams.profiles.by_key(presented)
        }
    };
    known.filter(|caller| caller.is_active).ok_or(ProfileRefusal::KeyUnknown)
}

/// The store that is meant: of an app, or the customers'.
///
/// # Errors
/// 7018 or 7013.
pub(super) fn store(
    app: &Shared,
    caller: &ProfileCaller,
    app_id: Option<&str>,
) -> Result<Option<AppStore>, ProfileRefusal> {
    match app_id {
        Some(app_id) => app.seams.profiles.app(caller, app_id).map(Some).ok_or(ProfileRefusal::AppInvalid),
        None if caller.switches.no_store => Err(ProfileRefusal::StoreMissing),
        None => Ok(None),
    }
}
