//! A server whose directory, ledger and clock are in the test's hands.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use waypost_channels::social::{Media, MediaFault};
use waypost_core::id::{IdGenerator, TransactionId, TransactionRef};
use waypost_core::time::{ManualClock, Micros};
use waypost_messaging::api::profile::{
    AppStore, BatchOutcome, ProfileAsk, ProfileCaller, ProfileWrite, ProfileWritten, Profiles, ProfilesFound,
};
use waypost_messaging::api::{
    Accept, AcceptError, ApiSettings, Asset, BoxFuture, Caller, DirectoryView, Entropy, EventSubmission,
    Events, Lookup, LookupError, MessagingState, OnceAnswer, Seams, ServiceLogin, Social, StatusRecord,
    Submission, Tps,
};
use waypost_messaging::records::idempotency::{Known, Once};
use waypost_messaging::rules::{Priority, ServiceView};
use waypost_messaging::wire::social::Happening;
use waypost_status::Api;
use waypost_status::proof::{observed, record_env};
use waypost_store::directory::{EventDefinition, EventParameter, ParameterKind};
use waypost_store::{Actor, TenantId};

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

struct Fixed;

impl Entropy for Fixed {
    fn next(&self) -> Option<u64> {
        Some(0x000f_edcb_a987_6543)
    }
}

/// The seams need owned values; the world is shared with the test.
struct Hands(Arc<World>);

impl DirectoryView for Hands {
    fn by_key(&self, presented: &str) -> Option<Arc<Caller>> {
        let looked = self.0.looks.load(Ordering::Relaxed) > 0;
        (presented == KEY || presented == NEW_KEY && looked).then(|| self.0.caller.lock().unwrap().clone())
    }

    fn by_service_id(&self, service_id: &str) -> Option<ServiceLogin> {
        let secret: &[u8] = match service_id {
            "svc" => SECRET,
            "empty" => b"",
            _ => return None,
        };
        Some(ServiceLogin { caller: self.0.caller.lock().unwrap().clone(), secret: secret.into() })
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        self.0.looks.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(()))
    }
}

impl Accept for Hands {
    fn accept(&self, submission: Submission) -> BoxFuture<'static, Result<(), AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.kept.lock().unwrap().push(submission);
        }
        Box::pin(std::future::ready(outcome))
    }

    fn accept_once(
        &self,
        submission: Submission,
        once: OnceAnswer,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.kept.lock().unwrap().push(submission);
            self.0.answers.lock().unwrap().push(once);
        }
        Box::pin(std::future::ready(outcome.map(|()| None)))
    }

    fn known(
        &self,
        _: &Caller,
        once: Once,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        if let Err(error) = *self.0.known.lock().unwrap() {
            return Box::pin(std::future::ready(Err(error)));
        }
        let answers = self.0.answers.lock().unwrap();
        let known = answers
            .iter()
            .find(|kept| kept.once.key == once.key)
            .map(|kept| if kept.once == once { Known::Same(kept.answer.clone()) } else { Known::Other });
        Box::pin(std::future::ready(Ok(known)))
    }

    fn keep_answer(
        &self,
        _: &Caller,
        once: OnceAnswer,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.answers.lock().unwrap().push(once);
        }
        Box::pin(std::future::ready(outcome.map(|()| None)))
    }
}

/// Event 4451 of the tenant: `name` is mandatory, `amount` a number, `when` a date, `flag` a flag, `greeting` has a default.
impl Events for Hands {
    fn event(&self, caller: &Caller, id: i64) -> Option<Arc<EventDefinition>> {
        let parameter = |name: &str, kind, mandatory, default: Option<&str>| EventParameter {
            name: name.to_owned(),
            kind,
            mandatory,
            default: default.map(str::to_owned),
        };
        let parameters = vec![
            parameter("name", ParameterKind::Text, true, None),
            parameter("amount", ParameterKind::Number, false, None),
            parameter("when", ParameterKind::Date, false, None),
            parameter("flag", ParameterKind::Flag, false, None),
            parameter("greeting", ParameterKind::Text, true, Some("Hello")),
        ];
        let tenant = caller.tenant.0;
        let event = EventDefinition { id, tenant, name: "order".to_owned(), parameters, enabled: true };
        (id == 4451).then(|| Arc::new(event))
    }

    fn keep(&self, submission: EventSubmission) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.answers.lock().unwrap().extend(submission.once.clone());
            self.0.events.lock().unwrap().push(submission);
        }
        Box::pin(std::future::ready(outcome.map(|()| None)))
    }
}

/// Profiles have a suite of their own, over a store.
impl Profiles for Hands {
    fn by_key(&self, _: &str) -> Option<Arc<ProfileCaller>> {
        None
    }

    fn app(&self, _: &ProfileCaller, _: &str) -> Option<AppStore> {
        None
    }

    fn known(
        &self,
        _: &ProfileCaller,
        _: Once,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<ProfileWritten>, AcceptError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn write(&self, _: ProfileWrite) -> BoxFuture<'static, Result<ProfileWritten, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn read(
        &self,
        _: Arc<ProfileCaller>,
        _: ProfileAsk,
    ) -> BoxFuture<'static, Result<ProfilesFound, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn results(
        &self,
        _: Arc<ProfileCaller>,
        _: TransactionId,
    ) -> BoxFuture<'static, Result<Option<BatchOutcome>, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }
}

impl Lookup for Hands {
    fn find(
        &self,
        _: Arc<Caller>,
        asked: TransactionRef,
    ) -> BoxFuture<'static, Result<Vec<StatusRecord>, LookupError>> {
        self.0.asked.lock().unwrap().push(asked);
        Box::pin(std::future::ready(self.0.found.lock().unwrap().clone()))
    }
}

impl Social for Hands {
    fn asset(&self, app_id: &str) -> Option<Asset> {
        self.0.assets.lock().unwrap().iter().find(|asset| asset.account.app_id == app_id).cloned()
    }

    fn keep(&self, _: &Asset, happenings: Vec<Happening>) -> BoxFuture<'static, Result<(), AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.happened.lock().unwrap().extend(happenings);
        }
        Box::pin(std::future::ready(outcome))
    }

    fn upload(&self, _: &Asset, media: Media) -> BoxFuture<'static, Result<String, MediaFault>> {
        self.0.uploads.lock().unwrap().push(media);
        Box::pin(std::future::ready(self.0.uploaded.lock().unwrap().clone()))
    }
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

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub http: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
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

/// A request under construction.
pub struct Draft(Request<Body>);

pub fn request(body: impl Into<Body>) -> Draft {
    let request =
        Request::post(MESSAGING).header("content-type", "application/json").body(body.into()).unwrap();
    Draft(request)
}

impl Draft {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: axum::http::HeaderName = name.parse().unwrap();
        self.0.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    pub fn path(mut self, path: &str) -> Self {
        *self.0.uri_mut() = path.parse().unwrap();
        self
    }

    pub fn peer(mut self, peer: &str) -> Self {
        let peer: SocketAddr = peer.parse().unwrap();
        self.0.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    pub fn done(self) -> Request<Body> {
        self.0
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The body with every UUID of ours replaced by `<id>`, its suffix kept.
    pub fn masked(&self) -> Value {
        let mut body = self.json();
        for element in elements_mut(&mut body["response"]) {
            let transid = element["transid"].as_str().unwrap();
            let read: TransactionRef = transid.parse().unwrap();
            assert!(read.transid.first_id().is_some(), "not one of our ids: {transid}");
            element["transid"] = json!(format!("<id>{}", &transid[36..]));
        }
        body
    }

    /// Code and description of a refused request.
    pub fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body["response"][name].as_str().unwrap_or_default().to_owned();
        (self.http.as_u16(), text("code"), text("description"))
    }

    /// The elements of an array answer as `code description transid correlationid`.
    pub fn units(&self) -> Vec<String> {
        let body = self.masked();
        let text = |unit: &Value, name: &str| unit[name].as_str().unwrap_or("-").to_owned();
        let line = |unit: &Value| {
            ["code", "description", "transid", "correlationid"].map(|name| text(unit, name)).join(" | ")
        };
        body["response"].as_array().unwrap_or_else(|| panic!("{body}")).iter().map(line).collect()
    }

    /// Every answer of every test: the code is in the catalogue with this text, and is recorded as seen.
    fn prove(&self, api: Api) {
        let Ok(mut body) = serde_json::from_str::<Value>(&self.body) else {
            // A webhook is answered in the provider's words.
            assert!(self.body.is_empty() || api == Api::Event, "neither empty nor JSON: {}", self.body);
            return;
        };
        // Records of a look-up say what became of messages, not what this answer is.
        let Some(response) = body.get_mut("response") else { return };
        for element in elements_mut(response) {
            let code: u16 = element["code"].as_str().unwrap().parse().unwrap();
            let text = element["description"].as_str().unwrap();
            let text = match text.strip_suffix(" in burst mode") {
                // The list prints the row of events as `Queues`.
                Some("Queued") if api == Api::Event => "Queues",
                Some(text) => text,
                None => text,
            };
            // A webhook that is too long has the code of a message that is.
            let key = observed(api, code, text).or_else(|| observed(Api::Messaging, code, text));
            let key = key.unwrap_or_else(|| panic!("not in the catalogue: {}", self.body));
            record_env(&key).unwrap();
        }
    }

    /// Status line, headers that matter and body, for snapshots.
    pub fn shown(&self) -> String {
        let mut lines = vec![format!("HTTP {}", self.http.as_u16())];
        for name in ["content-type", "allow", "retry-after"] {
            lines.extend(self.headers.get(name).map(|value| format!("{name}: {}", value.to_str().unwrap())));
        }
        lines.push(if self.body.is_empty() { "(no body)".into() } else { self.masked().to_string() });
        lines.join("\n")
    }
}

fn elements_mut(response: &mut Value) -> Vec<&mut Value> {
    match response {
        Value::Array(elements) => elements.iter_mut().collect(),
        Value::Object(_) => vec![response],
        _ => Vec::new(),
    }
}

/// A good SMS with some members replaced, or dropped where the value is `Null`.
pub fn sms(changes: Value) -> String {
    let mut body = json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": "Hi"}},
        "destination": [{"msisdn": ["447700900001"]}],
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    body.to_string()
}
