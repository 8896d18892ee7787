//! One request that was let in, as its handler sees it.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use bytes::Bytes;
use waypost_core::time::Micros;
use waypost_status::MtapiCode;
use waypost_store::{Sql, StoreError};

use super::noting::Noting;
use super::operation::{Kind, Operation, Param, Place};
use super::state::{ServicesState, Shared};
use super::{answer, body};
use crate::records::Scope;
use crate::records::application::Application;
use crate::rules::{Fault, Refusal};
use crate::wire::{Fields, Page, Query, tolerant};

/// The request.
pub struct Call {
    pub(super) state: ServicesState,
    pub(super) operation: &'static Operation,
    pub(super) scope: Scope,
    pub(super) application: Application,
    pub(super) path: Query,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    /// Behind a lock only because a body may not be shared between threads, and a call is.
    pub(super) body: Mutex<Body>,
}

impl Call {
    pub(super) fn app(&self) -> &Shared {
        self.state.shared()
    }

    pub(super) const fn now(&self) -> Micros {
        self.scope.now
    }

    /// Checks every parameter of the operation's row.
    ///
    /// # Errors
    /// The parameter's code, if it has one, and 901002.
    pub(super) fn check_params(&self) -> Result<(), Refusal> {
        self.operation.params.iter().try_for_each(|param| self.check(param))
    }

    fn check(&self, param: &Param) -> Result<(), Refusal> {
        let refused = |rule: String| {
            let refusal = Refusal::argument(param.name, rule);
            match (param.code, refusal.detail()) {
                (Some(code), Some(detail)) => Refusal::from(code)
                    .at(detail.field.clone(), detail.rule.clone())
                    .and(MtapiCode::ArgumentError),
                _ => refusal,
            }
        };
        let source = if param.place == Place::Path { &self.path } else { &self.query };
        let Some(text) = source.get(param.name) else {
            return if param.required { Err(refused("mandatory".to_owned())) } else { Ok(()) };
        };
        let good = match param.kind {
            Kind::Text => !text.contains('\0') && text.chars().count() <= TEXT_CHARS_MAX,
            Kind::Flag => flag(text).is_some(),
            Kind::Int => text.parse::<i32>().is_ok(),
            Kind::Id => text.parse::<i32>().is_ok_and(|id| id > 0 || (id == 0 && !param.required)),
            Kind::Word(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
        };
        if good { Ok(()) } else { Err(refused(rule(param))) }
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.path.get(name).or_else(|| self.query.get(name))
    }

    /// A mandatory id.
    ///
    /// # Errors
    /// 901002, when the operation's row did not name it as mandatory.
    pub(super) fn id(&self, name: &'static str) -> Result<i64, Refusal> {
        self.opt_id(name).ok_or_else(|| Refusal::argument(name, "a positive id, mandatory"))
    }

    /// An id; 0 is none.
    pub(super) fn opt_id(&self, name: &str) -> Option<i64> {
        self.param(name)?.parse().ok().filter(|id| *id > 0)
    }

    /// An integer.
    pub(super) fn opt_int(&self, name: &str) -> Option<i64> {
        self.param(name)?.parse().ok()
    }

    /// A mandatory text.
    ///
    /// # Errors
    /// As [`Call::id`].
    pub(super) fn text(&self, name: &'static str) -> Result<String, Refusal> {
        self.opt_text(name).ok_or_else(|| Refusal::argument(name, "mandatory"))
    }

    /// A text that is not empty.
    pub(super) fn opt_text(&self, name: &str) -> Option<String> {
        self.param(name).map(str::to_owned)
    }

    /// A truth value.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.param(name).and_then(flag).unwrap_or(default)
    }

    /// `page` and `pageSize`.
    ///
    /// # Errors
    /// 901002.
    pub(super) fn page(&self) -> Result<Page, Refusal> {
        Page::of(self.opt_int("page"), self.opt_int("pageSize"))
    }

    /// The whole body.
    ///
    /// # Errors
    /// 901002 when it is too long, too slow or cut.
    pub(super) async fn bytes(&mut self) -> Result<Bytes, Refusal> {
        let state = self.state.clone();
        body::read(
            &self.headers,
            self.body.get_mut().unwrap_or_else(PoisonError::into_inner),
            &state.shared().settings,
        )
        .await
    }

    /// The body as JSON; `None` for an empty one and for `null`.
    ///
    /// # Errors
    /// 901002 when it is too long, too slow, cut, or no JSON.
    pub(super) async fn json(&mut self) -> Result<Option<serde_json::Value>, Refusal> {
        let state = self.state.clone();
        let bytes: Bytes = body::read_json(
            &self.headers,
            self.body.get_mut().unwrap_or_else(PoisonError::into_inner),
            &state.shared().settings,
        )
        .await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let value =
            tolerant::parse(&bytes).map_err(|error| Refusal::argument("body", format!("JSON: {error}")))?;
        Ok(Some(value).filter(|value| !value.is_null()))
    }

    /// The body as an object.
    ///
    /// # Errors
    /// `missing` for no body, for `null` and for what is no object; otherwise as [`Call::json`].
    pub(super) async fn fields(&mut self, missing: MtapiCode) -> Result<Fields, Refusal> {
        let null =
            || Refusal::from(missing).at("body", "a JSON object, mandatory").and(MtapiCode::ArgumentError);
        let value = self.json().await?.ok_or_else(null)?;
        Fields::of(value, "").map_err(|_| null())
    }

    /// The revision that `If-Match` names; `None` when nothing is asked.
    ///
    /// # Errors
    /// HTTP 412 for a tag that was never one of ours.
    pub(super) fn if_match(&self) -> Result<Option<i64>, Refusal> {
        let Some(tag) = self.headers.get(IF_MATCH) else { return Ok(None) };
        let tag = tag.to_str().unwrap_or("?").trim();
        if tag == "*" {
            return Ok(None);
        }
        let revision =
            tag.strip_prefix("\"r").and_then(|rest| rest.strip_suffix('"')).and_then(|n| n.parse().ok());
        revision.map(Some).ok_or_else(changed_meanwhile)
    }

    /// Reads in one consistent view.
    ///
    /// # Errors
    /// What the job said.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Sql, &Scope) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let scope = self.scope.clone();
        let read = self.app().seams.store.read(move |tx| match job(tx, &scope) {
            Ok(found) => Ok(Ok(found)),
            Err(Fault::Refused(refusal)) => Ok(Err(refusal)),
            Err(Fault::Store(error)) => Err(error),
        });
        Ok(read.await??)
    }

    /// Writes in one transaction; resolves after its commit. When the job refuses, nothing of it is kept.
    ///
    /// # Errors
    /// What the job said.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, &Scope) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let scope = self.scope.clone();
        // A refusal after a write must take the write back, which only an error of the job does.
        let (tell, told) = std::sync::mpsc::channel();
        let watched = scope.watched.clone();
        let written = self.app().seams.store.write(move |tx| {
            scope.watched.begin();
            let mut tx = Noting::new(tx);
            match job(&mut tx, &scope) {
                Ok(done) => Ok(Ok(done)),
                Err(Fault::Refused(refusal)) if tx.has_written() => {
                    // The receiver is there until the future ends.
                    let _ = tell.send(refusal);
                    Err(StoreError::Refused("a rule refused it after a write".to_owned()))
                }
                Err(Fault::Refused(refusal)) => Ok(Err(refusal)),
                Err(Fault::Store(error)) => Err(error),
            }
        });
        match written.await {
            Ok(outcome) => {
                watched.committed(self.scope.tenant());
                Ok(outcome?)
            }
            Err(error) => Err(told.try_iter().last().map_or(Fault::Store(error), Fault::Refused)),
        }
    }
}

/// Longest text of a parameter, characters.
pub(super) const TEXT_CHARS_MAX: usize = 4_000;

fn flag(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") || text == "1" {
        return Some(true);
    }
    (text.eq_ignore_ascii_case("false") || text == "0").then_some(false)
}

fn rule(param: &Param) -> String {
    match param.kind {
        Kind::Id => "a positive id of 32 bits".to_owned(),
        Kind::Int => "an integer of 32 bits".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Text => format!("at most {TEXT_CHARS_MAX} characters, without U+0000"),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
    }
}

/// Somebody else changed the entity since the caller read it.
pub(super) fn changed_meanwhile() -> Refusal {
    Refusal::argument("If-Match", "the ETag of the entity as it is now; read it again").with_http(412)
}

/// Refuses a change of an entity that is not at the revision the caller names.
pub(super) fn check_revision(asked: Option<i64>, now: i64) -> Result<(), Refusal> {
    match asked {
        Some(asked) if answer::etag(asked) != answer::etag(now) => Err(changed_meanwhile()),
        _ => Ok(()),
    }
}
