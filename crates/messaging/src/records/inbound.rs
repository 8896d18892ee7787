//! Messages from customers (MO).

use waypost_core::time::Micros;
use waypost_store::{Ctx, Param, Sql, StoreError};

/// An inbound message, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// Its id, also its `tid` on the wire.
    pub id: i64,
    /// The tenant that owns the number it was sent to, if any.
    pub tenant: Option<i64>,
    /// The service it is forwarded to, if any.
    pub service: Option<i64>,
    /// The connection it came in on.
    pub connection: i64,
    /// The customer's number.
    pub source: String,
    /// Our number.
    pub destination: String,
    /// Its text; hexadecimal when binary.
    pub text: String,
    /// The data coding it came in.
    pub data_coding: u8,
    /// Parts it came in.
    pub parts: u16,
    /// When its last part came.
    pub received_at: Micros,
}

/// Keeps an inbound message.
///
/// # Errors
/// Those of the store.
pub fn insert(tx: &mut dyn Sql, _ctx: &Ctx, inbound: &Inbound) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO inbound (id, tenant, service, connection, source, destination, text, data_coding, parts, \
         received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            inbound.id.into(),
            inbound.tenant.into(),
            inbound.service.into(),
            inbound.connection.into(),
            inbound.source.as_str().into(),
            inbound.destination.as_str().into(),
            inbound.text.as_str().into(),
            i64::from(inbound.data_coding).into(),
            i64::from(inbound.parts).into(),
            inbound.received_at.0.into(),
        ],
    )
}

/// Loads one inbound message.
///
/// # Errors
/// Those of the store.
pub fn load(tx: &mut dyn Sql, _ctx: &Ctx, id: i64) -> Result<Option<Inbound>, StoreError> {
    let rows = tx.query(
        "SELECT id, tenant, service, connection, source, destination, text, data_coding, parts, received_at \
         FROM inbound WHERE id = ?1",
        &[id.into()],
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Inbound {
        id: row.int(0)?,
        tenant: row.opt_int(1)?,
        service: row.opt_int(2)?,
        connection: row.int(3)?,
        source: row.text(4)?.to_owned(),
        destination: row.text(5)?.to_owned(),
        text: row.text(6)?.to_owned(),
        data_coding: u8::try_from(row.int(7)?).unwrap_or(0),
        parts: u16::try_from(row.int(8)?).unwrap_or(1),
        received_at: Micros(row.int(9)?),
    }))
}

/// One part of a concatenated inbound message.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The connection it came in on.
    pub connection: i64,
    /// The customer's number.
    pub source: &'a str,
    /// Our number.
    pub destination: &'a str,
    /// The reference that joins the parts.
    pub reference: u16,
    /// Parts in all.
    pub total: u8,
    /// Which this is, from 1.
    pub number: u8,
    /// The data coding it came in.
    pub data_coding: u8,
    /// Its decoded text.
    pub text: &'a str,
    /// When it came.
    pub received_at: Micros,
}

const INSERT_PART: &str = "INSERT INTO inbound_part (connection, source, destination, reference, total, n, \
     data_coding, payload, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
     ON CONFLICT (connection, source, destination, reference, total, n) DO UPDATE SET \
     payload = excluded.payload, data_coding = excluded.data_coding, received_at = excluded.received_at";

/// How long a part waits for the others.
const PART_WAIT_MS: i64 = 3_600_000;

/// Keeps a part; once all are there, removes them and returns the joined text.
///
/// # Errors
/// Those of the store.
pub fn join_part(tx: &mut dyn Sql, _ctx: &Ctx, part: &Part<'_>) -> Result<Option<String>, StoreError> {
    if part.number == 0 || part.number > part.total {
        // No part of anything: it is a message of its own.
        return Ok(Some(part.text.to_owned()));
    }
    let key = [
        part.connection.into(),
        part.source.into(),
        part.destination.into(),
        i64::from(part.reference).into(),
        i64::from(part.total).into(),
    ];
    let mut values: Vec<Param<'_>> = key.to_vec();
    values.extend([
        i64::from(part.number).into(),
        i64::from(part.data_coding).into(),
        Param::Blob(part.text.as_bytes()),
        part.received_at.0.into(),
    ]);
    // References repeat: a part that waited this long belongs to a message whose other parts never came.
    let mut stale: Vec<Param<'_>> = key.to_vec();
    stale.push(part.received_at.sub_ms(PART_WAIT_MS).0.into());
    tx.put(
        "DELETE FROM inbound_part WHERE connection = ?1 AND source = ?2 AND destination = ?3 \
         AND reference = ?4 AND total = ?5 AND received_at < ?6",
        &stale,
    )?;
    tx.exec(INSERT_PART, &values)?;
    let rows = tx.query(
        "SELECT payload FROM inbound_part WHERE connection = ?1 AND source = ?2 AND destination = ?3 \
         AND reference = ?4 AND total = ?5 ORDER BY n",
        &key,
    )?;
    if rows.len() < usize::from(part.total) {
        return Ok(None);
    }
    tx.put(
        "DELETE FROM inbound_part WHERE connection = ?1 AND source = ?2 AND destination = ?3 \
         AND reference = ?4 AND total = ?5",
        &key,
    )?;
    let mut text = String::new();
    for row in &rows {
        text.push_str(&String::from_utf8_lossy(row.blob(0)?));
    }
    Ok(Some(text))
}
