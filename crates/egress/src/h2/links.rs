//! The connections by origin, bounded for each origin and in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::link::{Link, Slot};
use crate::error::EgressError;
use crate::policy::EgressPolicy;

/// The connections by origin (`scheme://host:port`). Every one of them was vetted when it was made.
pub(crate) struct Links {
    by_origin: Mutex<HashMap<String, Arc<Origin>>>,
    per_origin_max: usize,
    all_max: usize,
    slots_max: usize,
    age_max: Duration,
}

/// The connections to one origin.
#[derive(Default)]
struct Origin {
    links: Mutex<Vec<Arc<Link>>>,
    /// One connects, the others wait for what comes of it.
    connecting: tokio::sync::Mutex<()>,
}

impl Links {
    pub(crate) fn new(policy: &EgressPolicy) -> Self {
        Self {
            by_origin: Mutex::default(),
            per_origin_max: policy.h2_per_host_max.max(1),
            all_max: policy.h2_max,
            slots_max: policy.h2_streams_max,
            age_max: Duration::from_millis(policy.h2_idle_ms),
        }
    }

    /// A slot on the least loaded connection; on a new one by `connect` when all are full and another may be made; when
    /// one is free otherwise.
    pub(crate) async fn slot<F>(&self, origin: &str, connect: impl Fn() -> F) -> Result<Slot, EgressError>
    where
        F: Future<Output = Result<Link, EgressError>>,
    {
        loop {
            let origin = self.origin(origin);
            if let Some(slot) = origin.free(self.age_max) {
                return Ok(slot);
            }
            let connecting = origin.connecting.lock().await;
            if let Some(slot) = origin.free(self.age_max) {
                return Ok(slot);
            }
            let full = origin.least_loaded();
            match full {
                Some((link, count)) if count >= self.per_origin_max => {
                    drop(connecting);
                    if let Some(slot) = Slot::of(&link).await.filter(Slot::is_open) {
                        return Ok(slot);
                    }
                }
                _ => {
                    self.room()?;
                    let link = Arc::new(connect().await?);
                    let slot = Slot::try_of(&link);
                    origin.links().push(link);
                    if let Some(slot) = slot {
                        return Ok(slot);
                    }
                }
            }
        }
    }

    /// How many exchanges a connection takes.
    pub(crate) fn slots_max(&self) -> usize {
        self.slots_max
    }

    /// Forgets what is closed or too old; how many connections are left.
    pub(crate) fn sweep(&self) -> usize {
        let mut by_origin = self.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = 0;
        by_origin.retain(|_, origin| {
            let mut links = origin.links();
            links.retain(|link| link.is_usable(self.age_max));
            count += links.len();
            // Somebody who connects at this moment holds the origin and will bring its connection there.
            !links.is_empty() || Arc::strong_count(origin) > 1
        });
        count
    }

    fn room(&self) -> Result<(), EgressError> {
        if self.sweep() < self.all_max {
            return Ok(());
        }
        Err(EgressError::Connect(format!("all {} HTTP/2 connections are in use", self.all_max)))
    }

    fn origin(&self, name: &str) -> Arc<Origin> {
        let mut by_origin = self.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = by_origin.get(name) {
            return Arc::clone(origin);
        }
        Arc::clone(by_origin.entry(name.to_owned()).or_default())
    }
}

impl Origin {
    fn links(&self) -> MutexGuard<'_, Vec<Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot on the least loaded connection that has one.
    fn free(&self, age_max: Duration) -> Option<Slot> {
        let mut links = self.links();
        links.retain(|link| link.is_usable(age_max));
        let link = links.iter().max_by_key(|link| link.slots_free())?;
        Slot::try_of(link)
    }

    /// The least loaded connection, and how many there are.
    fn least_loaded(&self) -> Option<(Arc<Link>, usize)> {
        let links = self.links();
        let link = links.iter().max_by_key(|link| link.slots_free())?;
        Some((Arc::clone(link), links.len()))
    }
}
