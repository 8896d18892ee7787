//! `POST /roomtypes` and `PUT /roomtype/<code>` (spec 3.2).

use super::{Route, create, update};
use crate::kind::Kind;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![("/roomtypes", create(Kind::Room)), ("/roomtype/{code}", update(Kind::Room))]
}
