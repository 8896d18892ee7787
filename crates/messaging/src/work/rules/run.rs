//! The worker of rules: when a rule's delay is over, its request is made and goes the way of every other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_delivery::{Finish, Ticket};
use waypost_store::directory::{Directory, Rule};
use waypost_store::{Ctx, Sql, StoreError, TenantId, work};

use super::desk::RuleItem;
use crate::api::Submission;
use crate::records::happening;
use crate::rules::{self, happening::request};
use crate::wire;
use crate::work::accept::{self, Claim};
use crate::work::doors::{Doors, caller_of_rule};
use crate::work::runtime::Shared;

/// Rules at work at once: each waits for one group commit.
const AT_ONCE_MAX: usize = 64;
/// Longest note of why a rule sent nothing, in bytes.
const NOTE_BYTES_MAX: usize = 500;

/// Runs until the dispatcher drains.
pub async fn run(shared: Arc<Shared>) {
    let doors = Doors::new(Arc::clone(&shared));
    let mut running = FuturesUnordered::new();
    let mut open = true;
    while open || !running.is_empty() {
        let room = open && running.len() < AT_ONCE_MAX;
        tokio::select! {
            biased;
            Some(done) = running.next(), if !running.is_empty() => match done {
                Ok(()) => {}
                // Its ticket is gone with it: the rule is tried again when its lease ends.
                Err(_) => tracing::error!("a rule panicked"),
            },
            ticket = shared.rules.dispatcher.next(), if room => match ticket {
                Some(ticket) => running.push(AssertUnwindSafe(attempt(&shared, &doors, ticket)).catch_unwind()),
                None => open = false,
            },
        }
    }
}

/// What a rule's request is kept with: the note of it and the end of its work, in one transaction.
#[derive(Clone, Copy, Debug)]
pub struct RuleClaim {
    tenant: i64,
    happening: i64,
    rule: i64,
    work: i64,
    fence: i64,
}

impl RuleClaim {
    /// Ends the rule's work; false when somebody else has it or did it, and nothing is to be written then.
    ///
    /// # Errors
    /// Those of the store.
    pub fn take(
        &self,
        tx: &mut dyn Sql,
        message: Option<MessageId>,
        note: &str,
        at: Micros,
    ) -> Result<bool, StoreError> {
        if !work::complete(tx, self.work, self.fence)? {
            return Ok(false);
        }
        let ctx = Ctx::system(TenantId(self.tenant), "rule");
        happening::made(tx, &ctx, (self.happening, self.rule), message, note, at)
    }
}

async fn attempt(shared: &Arc<Shared>, doors: &Doors, ticket: Ticket<RuleItem>) {
    let item = ticket.item();
    let RuleItem { happening, rule } = &item.payload;
    let claim = RuleClaim {
        tenant: happening.tenant,
        happening: happening.id,
        rule: *rule,
        work: item.id,
        fence: item.fence,
    };
    let now = shared.clock.now();
    let written = match submission(shared, &item.payload, now) {
        Ok(submission) => {
            let (accepted, way) = doors.prepared(submission);
            accept::accept_claimed(shared, accepted, &way, Claim::Rule(claim))
                .await
                .map(|known| known.is_none())
        }
        Err(note) => {
            let note = note.get(..note.floor_char_boundary(NOTE_BYTES_MAX)).unwrap_or_default().to_owned();
            shared.store.write(move |tx| claim.take(tx, None, &note, now)).await
        }
    };
    let result = match &written {
        Ok(true) => "done",
        Ok(false) => "lost",
        Err(_) => "failed",
    };
    metrics::counter!("waypost_rules_total", "result" => result).increment(1);
    match written {
        Ok(true) => ticket.finish(Finish::Done),
        Ok(false) => ticket.finish(Finish::Lost),
        Err(error) => {
            tracing::warn!(%error, "what a rule made was not kept; it is tried again when its lease ends");
            ticket.finish(Finish::Lost);
        }
    }
}

/// The request of a rule, or why there is none.
fn submission(shared: &Shared, item: &RuleItem, now: Micros) -> Result<Submission, String> {
    let directory = shared.directory.current();
    let rule = rule_in_force(&directory, item)?;
    let caller = caller_of_rule(&directory, rule).ok_or("the rule's service is gone")?;
    if !caller.is_active {
        return Err("the rule's service is not active".to_owned());
    }
    if caller.profile_off {
        return Err("the tenant's profile is switched off".to_owned());
    }
    let happened = &item.happening;
    let (correlation, notify_url) = (happened.correlation.as_deref(), happened.notify_url.as_deref());
    let request = request(rule, &happened.facts, correlation, notify_url)
        .map_err(|fact| format!("the destination needs the fact {fact}, which is not known"))?;
    let body = request.to_string();
    let given = wire::parse(body.as_bytes()).map_err(|fault| fault.to_string())?;
    let plan = rules::validate(given, &caller.view, now).map_err(|refusal| said(&refusal))?;
    let refused = plan.units.iter().find_map(|unit| match unit {
        rules::UnitPlan::Refused { refusal, .. } => Some(said(refusal)),
        rules::UnitPlan::Accepted(_) => None,
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let count = u16::try_from(plan.message_count()).unwrap_or(u16::MAX);
    let first = shared.ids.next_range(now, count);
    let transid = TransactionId::from_id(first, shared.entropy());
    Ok(Submission { plan, caller: Arc::new(caller), transid, first, received_at: now })
}

fn rule_in_force<'d>(directory: &'d Directory, item: &RuleItem) -> Result<&'d Rule, String> {
    let rule = directory.events().rule(item.rule).ok_or("there is no such rule any more")?;
    if rule.enabled { Ok(rule) } else { Err("the rule was put out of force while it waited".to_owned()) }
}

fn said(refusal: &rules::Refusal) -> String {
    let detail = refusal.detail();
    format!("{}: {}; {}", detail.field, detail.rule, detail.remedy)
}
