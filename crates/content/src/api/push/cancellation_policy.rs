//! `POST /cancellation-policies` and `PUT /cancellation-policy/<code>` (spec 3.4).

use super::{Route, create, update};
use crate::kind::Kind;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        ("/cancellation-policies", create(Kind::Policy)),
        ("/cancellation-policy/{code}", update(Kind::Policy)),
    ]
}
