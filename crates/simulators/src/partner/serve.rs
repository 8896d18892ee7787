//! The HTTP side: hyper's own loop, since only it can close a connection without an answer.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use waypost_content::Kind;
use waypost_content::answer::{self, Answer};
use waypost_content::rules::Refusal;
use waypost_content::wire::envelope;

use super::faults::{Fate, Faults};
use super::journal::Seen;
use super::state::{self, Read, State};
use super::{PartnerConfig, control};

/// What the connections share.
#[derive(Debug)]
pub struct Inner {
    pub config: PartnerConfig,
    pub state: Mutex<State>,
    pub changed: Notify,
}

impl Inner {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections until the task is ended.
pub async fn run(listener: TcpListener, inner: Arc<Inner>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(connection(stream, Arc::clone(&inner)))),
            Err(error) => tracing::debug!(%error, "a connection was not accepted"),
        }
    }
}

async fn connection(stream: TcpStream, inner: Arc<Inner>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = service_fn(move |request| answer(Arc::clone(&inner), request));
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

type Reply = Result<Response<Full<Bytes>>, io::Error>;

async fn answer(inner: Arc<Inner>, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, inner.config.body_bytes_max).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, Bytes::new()));
    };
    let (body, path) = (body.to_bytes(), head.uri.path().trim_end_matches('/').to_owned());
    if let Some(rest) = path.strip_prefix("/_control") {
        return Ok(control::answer(&inner, &head.method, rest, &body));
    }
    let faults = inner.state().faults.clone();
    if faults.unauthorized || !is_let_in(&inner.config, head.headers.get(AUTHORIZATION)) {
        return Ok(written(answer::refused(&envelope::echo(&body), &[Refusal::Credentials]), &faults));
    }
    match route(&head.method, &path) {
        Some(Route::Push(kind, code)) => push(&inner, kind, code.as_deref(), &body).await,
        Some(Route::Audit(kind)) => {
            tokio::time::sleep(faults.pause()).await;
            let answer = inner.state().audit(kind, &body);
            inner.changed.notify_waiters();
            Ok(written(answer, &faults))
        }
        None => Ok(plain(StatusCode::NOT_FOUND, Bytes::new())),
    }
}

async fn push(inner: &Inner, kind: Kind, code: Option<&str>, body: &[u8]) -> Reply {
    let read = match state::read(kind, code, body) {
        Ok(read) => read,
        Err(answer) => return Ok(written(answer, &Faults::default())),
    };
    let (property, is_update) = match &read.content {
        Ok(push) => (push.property.clone(), push.op == waypost_content::Op::Update),
        Err(refused) => (refused.property.clone(), false),
    };
    let (faults, fate) = {
        let mut state = inner.state();
        state.number += 1;
        state.journal.begin(&property);
        (state.faults.clone(), state.faults.fate_of(state.number, is_update, &property))
    };
    // Also when the caller goes away and this future is dropped.
    let _open = Open { inner, property: &property };
    tokio::time::sleep(faults.pause()).await;
    if fate == Fate::Hang {
        note(inner, &read, &property, 0);
        std::future::pending::<Infallible>().await;
    }
    let answer = match fate {
        Fate::DropBefore => {
            note(inner, &read, &property, 0);
            return Err(io::Error::other("closed unread"));
        }
        Fate::Error500 => answer::refused(read.message_id(), &[Refusal::Internal]),
        Fate::Reject => {
            let place = waypost_content::rules::Place::message("body");
            answer::refused(read.message_id(), &[Refusal::Invalid(place, "something else".into())])
        }
        _ => {
            let mut state = inner.state();
            let repeated = state.knows(read.message_id());
            let answer = state.push(&read, fate);
            let seen = seen(&read, &property, repeated, answer.http);
            state.journal.note(seen, inner.config.journal_max);
            answer
        }
    };
    if matches!(fate, Fate::Error500 | Fate::Reject) {
        note(inner, &read, &property, answer.http);
    }
    inner.changed.notify_waiters();
    match fate {
        Fate::DropAfter => Err(io::Error::other("closed without an answer")),
        Fate::WrongId => {
            let other = answer.body.replacen(read.message_id(), "another-message", 1);
            Ok(written(Answer { body: other, ..answer }, &faults))
        }
        _ => Ok(written(answer, &faults)),
    }
}

struct Open<'a> {
    inner: &'a Inner,
    property: &'a str,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.inner.state().journal.end(self.property);
    }
}

fn note(inner: &Inner, read: &Read, property: &str, http: u16) {
    let mut state = inner.state();
    let repeated = state.knows(read.message_id());
    state.journal.note(seen(read, property, repeated, http), inner.config.journal_max);
    inner.changed.notify_waiters();
}

fn seen(read: &Read, property: &str, repeated: bool, http: u16) -> Seen {
    let (kind, op, code) = match &read.content {
        Ok(push) => {
            let code = push.objects.first().map(|object| object.code.clone());
            (push.kind, push.op.word(), code.unwrap_or_default())
        }
        Err(_) => (Kind::Hotel, "", String::new()),
    };
    let (message_id, property, op) = (read.message_id().to_owned(), property.to_owned(), op.to_owned());
    Seen { message_id, property, kind, op, code, repeated, http }
}

enum Route {
    Push(Kind, Option<String>),
    Audit(Kind),
}

/// The routes of the contract, nothing else: a pusher that uses a dialect of ours is told so.
fn route(method: &Method, path: &str) -> Option<Route> {
    for kind in Kind::ALL {
        if method == Method::POST && path == kind.create_path() {
            return Some(Route::Push(kind, None));
        }
        if method == Method::POST && path == kind.audit_path() {
            return Some(Route::Audit(kind));
        }
        let base = kind.update_path("");
        if let Some(code) = path.strip_prefix(&base).filter(|_| kind != Kind::Product)
            && !code.contains('/')
            && (method == Method::PUT || method == Method::POST)
        {
            return Some(Route::Push(kind, Some(decoded(code)?)));
        }
    }
    None
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn is_let_in(config: &PartnerConfig, given: Option<&HeaderValue>) -> bool {
    let expected = format!("Basic {}", STANDARD.encode(format!("{}:{}", config.user, config.password)));
    given.is_some_and(|given| given.as_bytes() == expected.as_bytes())
}

fn written(answer: Answer, faults: &Faults) -> Response<Full<Bytes>> {
    let mut body = answer.body;
    if faults.string_codes {
        for code in &answer.codes {
            body = body.replace(&format!(r#""errorCode":{code}"#), &format!(r#""errorCode":"{code}""#));
        }
    }
    let status = StatusCode::from_u16(answer.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match faults.gzip.then(|| packed(body.as_bytes())).flatten() {
        Some(packed) => {
            let mut response = plain(status, packed.into());
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        None => plain(status, body.into()),
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn packed(text: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    io::Write::write_all(&mut encoder, text).ok()?;
    encoder.finish().ok()
}

/// A body with a status.
pub fn plain(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}
