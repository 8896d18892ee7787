//! `POST /roomtype-audit` (spec 4.2).

use super::audit;
use crate::api::push::Route;
use crate::kind::Kind;

/// Its route.
pub(super) fn route() -> Route {
    ("/roomtype-audit", audit(Kind::Room))
}
