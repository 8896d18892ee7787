//! The audit endpoints (spec 4), one per file.

mod cancellation_policy;
mod hotel;
mod product;
mod rateplan;
mod roomtype;
mod tax;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::routing::{MethodRouter, post};

use super::door;
use super::push::Route;
use super::state::ContentState;
use crate::kind::Kind;

/// All audit endpoints.
pub(super) fn routes() -> Vec<Route> {
    vec![
        hotel::route(),
        roomtype::route(),
        rateplan::route(),
        cancellation_policy::route(),
        tax::route(),
        product::route(),
    ]
}

fn audit(kind: Kind) -> MethodRouter<ContentState> {
    post(move |State(app): State<ContentState>, request: Request<Body>| door::audit(app, kind, request))
}
