//! Reads the form: one file. Nothing is kept beyond the largest that is taken.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::{Bytes, BytesMut};
use multer::{Constraints, Field, Multipart, SizeLimit};

use crate::rt::api::RtParts;
use crate::rt::api::fault::Fault;

/// The form around the file, bytes.
const FORM_BYTES_MAX: u64 = 64 * 1_024;
/// Fields of the form.
const FIELDS_MAX: usize = 8;
/// Longest name that is kept, characters.
const NAME_CHARS_MAX: usize = 100;
/// How much longer than a message a file may take to arrive: phones upload slowly.
const PATIENCE: u32 = 10;

/// A file as it came: its name and its bytes.
pub(super) type File = (String, Bytes);

/// The first file of the form, within the time for a file.
pub(super) async fn read(parts: &RtParts, headers: &HeaderMap, body: Body) -> Result<File, Fault> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = given.and_then(|given| multer::parse_boundary(given).ok()).ok_or(Fault::FormType)?;
    let bytes_max = parts.ledger.media().settings.bytes_max;
    let limit = Duration::from_millis(parts.settings.body_ms_max) * PATIENCE;
    tokio::time::timeout(limit, file(boundary, body, bytes_max)).await.map_err(|_| Fault::TooSlow)?
}

async fn file(boundary: String, body: Body, bytes_max: usize) -> Result<File, Fault> {
    let size = SizeLimit::new().whole_stream(bytes_max as u64 + FORM_BYTES_MAX);
    let constraints = Constraints::new().size_limit(size);
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    for _ in 0..FIELDS_MAX {
        let Some(field) = form.next_field().await.map_err(refused)? else { break };
        if field.name() == Some("media") || field.file_name().is_some() {
            let clean = |c: &char| !c.is_control() && !matches!(c, '"' | '/' | '\\');
            let name =
                field.file_name().unwrap_or("media").chars().filter(clean).take(NAME_CHARS_MAX).collect();
            return Ok((name, collected(field, bytes_max).await?));
        }
    }
    Err(Fault::Missing("media"))
}

/// The bytes of a field as they come in, up to the bound.
async fn collected(mut field: Field<'_>, bytes_max: usize) -> Result<Bytes, Fault> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(refused)? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Fault::FileTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn refused(error: multer::Error) -> Fault {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Fault::FileTooLarge
        }
        _ => Fault::Invalid("body", "a form with one file, as RFC 7578 has it"),
    }
}
