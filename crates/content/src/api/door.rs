//! What every endpoint does, in the order of Appendix A: credentials, body, message, decision, answer.

use aws_lc_rs::digest;
use axum::body::Body;
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use waypost_core::time::Micros;
use waypost_store::directory::Partner;
use waypost_store::{Actor, Ctx, Sql, StoreError};

use super::state::{ContentState, Shared};
use super::{auth, body, respond};
use crate::answer::{self, Answer};
use crate::kind::Kind;
use crate::records::log::{self, Entry};
use crate::records::model::{self, ModelShelf};
use crate::records::receive::{self, Incoming, Into};
use crate::records::shelf::SqlShelf;
use crate::rules::{self, Place, Refusal};
use crate::wire::json::{self, Json};
use crate::wire::push::{self, Push, Refused};
use crate::wire::{audit, envelope};

/// Bytes of an unauthenticated body that are read to echo its id.
const ECHOED_BYTES_MAX: usize = 64 * 1024;
/// Codes listed in the log.
const CODES_LOGGED_MAX: usize = 20;

/// A request past credentials and body.
struct Taken {
    partner: Partner,
    body: Bytes,
    now: Micros,
}

/// Answers a push. Success is sent only after what it tells is durable.
pub(super) async fn push(
    app: ContentState,
    kind: Kind,
    path_code: Option<String>,
    request: Request<Body>,
) -> Response {
    let app = app.shared();
    let (parts, body) = request.into_parts();
    let answer = match take(app, &parts, body).await {
        Ok(taken) => receive(app, kind, path_code, taken).await,
        Err(answer) => answer,
    };
    respond::send(answer, &parts.headers)
}

/// Answers an audit.
pub(super) async fn audit(app: ContentState, kind: Kind, request: Request<Body>) -> Response {
    let app = app.shared();
    let (parts, body) = request.into_parts();
    let answer = match take(app, &parts, body).await {
        Ok(taken) => look(app, kind, taken).await,
        Err(answer) => answer,
    };
    respond::send(answer, &parts.headers)
}

async fn take(app: &Shared, parts: &Parts, mut body: Body) -> Result<Taken, Answer> {
    let now = app.clock.now();
    let Some(partner) = auth::partner(app, &parts.headers).await else {
        let settings = super::ReceiverSettings { body_bytes_max: ECHOED_BYTES_MAX, ..app.settings };
        let id = match body::read(&parts.headers, &mut body, settings).await {
            Ok(read) => envelope::echo(&read),
            Err(_) => {
                body::discard(&parts.headers, &mut body).await;
                String::new()
            }
        };
        return Err(answer::refused(&id, &[Refusal::Credentials]));
    };
    match body::read(&parts.headers, &mut body, app.settings).await {
        Ok(body) => Ok(Taken { partner, body, now }),
        Err(fault) => {
            body::discard(&parts.headers, &mut body).await;
            let refusal = Refusal::Invalid(Place::message(fault.field()), fault.rule().into());
            Err(Answer { http: fault.http().as_u16(), ..answer::refused("", &[refusal]) })
        }
    }
}

async fn receive(app: &Shared, kind: Kind, path_code: Option<String>, taken: Taken) -> Answer {
    let mut entry = entry(app, kind, &taken);
    let (hash, content) = match json::parse(&taken.body) {
        Ok(message) => {
            let hash = hash(kind, path_code.as_deref(), &message);
            (hash, push::read(kind, path_code.as_deref(), message))
        }
        Err(fault) => ([0; 32], Err(unreadable(fault))),
    };
    fill(&mut entry, &content, &taken.body);
    let ctx = Ctx::of(taken.partner.tenant, Actor::System("partner's push"));
    let id = entry.message_id.clone();
    let feeds = app.pusher.as_ref().filter(|_| taken.partner.feeds);
    let into = feeds.map_or(Into::Received, |pusher| Into::Model(pusher.env()));
    let incoming = Incoming { hash, content, entry, into };
    let now = taken.now;
    match app.store.write(move |tx| receive::receive(tx, &ctx, &incoming, now)).await {
        Ok(answer) => {
            if let Some(pusher) = feeds {
                let tenant = taken.partner.tenant;
                model::targets(&app.directory.current(), tenant)
                    .for_each(|target| pusher.nudge(target.id, tenant));
            }
            answer
        }
        Err(error) => failed(&id, &error),
    }
}

async fn look(app: &Shared, kind: Kind, taken: Taken) -> Answer {
    let mut entry = entry(app, kind, &taken);
    entry.audit = true;
    let asked = match json::parse(&taken.body) {
        Ok(message) => audit::read(kind, message),
        Err(fault) => Err(unreadable(fault)),
    };
    entry.request = log::foreign(&taken.body);
    let answer = match asked {
        Err(refused) => {
            entry.message_id.clone_from(&refused.message_id);
            entry.property.clone_from(&refused.property);
            answer::refused(&refused.message_id, &refused.refusals)
        }
        Ok(asked) => {
            entry.message_id.clone_from(&asked.message_id);
            entry.property.clone_from(&asked.property);
            entry.object = listed(asked.codes.iter());
            let (partner, now, question) = (taken.partner.id, taken.now, asked.clone());
            let feeds = app.pusher.as_ref().filter(|_| taken.partner.feeds).map(|pusher| pusher.env());
            let tenant = taken.partner.tenant;
            let found = app
                .store
                .read(move |tx| match &feeds {
                    Some(env) => rules::look(&mut ModelShelf { tx, env, tenant, changed: 0 }, &question),
                    None => rules::look(&mut SqlShelf { tx, partner, now }, &question),
                })
                .await;
            match found {
                Ok(decision) => answer::to_audit(&asked.message_id, kind, &asked.property, decision),
                Err(error) => failed(&asked.message_id, &error),
            }
        }
    };
    entry.http = Some(i64::from(answer.http));
    entry.codes = answer.codes_text();
    entry.answer = log::foreign(answer.body.as_bytes());
    // Nobody waits for the log of a question that changed nothing.
    let ctx = Ctx::of(taken.partner.tenant, Actor::System("partner's audit"));
    app.store.write_then(move |tx: &mut dyn Sql| log::write(tx, &ctx, &entry), |_| {});
    answer
}

fn entry(app: &Shared, kind: Kind, taken: &Taken) -> Entry {
    Entry {
        id: app.ids.next_range(taken.now, 1).0,
        tenant: taken.partner.tenant,
        partner: taken.partner.id,
        outbound: false,
        audit: false,
        kind,
        op: String::new(),
        property: String::new(),
        object: String::new(),
        message_id: String::new(),
        attempt: 1,
        http: None,
        codes: String::new(),
        detail: String::new(),
        took_us: 0,
        request: String::new(),
        answer: String::new(),
    }
}

fn fill(entry: &mut Entry, content: &Result<Push, Refused>, body: &[u8]) {
    match content {
        Ok(push) => {
            push.op.word().clone_into(&mut entry.op);
            entry.message_id.clone_from(&push.message_id);
            entry.property.clone_from(&push.property);
            entry.object = listed(push.objects.iter().map(|object| &object.code));
            // It was read as JSON, so it is text without U+0000.
            entry.request = String::from_utf8_lossy(body).into_owned();
        }
        Err(refused) => {
            entry.message_id.clone_from(&refused.message_id);
            entry.property.clone_from(&refused.property);
            entry.request = log::foreign(body);
        }
    }
}

fn listed<'a>(codes: impl Iterator<Item = &'a String>) -> String {
    codes.take(CODES_LOGGED_MAX).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn unreadable(fault: json::JsonFault) -> Refused {
    let refusal = Refusal::Invalid(Place::message("body"), format!("JSON; {fault}").into());
    Refused { message_id: String::new(), property: String::new(), refusals: vec![refusal] }
}

fn failed(message_id: &str, error: &StoreError) -> Answer {
    tracing::error!(%error, "a message of a partner could not be kept or looked up");
    answer::refused(message_id, &[Refusal::Internal])
}

/// What makes two messages the same: route and content, whatever the order of names and the blanks.
fn hash(kind: Kind, path_code: Option<&str>, message: &Json) -> [u8; 32] {
    let text = format!("{} {}\n{}", kind.word(), path_code.unwrap_or_default(), message.sorted());
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}
