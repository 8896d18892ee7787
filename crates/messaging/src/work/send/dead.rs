//! Push tokens that their provider calls dead are taken from the profiles that have them, so that nothing more is sent
//! to them; the device brings a new one.

use waypost_channels::connector::Address;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use crate::records::profile::app_profile;

/// Forgets the push tokens among `addresses`. Other dead addresses are ids of people, which a profile keeps.
pub(super) fn forget<'a>(
    tx: &mut dyn Sql,
    tenant: i64,
    app: i64,
    addresses: impl Iterator<Item = &'a Address>,
    now: Micros,
) -> Result<(), StoreError> {
    let ctx = Ctx::system(TenantId(tenant), "dead push token");
    for address in addresses.filter(|address| address.kind.is_push()) {
        app_profile::forget_token(tx, &ctx, app, &address.value, now)?;
    }
    Ok(())
}
