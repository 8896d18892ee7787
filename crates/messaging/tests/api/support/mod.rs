//! A server whose directory, ledger and clock are in the test's hands.

mod answer;
mod hands;
mod request;

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use waypost_channels::social::{Media, MediaFault};
use waypost_core::id::{IdGenerator, TransactionRef};
use waypost_core::time::{ManualClock, Micros};
use waypost_messaging::api::{
    AcceptError, ApiSettings, Asset, Caller, EventSubmission, LookupError, MessagingState, OnceAnswer, Seams,
    StatusRecord, Submission, Tps,
};
use waypost_messaging::rules::{Priority, ServiceView};
use waypost_messaging::wire::social::Happening;
use waypost_status::Api;
use waypost_store::{Actor, TenantId};

pub use answer::Answer;
use hands::{Fixed, Hands};
pub use request::{Draft, request, sms};

pub const NOW: Micros = Micros::from_secs(1_790_000_000);
pub const KEY: &str = "0f1a2b3c-key";
/// A key that the directory knows once it was looked at again.
pub const NEW_KEY: &str = "4d5e6f70-key";
pub const SECRET: &[u8] = b"a secret of the service, 32 octets";
pub const MESSAGING: &str = "/resources/v1/messaging";

/// The rest of the server: everything a test may set or look at.
pub struct World {
    pub caller: Mutex<Arc<Caller>>,
    pub kept: Mutex<Vec<Submission>>,
    pub accept: Mutex<Result<(), AcceptError>>,
    /// Whether keys that were used before can be looked up.
    pub known: Mutex<Result<(), AcceptError>>,
    /// Events that were kept.
    pub events: Mutex<Vec<EventSubmission>>,
    /// What was kept under idempotency keys.
    pub answers: Mutex<Vec<OnceAnswer>>,
    pub asked: Mutex<Vec<TransactionRef>>,
    pub found: Mutex<Result<Vec<StatusRecord>, LookupError>>,
    pub clock: Arc<ManualClock>,
    /// App assets of the social channels, by `appid`.
    pub assets: Mutex<Vec<Asset>>,
    /// What webhooks brought.
    pub happened: Mutex<Vec<Happening>>,
    /// Files that were to be uploaded.
    pub uploads: Mutex<Vec<Media>>,
    /// What becomes of them.
    pub uploaded: Mutex<Result<String, MediaFault>>,
    /// How often the directory was looked at for an unknown key.
    pub looks: AtomicUsize,
}

pub fn caller() -> Caller {
    Caller {
        tenant: TenantId(7),
        service: 3,
        actor: Actor::Key(11),
        client_id: "acme".into(),
        is_active: true,
        profile_off: false,
        view: ServiceView { default_priority: Priority::Medium, default_sender: Some("ACME".into()) },
        allowlist: Vec::new(),
        messaging_tps: None,
        status_tps: None,
        event_tps: None,
        channel_tps: Vec::new(),
    }
}

pub struct Server {
    pub world: Arc<World>,
    router: Router,
}

impl Server {
    pub fn new() -> Self {
        Self::with(ApiSettings { body_bytes_max: 64 * 1024, ..ApiSettings::default() })
    }

    pub fn with(settings: ApiSettings) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let world = Arc::new(World {
            caller: Mutex::new(Arc::new(caller())),
            kept: Mutex::default(),
            accept: Mutex::new(Ok(())),
            known: Mutex::new(Ok(())),
            events: Mutex::default(),
            answers: Mutex::default(),
            asked: Mutex::default(),
            found: Mutex::new(Err(LookupError::Unknown)),
            clock: Arc::clone(&clock),
            assets: Mutex::default(),
            happened: Mutex::default(),
            uploads: Mutex::default(),
            uploaded: Mutex::new(Ok("image.M1".to_owned())),
            looks: AtomicUsize::new(0),
        });
        let hands = Arc::new(Hands(Arc::clone(&world)));
        let seams = Seams {
            directory: hands.clone(),
            accept: hands.clone(),
            lookup: hands.clone(),
            profiles: hands.clone(),
            templates: Arc::new(waypost_messaging::api::NoTemplates),
            prompts: Arc::new(waypost_messaging::api::NoPrompts),
            events: hands.clone(),
            links: Arc::new(waypost_messaging::api::NoLinks),
            social: hands,
            clock,
            ids: Arc::new(IdGenerator::new(1).unwrap()),
            entropy: Arc::new(Fixed),
        };
        Self { world, router: waypost_messaging::router(MessagingState::new(seams, settings)) }
    }

    /// Changes the service that [`KEY`] belongs to.
    pub fn set_caller(&self, change: impl FnOnce(&mut Caller)) {
        let mut changed = caller();
        change(&mut changed);
        *self.world.caller.lock().unwrap() = Arc::new(changed);
    }

    pub fn limit(&self, per_second: u32, burst_mode: bool) {
        let tps = Some(Tps { per_second, burst_mode });
        self.set_caller(|caller| {
            caller.messaging_tps = tps;
            caller.status_tps = tps;
        });
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let path = request.uri().path();
        let api = match path {
            path if path.contains("/status/") => Api::TransactionStatus,
            path if path.starts_with("/webhooks/") || path.starts_with("/resources/v1/events/") => Api::Event,
            _ => Api::Messaging,
        };
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer {
            http: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        answer.prove(api);
        answer
    }

    /// Sends a body with the good key.
    pub async fn post(&self, body: impl Into<Body>) -> Answer {
        self.call(request(body).header("key", KEY).done()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("key", KEY).body(Body::empty()).unwrap();
        self.call(request).await
    }

    /// The paths the router serves, in order: its own account of itself is the only one there is.
    pub fn paths(&self) -> Vec<String> {
        let told = format!("{:?}", self.router);
        // The last two are what it answers 404 by.
        let is_route = |text: &&str| text.starts_with('/') && *text != "/" && !text.contains("__private__");
        let mut paths: Vec<String> = told.split('"').filter(is_route).map(str::to_owned).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    pub fn kept(&self) -> Vec<Submission> {
        std::mem::take(&mut self.world.kept.lock().unwrap())
    }
}
