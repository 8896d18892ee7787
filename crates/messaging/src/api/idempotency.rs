//! The optional header `Idempotency-Key` of every endpoint that accepts something: not part of the published contract.
//! Without it nothing here costs anything.

use aws_lc_rs::digest::{Context, SHA256};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use super::answer::respond;
use crate::records::idempotency::Once;

/// The header of the request.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 255;
/// What the metrics show for an answer that was given before.
const REPEATED: &str = "repeated";

/// The header is not 1 to 255 visible ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyInvalid;

/// Whether a request names a key at all.
pub(super) fn has_key(parts: &Parts) -> bool {
    parts.headers.contains_key(KEY)
}

/// The key of a request and what it is bound to: the endpoint, the `caller` inside its tenant, and the body.
///
/// # Errors
/// [`KeyInvalid`]; also when the header is given twice.
pub(super) fn once(parts: &Parts, caller: &str, body: &[u8]) -> Result<Option<Once>, KeyInvalid> {
    once_of(parts, caller, &[body])
}

/// The same for a body that is read in pieces: two forms with the same fields are the same request, although the
/// boundary between them is another each time.
///
/// # Errors
/// See [`once`].
pub(super) fn once_of(parts: &Parts, caller: &str, body: &[&[u8]]) -> Result<Option<Once>, KeyInvalid> {
    let mut given = parts.headers.get_all(KEY).iter();
    let Some(key) = given.next() else { return Ok(None) };
    let visible = |byte: &u8| (0x21..=0x7e).contains(byte);
    let good = (1..=KEY_BYTES_MAX).contains(&key.len()) && key.as_bytes().iter().all(visible);
    if !good || given.next().is_some() {
        return Err(KeyInvalid);
    }
    let path = parts.uri.path().trim_end_matches('/');
    let query = parts.uri.query().unwrap_or_default();
    let head = [parts.method.as_str(), path, query, caller].map(str::as_bytes);
    let pieces: Vec<&[u8]> = head.into_iter().chain(body.iter().copied()).collect();
    Ok(Some(Once { key: hash(&[key.as_bytes()]), body: hash(&pieces) }))
}

/// The pieces with their lengths, so that they cannot flow into one another.
fn hash(pieces: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for piece in pieces {
        context.update(&(piece.len() as u64).to_le_bytes());
        context.update(piece);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The answer that was given before, and that it was.
pub(super) fn repeated(body: String) -> Response {
    let mut response = respond(StatusCode::OK, REPEATED, body);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn read(path: &str, keys: &[&str], caller: &str, body: &str) -> Result<Option<Once>, KeyInvalid> {
        let mut request = Request::post(path);
        for key in keys {
            request = request.header("Idempotency-Key", *key);
        }
        once(&request.body(()).unwrap().into_parts().0, caller, body.as_bytes())
    }

    #[test]
    fn a_key_is_bound_to_endpoint_caller_and_body() {
        let of = |path, caller, body| read(path, &["k"], caller, body).unwrap().unwrap();
        let base = of("/a", "1", "{}");
        assert_eq!(of("/a/", "1", "{}"), base);
        for other in [of("/b", "1", "{}"), of("/a", "2", "{}"), of("/a", "1", "[]"), of("/a?x=1", "1", "{}")]
        {
            assert_eq!((other.key, other.body == base.body), (base.key, false));
        }
        assert_ne!(read("/a", &["K"], "1", "{}").unwrap().unwrap().key, base.key);
    }

    #[test]
    fn no_header_is_no_key_and_a_bad_one_is_refused() {
        assert_eq!(read("/a", &[], "1", ""), Ok(None));
        let long = "x".repeat(256);
        for keys in [&[""][..], &["a b"], &["a", "a"], &["é"], &[&long]] {
            assert_eq!(read("/a", keys, "1", ""), Err(KeyInvalid), "{keys:?}");
        }
    }
}
