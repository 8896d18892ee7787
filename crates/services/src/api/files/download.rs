//! A file on its way out, piece by piece.

use axum::body::Body as HttpBody;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use waypost_status::MtapiCode;

use super::upload::Body;
use crate::api::answer::Reply;
use crate::records::file::FileRow;
use crate::rules::Fault;

/// Bytes of one piece. Divisible by three, so that pieces in base64 need no padding between them.
const PIECE_BYTES: usize = 48 * 1024;

/// The content alone. It is never shown in place: a page among the files must not run.
pub(super) fn as_it_is(file: &FileRow, content: File) -> Reply {
    let pieces = stream::try_unfold(content, async |mut content| {
        let piece = piece(&mut content).await?;
        Ok::<_, std::io::Error>((!piece.is_empty()).then(|| (Bytes::from(piece), content)))
    });
    let content_type = HeaderValue::from_str(&file.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Reply::raw(content_type, HttpBody::from_stream(pieces)).attached()
}

/// Where the streamed document stands.
enum Part {
    Head(Bytes, File),
    Content(File),
    End,
}

/// The document with the content in base64 as its `Data`.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn as_json(file: &FileRow, content: File) -> Result<Reply, Fault> {
    let text = serde_json::to_string(&Body::of(file)).map_err(|_| Fault::from(MtapiCode::InternalError))?;
    // `Data` is the last member and null.
    let head = text.strip_suffix("null}").unwrap_or(&text);
    let first = Part::Head(Bytes::from(format!("{head}\"")), content);
    let pieces = stream::try_unfold(first, async |part| match part {
        Part::Head(text, content) => Ok(Some((text, Part::Content(content)))),
        Part::Content(mut content) => {
            let piece = piece(&mut content).await?;
            if piece.is_empty() {
                return Ok(Some((Bytes::from_static(b"\"}"), Part::End)));
            }
            Ok(Some((Bytes::from(STANDARD.encode(piece)), Part::Content(content))))
        }
        Part::End => Ok::<_, std::io::Error>(None),
    });
    Ok(Reply::raw(HeaderValue::from_static("application/json; charset=utf-8"), HttpBody::from_stream(pieces)))
}

/// The next piece, full unless it is the last.
async fn piece(content: &mut File) -> std::io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    content.take(PIECE_BYTES as u64).read_to_end(&mut piece).await?;
    Ok(piece)
}
