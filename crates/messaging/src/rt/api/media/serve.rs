//! `GET /rtmsAPI/media/{mediaid}`: the file behind a signed link. The link is all there is to show: no key, no token.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Uri};
use axum::response::Response;
use bytes::Bytes;

use crate::rt::api::RtState;
use crate::rt::api::fault::Fault;
use crate::rt::api::page::Query;
use crate::rt::media::{LinkFault, Stored};

/// Answers the bytes.
pub(super) async fn handle(State(state): State<RtState>, Path(id): Path<String>, uri: Uri) -> Response {
    let served = async {
        let query = Query::of(&uri);
        let member = |name| query.text(name).unwrap_or_default();
        let (media, now) = (state.parts().ledger.media(), state.parts().shared.clock.now());
        let checked = media.links.check(&id, member("expires"), member("signature"), now);
        checked.map_err(|fault| match fault {
            LinkFault::Forged => Fault::LinkForged,
            LinkFault::Ended => Fault::LinkEnded,
        })?;
        let found = state.parts().ledger.linked_media(&id).await?.ok_or(Fault::MediaGone)?;
        Ok::<_, Fault>(file(found))
    };
    served.await.unwrap_or_else(|fault| fault.respond())
}

/// The file as what it was found to be, never as what a browser makes of it.
fn file((stored, bytes): (Stored, Bytes)) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    let how = if stored.kind.inline { "inline" } else { "attachment" };
    let encoded: String = url::form_urlencoded::byte_serialize(stored.name.as_bytes()).collect();
    // A plus is a space in forms only.
    let named = format!("{how}; filename*=UTF-8''{}", encoded.replace('+', "%20"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(stored.kind.mime));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_str(&named).unwrap_or(HeaderValue::from_static("attachment")),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=600"));
    response
}
