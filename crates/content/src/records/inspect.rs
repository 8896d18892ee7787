//! What follows from the answer to an audit (spec 4.3), in one transaction with the log and the lane's next step.

use waypost_store::{Sql, StoreError};

use super::alert::{self, AlertKind, Raised, Severity};
use super::copy::{self, Copy};
use super::env::Env;
use super::lane::{self, Lane};
use super::log;
use super::plan::{Question, Step};
use super::settle::{Answered, Held, conclude, ctx};
use crate::kind::Kind;
use crate::rules::compare::{Comparison, Difference, compare};
use crate::rules::pushing::{self, Verdict};
use crate::wire::json::{self, Json};

/// Alerts about objects a partner has too many, of one audit.
const UNEXPECTED_MAX: usize = 20;

/// Writes down what an audit found and decides the next step; `None` when the work is somebody else's by now.
///
/// # Errors
/// Those of the store.
pub fn audit(
    tx: &mut dyn Sql,
    env: &Env,
    lane: &Lane,
    held: Held,
    question: &Question,
    answered: &Answered,
) -> Result<Option<Step>, StoreError> {
    log::write(tx, &ctx(lane), &answered.entry)?;
    if !lane::hold(tx, env, held.work, held.fence)? {
        return Ok(None);
    }
    let disabled = match &answered.verdict {
        Verdict::Refused(told) => pushing::disabled(question.kind, &lane.property, told),
        _ => Vec::new(),
    };
    let mut inspection = Inspection { tx, env, lane, question, disabled };
    match &answered.verdict {
        Verdict::Accepted | Verdict::Refused(_) => {
            let theirs = objects(question.kind, &answered.entry.answer);
            alert::settle(inspection.tx, env, lane, (question.kind, ""), AlertKind::AuditUnreachable.word())?;
            inspection.compare_all(&theirs)?;
        }
        Verdict::Unauthorized => {
            let reason = "the partner refuses our credentials";
            lane::pause(inspection.tx, env, lane.partner, reason)?;
            let everywhere = Lane { property: String::new(), ..lane.clone() };
            let object = (Kind::Hotel, "");
            inspection.raise(&everywhere, AlertKind::AuthFailed, Severity::Critical, object, reason, "[]")?;
        }
        Verdict::Malformed(_) | Verdict::Again(_) | Verdict::Unusable(_) => {
            let why = match &answered.verdict {
                Verdict::Again(why) | Verdict::Unusable(why) => why.clone(),
                _ => format!("the audit was refused with {}", answered.verdict.codes()),
            };
            inspection.unanswered(&why)?;
        }
    }
    conclude(tx, env, lane, held).map(Some)
}

/// The objects of an answer, by code; products by rate plan.
fn objects(kind: Kind, answer: &str) -> Vec<(String, Json)> {
    let Ok(body) = json::parse(answer.as_bytes()) else { return Vec::new() };
    let code_of = |object: &Json, names: [&str; 2]| {
        names.iter().find_map(|name| object.given(name)?.text().map(str::to_owned)).unwrap_or_default()
    };
    // Two pages name the list as the filter is named (spec 4.2).
    let list = body.given(kind.list_key()).or_else(|| body.given(kind.filter_key()?));
    match (kind, list) {
        (_, None) => Vec::new(),
        (Kind::Product, Some(Json::List(products))) => {
            let mut by_plan: Vec<(String, Json)> = Vec::new();
            for product in products {
                let plan = code_of(product, ["rateplanCode", "rateplanCode"]);
                match by_plan.iter_mut().find(|(own, _)| *own == plan) {
                    Some((_, Json::List(own))) => own.push(product.clone()),
                    _ => by_plan.push((plan, Json::List(vec![product.clone()]))),
                }
            }
            by_plan
        }
        (_, Some(Json::List(list))) => {
            list.iter().map(|object| (code_of(object, ["code", "roomCode"]), object.clone())).collect()
        }
        (_, Some(object)) => vec![(code_of(object, ["code", "code"]), object.clone())],
    }
}

struct Inspection<'a> {
    tx: &'a mut dyn Sql,
    env: &'a Env,
    lane: &'a Lane,
    question: &'a Question,
    /// Codes the partner says it has disabled.
    disabled: Vec<String>,
}

impl Inspection<'_> {
    fn compare_all(&mut self, theirs: &[(String, Json)]) -> Result<(), StoreError> {
        for (asked, ours) in &self.question.expected {
            let Some(copy) = self.current(asked)? else { continue };
            let other = theirs.iter().find(|(code, _)| *code == copy.code).map(|(_, object)| object);
            self.one(copy, ours, other)?;
        }
        if self.question.whole {
            let known = |code: &String| self.question.expected.iter().any(|(copy, _)| copy.code == *code);
            let extra: Vec<_> = theirs.iter().filter(|(code, _)| !known(code)).take(UNEXPECTED_MAX).collect();
            for (code, object) in extra {
                self.unexpected(code, object)?;
            }
        }
        Ok(())
    }

    /// The copy as it is now, unless it changed while the audit was on its way.
    fn current(&mut self, asked: &Copy) -> Result<Option<Copy>, StoreError> {
        let copy = copy::find(self.tx, self.lane, asked.kind, &asked.code)?;
        Ok(copy.filter(|copy| !copy.due && copy.message == asked.message && copy.audit_stage > 0))
    }

    fn one(&mut self, mut copy: Copy, ours: &Json, theirs: Option<&Json>) -> Result<(), StoreError> {
        let comparison = self.comparison(&copy, ours, theirs);
        let object = (copy.kind, copy.code.clone());
        if comparison.differences.is_empty() {
            copy.audit_stage = 0;
            copy::update(self.tx, self.lane, &copy)?;
            copy::note_drift(self.tx, self.lane, copy.kind, &copy.code, "")?;
            return alert::settle(self.tx, self.env, self.lane, (object.0, &object.1), "AUDIT_");
        }
        let differences: Json = Json::List(comparison.differences.iter().map(Difference::to_json).collect());
        let differences = differences.to_string();
        copy::note_drift(self.tx, self.lane, copy.kind, &copy.code, &differences)?;
        let place = usize::try_from(copy.audit_stage - 1).unwrap_or(usize::MAX);
        if let Some(pause_ms) = self.env.timing.audit_again_ms.get(place) {
            copy.audit_stage += 1;
            copy.audit_at = self.env.after(*pause_ms);
            return copy::update(self.tx, self.lane, &copy);
        }
        copy.audit_stage = 0;
        if self.may_repair(&copy) {
            self.repair(copy, theirs.is_none())
        } else {
            copy::update(self.tx, self.lane, &copy)?;
            self.alarm(&comparison, theirs.is_none(), (object.0, &object.1), &differences)
        }
    }

    fn comparison(&self, copy: &Copy, ours: &Json, theirs: Option<&Json>) -> Comparison {
        let directory = &self.env.directory;
        // What the partner did not agree to was not sent.
        let ours = directory
            .partner(self.lane.partner)
            .and_then(|partner| pushing::agreed(partner, copy.kind, ours.clone()).ok())
            .unwrap_or_else(|| ours.clone());
        match theirs {
            Some(theirs) => compare(copy.kind, &ours, theirs),
            // A rate plan without products is not in the answer.
            None if copy.kind == Kind::Product => compare(copy.kind, &ours, &Json::List(Vec::new())),
            None => {
                let missing =
                    Difference { path: String::new(), expected: ours, actual: Json::Null, critical: true };
                Comparison { differences: vec![missing], dialect: false }
            }
        }
    }

    /// Once an object and hour (spec 4.3).
    fn may_repair(&self, copy: &Copy) -> bool {
        let since = self.env.now.since_ms(copy.repaired_at);
        u64::try_from(since).is_ok_and(|since| since >= self.env.timing.repair_pause_ms)
    }

    fn repair(&mut self, mut copy: Copy, missing: bool) -> Result<(), StoreError> {
        copy.repaired_at = self.env.now;
        copy.due = true;
        copy.message = self.env.id();
        copy.attempts = 0;
        copy.healed = false;
        if self.disabled.contains(&copy.code) {
            // It has the object and gives it back to nobody; as new it would stay disabled.
            copy.sent_enabled = false;
        } else if missing {
            copy.sent_version = 0;
        }
        metrics::counter!("waypost_content_repairs_total", "kind" => copy.kind.word()).increment(1);
        copy::update(self.tx, self.lane, &copy)
    }

    fn alarm(
        &mut self,
        comparison: &Comparison,
        missing: bool,
        object: (Kind, &str),
        differences: &str,
    ) -> Result<(), StoreError> {
        let kind = if missing { AlertKind::AuditMissing } else { AlertKind::AuditMismatch };
        let severity = if comparison.is_critical() { Severity::Critical } else { Severity::Warning };
        let paths: Vec<&str> = comparison.differences.iter().map(|it| it.path.as_str()).take(5).collect();
        let summary = if missing {
            format!("the partner does not have {} {}", object.0.word(), object.1)
        } else {
            format!("{} {} differs at the partner: {}", object.0.word(), object.1, paths.join(", "))
        };
        let lane = self.lane;
        self.raise(lane, kind, severity, object, &summary, differences)
    }

    fn unexpected(&mut self, code: &str, theirs: &Json) -> Result<(), StoreError> {
        // Of an object on its way, or one the model has and the partner has not accepted, nothing is said.
        if copy::find(self.tx, self.lane, self.question.kind, code)?.is_some() {
            return Ok(());
        }
        let extra =
            Difference { path: String::new(), expected: Json::Null, actual: theirs.clone(), critical: false };
        let differences = Json::List(vec![extra.to_json()]).to_string();
        let kind = self.question.kind;
        let summary = format!("the partner has {} {code}, which we never sent", kind.word());
        let lane = self.lane;
        self.raise(lane, AlertKind::AuditUnexpected, Severity::Warning, (kind, code), &summary, &differences)
    }

    /// Asked again like after a difference; in the end somebody is told.
    fn unanswered(&mut self, why: &str) -> Result<(), StoreError> {
        let expected: Vec<Copy> = self.question.expected.iter().map(|(copy, _)| copy.clone()).collect();
        let mut given_up = false;
        for asked in expected {
            let Some(mut copy) = self.current(&asked)? else { continue };
            let place = usize::try_from(copy.audit_stage - 1).unwrap_or(usize::MAX);
            match self.env.timing.audit_again_ms.get(place) {
                Some(pause_ms) => {
                    copy.audit_stage += 1;
                    copy.audit_at = self.env.after(*pause_ms);
                }
                None => {
                    copy.audit_stage = 0;
                    given_up = true;
                }
            }
            copy::update(self.tx, self.lane, &copy)?;
        }
        if given_up {
            let lane = self.lane;
            let object = (self.question.kind, "");
            self.raise(lane, AlertKind::AuditUnreachable, Severity::Warning, object, why, "[]")?;
        }
        Ok(())
    }

    fn raise(
        &mut self,
        lane: &Lane,
        kind: AlertKind,
        severity: Severity,
        object: (Kind, &str),
        summary: &str,
        differences: &str,
    ) -> Result<(), StoreError> {
        let message_id = self.question.message_id.as_str();
        alert::raise(
            self.tx,
            self.env,
            lane,
            &Raised { kind, severity, object, message_id, summary, differences },
        )
    }
}
