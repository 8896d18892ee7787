//! Files coming in, going out, and going when they are old.

use bytes::Bytes;
use waypost_core::time::Micros;
use waypost_store::{Sql, Store, StoreError};

use super::record::{self, Stored};
use super::{Media, MediaType};
use crate::rt::ledger::{Ledger, RtApp};
use crate::rt::register::random_name;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Files removed in one go.
const CHUNK: i64 = 100;

/// A file that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMedia {
    /// What it is.
    pub kind: MediaType,
    /// The name it came with.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// It has this id.
    As(String),
    /// The app has no room for it.
    Full,
    /// The disk failed, or there is no randomness for a name.
    Failed,
}

impl Ledger {
    /// Keeps a file of an app: its bytes first, then its row.
    ///
    /// # Errors
    /// Those of the store; bytes without a row are removed again.
    pub async fn upload(&self, app: &RtApp, new: NewMedia) -> Result<Uploaded, StoreError> {
        let media = &self.0.parts.media;
        let Some(name) = random_name() else { return Ok(Uploaded::Failed) };
        let size = i64::try_from(new.bytes.len()).unwrap_or(i64::MAX);
        if let Err(error) = media.room.keep(&name, new.bytes).await {
            tracing::error!(%error, "the media folder could not take a file");
            return Ok(Uploaded::Failed);
        }
        let (ctx, of, now) = (app.ctx(), app.app.id, self.0.parts.clock.now());
        let row = self.0.parts.ids.next_range(now, 1).0;
        let app_bytes_max = i64::try_from(media.settings.app_bytes_max).unwrap_or(i64::MAX);
        let (stored, wire) = (Stored { kind: new.kind, name: new.name }, name.clone());
        let job = move |tx: &mut dyn Sql| {
            record::insert(tx, &ctx, (of, row, &wire), &stored, (size, app_bytes_max))
        };
        let written = self.0.parts.store.write(job).await;
        if matches!(written, Ok(true)) {
            return Ok(Uploaded::As(name));
        }
        if let Err(error) = media.room.remove(&name).await {
            tracing::warn!(%error, "a file without a row could not be removed");
        }
        written.map(|_| Uploaded::Full)
    }

    /// A fresh link to a file of the app, for who shows one that we signed; `None` for another's file.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn fresh_link(&self, app: &RtApp, url: &str) -> Result<Option<(String, String)>, StoreError> {
        let media = &self.0.parts.media;
        let Some(id) = media.links.read(url) else { return Ok(None) };
        let (ctx, of, wanted) = (app.ctx(), app.app.id, id.clone());
        let found =
            self.0.parts.store.read(move |tx: &mut dyn Sql| record::find(tx, &ctx, of, &wanted)).await?;
        Ok(found.map(|_| {
            let link = media.links.sign(&id, self.0.parts.clock.now());
            (id, link)
        }))
    }

    /// The file of a link that was checked; `None` when it is gone.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn linked_media(&self, id: &str) -> Result<Option<(Stored, Bytes)>, StoreError> {
        let wanted = id.to_owned();
        let found = self.0.parts.store.read(move |tx: &mut dyn Sql| record::linked(tx, &wanted)).await?;
        let Some(stored) = found else { return Ok(None) };
        match self.0.parts.media.room.read(id).await {
            Ok(bytes) => Ok(Some((stored, bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }
}

impl Media {
    /// Removes files past their days, a few at a time: the bytes first, so that no row is lost whose bytes stay.
    ///
    /// # Errors
    /// Those of the store, and of the disk as [`StoreError::Unavailable`].
    pub async fn prune(&self, store: &Store, now: Micros) -> Result<u64, StoreError> {
        let before = record::floor(now.sub_ms(i64::from(self.settings.days) * DAY_MS));
        let mut removed = 0;
        loop {
            let old = store.read(move |tx: &mut dyn Sql| record::old(tx, before, CHUNK)).await?;
            if old.is_empty() {
                return Ok(removed);
            }
            for (_, name) in &old {
                let gone = self.room.remove(name).await;
                gone.map_err(|error| StoreError::Unavailable(error.to_string()))?;
            }
            let rows: Vec<i64> = old.into_iter().map(|(row, _)| row).collect();
            removed += rows.len() as u64;
            store.write(move |tx: &mut dyn Sql| record::delete(tx, &rows)).await?;
        }
    }
}
