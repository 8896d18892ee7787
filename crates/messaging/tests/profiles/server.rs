//! The endpoints of the Profile API over a real store; directory and clock are in the test's hands.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use waypost_core::id::{IdGenerator, TransactionId, TransactionRef};
use waypost_core::time::{ManualClock, Micros};
use waypost_messaging::api::{
    Accept, AcceptError, ApiSettings, BoxFuture, Caller, DirectoryView, Entropy, Lookup, LookupError,
    MessagingState, OnceAnswer, Seams, ServiceLogin, StatusRecord, Submission,
};
use waypost_messaging::records::idempotency::{Known, Once};
use waypost_messaging::work::profile::ProfileDesk;
use waypost_status::Api;
use waypost_status::proof::{observed, record_env};
use waypost_store::directory::{App, AppKind, DirectoryHandle, Service, Status, admin};
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use crate::support::{NOW, app, tenant};

/// A server with one tenant `acme`: its apps are `m_acme` (push and rt), `p_acme` (push), `f_acme`, `t_acme`, `w_acme`.
pub struct Server {
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub directory: DirectoryHandle,
    pub desk: ProfileDesk,
    pub tenant: i64,
    pub key: String,
    router: Router,
}

pub struct Answer {
    pub http: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// What the Profile API does not need.
struct Nobody(Store, DirectoryHandle);

impl DirectoryView for Nobody {
    fn by_key(&self, _: &str) -> Option<Arc<Caller>> {
        None
    }

    fn by_service_id(&self, _: &str) -> Option<ServiceLogin> {
        None
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.1.refresh(&self.0).await.unwrap();
        })
    }
}

impl Accept for Nobody {
    fn accept(&self, _: Submission) -> BoxFuture<'static, Result<(), AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn accept_once(
        &self,
        _: Submission,
        _: OnceAnswer,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn known(
        &self,
        _: &Caller,
        _: Once,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn keep_answer(
        &self,
        _: &Caller,
        _: OnceAnswer,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }
}

impl Lookup for Nobody {
    fn find(
        &self,
        _: Arc<Caller>,
        _: TransactionRef,
    ) -> BoxFuture<'static, Result<Vec<StatusRecord>, LookupError>> {
        Box::pin(std::future::ready(Err(LookupError::Unknown)))
    }
}

struct Fixed;

impl Entropy for Fixed {
    fn next(&self) -> Option<u64> {
        Some(0x000f_edcb_a987_6543)
    }
}

fn set_up(tx: &mut dyn Sql) -> Result<(i64, String), StoreError> {
    let id = admin::create_tenant(tx, &Ctx::operator(TenantId::ALL), NOW, &tenant("acme"))?.0;
    let ctx = Ctx::operator(TenantId(id));
    for (app_id, kind, rt) in [
        ("m_acme", AppKind::Mobile, true),
        ("p_acme", AppKind::Mobile, false),
        ("f_acme", AppKind::Fb, true),
        ("t_acme", AppKind::Twitter, true),
        ("w_acme", AppKind::Wechat, true),
    ] {
        admin::create_app(tx, &ctx, NOW, &App { rt, ..app(id, app_id, kind) })?;
    }
    Ok((id, admin::create_key(tx, &ctx, NOW, None)?.text))
}

impl Server {
    pub async fn on(store: Store) -> Self {
        let (tenant, key) = store.write(set_up).await.unwrap();
        let master = Arc::new(MasterKey::from_bytes([7; 32]));
        let directory = DirectoryHandle::open(&store, master).await.unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let desk = ProfileDesk::new(store.clone(), directory.clone(), clock.clone());
        let nobody = Arc::new(Nobody(store.clone(), directory.clone()));
        let seams = Seams {
            directory: nobody.clone(),
            accept: nobody.clone(),
            social: Arc::new(waypost_messaging::api::NoSocial),
            lookup: nobody,
            templates: Arc::new(waypost_messaging::api::NoTemplates),
            prompts: Arc::new(waypost_messaging::api::NoPrompts),
            events: Arc::new(waypost_messaging::api::NoEvents),
            links: Arc::new(waypost_messaging::api::NoLinks),
            profiles: Arc::new(desk.clone()),
            clock: clock.clone(),
            ids: Arc::new(IdGenerator::new(1).unwrap()),
            entropy: Arc::new(Fixed),
        };
        let settings = ApiSettings { body_bytes_max: 64 * 1024, ..ApiSettings::default() };
        let router = waypost_messaging::router(MessagingState::new(seams, settings));
        Self { store, clock, directory, desk, tenant, key, router }
    }

    /// Changes what the operator sets up.
    pub async fn operate<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, &Ctx) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let ctx = Ctx::operator(TenantId(self.tenant));
        let done = self.store.write(move |tx| job(tx, &ctx)).await.unwrap();
        self.directory.refresh(&self.store).await.unwrap();
        done
    }

    /// Sets the tenant's settings.
    pub async fn switch(&self, settings: &'static str) {
        let id = self.tenant;
        self.operate(move |tx, ctx| {
            admin::update_tenant(tx, ctx, NOW, id, |tenant| tenant.settings = settings.to_owned()).map(|_| ())
        })
        .await;
    }

    /// A service key of the tenant.
    pub async fn service_key(&self) -> String {
        let tenant = self.tenant;
        self.operate(move |tx, ctx| {
            let service = Service {
                id: 0,
                tenant,
                slug: "alerts".to_owned(),
                name: "alerts".to_owned(),
                status: Status::Live,
                notify_url: None,
                notify_types: 0,
                inbound_url: None,
                default_sender: None,
                route_group: None,
                hub_secret: None,
                hub_algorithm: String::new(),
                jwt_secret: None,
                has_hub_secret: false,
                has_jwt_secret: false,
                created_at: NOW,
            };
            let id = admin::create_service(tx, ctx, NOW, &service)?;
            Ok(admin::create_key(tx, ctx, NOW, Some(id))?.text)
        })
        .await
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let answer = Answer { http: parts.status, headers: parts.headers, body };
        answer.prove();
        answer
    }

    /// Sends a request with the good key.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        self.call(self.request(method, path, body)).await
    }

    pub fn request(&self, method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
        let head = Request::builder().method(method).uri(format!("/resources/v2{path}"));
        let head = head.header("key", &self.key).header("content-type", "application/json");
        let mut request = head.body(body.into()).unwrap();
        let peer: SocketAddr = "192.0.2.7:9".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    /// Rows of every table that a write may touch.
    pub async fn rows(&self) -> i64 {
        let count = "SELECT (SELECT count(*) FROM customer) + (SELECT count(*) FROM app_profile) \
             + (SELECT count(*) FROM profile_key) + (SELECT count(*) FROM profile_request) \
             + (SELECT count(*) FROM idempotency)";
        self.store.read(move |tx| tx.query(count, &[])?[0].int(0)).await.unwrap()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The body with its transaction id replaced by `<id>`.
    pub fn masked(&self) -> Value {
        let mut body = self.json();
        let read: TransactionId = body["transid"].as_str().unwrap().parse().unwrap();
        assert!(read.first_id().is_some());
        body["transid"] = json!("<id>");
        body
    }

    /// HTTP status and code of the whole answer.
    pub fn code(&self) -> (u16, String) {
        (self.http.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// `code description` of a refused request, which is answered with HTTP 200 and says what helps.
    pub fn refusal(&self) -> String {
        let body = self.json();
        assert_eq!(self.http, 200, "{body}");
        assert!(body["detail"]["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{body}");
        line(&body)
    }

    /// `customerId code description` of each record.
    pub fn results(&self) -> Vec<String> {
        let body = self.json();
        let results = body["Results"].as_array().unwrap_or_else(|| panic!("{body}"));
        let one = |result: &Value| format!("{} {}", result["customerId"].as_str().unwrap(), line(result));
        results.iter().map(one).collect()
    }

    /// Counts of a write: total, good, failed.
    pub fn counts(&self) -> [u64; 3] {
        let body = self.json();
        ["TotalCount", "SuccessCount", "FailureCount"].map(|name| body[name].as_u64().unwrap())
    }

    /// Every answer of every test: the code is in the catalogue with this text, and is recorded as seen.
    fn prove(&self) {
        if self.body.is_empty() {
            return;
        }
        let body = self.json();
        let empty = Vec::new();
        let results = body["Results"].as_array().unwrap_or(&empty);
        for element in std::iter::once(&body).chain(results) {
            let code: u16 = element["code"].as_str().unwrap().parse().unwrap();
            let text = element["description"].as_str().or(element["Description"].as_str()).unwrap();
            let text = if text == "success" { "SUCCESS" } else { text };
            let key = observed(Api::Profile, code, text)
                .unwrap_or_else(|| panic!("not in the catalogue: {}", self.body));
            record_env(&key).unwrap();
        }
    }
}

fn line(element: &Value) -> String {
    format!("{} {}", element["code"].as_str().unwrap(), element["description"].as_str().unwrap())
}

/// A body with these records.
pub fn records(records: &Value) -> Value {
    json!({ "Records": records })
}

/// A body with one record.
pub fn record(customer_id: &str, attributes: &Value) -> Value {
    records(&json!([{"customerId": customer_id, "Attributes": attributes}]))
}
