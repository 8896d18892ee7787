//! Queries: sessions of devices, parcels on their way.

use std::collections::BTreeSet;

use waypost_core::time::Micros;
use waypost_realtime::{Parcel, Qos, Settled, Topics};
use waypost_store::{Ctx, Sql, StoreError, query_one};

/// Parcels that may wait for one device. Far below the number of packet identifiers.
pub(super) const WAITING_MAX: i64 = 5_000;
/// How long a parcel that is done is remembered: its receipts may come late.
const REMEMBERED_MS: i64 = 30 * 24 * 3_600_000;

/// What is kept of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionRow {
    /// SHA-256 of the access token; empty before the device has registered.
    pub token: Vec<u8>,
    /// When it ends.
    pub token_until: Micros,
    /// What the device has subscribed to; `None` before it ever did.
    pub topics: Option<Topics>,
}

/// A device's session.
pub(super) fn session(tx: &mut dyn Sql, ctx: &Ctx, profile: i64) -> Result<Option<SessionRow>, StoreError> {
    let sql = "SELECT token, token_until, subscriptions FROM rt_session WHERE profile = ?1 AND tenant = ?2";
    let Some(row) = query_one(tx, sql, &[profile.into(), ctx.tenant.0.into()])? else { return Ok(None) };
    let topics = row.opt_text(2)?.map(read_topics);
    Ok(Some(SessionRow {
        token: row.opt_blob(0)?.map(<[u8]>::to_vec).unwrap_or_default(),
        token_until: row.time(1)?,
        topics,
    }))
}

/// When the token with this hash ends, if a device of the app has it.
pub(super) fn by_token(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    token: &[u8],
) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT token_until FROM rt_session WHERE token = ?1 AND tenant = ?2 AND app = ?3";
    let row = query_one(tx, sql, &[token.into(), ctx.tenant.0.into(), app.into()])?;
    row.map(|row| row.time(0)).transpose()
}

fn read_topics(text: &str) -> Topics {
    let numbers: std::collections::BTreeMap<String, u8> = serde_json::from_str(text).unwrap_or_default();
    numbers.into_iter().filter_map(|(topic, qos)| Some((topic, Qos::from_number(qos)?))).collect()
}

/// Whose session it is.
pub(super) struct Owner<'a> {
    pub profile: i64,
    pub app: i64,
    pub user: &'a str,
    pub device: &'a str,
}

/// New tokens of a device; only their hashes are kept.
pub(super) struct NewTokens<'a> {
    /// SHA-256 of the access token.
    pub access: &'a [u8],
    /// When it ends.
    pub access_until: Micros,
    /// SHA-256 of the token that fetches the next one.
    pub refresh: &'a [u8],
    /// When that ends.
    pub refresh_until: Micros,
}

/// Gives a device new tokens; what it has subscribed to and what waits for it stay.
pub(super) fn set_tokens(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    owner: &Owner<'_>,
    new: &NewTokens<'_>,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO rt_session (profile, tenant, app, user_id, device_id, token, token_until, packet, refresh, \
         refresh_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9) ON CONFLICT (profile) DO UPDATE SET \
         token = excluded.token, token_until = excluded.token_until, user_id = excluded.user_id, \
         device_id = excluded.device_id, refresh = excluded.refresh, refresh_until = excluded.refresh_until",
        &[
            owner.profile.into(),
            ctx.tenant.0.into(),
            owner.app.into(),
            owner.user.into(),
            owner.device.into(),
            new.access.into(),
            new.access_until.into(),
            new.refresh.into(),
            new.refresh_until.into(),
        ],
    )
}

/// The hash of the token that fetches a device's next access token, and its end; `None` for a device without one.
pub(super) fn refresh(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    profile: i64,
) -> Result<Option<(Vec<u8>, Micros)>, StoreError> {
    let sql = "SELECT refresh, refresh_until FROM rt_session WHERE profile = ?1 AND tenant = ?2";
    let Some(row) = query_one(tx, sql, &[profile.into(), ctx.tenant.0.into()])? else { return Ok(None) };
    Ok(row.opt_blob(0)?.map(<[u8]>::to_vec).zip(row.opt_time(1)?))
}

/// Keeps what a device has subscribed to.
pub(super) fn set_topics(tx: &mut dyn Sql, profile: i64, topics: &Topics) -> Result<(), StoreError> {
    let numbers: std::collections::BTreeMap<&str, u8> =
        topics.iter().map(|(topic, qos)| (topic.as_str(), qos.number())).collect();
    // Texts and numbers only: writing them to memory cannot fail.
    let text = serde_json::to_string(&numbers).unwrap_or_default();
    tx.put(
        "UPDATE rt_session SET subscriptions = ?2 WHERE profile = ?1",
        &[profile.into(), text.as_str().into()],
    )
}

/// The device is another user's from now on.
pub(super) fn rename(tx: &mut dyn Sql, profile: i64, user: &str) -> Result<(), StoreError> {
    tx.put("UPDATE rt_session SET user_id = ?2 WHERE profile = ?1", &[profile.into(), user.into()])
}

/// The number of a device's parcel, by the transaction id it came with.
pub(super) fn parcel(tx: &mut dyn Sql, profile: i64, tid: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM rt_parcel WHERE profile = ?1 AND tid = ?2";
    query_one(tx, sql, &[profile.into(), tid.into()])?.map(|row| row.int(0)).transpose()
}

/// The number under which receipts of a device's message find it.
pub(super) fn carrier(tx: &mut dyn Sql, profile: i64, tid: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT COALESCE(carrier, id) FROM rt_parcel WHERE profile = ?1 AND tid = ?2";
    query_one(tx, sql, &[profile.into(), tid.into()])?.map(|row| row.int(0)).transpose()
}

/// A parcel to be kept.
pub(super) struct NewParcel<'a> {
    pub id: i64,
    pub tid: &'a str,
    pub payload: &'a str,
    pub expires_at: Micros,
    /// The number under which its receipts find the message; `None`: its own.
    pub carrier: Option<i64>,
}

/// What became of a parcel that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is kept under this number.
    As(i64),
    /// It was kept by an attempt before.
    Before(i64),
    /// Too much waits for the device.
    Full,
}

/// Keeps a parcel for a device; one with the same transaction id is kept once.
pub(super) fn keep(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    owner: &Owner<'_>,
    new: &NewParcel<'_>,
) -> Result<Kept, StoreError> {
    let known = query_one(
        tx,
        "SELECT id FROM rt_parcel WHERE profile = ?1 AND tid = ?2",
        &[owner.profile.into(), new.tid.into()],
    )?;
    if let Some(row) = known {
        return row.int(0).map(Kept::Before);
    }
    let waiting = query_one(
        tx,
        "SELECT COUNT(*) FROM (SELECT id FROM rt_parcel WHERE profile = ?1 AND state < 2 LIMIT ?2) AS open",
        &[owner.profile.into(), WAITING_MAX.into()],
    )?;
    if waiting.map(|row| row.int(0)).transpose()?.unwrap_or(0) >= WAITING_MAX {
        return Ok(Kept::Full);
    }
    let packet = next_packet(tx, ctx, owner)?;
    tx.put(
        "INSERT INTO rt_parcel (id, tenant, profile, tid, packet, state, payload, expires_at, carrier) \
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8)",
        &[
            new.id.into(),
            ctx.tenant.0.into(),
            owner.profile.into(),
            new.tid.into(),
            packet.into(),
            new.payload.into(),
            new.expires_at.into(),
            new.carrier.into(),
        ],
    )?;
    Ok(Kept::As(new.id))
}

/// The next packet identifier of a device, 1 to 65,535 and around. A device that never registered gets its session here:
/// what is sent to it waits until it does.
fn next_packet(tx: &mut dyn Sql, ctx: &Ctx, owner: &Owner<'_>) -> Result<i64, StoreError> {
    let row = query_one(
        tx,
        "INSERT INTO rt_session (profile, tenant, app, user_id, device_id, token, token_until, packet) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 1) \
         ON CONFLICT (profile) DO UPDATE SET packet = rt_session.packet % 65535 + 1 RETURNING packet",
        &[
            owner.profile.into(),
            ctx.tenant.0.into(),
            owner.app.into(),
            owner.user.into(),
            owner.device.into(),
            (&[][..]).into(),
        ],
    )?;
    row.ok_or_else(|| StoreError::Corrupt("rt_session".to_owned()))?.int(0)
}

/// The parcels that wait for a device above a number.
pub(super) fn waiting(
    tx: &mut dyn Sql,
    profile: i64,
    after: i64,
    max: usize,
    now: Micros,
) -> Result<Vec<Parcel>, StoreError> {
    let rows = tx.query(
        "SELECT id, packet, state, payload FROM rt_parcel WHERE profile = ?1 AND state < 2 AND id > ?2 \
         AND (expires_at > ?3 OR state = 1) ORDER BY id LIMIT ?4",
        &[profile.into(), after.into(), now.into(), i64::try_from(max).unwrap_or(i64::MAX).into()],
    )?;
    rows.iter()
        .map(|row| {
            let packet = u16::try_from(row.int(1)?).ok().filter(|packet| *packet > 0);
            Ok(Parcel {
                id: row.int(0)?,
                packet: packet.ok_or_else(|| StoreError::Corrupt("rt_parcel.packet".to_owned()))?,
                received: row.int(2)? == 1,
                payload: row.text(3)?.to_owned().into(),
            })
        })
        .collect()
}

/// The parcels of a device that are not done: number and payload.
pub(super) fn open(tx: &mut dyn Sql, profile: i64, now: Micros) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = tx.query(
        "SELECT id, payload FROM rt_parcel WHERE profile = ?1 AND state IN (0, 3) AND expires_at > ?2 \
         ORDER BY id",
        &[profile.into(), now.into()],
    )?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).collect()
}

/// Gives a parcel to another device, which gets it under a packet identifier of its own. One it had before stays as it is.
pub(super) fn hand_on(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    to: &Owner<'_>,
    id: i64,
    payload: &str,
) -> Result<(), StoreError> {
    let packet = next_packet(tx, ctx, to)?;
    tx.put(
        "UPDATE rt_parcel SET profile = ?2, packet = ?3, payload = ?4, state = 0 WHERE id = ?1 AND tenant = ?5 AND NOT EXISTS \
         (SELECT 1 FROM rt_parcel AS other WHERE other.profile = ?2 AND other.tid = rt_parcel.tid)",
        &[id.into(), to.profile.into(), packet.into(), payload.into(), ctx.tenant.0.into()],
    )
}

/// Devices for which something waits that was not handed on.
pub(super) fn devices_that_wait(tx: &mut dyn Sql, now: Micros) -> Result<BTreeSet<i64>, StoreError> {
    let sql = "SELECT DISTINCT profile FROM rt_parcel WHERE state < 2 AND state = 0 AND expires_at > ?1";
    tx.query(sql, &[now.into()])?.iter().map(|row| row.int(0)).collect()
}

/// A parcel is at an external broker.
pub(super) fn handed(tx: &mut dyn Sql, profile: i64, id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE rt_parcel SET state = 3 WHERE id = ?1 AND profile = ?2 AND state = 0",
        &[id.into(), profile.into()],
    )
}

/// What was handed to an external broker waits again: for one device, or for all.
pub(super) fn take_back(tx: &mut dyn Sql, profile: Option<i64>) -> Result<(), StoreError> {
    match profile {
        Some(one) => tx.put("UPDATE rt_parcel SET state = 0 WHERE profile = ?1 AND state = 3", &[one.into()]),
        None => tx.put("UPDATE rt_parcel SET state = 0 WHERE state = 3", &[]),
    }
}

/// A device has reported a parcel: what an external broker has of it need not come again.
pub(super) fn reported(tx: &mut dyn Sql, profile: i64, id: i64, now: Micros) -> Result<(), StoreError> {
    tx.put(
        "UPDATE rt_parcel SET state = 2, payload = '', expires_at = ?3 WHERE id = ?1 AND profile = ?2 AND state = 3",
        &[id.into(), profile.into(), now.add_ms(REMEMBERED_MS).into()],
    )
}

/// App and user of a device's session: the two levels of its topic.
pub(super) fn place(tx: &mut dyn Sql, profile: i64) -> Result<Option<(i64, String)>, StoreError> {
    let row = query_one(tx, "SELECT app, user_id FROM rt_session WHERE profile = ?1", &[profile.into()])?;
    row.map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).transpose()
}

/// Keeps what a device has said of its parcels.
pub(super) fn settle(
    tx: &mut dyn Sql,
    profile: i64,
    settled: &[Settled],
    now: Micros,
) -> Result<(), StoreError> {
    for one in settled {
        match one {
            Settled::Received(id) => tx.put(
                "UPDATE rt_parcel SET state = 1 WHERE id = ?1 AND profile = ?2 AND state = 0",
                &[(*id).into(), profile.into()],
            )?,
            Settled::Done(id) => tx.put(
                "UPDATE rt_parcel SET state = 2, payload = '', expires_at = ?3 WHERE id = ?1 AND profile = ?2",
                &[(*id).into(), profile.into(), now.add_ms(REMEMBERED_MS).into()],
            )?,
        }
    }
    Ok(())
}
