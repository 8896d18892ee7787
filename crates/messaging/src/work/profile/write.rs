//! Writes the records of a batch in one transaction; one that is refused does not hold up the others (spec 7.4).

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use super::{ProfileDesk, build, devices, secrets};
use crate::api::profile::{AppStore, Batch, BatchOutcome, BatchRecord, RecordOutcome};
use crate::records::profile::app_profile::{self, By};
use crate::records::profile::{AppProfileRow, customer};
use crate::rules::profile::{Attributes, RecordFault, StoreKind, Verb, merge};
use crate::work::rules::facts::Change;

/// The user of an app profile that was written, or why it was not.
type Written = Result<Option<String>, RecordFault>;

impl ProfileDesk {
    /// The records in their order.
    pub(super) fn batch(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        batch: &Batch,
        now: Micros,
    ) -> Result<BatchOutcome, StoreError> {
        let mut records = Vec::with_capacity(batch.records.len());
        for record in &batch.records {
            let written = match &record.checked {
                Err(fault) => Err(fault.clone()),
                Ok(attributes) => self.record(tx, ctx, batch, record, attributes, now)?,
            };
            let (user_id, fault) = match written {
                Ok(user_id) => (user_id, None),
                Err(fault) => (None, Some(fault)),
            };
            records.push(RecordOutcome { customer_id: record.customer_id.clone(), user_id, fault });
        }
        Ok(BatchOutcome { verb: batch.verb, records })
    }

    fn record(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        batch: &Batch,
        record: &BatchRecord,
        attributes: &Attributes,
        now: Micros,
    ) -> Result<Written, StoreError> {
        let id = &record.customer_id;
        let old_code = batch.old_delete_codes;
        match (&batch.app, batch.verb) {
            (None, Verb::Create) => self.create_customer(tx, ctx, id, attributes, now),
            (None, Verb::Update) => self.update_customer(tx, ctx, id, attributes, now),
            (None, Verb::Delete) => {
                let removed = customer::delete(tx, ctx, id)?;
                if removed {
                    self.tell(tx, ctx, (id, Change::Deleted), &Attributes::new(), now)?;
                }
                Ok(if removed { Ok(None) } else { Err(RecordFault::CustomerNotFound { old_code }) })
            }
            (Some(app), Verb::Create) => self.create_app(tx, ctx, (app, id), attributes, now),
            (Some(app), Verb::Update) => self.update_app(tx, ctx, (app, id), attributes, now),
            (Some(app), Verb::Delete) => {
                let removed = devices::delete_all(tx, ctx, app.app, By::Customer(id))?;
                Ok(removed.ok_or(RecordFault::AppProfileNotFound))
            }
        }
    }

    fn create_customer(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        id: &str,
        attributes: &Attributes,
        now: Micros,
    ) -> Result<Written, StoreError> {
        let mut all = Attributes::new();
        merge(&mut all, attributes);
        if !customer::insert(tx, ctx, &build::customer(id, &all), now)? {
            return Ok(Err(RecordFault::CustomerExists));
        }
        self.tell(tx, ctx, (id, Change::Created), &all, now)?;
        Ok(Ok(None))
    }

    fn update_customer(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        id: &str,
        attributes: &Attributes,
        now: Micros,
    ) -> Result<Written, StoreError> {
        let Some(before) = customer::load_to_change(tx, ctx, id)? else {
            return Ok(Err(RecordFault::CustomerNotFound { old_code: false }));
        };
        let mut all = build::stored(&before.record.attributes);
        merge(&mut all, attributes);
        customer::update(tx, ctx, &before, &build::customer(id, &all), now)?;
        self.tell(tx, ctx, (id, Change::Updated), &all, now)?;
        Ok(Ok(None))
    }

    fn create_app(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        (app, id): (&AppStore, &str),
        attributes: &Attributes,
        now: Micros,
    ) -> Result<Written, StoreError> {
        let mut plain = Attributes::new();
        merge(&mut plain, attributes);
        let Some(ident) = build::ident(app.kind, &plain) else {
            return Ok(Err(RecordFault::AppProfileNotFound));
        };
        let hidden = take_secrets(app.kind, &mut plain);
        let sealed = secrets::seal(self.directory.master(), (&app.app_id, &ident), &hidden)?;
        let new = build::app_profile(app, &ident, id, &plain, sealed, now);
        let user = new.user_id.clone();
        let stored = app_profile::insert(tx, ctx, &new, now)?;
        Ok(if stored { Ok(user) } else { Err(RecordFault::AppProfileExists) })
    }

    fn update_app(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        (app, id): (&AppStore, &str),
        attributes: &Attributes,
        now: Micros,
    ) -> Result<Written, StoreError> {
        let Some(before) = addressed(tx, ctx, (app, id), attributes)? else {
            return Ok(Err(RecordFault::AppProfileNotFound));
        };
        let mut change = attributes.clone();
        let hidden = take_secrets(app.kind, &mut change);
        let mut plain = build::stored(&before.record.attributes);
        merge(&mut plain, &change);
        let ident = before.record.ident.as_str();
        let sealed = match self.merged_secrets(app, &before, &hidden) {
            Ok(sealed) => sealed,
            // Sealed with a master key that is gone. The other records have nothing to do with it.
            Err(error) => {
                tracing::error!(%error, app = app.app_id, "the secrets of an app profile do not open");
                return Ok(Err(RecordFault::Internal));
            }
        };
        let after = build::app_profile(app, ident, id, &plain, sealed, now);
        app_profile::update(tx, ctx, &before, &after, now)?;
        Ok(Ok(after.user_id))
    }

    fn merged_secrets(
        &self,
        app: &AppStore,
        before: &AppProfileRow,
        change: &Attributes,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if change.is_empty() {
            return Ok(before.record.secrets.clone());
        }
        let place = (app.app_id.as_str(), before.record.ident.as_str());
        let mut all = secrets::open(self.directory.master(), place, before.record.secrets.as_deref())?;
        merge(&mut all, change);
        secrets::seal(self.directory.master(), place, &all)
    }
}

/// The app profile an update is for: the one with its ident, or with its device where the ident is made of it. One that
/// belongs to another customer is not found: otherwise a slip in an id would move a person's address to another person.
fn addressed(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, id): (&AppStore, &str),
    attributes: &Attributes,
) -> Result<Option<AppProfileRow>, StoreError> {
    let is_theirs = |row: &AppProfileRow| row.record.customer_id.as_deref().is_none_or(|of| of == id);
    let by_ident = match build::ident(app.kind, attributes) {
        Some(ident) => app_profile::load_to_change(tx, ctx, app.app, &ident)?.filter(is_theirs),
        None => None,
    };
    if by_ident.is_some() || app.kind != StoreKind::Push {
        return Ok(by_ident);
    }
    let Some(device) = attributes.get("deviceId") else { return Ok(None) };
    let found = app_profile::find(tx, ctx, app.app, By::Device(device))?;
    let Some(row) = found.into_iter().find(|row| row.record.customer_id.as_deref() == Some(id)) else {
        return Ok(None);
    };
    app_profile::load_to_change(tx, ctx, app.app, &row.record.ident)
}

/// Takes what is kept sealed out of the attributes.
fn take_secrets(kind: StoreKind, attributes: &mut Attributes) -> Attributes {
    let secret = |name: &str| kind.attributes().iter().any(|known| known.secret && known.name == name);
    let (hidden, plain) = std::mem::take(attributes).into_iter().partition(|(name, _)| secret(name));
    *attributes = plain;
    hidden
}
