//! Media of an official account: checked by the contract's rules, then handed to the provider.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::api::{Api, Request};
use super::{amr, body};
use crate::connector::AppAccount;
use crate::social::{Media, MediaFault, MediaKind, form_file};

const PATH: &str = "/cgi-bin/media/upload";
/// Longest voice message.
const VOICE_MS_MAX: u64 = 60_000;

/// What a kind of media must be: type, most bytes, the codes for another type and for more bytes.
struct Rule {
    content_type: &'static str,
    bytes_max: usize,
    of_type: u16,
    of_size: u16,
}

const fn rule(kind: MediaKind) -> Rule {
    let (content_type, bytes_max, of_type, of_size) = match kind {
        MediaKind::Image => ("image/jpeg", 128 * 1024, 7643, 7608),
        MediaKind::Voice => ("audio/amr", 256 * 1024, 7604, 7609),
        MediaKind::Video => ("video/mp4", 1024 * 1024, 7604, 7610),
        MediaKind::Thumb => ("image/jpeg", 64 * 1024, 7643, 7611),
    };
    Rule { content_type, bytes_max, of_type, of_size }
}

/// The rules a file must keep (spec 3.10).
///
/// # Errors
/// 7626 for an empty file, 7643 or 7604 for another type, 7608 to 7611 for a large file, 7638 for a long voice message.
pub fn check(media: &Media) -> Result<&'static str, MediaFault> {
    let rule = rule(media.kind);
    if media.bytes.is_empty() {
        return Err(MediaFault::rule(7626, "the file is empty"));
    }
    if media.sniffed() != Some(rule.content_type) {
        return Err(MediaFault::rule(rule.of_type, format!("it is to be {}", rule.content_type)));
    }
    if media.bytes.len() > rule.bytes_max {
        return Err(MediaFault::rule(rule.of_size, format!("it has at most {} bytes", rule.bytes_max)));
    }
    if media.kind == MediaKind::Voice && amr::play_ms(&media.bytes).is_none_or(|ms| ms > VOICE_MS_MAX) {
        return Err(MediaFault::rule(7638, "a voice message plays for at most 60 seconds"));
    }
    Ok(rule.content_type)
}

pub(super) async fn upload(
    api: Arc<Api>,
    account: Arc<AppAccount>,
    media: Media,
    deadline_ms: u64,
) -> Result<String, MediaFault> {
    let sniffed = check(&media)?;
    let (content_type, body) = form_file("media", &file_name(&media), sniffed, &media.bytes)
        .ok_or_else(|| MediaFault::rule(7006, "no randomness"))?;
    let query = [("type", media.kind.word())];
    let request = Request { path: PATH, query: &query, content_type: &content_type, body: Bytes::from(body) };
    let call = api.call(&account, request, deadline_ms);
    let timeout = tokio::time::timeout(Duration::from_millis(deadline_ms), call).await;
    let answer = timeout.unwrap_or_else(|_| {
        let detail = "the deadline passed".to_owned();
        Err(crate::connector::Handed::Later { code: 7307, detail, retry_after: None, failing: true })
    })?;
    let id = answer.text("/media_id").or_else(|| answer.text("/thumb_media_id")).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| MediaFault::rule(7200, "the provider gave no media id"))?;
    Ok(body::client_id(media.kind, id))
}

/// The provider reads the type from the ending.
fn file_name(media: &Media) -> String {
    let ending = match media.kind {
        MediaKind::Image | MediaKind::Thumb => "jpg",
        MediaKind::Voice => "amr",
        MediaKind::Video => "mp4",
    };
    let stem = media.file_name.rsplit_once('.').map_or(media.file_name.as_str(), |(stem, _)| stem);
    format!("{stem}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(kind: MediaKind, head: &[u8], bytes: usize) -> Result<&'static str, u16> {
        let mut body = head.to_vec();
        body.resize(bytes.max(head.len()), 0xff);
        let media = Media { kind, file_name: "f".into(), bytes: Bytes::from(body) };
        check(&media).map_err(|fault| fault.code)
    }

    #[test]
    fn each_kind_has_its_type_and_its_size() {
        let (jpg, mp4): (&[u8], &[u8]) = (b"\xff\xd8\xff", b"\0\0\0\x18ftypmp42");
        assert_eq!(checked(MediaKind::Image, jpg, 128 * 1024), Ok("image/jpeg"));
        assert_eq!(checked(MediaKind::Image, jpg, 128 * 1024 + 1), Err(7608));
        assert_eq!(checked(MediaKind::Image, b"\x89PNG\r\n\x1a\n", 10), Err(7643));
        assert_eq!(checked(MediaKind::Thumb, jpg, 64 * 1024), Ok("image/jpeg"));
        assert_eq!(checked(MediaKind::Thumb, jpg, 64 * 1024 + 1), Err(7611));
        assert_eq!(checked(MediaKind::Video, mp4, 1024 * 1024), Ok("video/mp4"));
        assert_eq!(checked(MediaKind::Video, mp4, 1024 * 1024 + 1), Err(7610));
        assert_eq!(checked(MediaKind::Video, jpg, 10), Err(7604));
        assert_eq!(checked(MediaKind::Voice, b"#!AMR\n", 6), Ok("audio/amr"));
        assert_eq!(checked(MediaKind::Voice, mp4, 10), Err(7604));
        assert_eq!(checked(MediaKind::Voice, b"#!AMR\n", 256 * 1024 + 1), Err(7609));
        assert_eq!(checked(MediaKind::Image, b"", 0), Err(7626));
    }

    #[test]
    fn a_voice_message_plays_for_a_minute_at_most() {
        let frames =
            |count: usize| [b"#!AMR\n".to_vec(), [vec![0x04], vec![0; 12]].concat().repeat(count)].concat();
        let code = |count| {
            let media =
                Media { kind: MediaKind::Voice, file_name: String::new(), bytes: frames(count).into() };
            check(&media).map_err(|fault| fault.code)
        };
        assert_eq!((code(3_000), code(3_001)), (Ok("audio/amr"), Err(7638)));
    }

    #[test]
    fn the_file_name_ends_as_its_kind_does() {
        let named = |name: &str| {
            file_name(&Media { kind: MediaKind::Image, file_name: name.into(), bytes: Bytes::new() })
        };
        assert_eq!(
            (named("cat.jpeg"), named("cat"), named("")),
            ("cat.jpg".into(), "cat.jpg".into(), ".jpg".into())
        );
    }
}
