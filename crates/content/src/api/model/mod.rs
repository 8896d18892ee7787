//! `/resources/v1/content`: the tenant's own content, for its own tools. Not part of the published contract; it shares the
//! contract's objects, checks and codes.

mod door;
mod drift;
mod import;
mod lane;
mod lanes;
mod object;
mod objects;
pub mod openapi;
mod partners;
mod properties;
mod property;
mod query;
mod shown;

use std::sync::Arc;

use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Router, middleware};

use super::ContentState;
use super::watch;

/// Where everything stands.
pub const PATH: &str = "/resources/v1/content";

/// Whether a request may come from where it comes from, for a tenant.
pub type Admits = Arc<dyn Fn(&Parts, i64) -> bool + Send + Sync>;

/// Every path with the methods it has, as the router and the document have it.
pub(crate) const PATHS: [(&str, &[&str]); 10] = [
    ("/properties", &["GET"]),
    ("/properties/{property}", &["DELETE", "GET", "PUT"]),
    ("/properties/{property}/{kind}", &["GET"]),
    ("/properties/{property}/{kind}/{code}", &["DELETE", "GET", "PUT"]),
    ("/import", &["POST"]),
    ("/partners", &["GET"]),
    ("/partners/{partner}/{action}", &["POST"]),
    ("/partners/{partner}/lanes", &["GET"]),
    ("/partners/{partner}/lanes/{property}/{action}", &["POST"]),
    ("/partners/{partner}/drift", &["GET"]),
];

/// The endpoints.
pub fn router(state: ContentState) -> Router {
    let at = |path: &str| format!("{PATH}{path}");
    Router::new()
        .route(&at("/properties"), get(properties::handle))
        .route(&at("/properties/{property}"), get(property::show).put(property::put).delete(property::delete))
        .route(&at("/properties/{property}/{kind}"), get(objects::handle))
        .route(
            &at("/properties/{property}/{kind}/{code}"),
            get(object::show_one).put(object::put_one).delete(object::delete_one),
        )
        .route(&at("/import"), post(import::handle))
        .route(&at("/partners"), get(partners::handle))
        .route(&at("/partners/{partner}/lanes"), get(lanes::handle))
        .route(&at("/partners/{partner}/drift"), get(drift::handle))
        .route(&at("/partners/{partner}/{action}"), post(partners::act))
        .route(&at("/partners/{partner}/lanes/{property}/{action}"), post(lane::handle))
        .layer(middleware::from_fn(watch::watch))
        .with_state(state)
}
