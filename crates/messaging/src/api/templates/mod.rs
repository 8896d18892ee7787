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
use axum::http::{Method, Request};
use axum::response::Response;
use axum::routing;
use serde::Serialize;
use serde_json::Value;
use waypost_core::channel::Channel;
use waypost_store::TenantId;
use waypost_store::directory::{Template, TemplateVersion};

use super::body;
use super::desk::{self, DeskFault, Desked};
use super::seams::Caller;
use super::state::{MessagingState, Shared};
use crate::rules::Refusal;
use crate::rules::preview::Preview;

/// Path of the templates.
const PATH: &str = "/resources/v1/templates";

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
    desk::answer(app, request, async |caller, parts, unread| {
        let given = if parts.method == Method::GET {
            given::Given::default()
        } else {
            given::Given::read(&body::read(&parts.headers, unread, &app.settings).await?)?
        };
        work(caller, given).await
    })
    .await
}

/// A refusal of the desk, as one of the request's template.
fn refused(fault: DeskFault) -> Refusal {
    match fault {
        DeskFault::Refused(rule) => desk::wrong("templateid", rule),
        DeskFault::Unavailable => Refusal::Internal,
    }
}
