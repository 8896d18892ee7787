//! The push endpoints (spec 3), one per file.

mod cancellation_policy;
mod hotel;
mod product;
mod rateplan;
mod roomtype;
mod tax;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::routing::{MethodRouter, post};

use super::door;
use super::state::ContentState;
use crate::kind::Kind;

/// A path and what answers there.
pub(super) type Route = (&'static str, MethodRouter<ContentState>);

/// All push endpoints.
pub(super) fn routes() -> Vec<Route> {
    [
        hotel::routes(),
        roomtype::routes(),
        rateplan::routes(),
        cancellation_policy::routes(),
        tax::routes(),
        product::routes(),
    ]
    .concat()
}

/// The route for new objects.
fn create(kind: Kind) -> MethodRouter<ContentState> {
    post(move |State(app): State<ContentState>, request: Request<Body>| door::push(app, kind, None, request))
}

/// The route of one code, by `PUT` and `POST` (Appendix C, 2).
fn update(kind: Kind) -> MethodRouter<ContentState> {
    let handle = move |State(app): State<ContentState>,
                       code: Result<Path<String>, PathRejection>,
                       request: Request<Body>| {
        // A path that is no UTF-8 is no code, so it is not the code of the body.
        let code = code.map_or_else(|_| String::new(), |Path(code)| code);
        door::push(app, kind, Some(code), request)
    };
    post(handle).put(handle)
}
