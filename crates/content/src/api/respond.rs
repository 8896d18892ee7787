//! Answers on their way out: type, packing, and the code for the metrics.

use std::io::Write as _;

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::answer::Answer;

/// Answers shorter than this are not packed: they would not fit into fewer packets.
const PACKED_BYTES_MIN: usize = 1_024;

/// The code an answer carries first, for the metrics.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnswerCode(pub &'static str);

/// Sends an answer, packed when the caller takes gzip and it is worth it.
pub(super) fn send(answer: Answer, headers: &HeaderMap) -> Response {
    let status = StatusCode::from_u16(answer.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = answer.codes.first().copied().unwrap_or("none");
    let packed = if takes_gzip(headers) && answer.body.len() >= PACKED_BYTES_MIN {
        pack(answer.body.as_bytes())
    } else {
        None
    };
    let is_packed = packed.is_some();
    let mut response = Response::new(packed.map_or_else(|| Body::from(answer.body), Body::from));
    *response.status_mut() = status;
    let own = response.headers_mut();
    own.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    own.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        own.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        own.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(AnswerCode(code));
    response
}

fn pack(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

/// `gzip` or `*` in `Accept-Encoding`, and not with a weight of 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let given = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|part| {
        let mut words = part.split(';');
        let name = words.next().unwrap_or_default().trim();
        let refused = words.any(|word| {
            let weight = word.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
            weight == Some(0.0)
        });
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_only_who_take_it() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            takes_gzip(&headers)
        };
        for yes in ["gzip", "GZIP", "deflate, gzip;q=0.5", "*"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "identity", "gzip;q=0", "deflate, gzip; q=0.0"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
