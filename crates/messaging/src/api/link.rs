//! `GET /l/<code>`: follows the short link of a message.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;

use super::seams::BoxFuture;
use super::state::MessagingState;

/// Where a code leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// There.
    To(String),
    /// It led somewhere once.
    Gone,
    /// We have not made it.
    Unknown,
}

/// Follows short links.
pub trait Links: Send + Sync {
    /// Where `code` leads now. `counts`: somebody follows it, rather than looks; that is kept and told.
    fn follow(&self, code: &str, counts: bool) -> BoxFuture<'static, Followed>;
}

/// A server without short links.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLinks;

impl Links for NoLinks {
    fn follow(&self, _: &str, _: bool) -> BoxFuture<'static, Followed> {
        Box::pin(std::future::ready(Followed::Unknown))
    }
}

/// Redirects with 302, or says that the link has expired (410) or is unknown (404). `HEAD` only looks.
pub(in crate::api) async fn handle(
    State(app): State<MessagingState>,
    method: Method,
    code: Result<Path<String>, PathRejection>,
) -> Response {
    let code = code.map(|Path(code)| code).unwrap_or_default();
    let followed = app.shared().seams.links.follow(&code, method == Method::GET).await;
    match followed {
        Followed::To(url) => match HeaderValue::from_str(&url) {
            Ok(location) => answer(StatusCode::FOUND, "", Some((LOCATION, location))),
            // Stored links hold no control characters; whatever else, it leads nowhere.
            Err(_) => answer(StatusCode::GONE, "This link leads nowhere any more.\n", None),
        },
        Followed::Gone => answer(StatusCode::GONE, "This link has expired.\n", None),
        Followed::Unknown => answer(StatusCode::NOT_FOUND, "There is no such link.\n", None),
    }
}

fn answer(status: StatusCode, text: &'static str, header: Option<(HeaderName, HeaderValue)>) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    // Every call is to be seen here, and the target need not know whose message it was.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some((name, value)) = header {
        headers.insert(name, value);
    }
    response
}
