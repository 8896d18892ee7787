//! One request to a partner, and what is written down of it.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;
use waypost_core::time::Micros;
use waypost_egress::EgressError;
use waypost_store::directory::Partner;

use super::runtime::Shared;
use crate::kind::Kind;
use crate::records::lane::Lane;
use crate::records::log::{self, Entry};
use crate::records::plan::{Order, Question};
use crate::records::settle::Answered;
use crate::rules::pushing::{Verdict, judge};
use crate::wire::unpack;

/// Bytes of an answer to a push that are read.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Bytes of an answer to an audit that are read: a property's objects of one kind.
const AUDIT_BYTES_MAX: usize = 32 << 20;
/// For operators; receivers ignore headers they do not know (spec 2.1).
const ATTEMPT: HeaderName = HeaderName::from_static("x-message-attempt");

struct Request<'a> {
    method: Method,
    path: &'a str,
    body: &'a str,
    message_id: &'a str,
    attempt: i64,
    bytes_max: usize,
}

struct Reply {
    http: Option<u16>,
    verdict: Verdict,
    retry_after_ms: Option<u64>,
    body: String,
    took_us: i64,
}

/// Sends a push.
pub async fn push(shared: &Shared, lane: &Lane, order: &Order) -> Answered {
    let method = if order.message.is_update { Method::PUT } else { Method::POST };
    let request = Request {
        method,
        path: &order.message.path,
        body: &order.message.body,
        message_id: &order.message_id,
        attempt: order.copy.attempts + 1,
        bytes_max: ANSWER_BYTES_MAX,
    };
    let reply = send(shared, lane, &request).await;
    let (kind, word) = (order.copy.kind, reply.verdict.word());
    metrics::counter!("waypost_content_pushes_total", "kind" => kind.word(), "result" => word).increment(1);
    let object = order.copy.code.clone();
    answered(shared, lane, &request, reply, (kind, order.op.word(), false), object)
}

/// Makes an audit.
pub async fn audit(shared: &Shared, lane: &Lane, question: &Question) -> Answered {
    let request = Request {
        method: Method::POST,
        path: question.kind.audit_path(),
        body: &question.body,
        message_id: &question.message_id,
        attempt: 1,
        bytes_max: AUDIT_BYTES_MAX,
    };
    let reply = send(shared, lane, &request).await;
    let (kind, word) = (question.kind, reply.verdict.word());
    metrics::counter!("waypost_content_audits_total", "kind" => kind.word(), "result" => word).increment(1);
    let codes: Vec<&str> = question.expected.iter().map(|(copy, _)| copy.code.as_str()).take(20).collect();
    answered(shared, lane, &request, reply, (kind, "", true), codes.join(" "))
}

fn answered(
    shared: &Shared,
    lane: &Lane,
    request: &Request<'_>,
    reply: Reply,
    (kind, op, audit): (Kind, &str, bool),
    object: String,
) -> Answered {
    let detail = match &reply.verdict {
        Verdict::Again(why) | Verdict::Unusable(why) => why.clone(),
        _ => String::new(),
    };
    let entry = Entry {
        id: shared.ids.next_range(shared.clock.now(), 1).0,
        tenant: lane.tenant,
        partner: lane.partner,
        outbound: true,
        audit,
        kind,
        op: op.to_owned(),
        property: lane.property.clone(),
        object,
        message_id: request.message_id.to_owned(),
        attempt: request.attempt,
        http: reply.http.map(i64::from),
        codes: reply.verdict.codes(),
        detail,
        took_us: reply.took_us,
        request: request.body.to_owned(),
        answer: reply.body.replace('\0', "\u{fffd}"),
    };
    Answered { verdict: reply.verdict, retry_after_ms: reply.retry_after_ms, entry }
}

async fn send(shared: &Shared, lane: &Lane, request: &Request<'_>) -> Reply {
    let started = Instant::now();
    let directory = shared.directory.current();
    let mut reply =
        match directory.partner(lane.partner).ok_or("the partner is gone".to_owned()).and_then(target) {
            Ok((base, headers)) => exchange(shared, &base, headers, request).await,
            Err(why) => nothing(Verdict::Unusable(why)),
        };
    reply.took_us = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
    reply
}

const fn nothing(verdict: Verdict) -> Reply {
    Reply { http: None, verdict, retry_after_ms: None, body: String::new(), took_us: 0 }
}

async fn exchange(shared: &Shared, base: &str, mut headers: HeaderMap, request: &Request<'_>) -> Reply {
    let url = match parse_url(&format!("{base}{}", request.path)) {
        Ok(url) => url,
        Err(why) => return nothing(Verdict::Unusable(why)),
    };
    headers.insert(ATTEMPT, HeaderValue::from(request.attempt));
    let body = Bytes::copy_from_slice(request.body.as_bytes());
    let (method, deadline_ms) = (request.method.clone(), shared.settings.timeout_ms);
    let response =
        match shared.egress.request(method, &url, headers, body, deadline_ms, request.bytes_max).await {
            Ok(response) => response,
            Err(error @ (EgressError::InvalidUrl(_) | EgressError::Refused { .. })) => {
                return nothing(Verdict::Unusable(error.to_string()));
            }
            Err(error) => return nothing(Verdict::Again(error.to_string())),
        };
    let http = response.status.as_u16();
    let now = shared.clock.now();
    let wait = |at: Micros| u64::try_from(at.since_ms(now)).unwrap_or(0);
    let retry_after_ms = response.retry_after.map(wait);
    let (verdict, body) = match unpack(&response.headers, &response.body, request.bytes_max) {
        Ok(body) => (judge(request.message_id, http, &body), body),
        Err(why) => (Verdict::Again(why), log::foreign(&response.body)),
    };
    Reply { http: Some(http), verdict, retry_after_ms, body, took_us: 0 }
}

/// Base URL and headers of a partner.
fn target(partner: &Partner) -> Result<(String, HeaderMap), String> {
    let base = partner.url.as_deref().ok_or("the partner has no URL")?.trim_end_matches('/').to_owned();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    if let (Some(user), Some(password)) = (&partner.url_name, &partner.url_password) {
        let password = password.as_text().ok_or("the partner's password is not text")?;
        let token = STANDARD.encode(format!("{user}:{password}"));
        let mut value =
            HeaderValue::from_str(&format!("Basic {token}")).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok((base, headers))
}

/// A URL that can be posted to.
///
/// # Errors
/// What is wrong with it.
pub fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("the URL {text} is none: {error}"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        scheme => Err(format!("a partner's URL is http or https with a host, not {scheme}")),
    }
}
