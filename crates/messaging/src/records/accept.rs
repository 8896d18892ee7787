//! Writes an accepted request: one `request` row, one `message` row per destination value, their search keys.

use waypost_core::outcome::MessageState;
use waypost_store::{Ctx, Param, Sql, StoreError, TenantId, keys};

use super::{Accepted, MessageRecord, correlation_key, destination_key};

const INSERT_REQUEST: &str = "INSERT INTO request (id, tenant, service, transid, api_key, channel, content, \
     notify_url, callback_data, expires_at, priority, route, units, messages) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

const INSERT_MESSAGE: &str = "INSERT INTO message (id, request, tenant, service, unit, dest_type, destination, \
     correlation, state, code, progress, connection, parts, updated_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, NULL, NULL, 0, ?10)";

/// Inserts the request and its messages. The caller adds the work rows in the same transaction.
///
/// # Errors
/// Those of the store; nothing is written then.
pub fn insert(tx: &mut dyn Sql, ctx: &Ctx, accepted: &Accepted) -> Result<(), StoreError> {
    let request = &accepted.request;
    debug_assert!(ctx.covers(TenantId(request.tenant)), "a request is written for its own tenant");
    tx.put(
        INSERT_REQUEST,
        &[
            request.id.0.into(),
            request.tenant.into(),
            request.service.into(),
            Param::Blob(&request.transid.to_bytes()),
            request.api_key.into(),
            request.channel.as_str().into(),
            request.content.as_str().into(),
            request.notify_url.as_deref().into(),
            request.callback_data.as_deref().into(),
            request.expires_at.map(|at| at.0).into(),
            i64::from(request.priority).into(),
            request.route.as_deref().into(),
            i64::from(request.units).into(),
            (accepted.messages.len() as i64).into(),
        ],
    )?;
    accepted.messages.iter().try_for_each(|message| insert_message(tx, accepted, message))
}

fn insert_message(tx: &mut dyn Sql, accepted: &Accepted, message: &MessageRecord) -> Result<(), StoreError> {
    let request = &accepted.request;
    tx.put(
        INSERT_MESSAGE,
        &[
            message.id.0.into(),
            request.id.0.into(),
            request.tenant.into(),
            request.service.into(),
            i64::from(message.unit).into(),
            message.dest_type.as_str().into(),
            message.destination.as_str().into(),
            message.correlation.as_deref().into(),
            i64::from(MessageState::Queued.to_u8()).into(),
            request.accepted_at().0.into(),
        ],
    )?;
    keys::add(tx, destination_key(request.tenant, &message.destination), message.id.0)?;
    match &message.correlation {
        Some(correlation) => keys::add(tx, correlation_key(request.tenant, correlation), message.id.0),
        None => Ok(()),
    }
}
