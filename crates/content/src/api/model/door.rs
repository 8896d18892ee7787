//! What every endpoint does: the tenant's key, the address it comes from, then the work, then the answer.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use waypost_store::directory::{Directory, Status};
use waypost_store::{Actor, Ctx, Sql, StoreError};

use crate::answer::{self, Answer};
use crate::api::body;
use crate::api::respond::AnswerCode;
use crate::api::state::{ContentState, Shared};
use crate::records::env::Env;
use crate::records::model;
use crate::rules::{Place, Refusal};
use crate::wire::json::Json;

/// Why a request is not answered with what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// For these reasons; 400, or 401, 404 and 409 as they are.
    Refused(Vec<Refusal>),
    /// There is no such thing: a field and the rule its value breaks. 404.
    Nowhere(&'static str, &'static str),
    /// An operation that what stands there does not allow: a field and the rule. 409.
    Conflict(&'static str, String),
    /// The body is not read; its status, field and rule.
    Body(StatusCode, &'static str, String),
    /// The store failed. 500.
    Failed,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the model of content could not be read or written");
        Self::Failed
    }
}

/// Who asks, and what the request brought.
pub(super) struct Call<'a> {
    app: &'a Shared,
    /// The tenant.
    pub tenant: i64,
    /// The tenant, and the key that acts.
    pub ctx: Ctx,
    /// The head of the request.
    pub parts: Parts,
    /// A body may be sent between threads but not shared, and a call is both.
    unread: Mutex<Body>,
}

/// Answers with what `work` makes of the call, or with its fault.
pub(super) async fn answer(
    state: ContentState,
    request: Request<Body>,
    work: impl AsyncFnOnce(&mut Call<'_>) -> Result<(StatusCode, Json), Fault>,
) -> Response {
    let app = state.shared();
    let (parts, unread) = request.into_parts();
    let done = async {
        let (tenant, key) = caller(app, &parts).await?;
        let ctx = Ctx::of(tenant, Actor::Key(key));
        work(&mut Call { app, tenant, ctx, parts, unread: Mutex::new(unread) }).await
    };
    match done.await {
        Ok((status, body)) => respond(status, body.to_string(), "200"),
        Err(fault) => refuse(&fault),
    }
}

/// The tenant of a live tenant key, and the key.
async fn caller(app: &Shared, parts: &Parts) -> Result<(i64, i64), Refusal> {
    let presented = parts.headers.get("key").and_then(|key| key.to_str().ok()).filter(|key| !key.is_empty());
    let presented = presented.ok_or(Refusal::Credentials)?;
    let mut found = find(&app.directory.current(), presented);
    // A key made a moment ago by a command: the directory is read anew, within bounds.
    if found.is_none() && app.looks.take(app.clock.now()).await {
        if let Err(error) = app.directory.refresh(&app.store).await {
            tracing::warn!(%error, "the directory could not be read for an unknown key");
        }
        found = find(&app.directory.current(), presented);
    }
    let (tenant, key) = found.ok_or(Refusal::Credentials)?;
    let admitted = app.admits.as_ref().is_none_or(|admits| admits(parts, tenant));
    if admitted { Ok((tenant, key)) } else { Err(Refusal::Credentials) }
}

/// Only a tenant's own key opens its content: a service's key is for sending messages.
fn find(directory: &Directory, presented: &str) -> Option<(i64, i64)> {
    let found = directory.key(presented)?;
    let is_own = found.service.is_none() && found.tenant.status == Status::Live;
    is_own.then_some((found.tenant.id, found.key.id))
}

impl Call<'_> {
    /// The body, unpacked.
    ///
    /// # Errors
    /// What is in its way.
    pub async fn body(&mut self) -> Result<Bytes, Fault> {
        let mut unread = std::mem::take(self.unread.get_mut().unwrap_or_else(PoisonError::into_inner));
        match body::read_any(&self.parts.headers, &mut unread, self.app.settings).await {
            Ok(read) => Ok(read),
            Err(fault) => {
                body::discard(&self.parts.headers, &mut unread).await;
                Err(Fault::Body(fault.http(), fault.field(), fault.rule()))
            }
        }
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        Ok(self.app.store.read(job).await?)
    }

    /// Changes in one transaction; what is owed by it goes out at once.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn write<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, &Env) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        let env = self.env()?;
        let done = self.app.store.write(move |tx| job(tx, &env)).await?;
        if let Some(pusher) = &self.app.pusher {
            let directory = self.app.directory.current();
            model::targets(&directory, self.tenant).for_each(|target| pusher.nudge(target.id, self.tenant));
        }
        Ok(done)
    }

    /// Ids, partners, the time.
    ///
    /// # Errors
    /// [`Fault::Failed`] where nothing is pushed from: there is no model then.
    pub fn env(&self) -> Result<Env, Fault> {
        self.app.pusher.as_ref().map(|pusher| pusher.env()).ok_or(Fault::Failed)
    }

    /// The row of a partner of the tenant that is pushed to.
    ///
    /// # Errors
    /// [`Fault::Nowhere`].
    pub fn partner(&self, slug: &str) -> Result<i64, Fault> {
        let directory = self.app.directory.current();
        let found = model::targets(&directory, self.tenant).find(|partner| partner.slug == slug);
        let found = found.map(|partner| partner.id);
        found.ok_or(Fault::Nowhere("partner", "the short name of a partner that is pushed to"))
    }
}

fn refuse(fault: &Fault) -> Response {
    let invalid = |field: &'static str, rule: String| {
        answer::refused("", &[Refusal::Invalid(Place::message(field), rule.into())])
    };
    let (status, answer): (StatusCode, Answer) = match fault {
        Fault::Refused(refusals) => (status_of(refusals), answer::refused("", refusals)),
        Fault::Nowhere(field, rule) => (StatusCode::NOT_FOUND, invalid(field, (*rule).to_owned())),
        Fault::Conflict(field, rule) => (StatusCode::CONFLICT, invalid(field, rule.clone())),
        Fault::Body(status, field, rule) => (*status, invalid(field, rule.clone())),
        Fault::Failed => (StatusCode::INTERNAL_SERVER_ERROR, answer::refused("", &[Refusal::Internal])),
    };
    respond(status, answer.body, answer.codes.first().copied().unwrap_or("none"))
}

/// The contract's 200 for what is not there or disabled has no place here.
fn status_of(refusals: &[Refusal]) -> StatusCode {
    let contract = answer::refused("", refusals).http;
    let disabled = refusals.iter().any(|refusal| matches!(refusal, Refusal::Disabled(..)));
    match (contract, disabled) {
        (200, true) => StatusCode::CONFLICT,
        (200, false) => StatusCode::NOT_FOUND,
        (other, _) => StatusCode::from_u16(other).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn respond(status: StatusCode, body: String, code: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(AnswerCode(code));
    response
}
