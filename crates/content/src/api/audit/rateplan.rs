//! `POST /rateplan-audit` (spec 4.2).

use super::audit;
use crate::api::push::Route;
use crate::kind::Kind;

/// Its route.
pub(super) fn route() -> Route {
    ("/rateplan-audit", audit(Kind::RatePlan))
}
