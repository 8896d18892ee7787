//! Taking a push: in one transaction it is deduplicated, applied or refused, logged, and its answer kept.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::env::Env;
use super::log::{self, Entry};
use super::model::ModelShelf;
use super::shelf::SqlShelf;
use crate::answer::{self, Answer};
use crate::rules::{self, Place, Refusal};
use crate::wire::push::{Push, Refused};

/// A push on its way into the store.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// SHA-256 over route and canonical body.
    pub hash: [u8; 32],
    /// The push, or what is wrong with it.
    pub content: Result<Push, Refused>,
    /// The log's entry, its answer still open.
    pub entry: Entry,
    /// Where it goes.
    pub into: Into,
}

/// Where a push goes.
#[derive(Clone)]
pub enum Into {
    /// To what the partner has pushed, apart from everything else.
    Received,
    /// To the tenant's own content, and on to its other partners.
    Model(Env),
}

impl std::fmt::Debug for Into {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Received => "Received",
            Self::Model(_) => "Model",
        })
    }
}

/// Takes or refuses it. The same id with the same content is answered as it was the first time and not done again
/// (spec 2.2); with another content it is refused.
///
/// # Errors
/// Those of the store; nothing has happened then.
pub fn receive(tx: &mut dyn Sql, ctx: &Ctx, incoming: &Incoming, now: Micros) -> Result<Answer, StoreError> {
    let id = match &incoming.content {
        Ok(push) => &push.message_id,
        Err(refused) => &refused.message_id,
    };
    let seen = if id.is_empty() { None } else { seen(tx, incoming.entry.partner, id)? };
    let (answer, detail, is_new) = match seen {
        Some(seen) if seen.hash == incoming.hash => {
            let codes = vec!["repeated"];
            (Answer { http: seen.http, body: seen.answer, codes }, "answered as before", false)
        }
        Some(_) => {
            let rule = "an id not used for another message";
            let refusal = Refusal::Invalid(Place::message("messageId"), rule.into());
            (answer::refused(id, &[refusal]), "the id was used for another message", false)
        }
        None => (decide(tx, incoming, now)?, "", !id.is_empty()),
    };
    if is_new {
        keep(tx, incoming, id, &answer)?;
    }
    let mut entry = incoming.entry.clone();
    entry.http = Some(i64::from(answer.http));
    entry.codes = answer.codes_text();
    detail.clone_into(&mut entry.detail);
    entry.answer.clone_from(&answer.body);
    log::write(tx, ctx, &entry)?;
    Ok(answer)
}

fn decide(tx: &mut dyn Sql, incoming: &Incoming, now: Micros) -> Result<Answer, StoreError> {
    match &incoming.content {
        Err(refused) => Ok(answer::refused(&refused.message_id, &refused.refusals)),
        Ok(push) => {
            let decision = match &incoming.into {
                Into::Received => {
                    rules::apply(&mut SqlShelf { tx, partner: incoming.entry.partner, now }, push)?
                }
                Into::Model(env) => {
                    let tenant = incoming.entry.tenant;
                    rules::apply(&mut ModelShelf { tx, env, tenant, changed: 0 }, push)?
                }
            };
            Ok(answer::to_push(&push.message_id, &decision))
        }
    }
}

struct Seen {
    hash: Vec<u8>,
    http: u16,
    answer: String,
}

fn seen(tx: &mut dyn Sql, partner: i64, message_id: &str) -> Result<Option<Seen>, StoreError> {
    let row = query_one(
        tx,
        "SELECT hash, http, answer FROM content_seen WHERE partner = ?1 AND message_id = ?2",
        &[partner.into(), message_id.into()],
    )?;
    row.map(|mut row| {
        let http = u16::try_from(row.int(1)?).unwrap_or(200);
        Ok(Seen { hash: row.blob(0)?.to_vec(), http, answer: row.take_text(2)? })
    })
    .transpose()
}

/// Two servers that take the same id at once: the second's insert fails and its job runs again, seeing the first's.
fn keep(tx: &mut dyn Sql, incoming: &Incoming, message_id: &str, answer: &Answer) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO content_seen (id, partner, message_id, hash, http, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            incoming.entry.id.into(),
            incoming.entry.partner.into(),
            message_id.into(),
            (&incoming.hash).into(),
            i64::from(answer.http).into(),
            (&answer.body).into(),
        ],
    )
}
