//! `POST /rateplans` and `PUT /rateplan/<code>` (spec 3.3).

use super::{Route, create, update};
use crate::kind::Kind;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![("/rateplans", create(Kind::RatePlan)), ("/rateplan/{code}", update(Kind::RatePlan))]
}
