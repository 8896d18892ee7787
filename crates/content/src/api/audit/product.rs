//! `POST /products-audit` (spec 4.2): products by rate plan.

use super::audit;
use crate::api::push::Route;
use crate::kind::Kind;

/// Its route.
pub(super) fn route() -> Route {
    ("/products-audit", audit(Kind::Product))
}
