//! From a path and a method to an operation, through the checks that all share.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use axum::routing::any;
use waypost_status::MtapiCode;

use super::call::Call;
use super::operation::Operation;
use super::state::ServicesState;
use super::watch::Watch;
use super::{answer, auth, body, operations, swagger};
use crate::rules::{Fault, Refusal};
use crate::wire::Query;

/// Everything below these answers in the contract's form, also what does not exist.
const BASES: &[&str] = &["/api/v1", "/api/v2"];

/// The routes of the family, with and without a slash at their end.
pub fn router(state: ServicesState) -> Router {
    let mut paths: BTreeMap<&'static str, Vec<&'static Operation>> = BTreeMap::new();
    for operation in operations() {
        paths.entry(operation.path).or_default().push(operation);
    }
    let mut router = swagger::routes();
    for (path, rows) in paths {
        let rows: &'static [&'static Operation] = rows.leak();
        for path in [path.to_owned(), format!("{path}/")] {
            let state = state.clone();
            let handle = move |params: Result<RawPathParams, _>, request: Request| {
                serve(state, rows, params.ok(), request)
            };
            router = router.route(&path, any(handle));
        }
    }
    for base in BASES {
        for path in [(*base).to_owned(), format!("{base}/"), format!("{base}/{{*rest}}")] {
            let state = state.clone();
            router = router.route(&path, any(move |request: Request| no_such_path(state, request)));
        }
    }
    router
}

async fn serve(
    state: ServicesState,
    rows: &'static [&'static Operation],
    params: Option<RawPathParams>,
    request: Request,
) -> Response {
    let watch = Watch::start(request.headers(), &*state.shared().seams.random);
    let method = request.method();
    // HEAD is answered as GET where it has no row of its own; the server leaves the body out.
    let exact = rows.iter().find(|row| row.method.is(method));
    let found =
        exact.or_else(|| rows.iter().find(|row| *method == Method::HEAD && row.method.is(&Method::GET)));
    let route = rows.first().map_or("", |row| row.path);
    let Some(operation) = found else {
        let allow = rows.iter().map(|row| row.method.name()).collect::<Vec<_>>().join(", ");
        let refusal = Refusal::argument("method", format!("one of {allow}")).with_http(405);
        let mut response = refuse(&state, request, &refusal).await;
        if let Ok(allow) = HeaderValue::from_str(&allow) {
            response.headers_mut().insert(ALLOW, allow);
        }
        return watch.end(route, "other", response);
    };
    let response = run(state, operation, params, request).await;
    watch.end(operation.path, operation.method.name(), response)
}

async fn run(
    state: ServicesState,
    operation: &'static Operation,
    params: Option<RawPathParams>,
    request: Request,
) -> Response {
    let now = state.shared().seams.clock.now();
    let (parts, body) = request.into_parts();
    let (scope, application) = match auth::authenticate(state.shared(), operation, &parts, now).await {
        Ok(passed) => passed,
        Err(fault) => {
            let refusal = match fault {
                Fault::Refused(refusal) => refusal,
                // Who calls is not the question: the operation cannot be done.
                Fault::Store(_) => complete(operation, fault.refusal()),
            };
            return refuse(&state, Request::from_parts(parts, body), &refusal).await;
        }
    };
    let path = params.as_ref().map_or_else(Query::default, |params| {
        params.iter().fold(Query::default(), |path, (name, value)| path.with(name, value))
    });
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let headers = parts.headers.clone();
    let call = Call {
        state: state.clone(),
        operation,
        scope,
        application,
        path,
        query,
        headers,
        body: Mutex::new(Body::empty()),
    };
    if let Err(refusal) = call.check_params() {
        let refusal = complete(operation, refusal);
        return refuse(&state, Request::from_parts(parts, body), &refusal).await;
    }
    match (operation.handler)(Call { body: Mutex::new(body), ..call }).await {
        Ok(reply) => reply.respond(),
        Err(fault) => answer::refused(&complete(operation, fault.refusal()), &state.shared().settings),
    }
}

/// Adds the operation's own code to what its handler said, save to an authorization error (spec 4.0).
fn complete(operation: &Operation, refusal: Refusal) -> Refusal {
    match operation.fails {
        Some(code) if refusal.first() != MtapiCode::AuthorizationError => refusal.and(code),
        _ => refusal,
    }
}

async fn no_such_path(state: ServicesState, request: Request) -> Response {
    let watch = Watch::start(request.headers(), &*state.shared().seams.random);
    let refusal = Refusal::argument("path", "the path of an operation").with_http(404);
    let response = refuse(&state, request, &refusal).await;
    watch.end("unmatched", "other", response)
}

/// Answers without having read the body.
async fn refuse(state: &ServicesState, request: Request, refusal: &Refusal) -> Response {
    let (parts, mut unread) = request.into_parts();
    body::discard(&parts.headers, &mut unread).await;
    answer::refused(refusal, &state.shared().settings)
}
