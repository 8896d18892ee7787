//! Rows of the ledger for tests.

use waypost_core::id::MessageId;
use waypost_core::key::{KeyKind, key};
use waypost_core::time::Micros;
use waypost_store::{Param, Sql, StoreError, keys};

/// The id a node makes at `at`.
pub fn id_at(at: Micros) -> i64 {
    MessageId::floor(at).0
}

/// A request with `messages` messages, each with one story entry and its keys.
pub fn add_request(
    tx: &mut dyn Sql,
    (tenant, service): (i64, i64),
    id: i64,
    messages: i64,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO request (id, tenant, service, transid, api_key, channel, content, priority, units, messages) \
         VALUES (?1, ?2, ?3, ?4, 0, 'sms', '{}', 2, 1, ?5)",
        &[id.into(), tenant.into(), service.into(), (&[7; 16]).into(), messages.into()],
    )?;
    for message in id..id + messages {
        let destination = format!("+4915{message}");
        tx.put(
            "INSERT INTO message (id, request, tenant, service, unit, dest_type, destination, correlation, state, \
             code, progress, parts, updated_at) VALUES (?1, ?2, ?3, ?4, -1, 'msisdn', ?5, 'ref', 0, 0, ?6, 0, 0)",
            &[
                message.into(),
                id.into(),
                tenant.into(),
                service.into(),
                (&destination).into(),
                Param::Blob(&[1, 2]),
            ],
        )?;
        tx.put(
            "INSERT INTO story (message, at, seq, kind, code, detail) VALUES (?1, 1, 1, 1, NULL, 'x')",
            &[message.into()],
        )?;
        keys::add(tx, key(KeyKind::CorrelationId, tenant, "ref"), message)?;
    }
    Ok(())
}

/// An inbound message.
pub fn add_inbound(tx: &mut dyn Sql, tenant: i64, id: i64) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO inbound (id, tenant, service, connection, source, destination, text, data_coding, parts, \
         received_at) VALUES (?1, ?2, NULL, 1, '1', '2', 'hello', 0, 1, 0)",
        &[id.into(), tenant.into()],
    )
}
