//! `/swagger/docs/v1` and the page at `/swagger/ui/index`. They say what the source says, so nobody is asked who they are.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use super::document;

/// The page, its looks and what it does: no file of anybody else, nothing from another host.
const FILES: [(&str, &str, &str); 3] = [
    ("/swagger/ui/index", "text/html; charset=utf-8", include_str!("ui/index.html")),
    ("/swagger/ui/style.css", "text/css; charset=utf-8", include_str!("ui/style.css")),
    ("/swagger/ui/page.js", "text/javascript; charset=utf-8", include_str!("ui/page.js")),
];

/// What a browser may do on the page: our own style and script, calls to this server.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The document and the page.
pub(in crate::api) fn routes() -> Router {
    let text = Bytes::from(document().to_string());
    let document = move || std::future::ready(served("application/json", text.clone()));
    let mut router = Router::new().route("/swagger/docs/v1", get(document));
    for path in ["/swagger", "/swagger/", "/swagger/ui", "/swagger/ui/"] {
        router = router.route(path, get(move || std::future::ready(to_page(path))));
    }
    for (path, content_type, text) in FILES {
        let file = move || std::future::ready(served(content_type, Bytes::from_static(text.as_bytes())));
        router = router.route(path, get(file));
    }
    router
}

fn served(content_type: &'static str, body: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, body).into_response()
}

/// Relative, so that it holds behind a proxy that serves us below a path of its own.
fn to_page(from: &str) -> Response {
    let target = match from {
        "/swagger" => "swagger/ui/index",
        "/swagger/" | "/swagger/ui" => "ui/index",
        _ => "index",
    };
    (StatusCode::FOUND, [(header::LOCATION, HeaderValue::from_static(target))]).into_response()
}
