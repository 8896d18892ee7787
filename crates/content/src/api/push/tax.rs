//! `POST /taxes` and `PUT /tax/<code>` (spec 3.5).

use super::{Route, create, update};
use crate::kind::Kind;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![("/taxes", create(Kind::Tax)), ("/tax/{code}", update(Kind::Tax))]
}
