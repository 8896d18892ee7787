//! Deletes app profiles: of a customer, of a user, of one device.

use waypost_store::{Ctx, Sql, StoreError};

use crate::api::profile::{BatchOutcome, DeviceDelete, RecordOutcome};
use crate::records::profile::AppProfileRow;
use crate::records::profile::app_profile::{self, By};
use crate::rt::inbox;
use crate::rules::profile::{RecordFault, Verb};

/// Deletes what is asked for: one outcome for each profile, or one that says that there was none.
pub(super) fn delete(tx: &mut dyn Sql, ctx: &Ctx, asked: &DeviceDelete) -> Result<BatchOutcome, StoreError> {
    let by = match (&asked.device, &asked.user, &asked.customer) {
        (Some(device), _, _) => Some(By::Device(device)),
        (None, Some(user), _) => Some(By::User(user)),
        (None, None, Some(customer)) => Some(By::Customer(customer)),
        (None, None, None) => None,
    };
    let is_meant = |row: &AppProfileRow| {
        let same = |asked: &Option<String>, of: &Option<String>| asked.is_none() || asked == of;
        same(&asked.user, &row.record.user_id) && same(&asked.customer, &row.record.customer_id)
    };
    let mut records = Vec::new();
    if let Some(by) = by {
        for row in app_profile::find(tx, ctx, asked.app.app, by)?.iter().filter(|row| is_meant(row)) {
            erase(tx, ctx, row)?;
            records.push(RecordOutcome {
                customer_id: row.record.customer_id.clone().unwrap_or_default(),
                user_id: row.record.user_id.clone(),
                fault: None,
            });
        }
    }
    if records.is_empty() {
        records.push(RecordOutcome {
            customer_id: asked.customer.clone().unwrap_or_default(),
            user_id: asked.user.clone(),
            fault: Some(RecordFault::AppProfileNotFound),
        });
    }
    Ok(BatchOutcome { verb: Verb::Delete, records })
}

/// Deletes all profiles of an app that a key leads to. The user of the first; `None` when there was none.
pub(super) fn delete_all(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    by: By<'_>,
) -> Result<Option<Option<String>>, StoreError> {
    let mut user = None;
    loop {
        let rows = app_profile::find(tx, ctx, app, by)?;
        if rows.is_empty() {
            return Ok(user);
        }
        for row in &rows {
            erase(tx, ctx, row)?;
            user.get_or_insert_with(|| row.record.user_id.clone());
        }
    }
}

/// Removes a profile, and with the last one of a user what was said to and by the user in threads: who asks for a person
/// to be deleted means that too. A device that unregisters leaves it.
fn erase(tx: &mut dyn Sql, ctx: &Ctx, row: &AppProfileRow) -> Result<(), StoreError> {
    app_profile::delete(tx, ctx, row)?;
    let Some(user) = row.record.user_id.as_deref() else { return Ok(()) };
    if app_profile::find(tx, ctx, row.record.app, By::User(user))?.is_empty() {
        inbox::erase(tx, ctx, (row.record.app, user))?;
    }
    Ok(())
}
