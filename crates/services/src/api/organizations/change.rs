//! `PUT /api/v1/organizations`.

use waypost_status::MtapiCode;

use super::find::invalid;
use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::organization;
use crate::rules::Fault;
use crate::wire::organization::merged;

/// Changes the members that are written out; a list of coordinates that is written out stands in place of the former one.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::InvalidArgument).await?;
    let id = fields.opt_id("Id").ok().flatten().ok_or_else(|| invalid("Id"))?;
    let asked = call.if_match()?;
    let changed = call.write(move |tx, scope| {
        let before = lookup::organization(tx, scope, (Place::Query, "Id"), id)?;
        check_revision(asked, before.revision)?;
        let after = merged(&fields, &before).map_err(|refusal| refusal.led_by(MtapiCode::InvalidArgument))?;
        organization::update(tx, scope, &after)?;
        lookup::organization(tx, scope, (Place::Query, "Id"), id)
    });
    show(&changed.await?)
}
