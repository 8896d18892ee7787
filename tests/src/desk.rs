//! The operator's desk: what a command of the operator does to the store, before the server runs or beside it.

use std::sync::Arc;
use std::time::Duration;

use waypost_core::channel::Channel;
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_simulators::social::{SocialKind, SocialSims};
use waypost_store::directory::admin::{self, ServiceSecret};
use waypost_store::directory::{
    App, AppKind, CarrierKind, Service, SipTrunk, SmppConnection, Status, Tenant, TpsLimit, dnd,
};
use waypost_store::seal::MasterKey;
use waypost_store::{Actor, Ctx, Sql, Store, StoreError, TenantId};

use crate::bound::within;

/// A service and what a client needs of it.
#[derive(Clone, Debug)]
pub struct Login {
    /// Row of the tenant.
    pub tenant: i64,
    /// Short name of the tenant.
    pub tenant_slug: String,
    /// Row of the service.
    pub service: i64,
    /// Its key.
    pub key: String,
    /// Row of the key.
    pub key_id: i64,
}

/// Changes and reads the store as an operator.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    master: Arc<MasterKey>,
}

const OPERATOR: Ctx = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };

fn now() -> Micros {
    SystemClock.now()
}

/// A live tenant in UTC.
#[must_use]
pub fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: 0,
        slug: slug.to_owned(),
        name: slug.to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: Micros(0),
    }
}

/// A live service that is notified of everything and tells nobody.
#[must_use]
pub fn service(slug: &str) -> Service {
    Service {
        id: 0,
        tenant: 0,
        slug: slug.to_owned(),
        name: slug.to_owned(),
        status: Status::Live,
        notify_url: None,
        notify_types: waypost_messaging::work::notification::NOTIFY_ALL,
        inbound_url: None,
        default_sender: None,
        route_group: None,
        hub_secret: None,
        hub_algorithm: String::new(),
        jwt_secret: None,
        has_hub_secret: false,
        has_jwt_secret: false,
        created_at: Micros(0),
    }
}

impl Desk {
    pub(crate) fn new(store: Store, master: Arc<MasterKey>) -> Self {
        Self { store, master }
    }

    /// The same desk on another handle of the store.
    pub(crate) fn beside(&self, store: Store) -> Self {
        Self { store, master: Arc::clone(&self.master) }
    }

    /// Runs one change and waits until it is durable.
    ///
    /// # Panics
    /// When the store refuses it.
    pub async fn change<T: Send + 'static>(
        &self,
        what: &str,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        within(what, self.store.write(job)).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Reads.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        within("a read", self.store.read(job)).await.expect("a store that answers")
    }

    /// Reads again until there is something to be found. The store tells nobody of its changes, so this is the one
    /// thing of the harness that looks at intervals.
    ///
    /// # Panics
    /// When there is nothing in time, or the store fails.
    pub async fn until<T: Send + 'static>(
        &self,
        what: &str,
        look: impl Fn(&mut dyn Sql) -> Result<Option<T>, StoreError> + Clone + Send + 'static,
    ) -> T {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let search = async {
            loop {
                ticks.tick().await;
                if let Some(found) = self.read(look.clone()).await {
                    return found;
                }
            }
        };
        within(what, search).await
    }

    /// Creates a tenant; its row.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_tenant(&self, tenant: Tenant) -> i64 {
        let job = move |tx: &mut dyn Sql| admin::create_tenant(tx, &OPERATOR, now(), &tenant);
        self.change("creating a tenant", job).await.0
    }

    /// Creates a service of a tenant, with a key.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_service(&self, tenant: i64, service: Service) -> Login {
        let service = Service { tenant, ..service };
        let job = move |tx: &mut dyn Sql| {
            let id = admin::create_service(tx, &OPERATOR, now(), &service)?;
            let key = admin::create_key(tx, &OPERATOR, now(), Some(id))?;
            let tenant_slug = admin::tenant(tx, &OPERATOR, tenant)?.slug;
            Ok(Login { tenant, tenant_slug, service: id, key: key.text, key_id: key.id })
        };
        self.change("creating a service", job).await
    }

    /// Changes a service.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn update_service(&self, id: i64, change: impl Fn(&mut Service) + Send + 'static) {
        let job =
            move |tx: &mut dyn Sql| admin::update_service(tx, &OPERATOR, now(), id, &change).map(|_| ());
        self.change("changing a service", job).await;
    }

    /// Sets the secret that signs a service's call-backs.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn set_hub_secret(&self, service: i64, secret: &str) {
        self.set_secret(service, ServiceSecret::Hub, secret).await;
    }

    /// Sets the secret that signs a service's tokens.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn set_jwt_secret(&self, service: i64, secret: &str) {
        self.set_secret(service, ServiceSecret::Jwt, secret).await;
    }

    async fn set_secret(&self, service: i64, which: ServiceSecret, secret: &str) {
        let (master, secret) = (Arc::clone(&self.master), secret.to_owned());
        let job = move |tx: &mut dyn Sql| {
            let value = (which, Some(secret.as_bytes()));
            admin::set_service_secret(tx, &OPERATOR, now(), service, value, &master)
        };
        self.change("setting a secret", job).await;
    }

    /// Registers a sender id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn add_sender(&self, tenant: i64, address: &str) {
        let address = address.to_owned();
        let job = move |tx: &mut dyn Sql| {
            admin::add_sender(tx, &Ctx::of(tenant, Actor::Operator), now(), &address, None).map(|_| ())
        };
        self.change("registering a sender", job).await;
    }

    /// Creates a connection with its password; its row.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_connection(&self, connection: SmppConnection, password: &str) -> i64 {
        let (master, password) = (Arc::clone(&self.master), password.to_owned());
        let job = move |tx: &mut dyn Sql| {
            let id = admin::create_carrier(tx, &OPERATOR, now(), CarrierKind::Connection, &connection)?;
            let secret = Some(password.as_bytes());
            let of = (CarrierKind::Connection, connection.name.as_str());
            admin::set_carrier_password(tx, &OPERATOR, now(), of, secret, &master)?;
            Ok(id)
        };
        self.change("creating a connection", job).await
    }

    /// Creates a trunk to a port of this machine, for one tenant; `more` are further settings. Quick of patience.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_trunk(
        &self,
        tenant: Option<i64>,
        sandbox: bool,
        port: u16,
        more: &serde_json::Value,
    ) {
        let mut config = serde_json::json!({
            "host": "127.0.0.1", "port": port, "caller": "453745878", "t1_ms": 40, "ring_s": 1, "options_s": 0,
            "number_prefix": "+", "calls_per_second": 0,
        });
        let fields = config.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        let trunk = SipTrunk {
            id: 0,
            name: format!("trunk-{port}"),
            tenant,
            sandbox,
            config: config.to_string(),
            password: None,
            has_password: false,
            enabled: true,
            created_at: Micros(0),
        };
        let job =
            move |tx: &mut dyn Sql| admin::create_carrier(tx, &OPERATOR, now(), CarrierKind::Trunk, &trunk);
        self.change("creating a trunk", job).await;
    }

    /// Stores a prompt of so many milliseconds; its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn put_prompt(&self, tenant: i64, name: &str, ms: usize) -> String {
        let (name, sound) = (name.to_owned(), vec![0x12; ms * 8]);
        let job = move |tx: &mut dyn Sql| admin::put_prompt(tx, &OPERATOR, now(), tenant, &name, &sound);
        self.change("storing a prompt", job).await
    }

    /// Stores a call flow.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn put_flow(&self, tenant: i64, flow_id: &str, body: &serde_json::Value) {
        let (flow_id, body) = (flow_id.to_owned(), body.to_string());
        let job = move |tx: &mut dyn Sql| admin::put_flow(tx, &OPERATOR, now(), tenant, &flow_id, &body);
        self.change("storing a call flow", job).await;
    }

    /// Creates an app asset.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_app(&self, tenant: i64, app_id: &str, kind: AppKind) {
        let app = App {
            id: 0,
            tenant,
            app_id: app_id.to_owned(),
            kind,
            name: app_id.to_owned(),
            status: Status::Live,
            push: true,
            rt: true,
            config: "{}".to_owned(),
            secrets: None,
            has_secrets: false,
            created_at: Micros(0),
        };
        let job = move |tx: &mut dyn Sql| {
            admin::create_app(tx, &Ctx::of(tenant, Actor::Operator), now(), &app).map(|_| ())
        };
        self.change("creating an app", job).await;
    }

    /// Creates an app asset that leads to a simulator.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_social_app(&self, tenant: i64, app_id: &str, kind: SocialKind, sims: &SocialSims) {
        let of_app = match kind {
            SocialKind::Fb => AppKind::Fb,
            SocialKind::Twitter => AppKind::Twitter,
            SocialKind::Wechat => AppKind::Wechat,
        };
        self.create_app(tenant, app_id, of_app).await;
        let (master, app_id) = (Arc::clone(&self.master), app_id.to_owned());
        let (config, secrets) = (sims.app_config(kind).to_string(), sims.app_secrets(kind).to_string());
        let job = move |tx: &mut dyn Sql| {
            let ctx = Ctx::of(tenant, Actor::Operator);
            admin::update_app(tx, &ctx, now(), &app_id, |app| app.config.clone_from(&config))?;
            admin::set_app_secrets(tx, &ctx, now(), &app_id, Some(&secrets), &master)
        };
        self.change("setting an app up", job).await;
    }

    /// Sets the credentials of an app.
    ///
    /// # Panics
    /// When they are refused.
    pub async fn app_secrets(&self, tenant: i64, app_id: &str, secrets: &serde_json::Value) {
        let (master, app_id, secrets) = (Arc::clone(&self.master), app_id.to_owned(), secrets.to_string());
        let job = move |tx: &mut dyn Sql| {
            let ctx = Ctx::of(tenant, Actor::Operator);
            admin::set_app_secrets(tx, &ctx, now(), &app_id, Some(&secrets), &master)
        };
        self.change("setting an app's credentials", job).await;
    }

    /// Sets an app's settings.
    ///
    /// # Panics
    /// When they are refused.
    pub async fn app_settings(&self, tenant: i64, app_id: &str, settings: &serde_json::Value) {
        let settings = settings.to_string();
        self.update_app(tenant, app_id, move |app| app.config.clone_from(&settings)).await;
    }

    /// Changes an app.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn update_app(&self, tenant: i64, app_id: &str, change: impl Fn(&mut App) + Send + 'static) {
        let app_id = app_id.to_owned();
        let job = move |tx: &mut dyn Sql| {
            let ctx = Ctx::of(tenant, Actor::Operator);
            admin::update_app(tx, &ctx, now(), &app_id, &change).map(|_| ())
        };
        self.change("changing an app", job).await;
    }

    /// Makes an app the one a service uses on a channel.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn default_app(&self, tenant: i64, service: i64, channel: &str, app_id: &str) {
        let channel = Channel::parse(channel).expect("a channel");
        let app_id = app_id.to_owned();
        let job = move |tx: &mut dyn Sql| {
            let ctx = Ctx::of(tenant, Actor::Operator);
            admin::set_default_app(tx, &ctx, now(), service, channel, &app_id)
        };
        self.change("making an app the default", job).await;
    }

    /// Revokes a key.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn revoke_key(&self, id: i64) {
        self.change("revoking a key", move |tx| admin::revoke_key(tx, &OPERATOR, now(), id)).await;
    }

    /// Puts an address on a tenant's allowlist.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn allow_ip(&self, tenant: i64, cidr: &'static str) {
        let job = move |tx: &mut dyn Sql| admin::allow_ip(tx, &Ctx::of(tenant, Actor::Operator), now(), cidr);
        self.change("allowing an address", job).await;
    }

    /// Limits an API of a tenant.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn limit(&self, tenant: i64, api: &'static str, limit: TpsLimit) {
        let job = move |tx: &mut dyn Sql| {
            admin::set_limit(tx, &Ctx::of(tenant, Actor::Operator), now(), api, limit)
        };
        self.change("limiting an API", job).await;
    }

    /// Puts a number on a tenant's do-not-disturb list.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn do_not_disturb(&self, tenant: i64, number: &'static str) {
        let job = move |tx: &mut dyn Sql| {
            dnd::add(tx, &Ctx::of(tenant, Actor::Operator), number, "operator", now())
        };
        self.change("listing a number", job).await;
    }

    /// Rows of a table of the ledger.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn count(&self, table: Table) -> i64 {
        self.read(move |tx| tx.query(table.count(), &[])?[0].int(0)).await
    }

    /// Ends the desk's connections.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// Tables a test may count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Requests.
    Request,
    /// Messages.
    Message,
    /// Work to be done.
    Work,
    /// Reports on hold.
    ReceiptHeld,
    /// Messages from customers.
    Inbound,
    /// What users of the social channels said.
    SocialInbound,
}

impl Table {
    const fn count(self) -> &'static str {
        match self {
            Self::Request => "SELECT COUNT(*) FROM request",
            Self::Message => "SELECT COUNT(*) FROM message",
            Self::Work => "SELECT COUNT(*) FROM work",
            Self::ReceiptHeld => "SELECT COUNT(*) FROM receipt_held WHERE matched_at IS NULL",
            Self::Inbound => "SELECT COUNT(*) FROM inbound",
            Self::SocialInbound => "SELECT COUNT(*) FROM social_inbound",
        }
    }
}
