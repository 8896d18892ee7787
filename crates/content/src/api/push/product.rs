//! `POST /products` (spec 3.6): all products of one rate plan.

use super::{Route, create};
use crate::kind::Kind;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![("/products", create(Kind::Product))]
}
