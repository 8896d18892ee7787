//! What every endpoint asks first, in the order of the contract (spec 2.3): key, address, rate.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use waypost_core::channel::Channel;
use waypost_core::limit::Admission;
use waypost_core::time::Micros;

use super::auth;
use super::client::client_ip;
use super::limits::{ApiFamily, is_allowed};
use super::seams::{Caller, Tps};
use super::state::Shared;
use crate::rules::Refusal;

/// A caller that may go on.
pub(super) struct Passed {
    pub caller: Arc<Caller>,
    /// Above the limit, in burst mode.
    pub in_burst: bool,
}

/// Lets a caller in.
///
/// # Errors
/// 7002, 7001, 7010 or 7020, in this order.
pub(super) async fn pass(
    app: &Shared,
    parts: &Parts,
    api: ApiFamily,
    now: Micros,
) -> Result<Passed, Refusal> {
    let caller = auth::caller(&parts.headers, &*app.seams.directory, now).await?;
    if !caller.allowlist.is_empty() {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
        let from = client_ip(peer, &parts.headers, &app.settings.trusted_proxies);
        if !is_allowed(&caller.allowlist, from) {
            return Err(Refusal::SourceIp);
        }
    }
    let tps = match api {
        ApiFamily::Messaging => caller.messaging_tps,
        ApiFamily::Status => caller.status_tps,
        ApiFamily::Events => caller.event_tps,
        // Its callers have no service; see the gate of the Profile API.
        ApiFamily::Profile => None,
        ApiFamily::Channel(channel) => of_channel(&caller, channel),
    };
    match app.limits.admit(caller.tenant, api, tps, now) {
        Admission::Normal => Ok(Passed { caller, in_burst: false }),
        Admission::Burst => Ok(Passed { caller, in_burst: true }),
        Admission::Refused => Err(Refusal::Rate),
    }
}

/// Counts the request against its channel's own limit, which is known only when the body is read.
///
/// # Errors
/// 7020.
pub(super) fn pass_channel(
    app: &Shared,
    passed: Passed,
    channel: Channel,
    now: Micros,
) -> Result<Passed, Refusal> {
    let Some(tps) = of_channel(&passed.caller, channel) else { return Ok(passed) };
    match app.limits.admit(passed.caller.tenant, ApiFamily::Channel(channel), Some(tps), now) {
        Admission::Normal => Ok(passed),
        Admission::Burst => Ok(Passed { in_burst: true, ..passed }),
        Admission::Refused => Err(Refusal::Rate),
    }
}

fn of_channel(caller: &Caller, channel: Channel) -> Option<Tps> {
    caller.channel_tps.iter().find(|(of, _)| *of == channel).map(|(_, tps)| *tps)
}
