//! The broker of in-app messaging that stands beside this server.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use waypost_core::time::Clock;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_messaging::rt::api::Asker;
use waypost_messaging::rt::external::{Door, External, ExternalSettings, Rest, Trust, Work};

use crate::config::{BrokerKind, Config, Realtime};

/// The broker, and what serves it; `None` for the one inside.
///
/// # Errors
/// When the authorities that vouch for it cannot be read.
pub fn external(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<(External, Work)>> {
    let settings = &config.realtime;
    let Some(address) = settings.external() else { return Ok(None) };
    let trust = address.with_tls.then(|| match authorities(settings) {
        Some(file) => Trust::File(file.to_owned()),
        None => Trust::Public,
    });
    let external = External::new(ExternalSettings {
        host: address.host,
        port: address.port,
        trust,
        door: match settings.broker_kind {
            BrokerKind::Mosquitto => Door::Accounts,
            BrokerKind::Emqx => Door::Asks(rest(settings, clock)?),
        },
        user: settings.broker_user.clone(),
        password: settings.broker_password.expose().to_owned(),
        client_id: format!("waypost-{}", config.store.node),
    });
    external.map(Some).context("TLS to the MQTT broker (realtime.broker_ca)")
}

/// Who asks whom it may let in; `None` where no broker does.
pub fn asker(settings: &Realtime) -> Option<Asker> {
    settings.external().filter(|_| settings.broker_kind == BrokerKind::Emqx)?;
    Some(Asker {
        key: settings.broker_asks_with.expose().to_owned(),
        user: settings.broker_user.clone(),
        password: settings.broker_password.expose().to_owned(),
    })
}

/// The REST API of the broker. The operator names its address, which may well be on this machine or in a private network.
fn rest(settings: &Realtime, clock: &Arc<dyn Clock>) -> anyhow::Result<Rest> {
    let policy = EgressPolicy {
        extra_ca_file: authorities(settings).map(Path::to_owned),
        ..EgressPolicy::operators()
    };
    let resolver = Arc::new(SystemResolver::default());
    let egress = Egress::new(policy, resolver, Arc::clone(clock)).context("realtime.broker_ca")?;
    let base = settings.broker_api().context("no address of a REST API (realtime.broker_api)")?;
    let secret = settings.broker_api_secret.expose();
    Rest::new(base, &settings.broker_api_key, secret, egress)
        .context("no key that can be sent (realtime.broker_api_key)")
}

fn authorities(settings: &Realtime) -> Option<&Path> {
    (!settings.broker_ca.is_empty()).then(|| Path::new(&settings.broker_ca))
}
