//! What a push does to what is kept (spec Appendix A), whoever keeps it.

use super::Refusal;
use crate::kind::{Kind, Op};
use crate::wire::audit::Audit;
use crate::wire::json::Json;
use crate::wire::push::{Push, Pushed};

/// Where accepted objects are kept: a transaction of the store, or a simulator's memory.
pub trait Shelf {
    /// Why it cannot be read or written.
    type Error;

    /// Whether an object is enabled; `None` when it was never accepted. A hotel's code is its property's.
    ///
    /// # Errors
    /// The keeper's.
    fn enabled(&mut self, kind: Kind, property: &str, code: &str) -> Result<Option<bool>, Self::Error>;

    /// Keeps an object in place of what was there.
    ///
    /// # Errors
    /// The keeper's.
    fn put(&mut self, kind: Kind, property: &str, object: &Pushed, enabled: bool) -> Result<(), Self::Error>;

    /// The enabled objects of a kind, in a stable order: all, or those with these codes.
    ///
    /// # Errors
    /// The keeper's.
    fn list(&mut self, kind: Kind, property: &str, codes: &[String]) -> Result<Vec<Json>, Self::Error>;
}

/// What came of a push or an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<T> {
    /// It was done.
    Accepted(T),
    /// Nothing was done, for these reasons; for an audit with what was found all the same.
    Refused(Vec<Refusal>, T),
}

/// Applies a push, all of it or nothing. The notes are warnings for the sender.
///
/// # Errors
/// The keeper's; nothing may be kept then.
pub fn apply<S: Shelf>(shelf: &mut S, push: &Push) -> Result<Decision<Vec<String>>, S::Error> {
    let mut refusals = Vec::new();
    let mut plan = Vec::with_capacity(push.objects.len());
    let mut notes = Vec::new();
    if push.kind != Kind::Hotel {
        match shelf.enabled(Kind::Hotel, &push.property, &push.property)? {
            Some(true) => {}
            Some(false) => refusals.push(Refusal::Disabled(Kind::Hotel, push.property.clone())),
            None => refusals.push(Refusal::NotFound(Kind::Hotel, push.property.clone())),
        }
        if !refusals.is_empty() {
            return Ok(Decision::Refused(refusals, notes));
        }
    }
    for object in &push.objects {
        let was = shelf.enabled(push.kind, &push.property, &object.code)?;
        match outcome(push.op, was) {
            Step::Keep(enabled) => plan.push((object, enabled)),
            Step::Unknown => refusals.push(Refusal::NotFound(push.kind, object.code.clone())),
            Step::Disabled => refusals.push(Refusal::Disabled(push.kind, object.code.clone())),
        }
        if push.op == Op::New && was == Some(false) {
            notes.push(format!("{} {} stays disabled", push.kind.word(), object.code));
        }
        references(shelf, push, object, &mut refusals, &mut notes)?;
    }
    if !refusals.is_empty() {
        return Ok(Decision::Refused(refusals, Vec::new()));
    }
    for (object, enabled) in plan {
        shelf.put(push.kind, &push.property, object, enabled)?;
    }
    Ok(Decision::Accepted(notes))
}

enum Step {
    Keep(bool),
    Unknown,
    Disabled,
}

/// The table of Appendix A: an operation against what is stored.
const fn outcome(op: Op, was: Option<bool>) -> Step {
    match (op, was) {
        (Op::New | Op::Replace, None | Some(true)) | (Op::Update | Op::Enable, Some(true)) => {
            Step::Keep(true)
        }
        (Op::Enable, Some(false)) => Step::Keep(true),
        (Op::Disable, Some(_)) | (Op::New | Op::Replace, Some(false)) => Step::Keep(false),
        (Op::Update | Op::Enable | Op::Disable, None) => Step::Unknown,
        (Op::Update, Some(false)) => Step::Disabled,
    }
}

/// What the object refers to must exist and be enabled, except that a disabled tax is simply not charged.
fn references<S: Shelf>(
    shelf: &mut S,
    push: &Push,
    object: &Pushed,
    refusals: &mut Vec<Refusal>,
    notes: &mut Vec<String>,
) -> Result<(), S::Error> {
    for (kind, code) in refers_to(push.kind, object) {
        let refusal = match shelf.enabled(kind, &push.property, &code)? {
            Some(true) => continue,
            Some(false) if kind == Kind::Tax => {
                notes.push(format!("tax {code} is disabled and will not be charged"));
                continue;
            }
            Some(false) => Refusal::Disabled(kind, code),
            None => Refusal::NotFound(kind, code),
        };
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
    Ok(())
}

/// The objects that must exist before this one (spec 2.8), each once, in the order of the object.
#[must_use]
pub fn refers_to(kind: Kind, object: &Pushed) -> Vec<(Kind, String)> {
    let mut found: Vec<(Kind, String)> = Vec::new();
    let mut add = |kind: Kind, code: Option<&Json>| {
        if let Some(code) = code.and_then(Json::text).filter(|code| !code.trim().is_empty())
            && !found.iter().any(|(own, known)| *own == kind && known == code)
        {
            found.push((kind, code.to_owned()));
        }
    };
    let list = |body: &Json, name: &str| body.given(name).and_then(Json::list).map(<[_]>::to_vec);
    match kind {
        Kind::RatePlan => {
            add(Kind::Policy, object.body.given("cancellationPolicyCode"));
            for season in list(&object.body, "seasonalPolicies").unwrap_or_default() {
                add(Kind::Policy, season.given("code"));
            }
        }
        Kind::Product => {
            add(Kind::RatePlan, Some(&Json::from(object.code.as_str())));
            for product in object.body.list().unwrap_or_default() {
                add(Kind::Room, product.given("roomtypeCode"));
                for tax in list(product, "taxes").unwrap_or_default() {
                    add(Kind::Tax, Some(&tax));
                }
                for policy in list(product, "cancellationPolicies").unwrap_or_default() {
                    add(Kind::Policy, policy.given("code"));
                }
            }
        }
        Kind::Hotel | Kind::Tax | Kind::Policy | Kind::Room => {}
    }
    found
}

/// Answers an audit (spec 4.2): what is kept and enabled; of codes asked for, also what is not.
///
/// # Errors
/// The keeper's.
pub fn look<S: Shelf>(shelf: &mut S, audit: &Audit) -> Result<Decision<Vec<Json>>, S::Error> {
    let refusal = match shelf.enabled(Kind::Hotel, &audit.property, &audit.property)? {
        None => Some(Refusal::NotFound(Kind::Hotel, audit.property.clone())),
        Some(false) if audit.kind == Kind::Hotel => {
            Some(Refusal::Disabled(Kind::Hotel, audit.property.clone()))
        }
        Some(_) => None,
    };
    if let Some(refusal) = refusal {
        return Ok(Decision::Refused(vec![refusal], Vec::new()));
    }
    // Products have no codes of their own: they are asked for by rate plan.
    let asked = if audit.kind == Kind::Product { Kind::RatePlan } else { audit.kind };
    let mut refusals = Vec::new();
    for code in &audit.codes {
        match shelf.enabled(asked, &audit.property, code)? {
            Some(true) => {}
            Some(false) => refusals.push(Refusal::Disabled(asked, code.clone())),
            None => refusals.push(Refusal::NotFound(asked, code.clone())),
        }
    }
    let codes = if audit.kind == Kind::Hotel { std::slice::from_ref(&audit.property) } else { &audit.codes };
    let found = shelf.list(audit.kind, &audit.property, codes)?;
    if refusals.is_empty() { Ok(Decision::Accepted(found)) } else { Ok(Decision::Refused(refusals, found)) }
}
