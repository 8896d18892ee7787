//! From what happened to the work of the rules that wait for it.

use std::sync::Arc;

use waypost_core::id::{IdGenerator, TransactionId};
use waypost_core::time::Micros;
use waypost_delivery::Dispatcher;
use waypost_store::directory::{DirectoryHandle, Happens, Rule};
use waypost_store::work::{self, NewWork, QueueKey, WorkRow};
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use crate::records::happening::{self, Happening};
use crate::rules::event::Facts;
use crate::rules::happening::hold;
use crate::work::kind;

/// One rule that is to answer one happening.
#[derive(Clone, Debug)]
pub struct RuleItem {
    /// What happened.
    pub happening: Arc<Happening>,
    /// The rule's row.
    pub rule: i64,
}

/// Work of a rule that is written in a transaction that is not committed yet.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    queue: QueueKey,
    ready_at: Micros,
}

impl Due {
    /// From when on the rule sends.
    #[must_use]
    pub const fn ready_at(self) -> Micros {
        self.ready_at
    }
}

/// What happened, before it has an id.
#[derive(Clone, Debug)]
pub struct What {
    /// The tenant.
    pub tenant: i64,
    /// The service it happened at; `None` where rules of every service may answer.
    pub service: Option<i64>,
    /// Its kind.
    pub happens: Happens,
    /// The client's own reference.
    pub correlation: Option<String>,
    /// What is known of it.
    pub facts: Facts,
}

/// Wakes rules.
#[derive(Clone)]
pub struct RuleDesk {
    directory: DirectoryHandle,
    ids: Arc<IdGenerator>,
    /// Where their work waits.
    pub dispatcher: Arc<Dispatcher<RuleItem>>,
}

impl std::fmt::Debug for RuleDesk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RuleDesk").finish_non_exhaustive()
    }
}

impl RuleDesk {
    /// A desk over the running directory.
    #[must_use]
    pub const fn new(
        directory: DirectoryHandle,
        ids: Arc<IdGenerator>,
        dispatcher: Arc<Dispatcher<RuleItem>>,
    ) -> Self {
        Self { directory, ids, dispatcher }
    }

    /// Whether any rule of the tenant waits for this: what a busy path asks before it gathers facts.
    #[must_use]
    pub fn awaits(&self, tenant: i64, happens: Happens) -> bool {
        !self.directory.current().events().waiting(tenant, happens).is_empty()
    }

    /// Keeps something that happened when a rule answers it, with the rule's work.
    ///
    /// # Errors
    /// Those of the store.
    pub fn happened(&self, tx: &mut dyn Sql, what: &What, at: Micros) -> Result<Vec<Due>, StoreError> {
        let rules = self.answering(what.tenant, what.happens, what.service, None, &what.facts);
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        self.keep(tx, &self.happening(what, None, what.facts.clone(), at), &rules, at)
    }

    /// Keeps an event that we raise ourselves when this happens, its absent parameters at their defaults. An event that is
    /// not there, or switched off, is not raised.
    ///
    /// # Errors
    /// Those of the store.
    pub fn raise(
        &self,
        tx: &mut dyn Sql,
        (what, event): (&What, i64),
        at: Micros,
    ) -> Result<Vec<Due>, StoreError> {
        let directory = self.directory.current();
        let Some(defined) = directory.events().event(what.tenant, event) else {
            tracing::warn!(tenant = what.tenant, event, "an event that is not there was to be raised");
            return Ok(Vec::new());
        };
        let defaults =
            defined.parameters.iter().filter_map(|own| Some((own.name.clone(), own.default.clone()?)));
        let mut facts: Facts = defaults.collect();
        facts.extend(what.facts.clone());
        let raised = What { happens: Happens::Event, ..what.clone() };
        self.event(tx, &self.happening(&raised, Some(event), facts, at), at)
    }

    fn happening(&self, what: &What, event: Option<i64>, facts: Facts, at: Micros) -> Happening {
        let id = self.ids.next_range(at, 1);
        Happening {
            id: id.0,
            tenant: what.tenant,
            service: what.service.unwrap_or(0),
            happens: what.happens,
            event,
            transid: TransactionId::from_id(id, 0),
            correlation: what.correlation.clone(),
            notify_url: None,
            facts,
        }
    }

    /// Keeps an event, whether or not a rule answers it, with the work of those that do.
    ///
    /// # Errors
    /// Those of the store.
    pub fn event(&self, tx: &mut dyn Sql, new: &Happening, at: Micros) -> Result<Vec<Due>, StoreError> {
        let rules = self.answering(new.tenant, Happens::Event, None, new.event, &new.facts);
        self.keep(tx, new, &rules, at)
    }

    /// The rules in force whose conditions hold. An event is the tenant's: rules of every service answer it.
    fn answering(
        &self,
        tenant: i64,
        happens: Happens,
        service: Option<i64>,
        event: Option<i64>,
        facts: &Facts,
    ) -> Vec<Arc<Rule>> {
        let directory = self.directory.current();
        let waiting = directory.events().waiting(tenant, happens).iter();
        let answers = |rule: &&Arc<Rule>| {
            rule.event == event
                && service.is_none_or(|service| service == rule.service)
                && hold(&rule.conditions, facts)
        };
        waiting.filter(answers).cloned().collect()
    }

    fn keep(
        &self,
        tx: &mut dyn Sql,
        new: &Happening,
        rules: &[Arc<Rule>],
        at: Micros,
    ) -> Result<Vec<Due>, StoreError> {
        happening::insert(tx, &Ctx::system(TenantId(new.tenant), "happening"), new)?;
        let queue = kind::rule_queue(new.tenant);
        if !rules.is_empty() {
            work::ensure_queue(tx, &queue)?;
        }
        let mut dues = Vec::with_capacity(rules.len());
        for rule in rules {
            let ready_at = at.add_ms(i64::from(rule.delay_s) * 1_000);
            let payload = rule.id.to_string();
            let work = NewWork {
                id: self.ids.next_range(at, 1).0,
                queue: &queue,
                lane: 0,
                ready_at,
                leased: false,
                subject: new.id,
                expires_at: None,
                payload: &payload,
            };
            work::insert(tx, &work)?;
            dues.push(Due { queue, ready_at });
        }
        Ok(dues)
    }

    /// Has the dispatcher look for committed work of the tenant's rules, where it is not known what there is.
    pub fn wake(&self, tenant: i64, at: Micros) {
        self.dispatcher.backlog(&kind::rule_queue(tenant), at);
    }

    /// Tells the dispatcher of committed work.
    pub fn release(&self, dues: impl IntoIterator<Item = Due>) {
        for Due { queue, ready_at } in dues {
            self.dispatcher.backlog(&queue, ready_at);
        }
    }
}

/// Loads the payloads of claimed rows; `None` where what happened is gone.
///
/// # Errors
/// Those of the store.
pub fn loader(tx: &mut dyn Sql, rows: &[WorkRow]) -> Result<Vec<Option<RuleItem>>, StoreError> {
    let ctx = Ctx::all("claimed rule");
    let item = |row: &WorkRow| {
        let rule = row.payload.parse().map_err(|_| StoreError::Corrupt("work.payload".to_owned()))?;
        let found = happening::load(tx, &ctx, row.subject)?;
        Ok(found.map(|happening| RuleItem { happening: Arc::new(happening), rule }))
    };
    rows.iter().map(item).collect()
}
