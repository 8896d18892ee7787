//! A receiver over a real store, with one partner that may push.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use waypost_content::api::{ContentState, PREFIX, ReceiverSettings};
use waypost_content::certify::{BoxFuture, Call, Caller, Reply};
use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_core::id::IdGenerator;
use waypost_core::time::{ManualClock, Micros};
use waypost_status::Api;
use waypost_status::proof::{observed, record_env};
use waypost_store::directory::{DirectoryHandle, Partner, Status, Tenant, admin};
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

pub const NOW: Micros = Micros::from_secs(1_790_000_000);
pub const USER: &str = "demo";
pub const PASSWORD: &str = "p@55w0rd p@55w0rd p@55w0rd";
/// The property of most tests.
pub const P: &str = "LISTEST";

pub struct Server {
    pub store: Store,
    pub partner: i64,
    router: Router,
}

/// What came back, unpacked.
#[derive(Clone, Debug)]
pub struct Answer {
    pub http: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

fn tenant() -> Tenant {
    Tenant {
        id: 0,
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: Micros(0),
    }
}

fn furnish(tx: &mut dyn Sql) -> Result<i64, StoreError> {
    let all = Ctx::operator(TenantId::ALL);
    let ctx = Ctx::operator(admin::create_tenant(tx, &all, NOW, &tenant())?);
    let id = admin::create_partner(tx, &ctx, NOW, &Partner::named("trader", "Trader"))?;
    admin::set_partner_login(tx, &ctx, NOW, "trader", Some((USER, PASSWORD)))?;
    admin::create_partner(tx, &ctx, NOW, &Partner::named("other", "Other"))?;
    admin::set_partner_login(tx, &ctx, NOW, "other", Some(("other", PASSWORD)))?;
    Ok(id)
}

impl Server {
    pub async fn on(store: Store) -> Self {
        Self::with(store, ReceiverSettings { body_bytes_max: 256 * 1024, ..ReceiverSettings::default() })
            .await
    }

    pub async fn with(store: Store, settings: ReceiverSettings) -> Self {
        let partner = store.write(furnish).await.unwrap();
        let master = Arc::new(MasterKey::from_bytes([7; 32]));
        let directory = DirectoryHandle::open(&store, master).await.unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let ids = Arc::new(IdGenerator::new(1).unwrap());
        let state = ContentState::new(store.clone(), directory, clock, ids, settings);
        Self { store, partner, router: waypost_content::router(state, PREFIX) }
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let bytes = if parts.headers.get(CONTENT_ENCODING).is_some_and(|value| value == "gzip") {
            let mut plain = Vec::new();
            std::io::Read::read_to_end(&mut GzDecoder::new(&bytes[..]), &mut plain).unwrap();
            Bytes::from(plain)
        } else {
            bytes
        };
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        let answer = Answer { http: parts.status, headers: parts.headers, body };
        answer.prove();
        answer
    }

    /// Sends a body with the good credentials.
    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.call(request("POST", path, body)).await
    }

    /// Pushes objects of [`P`] on the route for new ones.
    pub async fn push(&self, id: &str, kind: Kind, op: Op, bodies: Vec<Json>) -> Answer {
        let message = sample::message(id, kind, op, P, bodies);
        self.post(kind.create_path(), message.to_string()).await
    }

    /// Pushes the products of a rate plan.
    pub async fn products(&self, id: &str, plan: &str, rooms: &[&str], taxes: &[&str]) -> Answer {
        let products = rooms.iter().map(|room| sample::product(plan, room, taxes)).collect();
        self.post("/products", sample::products(id, P, plan, products).to_string()).await
    }

    /// What an audit gives back.
    pub async fn audit(&self, path: &str, rest: &str) -> Answer {
        self.post(path, format!(r#"{{"messageId":"audit","propertyCode":"{P}"{rest}}}"#)).await
    }

    /// A hotel with rooms A and B, rate plans RP1 and RP2, policy C24H and tax CITY.
    pub async fn furnish(&self) {
        for (id, kind, bodies) in [
            ("f1", Kind::Hotel, vec![sample::hotel(P)]),
            ("f2", Kind::Tax, vec![sample::tax("CITY")]),
            ("f3", Kind::Policy, vec![sample::policy("C24H")]),
            ("f4", Kind::Room, vec![sample::room("A"), sample::room("B")]),
            ("f5", Kind::RatePlan, vec![sample::rateplan("RP1", "C24H"), sample::rateplan("RP2", "C24H")]),
        ] {
            let answer = self.push(id, kind, Op::New, bodies).await;
            assert_eq!((answer.http.as_u16(), answer.body.as_str()), (200, success(id).as_str()));
        }
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.store.read(move |tx| tx.query(sql, &[])?[0].int(0)).await.unwrap()
    }
}

pub fn request(method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    let token = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    Request::builder()
        .method(method)
        .uri(format!("{PREFIX}{path}"))
        .header(AUTHORIZATION, format!("Basic {token}"))
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

pub fn success(id: &str) -> String {
    format!(r#"{{"messageId":"{id}","status":{{"success":true,"message":"message received successfully"}}}}"#)
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// HTTP status and whole body.
    pub fn whole(&self) -> (u16, &str) {
        (self.http.as_u16(), &self.body)
    }

    /// HTTP status and, of each error, code, object and text.
    pub fn errors(&self) -> (u16, Vec<(i64, Option<String>, String)>) {
        let json = self.json();
        assert_eq!(json["status"]["success"], false, "{}", self.body);
        let errors = json["status"]["errors"].as_array().unwrap().iter().map(|error| {
            let text = |name: &str| error[name].as_str().map(str::to_owned);
            (error["errorCode"].as_i64().unwrap(), text("objectCode"), text("errorMessage").unwrap())
        });
        (self.http.as_u16(), errors.collect())
    }

    /// Records every code that was really sent.
    fn prove(&self) {
        let Ok(json) = serde_json::from_str::<Value>(&self.body) else { return };
        let status = &json["status"];
        let mut seen = Vec::new();
        let message = status["message"].as_str().unwrap_or_default();
        seen.extend(observed(Api::MetadataPush, i64::from(self.http.as_u16()), message));
        for error in status["errors"].as_array().into_iter().flatten() {
            let text = error["errorMessage"].as_str().unwrap();
            let key = observed(Api::MetadataPush, error["errorCode"].as_i64().unwrap(), text);
            seen.push(key.unwrap_or_else(|| panic!("the catalogue has no such code: {error}")));
        }
        seen.iter().for_each(|key| record_env(key).unwrap());
    }
}

impl Caller for Server {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, String>> {
        let mut request = request(call.method, &call.path, call.body);
        if !call.authorized {
            request.headers_mut().remove(AUTHORIZATION);
        }
        Box::pin(async move {
            let answer = Server::call(self, request).await;
            Ok(Reply { http: answer.http.as_u16(), body: answer.body })
        })
    }
}
