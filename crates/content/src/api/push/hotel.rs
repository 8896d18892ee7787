//! `POST /hotel` and `PUT /hotel/<code>` (spec 3.1); also under the plural name (Appendix C, 1).

use super::{Route, create, update};
use crate::kind::Kind;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        ("/hotel", create(Kind::Hotel)),
        ("/hotels", create(Kind::Hotel)),
        ("/hotel/{code}", update(Kind::Hotel)),
        ("/hotels/{code}", update(Kind::Hotel)),
    ]
}
