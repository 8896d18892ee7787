//! Hands one message to a trunk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use waypost_channels::connector::{BoxFuture, Connector, Handed, Outgoing};
use waypost_channels::voice::flow::Plan;
use waypost_channels::voice::trunk::{Listener, Order, Placing, Trunk};
use waypost_core::id::MessageId;
use waypost_store::TenantId;

use super::sounds::{SoundError, Wanted};
use super::steps::{Note, Step};
use crate::rules::EarlyOutcome;
use crate::work::block_content::StoredBlock;
use crate::work::runtime::Shared;
use crate::work::send::SendItem;

/// The code of what has none of its own on voice: others.
const OTHERS: u16 = 7404;
/// A text names a parameter that has no value.
const UNRESOLVED: u16 = EarlyOutcome::UnresolvedPlaceholder.code();
/// What waiting for a trunk, its room and its turn may take before the INVITE goes out.
const BEFORE_MS: u64 = 3_000;
/// How long a trunk may be silent while there is another.
const SILENT_MS: u64 = 3_000;

/// The connector of one message: on voice a message's tenant decides which trunks there are.
pub struct Caller(Calling);

impl Caller {
    /// For a message; `None` when no trunk carries its tenant's calls.
    #[must_use]
    pub fn of(shared: &Arc<Shared>, item: &SendItem, sandbox: bool, stored: &StoredBlock) -> Option<Self> {
        let request = item.request();
        let trunks = shared.calls.trunks.candidates(request.tenant, sandbox, shared.entropy());
        if trunks.is_empty() {
            return None;
        }
        let directory = shared.directory.current();
        let default = || {
            let sender = directory.service(request.service)?.default_sender.clone()?;
            // A service's sender may be a name, which no telephone shows.
            sender.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit()).then_some(sender)
        };
        let caller = stored.block.get("cli").and_then(Value::as_str).map(str::to_owned).or_else(default);
        let (tenant, message) = (TenantId(request.tenant), item.message().id);
        let parameters = Arc::new(stored.parameters.clone());
        Some(Self(Calling { shared: Arc::clone(shared), trunks, tenant, message, caller, parameters }))
    }
}

impl Connector for Caller {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        let calling = self.0.clone();
        Box::pin(async move { calling.hand_over(outgoing).await })
    }
}

#[derive(Clone)]
struct Calling {
    shared: Arc<Shared>,
    trunks: Vec<Trunk>,
    tenant: TenantId,
    message: MessageId,
    caller: Option<String>,
    /// What the texts of its flow may name.
    parameters: Arc<BTreeMap<String, String>>,
}

impl Calling {
    async fn hand_over(self, outgoing: Outgoing) -> Handed {
        let until = Instant::now() + Duration::from_millis(outgoing.deadline_ms);
        let revision = self.shared.directory.current().revision();
        let wanted = Wanted {
            store: &self.shared.store,
            revision,
            tenant: self.tenant,
            block: &outgoing.block,
            parameters: &self.parameters,
        };
        let sounds = self.shared.calls.sounds.plan(wanted);
        let plan = match tokio::time::timeout_at(until, sounds).await {
            Ok(Ok(plan)) => plan,
            Ok(Err(SoundError::Missing(detail))) => {
                return Handed::Refused { code: OTHERS, detail, address_is_dead: false };
            }
            Ok(Err(error @ SoundError::Unresolved(_))) => {
                let (code, detail) = (UNRESOLVED, error.to_string());
                return Handed::Refused { code, detail, address_is_dead: false };
            }
            Ok(Err(error)) => return later(OTHERS, error.to_string()),
            Err(_) => return later(OTHERS, "what the call plays was not ready in time".to_owned()),
        };
        self.try_each(&plan, &outgoing.address.value, until).await
    }

    async fn try_each(&self, plan: &Arc<Plan>, number: &str, until: Instant) -> Handed {
        let mut room: Option<u64> = None;
        let mut failed = None;
        for (place, trunk) in self.trunks.iter().enumerate() {
            let left = until.saturating_duration_since(Instant::now());
            let left = u64::try_from(left.as_millis()).unwrap_or(0).saturating_sub(BEFORE_MS);
            if left == 0 {
                break;
            }
            let last = place + 1 == self.trunks.len();
            let order = Order {
                number: number.to_owned(),
                caller: self.caller.clone(),
                plan: Arc::clone(plan),
                deadline_ms: if last { left } else { left.min(SILENT_MS) },
                listener: Arc::new(Ear { shared: Arc::clone(&self.shared), message: self.message }),
            };
            match trunk.place(order).await {
                Placing::Placed { call_id } => return Handed::Calling { provider_ref: call_id },
                Placing::Full { again_ms } => {
                    room = Some(room.map_or(again_ms, |known| known.min(again_ms)));
                }
                Placing::Failed { code, detail } => {
                    failed = Some((code, format!("{}: {detail}", trunk.config().name)));
                }
                Placing::Refused { code, detail } => {
                    return Handed::Refused { code, detail, address_is_dead: false };
                }
            }
        }
        match (room, failed) {
            // One that is full will have room; one that fails may not.
            (Some(again_ms), _) => Handed::Full { again_ms },
            (None, Some((code, detail))) => later(code, detail),
            (None, None) => later(OTHERS, "no trunk was asked in time".to_owned()),
        }
    }
}

const fn later(code: u16, detail: String) -> Handed {
    Handed::Later { code, detail, retry_after: None, failing: true }
}

/// Passes a call's steps on.
struct Ear {
    shared: Arc<Shared>,
    message: MessageId,
}

impl Ear {
    fn note(&self, step: Step) {
        self.shared.calls.note(Note::Step(self.message, step, self.shared.clock.now()));
    }
}

impl Listener for Ear {
    fn told(&self, code: u16, detail: &str) {
        self.note(Step::Told(code, detail.to_owned()));
    }

    fn collected(&self, step: &str, digits: &str) {
        self.note(Step::Noted(format!("step {step}: digits {digits:?}")));
    }

    fn unreached(&self, why: &str) {
        self.note(Step::Noted(format!("the third party was not reached: {why}")));
    }

    fn over(&self) {
        self.note(Step::Over);
    }
}
