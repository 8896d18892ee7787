//! A file on its way out, piece by piece.

use axum::body::Body as HttpBody;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use waypost_status::MtapiCode;

use super::upload::Body;
use crate::api::answer::Reply;
use crate::files::Content;
use crate::records::file::FileRow;
use crate::rules::Fault;

/// The content alone. It is never shown in place: a page among the files must not run.
pub(super) fn as_it_is(file: &FileRow, content: Content) -> Reply {
    let content_type = HeaderValue::from_str(&file.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Reply::raw(content_type, HttpBody::from_stream(content.pieces())).attached()
}

/// Where the streamed document stands.
enum Part {
    Head(Bytes, Content),
    /// With the bytes that do not fill a group of base64 yet.
    Content(Content, Vec<u8>),
    End,
}

/// The document with the content in base64 as its `Data`.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn as_json(file: &FileRow, content: Content) -> Result<Reply, Fault> {
    let text = serde_json::to_string(&Body::of(file)).map_err(|_| Fault::from(MtapiCode::InternalError))?;
    // `Data` is the last member and null.
    let head = text.strip_suffix("null}").unwrap_or(&text);
    let first = Part::Head(Bytes::from(format!("{head}\"")), content);
    let pieces = stream::try_unfold(first, async |part| match part {
        Part::Head(text, content) => Ok(Some((text, Part::Content(content, Vec::new())))),
        Part::Content(content, rest) => encoded(content, rest).await.map(Some),
        Part::End => Ok::<_, std::io::Error>(None),
    });
    Ok(Reply::raw(HeaderValue::from_static("application/json; charset=utf-8"), HttpBody::from_stream(pieces)))
}

/// The next piece in base64, which needs no padding unless it is the last.
async fn encoded(mut content: Content, mut rest: Vec<u8>) -> std::io::Result<(Bytes, Part)> {
    let piece = content.piece().await?;
    if piece.is_empty() {
        return Ok((Bytes::from(STANDARD.encode(rest) + "\"}"), Part::End));
    }
    rest.extend_from_slice(&piece);
    let next = rest.split_off(rest.len() - rest.len() % 3);
    Ok((Bytes::from(STANDARD.encode(rest)), Part::Content(content, next)))
}
