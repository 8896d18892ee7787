//! Media of an app (spec 8.4): files that devices and services upload, given out by signed links.
//!
//! The bytes lie in a folder under random names, the rows in the store. A link names a file and a moment and is signed;
//! nobody else's file can be had by guessing, and a link that was passed on ends.

mod kind;
mod links;
mod record;
mod room;
mod upload;

use std::sync::Arc;

use serde_json::{Value, json};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

pub use kind::MediaType;
pub use links::{LinkFault, MEDIA_PATH, MediaLinks};
pub use record::Stored;
pub use room::MediaRoom;
pub use upload::{NewMedia, Uploaded};

/// Media of the running server. A clone is a handle to the same.
#[derive(Clone, Debug)]
pub struct Media {
    /// Where the bytes lie.
    pub room: MediaRoom,
    /// Makes and reads links.
    pub links: MediaLinks,
    /// What an operator set.
    pub settings: Arc<MediaSettings>,
}

/// Settings of media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaSettings {
    /// Largest file that is taken.
    pub bytes_max: usize,
    /// Bytes that all files of one app may have together.
    pub app_bytes_max: u64,
    /// How long a file is kept, days.
    pub days: u32,
}

impl Media {
    /// Puts links to the app's own files into an array of media, by their `mediaId` (or `id`): where there is no `file`,
    /// or one that is a link of ours and may have ended. What is not the app's stays as it is.
    ///
    /// # Errors
    /// Those of the store.
    pub fn link(
        &self,
        tx: &mut dyn Sql,
        ctx: &Ctx,
        app: i64,
        media: &mut Value,
        now: Micros,
    ) -> Result<(), StoreError> {
        let Value::Array(items) = media else { return Ok(()) };
        for item in items {
            let Value::Object(members) = item else { continue };
            let id = ["mediaId", "id"].into_iter().find_map(|name| members.get(name)?.as_str());
            let file = members.get("file").and_then(Value::as_str).unwrap_or_default();
            let Some(id) = id.filter(|_| file.is_empty() || self.links.is_ours(file)) else { continue };
            if record::find(tx, ctx, app, id)?.is_some() {
                let link = self.links.sign(id, now);
                members.insert("file".to_owned(), json!(link));
            }
        }
        Ok(())
    }
}
