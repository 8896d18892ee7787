//! What follows from the answer to a push (spec Appendix A), in one transaction with the log and the lane's next step.

use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::alert::{self, AlertKind, Raised, Severity};
use super::copy::{self, Copy};
use super::env::Env;
use super::lane::{self, Lane};
use super::log::{self, Entry};
use super::plan::{self, Order, Step};
use crate::kind::Kind;
use crate::rules::pushing::{Cure, Told, Verdict, cures};

/// A lane's work under its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The work row.
    pub work: i64,
    /// Proves the lease.
    pub fence: i64,
}

/// An answer, and what the log says of it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What it means.
    pub verdict: Verdict,
    /// The longest pause the partner asked for before the message is sent again, milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The exchange.
    pub entry: Entry,
}

/// The lane's first step of a turn; `None` when the work is somebody else's by now.
///
/// # Errors
/// Those of the store.
pub fn begin(tx: &mut dyn Sql, env: &Env, lane: &Lane, held: Held) -> Result<Option<Step>, StoreError> {
    if !lane::hold(tx, env, held.work, held.fence)? {
        return Ok(None);
    }
    conclude(tx, env, lane, held).map(Some)
}

/// Writes down what came of a push and decides the next step; `None` when the work is somebody else's by now, who sends
/// the same message under the same id.
///
/// # Errors
/// Those of the store.
pub fn push(
    tx: &mut dyn Sql,
    env: &Env,
    lane: &Lane,
    held: Held,
    order: &Order,
    answered: &Answered,
) -> Result<Option<Step>, StoreError> {
    log::write(tx, &ctx(lane), &answered.entry)?;
    if !lane::hold(tx, env, held.work, held.fence)? {
        return Ok(None);
    }
    if let Some(copy) = copy::find(tx, lane, order.copy.kind, &order.copy.code)? {
        Settling { tx, env, lane, order, answered, copy }.run()?;
    }
    conclude(tx, env, lane, held).map(Some)
}

/// The next step; the work row follows it.
pub(super) fn conclude(tx: &mut dyn Sql, env: &Env, lane: &Lane, held: Held) -> Result<Step, StoreError> {
    let step = plan::next(tx, env, lane)?;
    match &step {
        Step::Push(_) | Step::Audit(_) => {}
        Step::Rest(at) => drop(waypost_store::work::release(tx, held.work, held.fence, *at)?),
        Step::Idle => lane::end(tx, lane, held.work, held.fence)?,
    }
    Ok(step)
}

/// The system, for the log and the alerts of a lane.
#[must_use]
pub const fn ctx(lane: &Lane) -> Ctx {
    Ctx::of(lane.tenant, waypost_store::Actor::System("content push"))
}

struct Settling<'a> {
    tx: &'a mut dyn Sql,
    env: &'a Env,
    lane: &'a Lane,
    order: &'a Order,
    answered: &'a Answered,
    copy: Copy,
}

impl Settling<'_> {
    fn run(mut self) -> Result<(), StoreError> {
        // The object changed while this message was on its way: the newer state is owed under another id.
        let superseded = self.copy.message != self.order.copy.message;
        match self.answered.verdict.clone() {
            Verdict::Accepted => self.accepted(superseded),
            Verdict::Unauthorized => self.unauthorized(),
            _ if superseded => Ok(()),
            Verdict::Refused(told) => self.refused(&told),
            Verdict::Malformed(told) => self.stop(AlertKind::PushRejected, &refusal(self.answered, &told)),
            Verdict::Unusable(why) => self.stop(AlertKind::QueueParked, &why),
            Verdict::Again(why) => self.again(&why),
        }
    }

    fn accepted(&mut self, superseded: bool) -> Result<(), StoreError> {
        let Order { op, version, enabled, .. } = *self.order;
        self.copy.sent_version = version;
        self.copy.sent_enabled = op != crate::kind::Op::Disable;
        self.copy.attempts = 0;
        if !superseded {
            let done = self.copy.sent_enabled == enabled;
            self.copy.due = !done;
            self.copy.healed = false;
            if done && enabled {
                self.copy.audit_stage = 1;
                self.copy.audit_at = self.env.after(self.env.timing.audit_delay_ms);
            } else if !done {
                // New at the partner, where everything new is enabled, and disabled with us: that is said next.
                self.copy.message = self.env.id();
            }
        }
        copy::update(self.tx, self.lane, &self.copy)?;
        let troubled = self.order.copy.attempts > 0 || self.order.copy.healed || self.was_told()?;
        if troubled {
            let object = (self.copy.kind, self.copy.code.as_str());
            alert::settle(self.tx, self.env, self.lane, object, "PUSH_")?;
            alert::settle(self.tx, self.env, self.lane, object, "QUEUE_")?;
            self.forget_trouble()?;
        }
        if self.copy.kind == Kind::Hotel && op == crate::kind::Op::Disable {
            // Below it nothing is pushed or audited now: what is wrong there is found anew when it is enabled.
            alert::settle_property(self.tx, self.env, self.lane)?;
        }
        Ok(())
    }

    /// Whether the lane stood still, or somebody was told of this object: another object of the lane may have been the one
    /// after which the lane went on.
    fn was_told(&mut self) -> Result<bool, StoreError> {
        let row = query_one(
            self.tx,
            "SELECT (SELECT count(*) FROM content_lane WHERE partner = ?1 AND property = ?2 AND reason <> '') \
             + (SELECT count(*) FROM content_alert WHERE partner = ?1 AND property = ?2 AND object_kind = ?3 \
             AND object = ?4 AND state < 2)",
            &[
                self.lane.partner.into(),
                (&self.lane.property).into(),
                self.copy.kind.number().into(),
                (&self.copy.code).into(),
            ],
        )?;
        Ok(row.map_or(Ok(0), |row| row.int(0))? > 0)
    }

    fn forget_trouble(&mut self) -> Result<(), StoreError> {
        self.tx.put(
            "UPDATE content_lane SET reason = '', not_before = 0 WHERE partner = ?1 AND property = ?2",
            &[self.lane.partner.into(), (&self.lane.property).into()],
        )
    }

    fn unauthorized(&mut self) -> Result<(), StoreError> {
        lane::pause(self.tx, self.env, self.lane.partner, "the partner refuses our credentials")?;
        let everywhere = Lane { property: String::new(), ..self.lane.clone() };
        self.raise(
            &everywhere,
            AlertKind::AuthFailed,
            (Kind::Hotel, ""),
            "the partner refuses our credentials",
        )
    }

    /// What the partner lacks, or has disabled, is sent first; once for each message, then the lane stops.
    fn refused(&mut self, told: &[Told]) -> Result<(), StoreError> {
        let found = cures(self.copy.kind, &self.lane.property, &self.copy.code, told);
        let summary = refusal(self.answered, told);
        match found {
            Some(found) if !self.copy.healed && self.can_cure(&found)? => self.cure(&found),
            _ => self.stop(AlertKind::PushRejected, &summary),
        }
    }

    /// Only what the model has can be sent, and only what it has enabled can be enabled.
    fn can_cure(&mut self, cures: &[Cure]) -> Result<bool, StoreError> {
        for cure in cures {
            let (Cure::Unknown(kind, code) | Cure::Disabled(kind, code)) = cure;
            let row = query_one(
                self.tx,
                "SELECT enabled FROM content_object WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
                &[self.lane.tenant.into(), (&self.lane.property).into(), kind.number().into(), code.into()],
            )?;
            let enabled = row.map(|row| row.flag(0)).transpose()?;
            match (cure, enabled) {
                (_, None) | (Cure::Disabled(..), Some(false)) => return Ok(false),
                _ => {}
            }
        }
        Ok(true)
    }

    fn cure(&mut self, cures: &[Cure]) -> Result<(), StoreError> {
        self.copy.healed = true;
        self.copy.attempts = 0;
        self.copy.message = self.env.id();
        copy::update(self.tx, self.lane, &self.copy)?;
        for cure in cures {
            let (Cure::Unknown(kind, code) | Cure::Disabled(kind, code)) = cure;
            let is_own = (*kind, code) == (self.copy.kind, &self.copy.code);
            if !is_own {
                copy::owe(self.tx, self.env, self.lane, *kind, code)?;
            }
            let Some(mut held) = copy::find(self.tx, self.lane, *kind, code)? else { continue };
            match cure {
                Cure::Unknown(..) => held.sent_version = 0,
                Cure::Disabled(..) => held.sent_enabled = false,
            }
            copy::update(self.tx, self.lane, &held)?;
            metrics::counter!("waypost_content_cures_total", "kind" => kind.word()).increment(1);
        }
        Ok(())
    }

    fn again(&mut self, why: &str) -> Result<(), StoreError> {
        self.copy.attempts += 1;
        copy::update(self.tx, self.lane, &self.copy)?;
        let place = usize::try_from(self.copy.attempts - 1).unwrap_or(usize::MAX);
        let Some(pause_ms) = self.env.timing.retry_ms.get(place) else {
            let attempts = self.copy.attempts;
            return self
                .stop(AlertKind::RetriesExhausted, &format!("{why}; attempt {attempts} was the last"));
        };
        let asked = self.answered.retry_after_ms.unwrap_or(0).min(self.env.timing.retry_after_max_ms);
        let at = self.env.after(asked.max(*pause_ms));
        self.tx.put(
            "UPDATE content_lane SET not_before = ?3 WHERE partner = ?1 AND property = ?2",
            &[self.lane.partner.into(), (&self.lane.property).into(), at.into()],
        )
    }

    fn stop(&mut self, kind: AlertKind, why: &str) -> Result<(), StoreError> {
        let object = (self.copy.kind, self.copy.code.clone());
        lane::park(self.tx, self.env, self.lane, (object.0, &object.1), why)?;
        let lane = self.lane.clone();
        self.raise(&lane, kind, (object.0, &object.1), why)
    }

    fn raise(
        &mut self,
        lane: &Lane,
        kind: AlertKind,
        object: (Kind, &str),
        summary: &str,
    ) -> Result<(), StoreError> {
        let message_id = self.order.message_id.as_str();
        let (severity, differences) = (Severity::Critical, "[]");
        alert::raise(
            self.tx,
            self.env,
            lane,
            &Raised { kind, severity, object, message_id, summary, differences },
        )
    }
}

fn refusal(answered: &Answered, told: &[Told]) -> String {
    let codes: Vec<String> = told
        .iter()
        .map(|one| match &one.object {
            Some(object) => format!("{} ({object})", one.code),
            None => one.code.to_string(),
        })
        .collect();
    let http = answered.entry.http.map_or_else(|| "no answer".to_owned(), |http| format!("HTTP {http}"));
    if codes.is_empty() {
        format!("refused with {http}")
    } else {
        format!("refused with {http}: {}", codes.join(", "))
    }
}
