//! `GET /api/v1/provinces`.

use super::shape::SubdivisionBody;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::{Fault, iso3166};

/// The provinces and territories of Canada, by code.
pub(super) async fn handle(_call: Call) -> Result<Reply, Fault> {
    let all: Vec<SubdivisionBody> = iso3166::subdivisions("CA").iter().map(SubdivisionBody::from).collect();
    Reply::json(&all)
}
