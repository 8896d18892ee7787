//! The queues work stands in.

use crate::StoreError;
use crate::sql::{Param, Sql};

/// Queues [`queues`] returns at most.
const QUEUES_MAX: i64 = 100_000;

/// What makes a queue: items of one queue compete for the same destination under the same limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueKey {
    /// The kind of work (SMS, call-back); the family numbers them.
    pub kind: i64,
    /// The destination: a connection, or a hash of a host.
    pub dest: i64,
    /// The tenant, 0 for none.
    pub tenant: i64,
    /// The sender, 0 for none.
    pub sender: i64,
    /// The priority.
    pub priority: u8,
}

impl QueueKey {
    /// The queue's id: a stable hash of the five parts (stored; never change it).
    #[must_use]
    pub fn id(&self) -> i64 {
        let parts = [self.kind, self.dest, self.tenant, self.sender, i64::from(self.priority)];
        let hash =
            parts.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |hash, &part| mix(hash ^ part.cast_unsigned()));
        hash.cast_signed()
    }
}

/// The finaliser of SplitMix64, a permutation of 64 bits, preceded by its increment so that zeros move too.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Stores the queue's parts unless they are stored. Cheap to call for every item: the writer remembers.
///
/// # Errors
/// See [`Sql::put`].
pub fn ensure_queue(tx: &mut dyn Sql, key: &QueueKey) -> Result<(), StoreError> {
    let id = key.id();
    if tx.memo().knows_queue(id) {
        return Ok(());
    }
    tx.put(
        "INSERT INTO queue (id, kind, dest, tenant, sender, priority) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO NOTHING",
        &[
            id.into(),
            key.kind.into(),
            key.dest.into(),
            key.tenant.into(),
            key.sender.into(),
            Param::Int(i64::from(key.priority)),
        ],
    )?;
    tx.memo().learn_queue(id);
    Ok(())
}

/// The queues of a kind that have items, at most 100,000.
///
/// # Errors
/// See [`Sql::query`].
pub fn queues(tx: &mut dyn Sql, kind: i64) -> Result<Vec<QueueKey>, StoreError> {
    let rows = tx.query(
        "SELECT kind, dest, tenant, sender, priority FROM queue q \
         WHERE kind = ?1 AND EXISTS (SELECT 1 FROM work w WHERE w.queue = q.id) ORDER BY id LIMIT ?2",
        &[kind.into(), QUEUES_MAX.into()],
    )?;
    rows.iter()
        .map(|row| {
            let priority = u8::try_from(row.int(4)?)
                .map_err(|_| StoreError::Corrupt("the priority of a queue is not 0 to 255".to_owned()))?;
            let (kind, dest) = (row.int(0)?, row.int(1)?);
            Ok(QueueKey { kind, dest, tenant: row.int(2)?, sender: row.int(3)?, priority })
        })
        .collect()
}
