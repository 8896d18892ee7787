//! What a fresh sandbox holds: tenant, service, keys, sender, and the connection to the simulator.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_messaging::work::notification::NOTIFY_ALL;
use waypost_simulators::smsc::{SmscConfig, SmscHandle};
use waypost_store::directory::{CarrierKind, Partner, Service, SmppConnection, Status, Tenant, admin, login};
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::providers::{self, Lead};
use super::{apps, calls, customer, events};
use crate::config::Config;
use crate::wiring;

/// Slug of the sandbox's tenant and service.
pub const TENANT: &str = "sandbox";
/// Its registered sender.
pub const SENDER: &str = "SANDBOX";
/// The connection to the simulator.
const LINK: (CarrierKind, &str) = (CarrierKind::Connection, "simulator");
/// Where the keys are kept for the next start with the same folder.
const KEYS_FILE: &str = "sandbox-keys.json";

/// The sandbox's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Service key.
    pub service: String,
    /// Profile key.
    pub profile: String,
    /// Key of another service of the tenant.
    #[serde(default)]
    pub second_service: String,
    /// Key of a suspended service.
    #[serde(default)]
    pub inactive_service: String,
    /// Password of the content receiver; made at the next start where an older sandbox has none.
    #[serde(default)]
    pub content: String,
    /// Client key of the in-app messaging app; made at the next start where an older sandbox has none.
    #[serde(default)]
    pub client: String,
    /// No key, but made with them: the `evtid` of the sandbox's event.
    #[serde(default)]
    pub event: String,
}

/// A simulated partner that is pushed to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its short name.
    pub slug: &'static str,
    /// What stands before `/hotel`.
    pub url: String,
    /// The user name it expects.
    pub user: String,
    /// The password it expects.
    pub password: String,
}

/// The user name under which content is pushed to the sandbox, and the short name of the partner it belongs to.
pub const CONTENT_USER: &str = "sandbox";

/// What stands around the server in this run: other ports and other keys than in the last.
#[derive(Debug)]
pub struct Around<'a> {
    /// The operator.
    pub smsc: &'a SmscHandle,
    /// Where call-backs go.
    pub notify_url: String,
    /// The partners that content is pushed to.
    pub targets: Vec<Target>,
    /// The providers of the app assets.
    pub leads: Vec<Lead>,
    /// The provider of calls.
    pub sip: SocketAddr,
}

/// Makes the sandbox's directory in the store of `config`, or, in a folder that has one, points it to what is around it in
/// this run. Returns its keys.
pub async fn prepare(config: &Config, around: Around<'_>) -> anyhow::Result<Keys> {
    let store = wiring::open_or_create(config).await?;
    let master = wiring::master_key(config)?;
    let file = config.store.data_dir.join(KEYS_FILE);
    let known = read_keys(&file)?;
    let Around { smsc, notify_url, targets, leads, sip } = around;
    let settings = settings(smsc).to_string();
    let now = SystemClock.now();
    let prepared = store
        .write(move |tx| {
            let mut keys = match &known {
                Some(keys) => renew(tx, now, &settings, &notify_url).map(|()| keys.clone())?,
                None => create(tx, now, &settings, &notify_url, &master)?,
            };
            keys.content = partners(tx, now, &targets, &keys.content, &master)?;
            let mut keys = complete(tx, now, &notify_url, keys)?;
            let ctx = Ctx::operator(TenantId(admin::tenant_by_slug(tx, &ALL, TENANT)?.id));
            if keys.client.is_empty() {
                keys.client = apps::let_clients_in(tx, &ctx, now, &master)?;
            }
            providers::lead(tx, &ctx, now, &leads, &master)?;
            calls::complete(tx, (&ALL, &ctx), now, sip)?;
            Ok(keys)
        })
        .await;
    store.close().await;
    let keys = prepared.context("preparing the sandbox's tenant")?;
    std::fs::write(&file, serde_json::to_vec_pretty(&keys)?)
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(keys)
}

fn read_keys(file: &Path) -> anyhow::Result<Option<Keys>> {
    if !file.exists() {
        return Ok(None);
    }
    let text = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Some(serde_json::from_slice(&text).with_context(|| format!("reading {}", file.display()))?))
}

fn settings(smsc: &SmscHandle) -> Value {
    let address = smsc.address();
    let mut settings = Map::new();
    settings.insert("host".to_owned(), address.ip().to_string().into());
    settings.insert("port".to_owned(), address.port().into());
    settings.insert("system_id".to_owned(), SmscConfig::default().system_id.into());
    settings.insert("window".to_owned(), json!(100));
    settings.insert("reconnect_min_ms".to_owned(), json!(100));
    Value::Object(settings)
}

const ALL: Ctx = Ctx::operator(TenantId::ALL);

fn create(
    tx: &mut dyn Sql,
    now: Micros,
    settings: &str,
    notify_url: &str,
    master: &MasterKey,
) -> Result<Keys, StoreError> {
    let tenant = admin::create_tenant(tx, &ALL, now, &tenant())?;
    let ctx = Ctx::operator(tenant);
    admin::add_sender(tx, &ctx, now, SENDER, None)?;
    let service = admin::create_service(tx, &ctx, now, &service(tenant.0, notify_url))?;
    admin::create_carrier(tx, &ALL, now, LINK.0, &connection(settings))?;
    let password = SmscConfig::default().password;
    admin::set_carrier_password(tx, &ALL, now, LINK, Some(password.as_bytes()), master)?;
    let service = admin::create_key(tx, &ctx, now, Some(service))?.text;
    let profile = admin::create_key(tx, &ctx, now, None)?.text;
    Ok(Keys { service, profile, ..Keys::default() })
}

/// Adds what a sandbox of an earlier release does not have.
fn complete(tx: &mut dyn Sql, now: Micros, notify_url: &str, mut keys: Keys) -> Result<Keys, StoreError> {
    let tenant = admin::tenant_by_slug(tx, &ALL, TENANT)?;
    let ctx = Ctx::operator(TenantId(tenant.id));
    if keys.second_service.is_empty() {
        let second = Service { slug: "second".to_owned(), ..service(tenant.id, notify_url) };
        let second = admin::create_service(tx, &ctx, now, &second)?;
        keys.second_service = admin::create_key(tx, &ctx, now, Some(second))?.text;
    }
    if keys.inactive_service.is_empty() {
        let inactive = Service {
            slug: "inactive".to_owned(),
            status: Status::Suspended,
            ..service(tenant.id, notify_url)
        };
        let inactive = admin::create_service(tx, &ctx, now, &inactive)?;
        keys.inactive_service = admin::create_key(tx, &ctx, now, Some(inactive))?.text;
    }
    apps::complete(tx, &ctx, now, &[TENANT, "second"])?;
    customer::complete(tx, &ctx, now)?;
    keys.event = events::complete(tx, &ctx, now, TENANT)?.to_string();
    Ok(keys)
}

/// The partner that pushes to the sandbox, and those it pushes to, which have other ports at each start. Returns the
/// password of the first.
fn partners(
    tx: &mut dyn Sql,
    now: Micros,
    targets: &[Target],
    password: &str,
    master: &MasterKey,
) -> Result<String, StoreError> {
    let ctx = Ctx::operator(TenantId(admin::tenant_by_slug(tx, &ALL, TENANT)?.id));
    let known: Vec<String> =
        admin::list_partners(tx, &ctx)?.into_iter().map(|partner| partner.slug).collect();
    let password = if password.is_empty() { login::generate()? } else { password.to_owned() };
    let is_new = |slug: &str| !known.iter().any(|own| own == slug);
    if is_new(CONTENT_USER) {
        admin::create_partner(tx, &ctx, now, &Partner::named(CONTENT_USER, "Sandbox"))?;
    }
    admin::set_partner_login(tx, &ctx, now, CONTENT_USER, Some((CONTENT_USER, &password)))?;
    for target in targets {
        if is_new(target.slug) {
            admin::create_partner(tx, &ctx, now, &Partner::named(target.slug, "Simulated partner"))?;
        }
        admin::update_partner(tx, &ctx, now, target.slug, |partner| partner.url = Some(target.url.clone()))?;
        let credentials = Some((target.user.as_str(), target.password.as_str()));
        admin::set_partner_credentials(tx, &ctx, now, target.slug, credentials, master)?;
    }
    Ok(password)
}

/// Simulator and receiver have other ports at each start.
fn renew(tx: &mut dyn Sql, now: Micros, settings: &str, notify_url: &str) -> Result<(), StoreError> {
    admin::update_carrier(tx, &ALL, now, LINK, |connection| settings.clone_into(&mut connection.config))?;
    let tenant = admin::tenant_by_slug(tx, &ALL, TENANT)?;
    let service = admin::service_by_slug(tx, &ALL, tenant.id, TENANT)?;
    admin::update_service(tx, &ALL, now, service.id, |service| {
        service.notify_url = Some(notify_url.to_owned())
    })?;
    Ok(())
}

fn tenant() -> Tenant {
    Tenant {
        id: 0,
        slug: TENANT.to_owned(),
        name: "Sandbox".to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: true,
        settings: "{}".to_owned(),
        created_at: Micros(0),
    }
}

fn service(tenant: i64, notify_url: &str) -> Service {
    Service {
        id: 0,
        tenant,
        slug: TENANT.to_owned(),
        name: "Sandbox".to_owned(),
        status: Status::Live,
        notify_url: Some(notify_url.to_owned()),
        notify_types: NOTIFY_ALL,
        inbound_url: Some(format!("{notify_url}/inbound")),
        default_sender: Some(SENDER.to_owned()),
        route_group: None,
        hub_secret: None,
        hub_algorithm: String::new(),
        jwt_secret: None,
        has_hub_secret: false,
        has_jwt_secret: false,
        created_at: Micros(0),
    }
}

fn connection(settings: &str) -> SmppConnection {
    SmppConnection {
        id: 0,
        name: LINK.1.to_owned(),
        tenant: None,
        sandbox: true,
        config: settings.to_owned(),
        password: None,
        has_password: false,
        enabled: true,
        created_at: Micros(0),
    }
}
