//! The writer's copy of `find_tail`, and how far the merge has come.

use std::collections::BTreeSet;

use crate::StoreError;
use crate::sql::{Param, Sql};

type Key = (i64, i64);

/// Rows read at once when the copy is built.
const LOAD_CHUNK: i64 = 10_000;

/// Every row of `find_tail`, as committed plus what this transaction added.
#[derive(Debug, Default)]
pub struct Tail {
    /// Not yet being merged.
    live: BTreeSet<Key>,
    /// Being merged.
    frozen: Option<Frozen>,
    /// Added by this transaction, to be taken back when it is rolled back.
    added: Vec<Key>,
    /// What becomes true when this transaction commits.
    planned: Option<Planned>,
}

/// A sorted piece of the tail on its way into one generation. Its rows stay in `find_tail` until all are in `find`.
#[derive(Debug)]
pub(super) struct Frozen {
    pub keys: Vec<Key>,
    pub seq_max: i64,
    pub generation: i64,
    pub moved: usize,
}

/// A change of the merge's state that waits for the commit.
#[derive(Debug)]
pub(super) enum Planned {
    Freeze { seq_max: i64, generation: i64 },
    Advance { moved: usize },
    Finish,
    Clear,
}

impl Tail {
    /// Reads the whole tail: at most a few times [`super::TAIL_MAX`] rows.
    pub fn load(tx: &mut dyn Sql) -> Result<Self, StoreError> {
        let mut tail = Self::default();
        let mut after = i64::MIN;
        loop {
            let rows = tx.query(
                "SELECT seq, hash, id FROM find_tail WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                &[Param::Int(after), Param::Int(LOAD_CHUNK)],
            )?;
            for row in &rows {
                after = row.int(0)?;
                tail.live.insert((row.int(1)?, row.int(2)?));
            }
            if rows.len() < LOAD_CHUNK as usize {
                return Ok(tail);
            }
        }
    }

    /// Keys in the copy.
    pub fn len(&self) -> u64 {
        let frozen = self.frozen.as_ref().map_or(0, |frozen| frozen.keys.len());
        (self.live.len() + frozen) as u64
    }

    pub(super) fn add(&mut self, hash: i64, id: i64) {
        if self.live.insert((hash, id)) {
            self.added.push((hash, id));
        }
    }

    /// The newest `max` ids of each half; the caller merges them.
    pub(super) fn find(&self, hash: i64, max: usize) -> Vec<i64> {
        let live = self.live.range((hash, i64::MIN)..=(hash, i64::MAX)).rev().take(max);
        let mut ids: Vec<i64> = live.map(|&(_, id)| id).collect();
        if let Some(frozen) = &self.frozen {
            let end = frozen.keys.partition_point(|&(other, _)| other <= hash);
            let same = frozen.keys[..end].iter().rev().take_while(|&&(other, _)| other == hash);
            ids.extend(same.take(max).map(|&(_, id)| id));
        }
        ids
    }

    pub(super) const fn frozen(&self) -> Option<&Frozen> {
        self.frozen.as_ref()
    }

    pub(super) fn plan(&mut self, planned: Planned) {
        self.planned = Some(planned);
    }

    pub(crate) fn rolled_back(&mut self) {
        self.planned = None;
        for key in self.added.drain(..) {
            self.live.remove(&key);
        }
    }

    pub(crate) fn committed(&mut self) {
        self.added.clear();
        match self.planned.take() {
            None => {}
            Some(Planned::Freeze { seq_max, generation }) => {
                let keys = std::mem::take(&mut self.live).into_iter().collect();
                self.frozen = Some(Frozen { keys, seq_max, generation, moved: 0 });
            }
            Some(Planned::Advance { moved }) => {
                if let Some(frozen) = &mut self.frozen {
                    frozen.moved = moved;
                }
            }
            Some(Planned::Finish) => self.frozen = None,
            Some(Planned::Clear) => {
                self.live.clear();
                self.frozen = None;
            }
        }
    }
}
