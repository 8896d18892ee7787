//! Answers: the `mtapistatus` header on each, JSON bodies, the error body (spec 2.3 to 2.5).

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, EXPIRES, PRAGMA, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use waypost_status::MtapiCode;

use super::state::ServicesSettings;
use crate::rules::{Fault, Refusal};

/// The header that carries the codes.
pub const STATUS_HEADER: HeaderName = HeaderName::from_static("mtapistatus");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// The most specific code of an answer, for the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AnswerCode(pub &'static str);

/// A success.
#[derive(Debug)]
pub struct Reply {
    content_type: Option<HeaderValue>,
    body: Body,
    revision: Option<i64>,
    attachment: bool,
}

impl Reply {
    /// No body.
    pub(super) fn empty() -> Self {
        Self { content_type: None, body: Body::empty(), revision: None, attachment: false }
    }

    /// A JSON body.
    ///
    /// # Errors
    /// Never in practice: what is written are plain structures.
    pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Fault> {
        let body = serde_json::to_vec(value).map_err(|error| {
            tracing::error!(%error, "an answer could not be written");
            Fault::from(MtapiCode::InternalError)
        })?;
        Ok(Self { content_type: Some(JSON), body: Body::from(body), revision: None, attachment: false })
    }

    /// A body of any type, for artifacts and files.
    pub(super) fn raw(content_type: HeaderValue, body: impl Into<Body>) -> Self {
        Self { content_type: Some(content_type), body: body.into(), revision: None, attachment: false }
    }

    /// Tells browsers to store the body, whatever it looks like.
    pub(super) fn attached(mut self) -> Self {
        self.attachment = true;
        self
    }

    /// Tells the revision of the one entity in the body as its `ETag`.
    pub(super) fn revision(mut self, revision: i64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// The same, where there is one.
    pub(super) fn tagged(mut self, revision: Option<i64>) -> Self {
        self.revision = revision;
        self
    }

    pub(super) fn respond(self) -> Response {
        let mut response = Response::new(self.body);
        if let Some(content_type) = self.content_type {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        if let Some(tag) = self.revision.and_then(|n| HeaderValue::from_str(&etag(n)).ok()) {
            response.headers_mut().insert(ETAG, tag);
        }
        if self.attachment {
            response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
            response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        finish(response, HeaderValue::from_static("-1"), "-1")
    }
}

/// The entity tag of a revision.
pub(super) fn etag(revision: i64) -> String {
    format!("\"r{revision}\"")
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    message: &'a str,
    mtapi_status: Vec<CodeBody>,
    detail: DetailBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CodeBody {
    code: i64,
    name: &'static str,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DetailBody<'a> {
    field: Option<&'a str>,
    rule: &'a str,
    remedy: &'a str,
}

/// The answer to a refused request.
pub(super) fn refused(refusal: &Refusal, settings: &ServicesSettings) -> Response {
    let codes: Vec<MtapiCode> = refusal.codes().map(|code| emitted(code, settings.strict_codes)).collect();
    let first = codes.first().copied().unwrap_or(refusal.first()).entry();
    let body = ErrorBody {
        message: first.message,
        mtapi_status: codes
            .iter()
            .map(|code| code.entry())
            .map(|entry| CodeBody { code: entry.code, name: entry.name, message: entry.message })
            .collect(),
        detail: DetailBody {
            field: refusal.detail().map(|detail| detail.field.as_ref()),
            rule: refusal.detail().map_or(first.meaning, |detail| detail.rule.as_ref()),
            remedy: first.remedy,
        },
    };
    // Plain texts and numbers: writing them cannot fail.
    let mut response = Response::new(Body::from(serde_json::to_vec(&body).unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    let list = codes.iter().map(|code| code.entry().code_text).collect::<Vec<_>>().join(",");
    let list = HeaderValue::from_str(&list).unwrap_or(HeaderValue::from_static("901000"));
    finish(response, list, first.code_text)
}

/// The code as it is sent: two numbers are misprinted in the published list and corrected on demand (spec 3.21).
fn emitted(code: MtapiCode, strict: bool) -> MtapiCode {
    match code {
        MtapiCode::RetrievingUsersFailed if strict => MtapiCode::RetrievingUsersFailedStrict,
        MtapiCode::GetUsersByApplicationIdFailed if strict => MtapiCode::GetUsersByApplicationIdFailedStrict,
        other => other,
    }
}

fn finish(mut response: Response, codes: HeaderValue, first: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(STATUS_HEADER, codes);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(EXPIRES, HeaderValue::from_static("-1"));
    response.extensions_mut().insert(AnswerCode(first));
    response
}
