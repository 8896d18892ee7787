//! Reads the form: one file, and optionally what it is to be used as. Nothing is kept beyond the largest file that any
//! provider takes.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use multer::{Constraints, Field, Multipart, SizeLimit};
use waypost_channels::social::{Media, MediaKind};

use super::refusal::MediaRefusal;
use crate::api::state::Shared;

/// The largest file any provider takes, and one octet to tell that it is larger.
const FILE_BYTES_MAX: usize = (5 << 20) + 1;
/// The form around it.
const FORM_BYTES_MAX: u64 = 64 * 1024;
/// Fields of the form.
const FIELDS_MAX: usize = 8;
/// Longest name that is kept.
const NAME_CHARS_MAX: usize = 100;
/// Longest word for a kind.
const KIND_BYTES_MAX: usize = 16;

/// Reads the form within the time for a body.
pub(super) async fn read(app: &Shared, parts: &Parts, body: &mut Body) -> Result<Media, MediaRefusal> {
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|given| multer::parse_boundary(given).ok());
    let boundary = boundary.ok_or(MediaRefusal::ContentType)?;
    let asked = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "type")
        .map(|(_, value)| value.into_owned());
    let limit = Duration::from_millis(app.settings.body_ms_max);
    let (file, told) =
        tokio::time::timeout(limit, fields(boundary, body)).await.map_err(|_| MediaRefusal::TooSlow)??;
    let kind = told.or(asked);
    let (file_name, bytes) = file.ok_or(MediaRefusal::FileMissing)?;
    let media = Media { kind: MediaKind::Image, file_name, bytes };
    Ok(Media { kind: meant(kind.as_deref(), &media)?, ..media })
}

type File = (String, Bytes);

async fn fields(boundary: String, body: &mut Body) -> Result<(Option<File>, Option<String>), MediaRefusal> {
    let size = SizeLimit::new().whole_stream(FILE_BYTES_MAX as u64 + FORM_BYTES_MAX);
    let frames = body.into_data_stream();
    let mut form = Multipart::with_constraints(frames, boundary, Constraints::new().size_limit(size));
    let (mut file, mut kind) = (None, None);
    for _ in 0..FIELDS_MAX {
        let Some(field) = form.next_field().await.map_err(refused)? else { return Ok((file, kind)) };
        if field.file_name().is_some() {
            let name = field.file_name().unwrap_or_default().chars().take(NAME_CHARS_MAX).collect();
            file = Some((name, collected(field, FILE_BYTES_MAX).await?));
        } else if field.name() == Some("type") {
            let word = collected(field, KIND_BYTES_MAX).await?;
            kind = Some(String::from_utf8_lossy(&word).into_owned());
        }
    }
    Err(MediaRefusal::Malformed)
}

/// The bytes of a field as they come in, up to the bound.
async fn collected(mut field: Field<'_>, bytes_max: usize) -> Result<Bytes, MediaRefusal> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(refused)? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(MediaRefusal::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn refused(error: multer::Error) -> MediaRefusal {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            MediaRefusal::TooLarge
        }
        _ => MediaRefusal::Malformed,
    }
}

/// What the file is to be used as: what the client says, else what it is.
fn meant(told: Option<&str>, media: &Media) -> Result<MediaKind, MediaRefusal> {
    if let Some(told) = told {
        return MediaKind::parse(told).ok_or(MediaRefusal::Kind);
    }
    Ok(match media.sniffed() {
        Some("audio/amr") => MediaKind::Voice,
        Some("video/mp4") => MediaKind::Video,
        _ => MediaKind::Image,
    })
}
