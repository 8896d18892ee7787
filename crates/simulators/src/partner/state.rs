//! What a partner holds, and how messages change it.

use std::collections::HashMap;

use waypost_content::answer::{self, Answer};
use waypost_content::rules::{self, Decision, MemoryShelf, Place, Refusal};
use waypost_content::wire::json::{self, Json};
use waypost_content::wire::push::{self, Push, Refused};
use waypost_content::wire::{audit, envelope};
use waypost_content::{Kind, Op};

use super::faults::{Fate, Faults};
use super::journal::Journal;

/// Answers remembered for repeats; all are forgotten beyond it.
const REMEMBERED_MAX: usize = 1_000_000;

/// Everything that changes.
#[derive(Debug, Default)]
pub struct State {
    /// What it holds.
    pub shelf: MemoryShelf,
    /// How it misbehaves.
    pub faults: Faults,
    /// What came in.
    pub journal: Journal,
    /// Messages so far, for the draw of faults.
    pub number: u64,
    remembered: HashMap<String, (Json, Answer)>,
}

/// A push as it was understood.
pub struct Read {
    /// The message, sorted, for repeats.
    pub message: Json,
    /// What it says.
    pub content: Result<Push, Refused>,
}

/// Reads a push.
///
/// # Errors
/// The answer to what is no JSON.
pub fn read(kind: Kind, code: Option<&str>, body: &[u8]) -> Result<Read, Answer> {
    let message = json::parse(body).map_err(|fault| {
        let refusal = Refusal::Invalid(Place::message("body"), format!("JSON; {fault}").into());
        answer::refused("", &[refusal])
    })?;
    let sorted = json::object([
        ("kind", kind.word().into()),
        ("code", code.unwrap_or_default().into()),
        ("message", message.sorted()),
    ]);
    Ok(Read { content: push::read(kind, code, message), message: sorted })
}

impl Read {
    /// Its id.
    pub fn message_id(&self) -> &str {
        match &self.content {
            Ok(push) => &push.message_id,
            Err(refused) => &refused.message_id,
        }
    }
}

impl State {
    /// An empty partner that misbehaves like this.
    pub fn with(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    /// Whether the id has been answered.
    pub fn knows(&self, message_id: &str) -> bool {
        self.remembered.contains_key(message_id)
    }

    /// Answers a push and keeps what it says, save for what the fate takes away.
    pub fn push(&mut self, read: &Read, fate: Fate) -> Answer {
        let id = read.message_id().to_owned();
        if let Some((message, answer)) = self.remembered.get(&id) {
            let conflict = Refusal::Invalid(Place::message("messageId"), "an unused id".into());
            return if *message == read.message { answer.clone() } else { answer::refused(&id, &[conflict]) };
        }
        let answer = match &read.content {
            Err(refused) => answer::refused(&id, &refused.refusals),
            Ok(push) if self.faults.refuse_existing && self.has_any(push) => {
                let refusal =
                    Refusal::Invalid(Place::message("code"), "a code that does not exist yet".into());
                answer::refused(&id, &[refusal])
            }
            Ok(push) => self.apply(push, fate),
        };
        if !id.is_empty() {
            if self.remembered.len() >= REMEMBERED_MAX {
                self.remembered.clear();
            }
            self.remembered.insert(id, (read.message.clone(), answer.clone()));
        }
        answer
    }

    fn has_any(&self, push: &Push) -> bool {
        push.op == Op::New
            && push.objects.iter().any(|object| {
                let same = |(property, kind, code, _, _): (&str, Kind, &str, bool, &Json)| {
                    property == push.property && kind == push.kind && code == object.code
                };
                self.shelf.objects().any(same)
            })
    }

    fn apply(&mut self, push: &Push, fate: Fate) -> Answer {
        let mut trial = if fate == Fate::LoseUpdate { Some(self.shelf.clone()) } else { None };
        let push = self.with_kept_products(push);
        let Ok(decision) = rules::apply(trial.as_mut().unwrap_or(&mut self.shelf), &push);
        if matches!(decision, Decision::Accepted(_)) && trial.is_none() {
            self.journal.counts.applied += 1;
        }
        answer::to_push(&push.message_id, &decision)
    }

    /// A receiver that forgets to delete: what it holds and the message leaves out is added to the message.
    fn with_kept_products(&mut self, push: &Push) -> Push {
        let mut push = push.clone();
        let Some(object) = push.objects.first_mut() else { return push };
        if !self.faults.keep_products || push.kind != Kind::Product {
            return push;
        }
        let Some(Json::List(held)) =
            self.shelf.body_mut(Kind::Product, &push.property, &object.code).cloned()
        else {
            return push;
        };
        if let Json::List(products) = &mut object.body {
            let room = |product: &Json| product.given("roomtypeCode").cloned();
            let kept: Vec<Json> =
                held.into_iter().filter(|old| !products.iter().any(|new| room(new) == room(old))).collect();
            products.extend(kept);
        }
        push
    }

    /// Answers an audit.
    pub fn audit(&mut self, kind: Kind, body: &[u8]) -> Answer {
        self.journal.counts.audits += 1;
        let Ok(message) = json::parse(body) else {
            let refusal = Refusal::Invalid(Place::message("body"), "JSON".into());
            return answer::refused(&envelope::echo(body), &[refusal]);
        };
        match audit::read(kind, message) {
            Err(refused) => answer::refused(&refused.message_id, &refused.refusals),
            Ok(asked) => {
                let Ok(decision) = rules::look(&mut self.shelf, &asked);
                answer::to_audit(&asked.message_id, kind, &asked.property, decision)
            }
        }
    }
}
