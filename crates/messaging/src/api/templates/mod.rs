//! `/resources/v1/templates`: the tenant's templates, for its own tools. Not part of the published contract; it shares
//! the key, the limits and the refusals of the Messaging API.

mod approval;
mod collection;
mod given;
mod one;
pub(super) mod openapi;
mod preview;
mod version;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing;
use serde::Serialize;
use serde_json::Value;
use waypost_core::channel::Channel;
use waypost_store::TenantId;
use waypost_store::directory::{Template, TemplateVersion};

use super::answer::{self, respond};
use super::body;
use super::gate;
use super::limits::ApiFamily;
use super::seams::{BoxFuture, Caller};
use super::state::{MessagingState, Shared};
use crate::rules::Refusal;
use crate::rules::preview::Preview;
use crate::wire::JsonFault;

/// Path of the templates.
const PATH: &str = "/resources/v1/templates";
/// What the metrics show for an answer that is no refusal.
const FOUND: &str = "found";

/// Why the desk did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskFault {
    /// It breaks a rule, in words for whoever asked.
    Refused(String),
    /// The store failed.
    Unavailable,
}

/// One template whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WholeTemplate {
    /// The template.
    #[serde(flatten)]
    pub template: Template,
    /// Its versions, by channel, oldest first.
    pub versions: Vec<TemplateVersion>,
}

/// What a preview is asked with.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewRequest {
    /// The channel.
    pub channel: Channel,
    /// Which version; the newest when none is named.
    pub version: Option<i64>,
    /// Values of placeholders.
    pub parameters: Vec<(String, String)>,
    /// The number whose price is asked.
    pub msisdn: Option<String>,
}

/// The answer of the desk, boxed.
pub type Desked<T> = BoxFuture<'static, Result<T, DeskFault>>;

/// Where templates are kept.
pub trait Templates: Send + Sync {
    /// All of the tenant's.
    fn list(&self, tenant: TenantId) -> Desked<Vec<Template>>;
    /// One with its versions.
    fn show(&self, tenant: TenantId, id: String) -> Desked<WholeTemplate>;
    /// A new one, without content.
    fn create(&self, caller: &Caller, id: Option<String>, name: String) -> Desked<Template>;
    /// A new version; its number. `content` is checked.
    fn add(&self, caller: &Caller, id: String, channel: Channel, content: Value) -> Desked<i64>;
    /// Approves a version or takes its approval back.
    fn approve(&self, caller: &Caller, id: String, version: (Channel, i64), approved: bool) -> Desked<()>;
    /// Fills it.
    fn preview(&self, tenant: TenantId, id: String, asked: PreviewRequest) -> Desked<Preview>;
}

/// A server without templates: every id is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTemplates;

fn none<T: Send + 'static>() -> Desked<T> {
    Box::pin(std::future::ready(Err(DeskFault::Refused("there are no templates".to_owned()))))
}

impl Templates for NoTemplates {
    fn list(&self, _: TenantId) -> Desked<Vec<Template>> {
        none()
    }
    fn show(&self, _: TenantId, _: String) -> Desked<WholeTemplate> {
        none()
    }
    fn create(&self, _: &Caller, _: Option<String>, _: String) -> Desked<Template> {
        none()
    }
    fn add(&self, _: &Caller, _: String, _: Channel, _: Value) -> Desked<i64> {
        none()
    }
    fn approve(&self, _: &Caller, _: String, _: (Channel, i64), _: bool) -> Desked<()> {
        none()
    }
    fn preview(&self, _: TenantId, _: String, _: PreviewRequest) -> Desked<Preview> {
        none()
    }
}

/// The routes.
pub(super) fn routes() -> Router<MessagingState> {
    let one = format!("{PATH}/{{templateid}}");
    Router::new()
        .route(PATH, routing::get(collection::list).post(collection::create))
        .route(&one, routing::get(one::handle))
        .route(&format!("{one}/versions"), routing::post(version::handle))
        .route(&format!("{one}/approval"), routing::put(approval::handle))
        .route(&format!("{one}/preview"), routing::post(preview::handle))
}

/// Answers with what `work` makes of the caller and the body's JSON object (empty without a body), or with its refusal.
async fn answer<T: Serialize>(
    app: &Shared,
    request: Request<Body>,
    work: impl AsyncFnOnce(&Caller, given::Given) -> Result<T, Refusal>,
) -> Response {
    let now = app.seams.clock.now();
    let (parts, mut unread) = request.into_parts();
    let done = async {
        let passed = gate::pass(app, &parts, ApiFamily::Messaging, now).await?;
        if !passed.caller.is_active {
            return Err(Refusal::ServiceInactive);
        }
        let given = if parts.method == axum::http::Method::GET {
            given::Given::default()
        } else {
            given::Given::read(&body::read(&parts.headers, &mut unread, &app.settings).await?)?
        };
        work(&passed.caller, given).await
    };
    match done.await {
        Ok(value) => match serde_json::to_string(&value) {
            Ok(text) => respond(StatusCode::OK, FOUND, text),
            Err(_) => answer::refused(&Refusal::Internal, app.mint_refused(now)),
        },
        Err(refusal) => {
            if !matches!(refusal, Refusal::Json(JsonFault::TooSlow | JsonFault::Cut)) {
                body::discard(&parts.headers, &mut unread).await;
            }
            answer::refused(&refusal, app.mint_refused(now))
        }
    }
}

/// A refusal of the desk, as one of the request's template.
fn refused(fault: DeskFault) -> Refusal {
    match fault {
        DeskFault::Refused(rule) => given::wrong("templateid", rule),
        DeskFault::Unavailable => Refusal::Internal,
    }
}
