//! A server on a store of its own; the clock is in the test's hands.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use waypost_core::time::{ManualClock, Micros};
use waypost_services::api::{Random, ServicesSeams, ServicesSettings, ServicesState};
use waypost_services::files::ScannerAddress;
use waypost_services::records::application::{self, Application, CreatedKey, Issuer};
use waypost_services::records::organization::{self, Organization};
use waypost_services::records::service::{self, Service};
use waypost_services::records::service_parts;
use waypost_services::records::user::{self, User, UserType};
use waypost_services::records::{Scope, enrolment};
use waypost_services::rules::enrolment::State;
use waypost_services::rules::time::Local;
use waypost_services::rules::{Grants, RequestStatus};
use waypost_simulators::clamd::{ClamdConfig, ClamdHandle, SimulatedClamd};
use waypost_store::directory::{Status, Tenant, admin};
use waypost_store::seal::MasterKey;
use waypost_store::testing::Place;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

pub use crate::answer::{Answer, refused};
use crate::document;

/// 2026-09-21T13:46:40 in UTC.
pub const NOW: Micros = Micros::from_secs(1_790_000_000);

/// Random bytes that are not: each call gives the next number.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        for byte in bytes {
            *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        true
    }
}

/// The server and what it was seeded with.
pub struct World {
    router: Router,
    state: ServicesState,
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub tenant: TenantId,
    /// May do everything in every service.
    pub key: CreatedKey,
    /// May do nothing.
    pub powerless: CreatedKey,
    /// May do everything, in [`World::service`] only.
    pub bound: CreatedKey,
    /// A service with statuses, a standard, kinds of entities.
    pub service: i64,
    /// Another service.
    pub other_service: i64,
    /// Ten days, of [`World::service`].
    pub standard: i64,
    /// Of [`World::other_service`].
    pub other_standard: i64,
    /// External, active in [`World::service`].
    pub user: i64,
    /// External, enrolled nowhere.
    pub stranger: i64,
    /// Internal, active in [`World::service`].
    pub staff: i64,
    /// May use [`World::service`].
    pub organization: i64,
    /// Scans the files.
    pub clamd: ClamdHandle,
    /// The blob folder.
    pub files: tempfile::TempDir,
    /// Goes with the world.
    _place: Option<Place>,
}

struct Seeded {
    tenant: TenantId,
    key: CreatedKey,
    powerless: CreatedKey,
    bound: CreatedKey,
    service: i64,
    other_service: i64,
    standard: i64,
    other_standard: i64,
    user: i64,
    stranger: i64,
    staff: i64,
    organization: i64,
}

pub fn person(kind: UserType, first_name: &str, last_name: &str) -> User {
    let internal = kind == UserType::Internal;
    User {
        id: 0,
        kind,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        mbun: (!internal).then(|| format!("MBUN-{first_name}")),
        issuer: (!internal).then(|| "gckey".to_owned()),
        login: internal.then(|| format!("TC\\{first_name}")),
        pki: internal.then(|| format!("cn={first_name}")),
        authentication_type: if internal { "Windows" } else { "GCKey" }.to_owned(),
        verified: false,
        revision: 0,
        coordinates: vec![email(&format!("{}@example.org", first_name.to_lowercase()))],
    }
}

pub fn email(address: &str) -> waypost_services::records::coordinate::Coordinate {
    waypost_services::records::coordinate::Coordinate {
        id: 0,
        kind: waypost_services::records::coordinate::CoordinateKind::Email,
        location_type: Some("Business".to_owned()),
        is_primary: true,
        body: [("EmailAddress".to_owned(), json!(address))].into_iter().collect(),
    }
}

fn offer(short_name: &str) -> Service {
    Service {
        id: 0,
        short_name: short_name.to_owned(),
        name_en: format!("{short_name} service"),
        name_fr: format!("Service {short_name}"),
        group: None,
        base_url: "https://apply.example/app".to_owned(),
        is_visible: true,
        self_enrol: true,
        requires_requester: false,
        is_live: true,
    }
}

fn caller(slug: &str, grants: Grants, all_services: bool) -> Application {
    Application {
        id: 0,
        slug: slug.to_owned(),
        name_en: format!("{slug} application"),
        name_fr: format!("Application {slug}"),
        is_live: true,
        grants,
        all_services,
    }
}

fn seed(tx: &mut dyn Sql, master: &MasterKey) -> Result<Seeded, StoreError> {
    let tenant = Tenant {
        id: 0,
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: NOW,
    };
    let tenant = admin::create_tenant(tx, &Ctx::operator(TenantId::ALL), NOW, &tenant)?;
    let scope = Scope::operator(tenant, NOW);
    let group = service_parts::add_group(tx, &scope, ("Licences", "Permis"))?;
    let service = service::create(tx, &scope, &Service { group: Some(group), ..offer("PERMIT") })?;
    let other_service = service::create(tx, &scope, &Service { self_enrol: false, ..offer("OTHER") })?;
    let off = [RequestStatus::InProgress, RequestStatus::InformationRequired];
    for status in RequestStatus::ALL {
        service_parts::set_status(tx, &scope, service, *status, !off.contains(status))?;
    }
    let standard = service_parts::add_standard(tx, &scope, service, ("Ten days", "Dix jours"), 10)?;
    let other_standard =
        service_parts::add_standard(tx, &scope, other_service, ("Two days", "Deux jours"), 2)?;
    let issuer = Issuer { issuer: "me", audience: "you", master };
    let mut make = |application: Application, bound: Option<i64>| {
        let id = application::create(tx, &scope, &application)?;
        if let Some(service) = bound {
            application::bind(tx, &scope, id, service)?;
        }
        application::create_key(tx, &scope, &Application { id, ..application }, &issuer)
    };
    let key = make(caller("PORTAL", Grants::all(), true), None)?;
    let powerless = make(caller("NOBODY", Grants::NONE, true), None)?;
    let bound = make(caller("CSF", Grants::all(), false), Some(service))?;
    let user = user::create(tx, &scope, &person(UserType::External, "Alex", "Applicant"))?;
    let stranger = user::create(tx, &scope, &person(UserType::External, "Robin", "Resident"))?;
    let staff = user::create(tx, &scope, &person(UserType::Internal, "Sam", "Staff"))?;
    for user in [user, staff] {
        enrolment::put(tx, &scope, (user, service, None), (State::Active, None), false)?;
    }
    let organization = organization::create(
        tx,
        &scope,
        &Organization {
            business_system: "MTOA".to_owned(),
            name_en: "Harbour Boats".to_owned(),
            name_fr: "Bateaux du port".to_owned(),
            coordinates: vec![email("office@harbour.example")],
            ..Organization::default()
        },
    )?;
    service_parts::bind_organization(tx, &scope, service, organization)?;
    Ok(Seeded {
        tenant,
        key,
        powerless,
        bound,
        service,
        other_service,
        standard,
        other_standard,
        user,
        stranger,
        staff,
        organization,
    })
}

pub fn settings() -> ServicesSettings {
    ServicesSettings {
        body_bytes_max: 64 * 1024,
        zone: Local::parse("America/Toronto").unwrap(),
        issuer: "me".to_owned(),
        audience: "you".to_owned(),
        shows_codes: true,
        ..ServicesSettings::default()
    }
}

impl World {
    /// On a SQLite file of its own.
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    pub async fn with(settings: ServicesSettings) -> Self {
        let place = Place::sqlite();
        let store = place.open();
        Self { _place: Some(place), ..Self::on(store, settings).await }
    }

    /// On a given place.
    pub async fn in_place(place: Place, settings: ServicesSettings) -> Self {
        let store = place.open();
        Self { _place: Some(place), ..Self::on(store, settings).await }
    }

    /// The same with an outbox.
    pub fn mailing(self, outbox: waypost_mail::Outbox) -> Self {
        let state = self.state.clone().mailing(outbox);
        Self { router: waypost_services::router(state), ..self }
    }

    /// On each engine.
    pub async fn both() -> Vec<Self> {
        let mut worlds = Vec::new();
        for place in Place::both().await {
            let store = place.open();
            worlds.push(Self { _place: Some(place), ..Self::on(store, settings()).await });
        }
        worlds
    }

    /// A request of [`World::user`] in [`World::service`].
    pub async fn requested(&self) -> i64 {
        let (user, service) = (self.user, self.service);
        let path = format!(
            "/api/v1/servicerequests?userId={user}&serviceId={service}&englishName=A%20permit&frenchName=Un%20permis"
        );
        self.good("POST", &path, Value::Null).await["ServiceRequestId"].as_i64().unwrap()
    }

    /// A request by a body of version 2, with `more` members.
    pub async fn requested_with(&self, more: Value) -> i64 {
        let mut body = json!({"UserId": self.user, "ServiceId": self.service, "EnglishDisplayName": "A permit",
            "FrenchDisplayName": "Un permis"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = self.good("POST", "/api/v2/servicerequests", body).await;
        made["ServiceRequestId"].as_i64().unwrap()
    }

    /// On a given store.
    pub async fn on(store: Store, mut settings: ServicesSettings) -> Self {
        let (files, clamd) =
            (tempfile::tempdir().unwrap(), SimulatedClamd::start(ClamdConfig::default()).await.unwrap());
        settings.files.folder = files.path().to_owned();
        settings.files.scanner.get_or_insert_with(|| ScannerAddress::Tcp(clamd.address().to_string()));
        let clock = Arc::new(ManualClock::new(NOW));
        let master = Arc::new(MasterKey::from_bytes([7; 32]));
        let key = Arc::clone(&master);
        let seeded = store.write(move |tx| seed(tx, &key)).await.unwrap();
        let seams = ServicesSeams {
            store: store.clone(),
            clock: Arc::clone(&clock) as _,
            random: Arc::new(Counting::default()),
            master_key: master,
            statuses: None,
        };
        let state = ServicesState::new(seams, settings).unwrap();
        Self {
            router: waypost_services::router(state.clone()),
            state,
            store,
            clock,
            tenant: seeded.tenant,
            key: seeded.key,
            powerless: seeded.powerless,
            bound: seeded.bound,
            service: seeded.service,
            other_service: seeded.other_service,
            standard: seeded.standard,
            other_standard: seeded.other_standard,
            user: seeded.user,
            stranger: seeded.stranger,
            staff: seeded.staff,
            organization: seeded.organization,
            clamd,
            files,
            _place: None,
        }
    }

    /// The paths of the router, as it tells them itself.
    pub fn paths(&self) -> Vec<String> {
        let told = format!("{:?}", self.router);
        told.split('"')
            .filter(|text| text.starts_with('/') && !text.contains("__private"))
            .map(str::to_owned)
            .collect()
    }

    /// Changes the store as an operator does.
    pub async fn operate<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, &Scope) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let scope = Scope::operator(self.tenant, NOW);
        self.store.write(move |tx| job(tx, &scope)).await.unwrap()
    }

    /// A call with a raw body.
    pub async fn send_raw(&self, method: &str, path: &str, (content_type, body): (&str, &[u8])) -> Answer {
        let mut request = request(&self.key, method, path, Value::Null);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        *request.body_mut() = Body::from(body.to_vec());
        self.send(request).await
    }

    /// Sends a request whose answer is no text.
    pub async fn bytes(&self, request: Request<Body>) -> (axum::http::response::Parts, Vec<u8>) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts, body.collect().await.unwrap().to_bytes().to_vec())
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let head = method == "HEAD";
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = if head { String::new() } else { String::from_utf8(body.to_vec()).unwrap() };
        let answer = Answer { http: parts.status, headers: parts.headers, body };
        answer.prove(head);
        document::check_answer(&method, &path, &answer);
        answer
    }

    /// Sends a request whose answer may be a content of any bytes.
    pub async fn send_any(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let (parts, body) = self.bytes(request).await;
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer { http: parts.status, headers: parts.headers, body };
        answer.prove(method == "HEAD");
        document::check_answer(&method, &path, &answer);
        answer
    }

    /// A call with the good key.
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_as(&self.key, method, path, body).await
    }

    pub async fn call_as(&self, key: &CreatedKey, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.send(request(key, method, path, body.clone())).await;
        if answer.http.is_success() {
            document::check_body(method, path, &body);
        }
        answer
    }

    /// A call on behalf of a person.
    pub async fn call_by(&self, user: i64, method: &str, path: &str, body: Value) -> Answer {
        let mut request = request(&self.key, method, path, body);
        request.headers_mut().insert("current-user-id", user.to_string().parse().unwrap());
        self.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    /// A call that must succeed; its body.
    pub async fn good(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert_eq!(
            (answer.http.as_u16(), answer.codes()),
            (200, "-1".to_owned()),
            "{method} {path}: {}",
            answer.body
        );
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }
}

/// A request with key and token; `Null` for no body.
pub fn request(key: &CreatedKey, method: &str, path: &str, body: Value) -> Request<Body> {
    let draft = Request::builder()
        .method(method)
        .uri(path)
        .header("api-key", &key.api_key)
        .header("app-jwt", &key.app_jwt);
    let body = match body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    };
    draft.header("content-type", "application/json").body(body).unwrap()
}
