//! Pictures for direct messages. Films need the provider's chunked upload, which is not built.

use std::sync::Arc;

use bytes::Bytes;
use waypost_core::time::Clock;
use waypost_egress::Egress;

use super::api;
use crate::connector::AppAccount;
use crate::social::{Media, MediaFault, MediaKind, endpoint};

const HOST: &str = "https://upload.twitter.com";
const PATH: &str = "/1.1/media/upload.json";
/// Largest picture, in bytes.
const IMAGE_BYTES_MAX: usize = 5 << 20;

/// The rules a file must keep.
///
/// # Errors
/// 7603 for a kind the channel has not, 7626 for an empty file, 7604 for a file that is no picture, 7608 for a large one.
pub fn check(media: &Media) -> Result<&'static str, MediaFault> {
    if media.kind != MediaKind::Image {
        return Err(MediaFault::rule(7603, "the channel takes pictures only"));
    }
    if media.bytes.is_empty() {
        return Err(MediaFault::rule(7626, "the file is empty"));
    }
    let sniffed = media.sniffed().filter(|sniffed| sniffed.starts_with("image/"));
    let sniffed = sniffed.ok_or_else(|| MediaFault::rule(7604, "a picture is JPG, PNG, GIF or WebP"))?;
    if media.bytes.len() > IMAGE_BYTES_MAX {
        return Err(MediaFault::rule(7608, format!("a picture has at most {IMAGE_BYTES_MAX} bytes")));
    }
    Ok(sniffed)
}

pub(super) async fn upload(
    egress: Egress,
    clock: Arc<dyn Clock>,
    account: Arc<AppAccount>,
    media: Media,
    deadline_ms: u64,
) -> Result<String, MediaFault> {
    let sniffed = check(&media)?;
    let mut url = endpoint(&account, "upload_url", HOST, PATH)?;
    let category = if sniffed == "image/gif" { "dm_gif" } else { "dm_image" };
    url.query_pairs_mut().append_pair("media_category", category);
    let (content_type, body) = crate::social::form_file("media", "media", sniffed, &media.bytes)
        .ok_or_else(|| MediaFault::rule(7006, "no randomness"))?;
    let answer =
        api::post(&egress, &*clock, &account, &url, &content_type, Bytes::from(body), deadline_ms).await?;
    if !answer.is_success() {
        return Err(api::refused(&answer, clock.now()).into());
    }
    let id = answer.text("/media_id_string").filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or_else(|| MediaFault::rule(7200, "the provider gave no media id"))
}
