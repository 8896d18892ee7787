//! Messages of a file on their way into the model: together in one transaction, each by itself taken or refused.

use waypost_store::{Sql, StoreError};

use super::env::Env;
use super::model::ModelShelf;
use crate::answer;
use crate::import::Read;
use crate::rules::{self, Decision, Refusal};
use crate::wire::json::{self, Json};
use crate::wire::push::Push;

/// Messages applied in one transaction.
pub const TOGETHER_MAX: usize = 100;
/// Refused messages that are told.
const TOLD_MAX: usize = 100;

/// What became of the messages of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages read.
    pub messages: u64,
    /// Objects that really changed.
    pub changed: u64,
    /// Messages refused.
    pub refused: u64,
    /// The first of them: the line and why.
    pub told: Vec<(usize, Vec<Refusal>)>,
}

/// The messages of one transaction.
pub type Good = Vec<(usize, Push)>;

impl Tally {
    /// Counts messages that were read, and returns those that can be applied.
    pub fn sort(&mut self, group: Vec<(usize, Read)>) -> Good {
        let mut good = Vec::with_capacity(group.len());
        for (line, read) in group {
            self.messages += 1;
            match read {
                Ok(push) => good.push((line, push)),
                Err(refused) => self.refuse(line, refused.refusals),
            }
        }
        good
    }

    /// Counts what [`apply`] did.
    pub fn add(&mut self, applied: Applied) {
        self.changed += applied.changed;
        applied.refused.into_iter().for_each(|(line, why)| self.refuse(line, why));
    }

    fn refuse(&mut self, line: usize, why: Vec<Refusal>) {
        self.refused += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push((line, why));
        }
    }

    /// As commands and the HTTP API show it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let number = |count: u64| Json::Number(count.to_string());
        let told = self.told.iter().map(|(line, why)| {
            let mut body = json::parse(answer::refused("", why).body.as_bytes()).unwrap_or(Json::Null);
            let mut status = body.take("status").unwrap_or(Json::Null);
            json::object([
                ("line", Json::Number(line.to_string())),
                ("message", status.take("message").unwrap_or(Json::Null)),
                ("errors", status.take("errors").unwrap_or(Json::Null)),
            ])
        });
        json::object([
            ("messages", number(self.messages)),
            ("changed", number(self.changed)),
            ("refused", number(self.refused)),
            ("refusals", Json::List(told.collect())),
        ])
    }
}

/// What one transaction did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Objects that really changed.
    pub changed: u64,
    /// What was refused: the line and why.
    pub refused: Vec<(usize, Vec<Refusal>)>,
}

/// Applies messages to a tenant's model.
///
/// # Errors
/// Those of the store; nothing may be kept then.
pub fn apply(
    tx: &mut dyn Sql,
    env: &Env,
    tenant: i64,
    good: &[(usize, Push)],
) -> Result<Applied, StoreError> {
    let mut shelf = ModelShelf { tx, env, tenant, changed: 0 };
    let mut refused = Vec::new();
    for (line, push) in good {
        if let Decision::Refused(why, _) = rules::apply(&mut shelf, push)? {
            refused.push((*line, why));
        }
    }
    Ok(Applied { changed: shelf.changed, refused })
}
