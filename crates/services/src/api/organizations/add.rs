//! `POST /api/v1/organizations`.

use waypost_status::MtapiCode;
use waypost_store::StoreError;

use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::organization::{self, Organization};
use crate::rules::Fault;
use crate::wire::organization::merged;

/// Stores the organization with its coordinates and shows it.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::InvalidArgument).await?;
    let new = merged(&fields, &Organization::default())
        .map_err(|refusal| refusal.led_by(MtapiCode::InvalidArgument))?;
    let stored = call.write(move |tx, scope| {
        let id = organization::create(tx, scope, &new)?;
        let stored = organization::find(tx, scope, id)?;
        Ok(stored.ok_or_else(|| StoreError::Corrupt("an organization is gone".to_owned()))?)
    });
    show(&stored.await?)
}
