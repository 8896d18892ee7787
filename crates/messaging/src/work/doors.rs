//! The HTTP side's seams, over the running family.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use waypost_core::channel::Channel;
use waypost_core::id::{MessageId, TransactionRef};
use waypost_core::time::Micros;
use waypost_store::directory::{Directory, KeyKind, KeyMatch, Rule, Service, Status, Tenant, TpsLimit};
use waypost_store::{Actor, Ctx, StoreError, TenantId};

use super::accept::Way;
use super::block_content::StoredBlock;
use super::callers::{Callers, Looks};
use super::links::{LinkCodes, StoredLink};
use super::runtime::Shared;
use super::sms_content::StoredSms;
use super::sms_policy::TenantPolicies;
use crate::api::{
    Accept, AcceptError, BoxFuture, Caller, DirectoryView, Lookup, LookupError, OnceAnswer, ServiceLogin,
    StatusRecord, Submission, Tps, channel_limit,
};
use crate::records::idempotency::{self, Known, Once};
use crate::records::message::MessageRow;
use crate::records::status::{self, Found};
use crate::records::{Accepted, MessageRecord, RequestRecord};
use crate::rules::{Content, EarlyOutcome, NotifyTo, Plan, Priority, ServiceView, content_outcome, template};

/// Accepts requests, looks transactions up, knows keys.
#[derive(Clone, Debug)]
pub struct Doors {
    shared: Arc<Shared>,
    callers: Arc<Callers>,
    looks: Arc<Looks>,
}

impl Accept for Doors {
    fn accept(&self, submission: Submission) -> BoxFuture<'static, Result<(), AcceptError>> {
        let (accepted, way) = self.prepared(submission);
        let written = super::accept::accept(&self.shared, accepted, &way);
        Box::pin(async move { written.await.map_err(|error| accept_error(&error)) })
    }

    fn accept_once(
        &self,
        submission: Submission,
        once: OnceAnswer,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let (accepted, way) = self.prepared(submission);
        let written = super::accept::accept_once(&self.shared, accepted, &way, once);
        Box::pin(async move { written.await.map_err(|error| accept_error(&error)) })
    }

    fn known(
        &self,
        caller: &Caller,
        once: Once,
        now: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let ctx = Ctx { tenant: caller.tenant, actor: caller.actor };
        let store = self.shared.store.clone();
        Box::pin(async move {
            let known = store.read(move |tx| idempotency::find(tx, &ctx, &once, now)).await;
            known.map_err(|error| accept_error(&error))
        })
    }

    fn keep_answer(
        &self,
        caller: &Caller,
        once: OnceAnswer,
        now: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let ctx = Ctx { tenant: caller.tenant, actor: caller.actor };
        let store = self.shared.store.clone();
        Box::pin(async move {
            let OnceAnswer { once, answer } = once;
            let claimed = store.write(move |tx| idempotency::claim(tx, &ctx, &once, &answer, now)).await;
            claimed.map_err(|error| accept_error(&error))
        })
    }
}

impl Doors {
    /// The rows of a submission, and how its messages leave.
    pub(super) fn prepared(&self, mut submission: Submission) -> (Arc<Accepted>, Way) {
        self.lay_template(&mut submission);
        let (app, no_app) = self.app(&submission);
        let refused = self.content_refusal(&submission).or(no_app.map(EarlyOutcome::code));
        let way = match &submission.plan.content {
            Content::Sms(sms) => Way::Sms { sender: sms.sender.clone() },
            Content::Block(_) => Way::Send { channel: submission.plan.channel, app },
        };
        (Arc::new(record_of(submission, app, refused)), way)
    }

    /// Gives the message the content of the template it names; one that is unknown is found by [`content_outcome`].
    fn lay_template(&self, submission: &mut Submission) {
        let Some(named) = &submission.plan.template else { return };
        let directory = self.shared.directory.current();
        let tenant = submission.caller.tenant.0;
        if let Some(live) = directory.templates().live(tenant, &named.id, submission.plan.channel) {
            template::apply(&mut submission.plan, &live.content);
        }
    }

    /// Doors to the running family.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, callers: Arc::default(), looks: Arc::default() }
    }

    /// The app asset a message on another channel goes through: the one it names, or the service's.
    fn app(&self, submission: &Submission) -> (Option<i64>, Option<EarlyOutcome>) {
        let Submission { plan, caller, .. } = submission;
        if matches!(plan.channel, Channel::Sms | Channel::Voice) {
            return (None, None);
        }
        let directory = self.shared.directory.current();
        let apps = directory.apps();
        let (app, otherwise) = match plan.appid.as_deref() {
            Some(named) => (apps.of_tenant(caller.tenant.0, named), EarlyOutcome::InvalidApp),
            None => (apps.default_of(caller.service, plan.channel), EarlyOutcome::ChannelNotConfigured),
        };
        let app = app.filter(|app| app.status == Status::Live && app.kind.carries(plan.channel));
        (app.map(|app| app.id), app.is_none().then_some(otherwise))
    }

    pub(super) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// What our rules say of the content; told when it leaves the queue, as the contract has it.
    fn content_refusal(&self, submission: &Submission) -> Option<u16> {
        let directory = self.shared.directory.current();
        let tenant = submission.caller.tenant.0;
        let policies = TenantPolicies { shared: &self.shared, directory: &directory, tenant };
        content_outcome(&submission.plan, &policies).map(|outcome| outcome.code())
    }
}

fn accept_error(error: &StoreError) -> AcceptError {
    match error {
        StoreError::Busy => AcceptError::Busy,
        other => {
            tracing::error!(error = %other, "a request could not be kept");
            AcceptError::Unavailable
        }
    }
}

fn record_of(submission: Submission, app: Option<i64>, refused: Option<u16>) -> Accepted {
    let Submission { plan, caller, transid, first, .. } = submission;
    let links: Vec<StoredLink> = plan
        .smart_links
        .iter()
        .map(|link| StoredLink { link: link.link, minutes: link.validity_minutes })
        .collect();
    let content = match &plan.content {
        Content::Sms(sms) => StoredSms { links, ..StoredSms::of(sms, refused) }.write(),
        Content::Block(block) => {
            let parameters = plan.spoken.iter().cloned().collect();
            let appid = plan.appid.clone();
            StoredBlock { app, appid, block: block.clone(), links, parameters, refused }.write()
        }
    };
    let api_key = match caller.actor {
        Actor::Key(id) => id,
        Actor::Operator | Actor::System(_) => 0,
    };
    let messages = messages(&plan, first);
    let request = RequestRecord {
        id: first,
        tenant: caller.tenant.0,
        service: caller.service,
        api_key,
        transid,
        channel: plan.channel.wire_name().to_ascii_lowercase(),
        content,
        notify_url: match plan.notify {
            NotifyTo::Service => None,
            NotifyTo::Url(url) | NotifyTo::Unusable(url) => Some(url),
        },
        callback_data: plan.callback_data,
        expires_at: plan.expires_at,
        priority: plan.priority.number(),
        route: plan.route.map(|route| route.as_str().to_owned()),
        units: u16::try_from(plan.units.len()).unwrap_or(u16::MAX),
    };
    Accepted { request, messages }
}

fn messages(plan: &Plan, first: MessageId) -> Vec<MessageRecord> {
    let mut messages = Vec::with_capacity(plan.message_count());
    for (place, unit) in plan.accepted() {
        for value in &unit.values {
            messages.push(MessageRecord {
                id: first.nth(u16::try_from(messages.len()).unwrap_or(u16::MAX)),
                unit: u16::try_from(place).unwrap_or(u16::MAX),
                dest_type: unit.id_type.as_str().to_owned(),
                destination: value.clone(),
                correlation: unit.correlation.clone(),
            });
        }
    }
    messages
}

impl Lookup for Doors {
    fn find(
        &self,
        caller: Arc<Caller>,
        asked: TransactionRef,
    ) -> BoxFuture<'static, Result<Vec<StatusRecord>, LookupError>> {
        let (store, links) = (self.shared.store.clone(), self.shared.links.clone());
        Box::pin(async move {
            // Across tenants: a stranger's transaction is told from an unknown one (7601, 7600), its content is not.
            let found = store
                .read(move |tx| status::find(tx, &Ctx::all("status look-up"), caller.service, asked))
                .await;
            match found {
                Ok(Found::Messages(rows)) => Ok(rows.iter().map(|row| status_record(&links, row)).collect()),
                Ok(Found::Nothing) => Err(LookupError::Unknown),
                Ok(Found::Foreign) => Err(LookupError::Foreign),
                Err(error) => {
                    tracing::error!(%error, "a transaction could not be looked up");
                    Err(LookupError::Unavailable)
                }
            }
        })
    }
}

fn status_record(links: &LinkCodes, row: &MessageRow) -> StatusRecord {
    let channel = Channel::parse(&row.request.channel).unwrap_or(Channel::Sms);
    let (from, body) = said(channel, links, row);
    let callflow = (channel == Channel::Voice).then(|| callflow(&row.request.content));
    StatusRecord {
        transid: row.request.transaction(row.message.unit),
        from,
        to: row.message.destination.clone(),
        body,
        channel,
        callflow,
        code: row.code,
        created_at: row.request.accepted_at(),
        updated_at: row.updated_at,
    }
}

/// The call flow of a call; empty when it plays a file.
fn callflow(content: &str) -> String {
    let stored = StoredBlock::read(content).unwrap_or_default();
    match stored.block.get("callflowid") {
        Some(serde_json::Value::String(id)) => id.clone(),
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}

/// Who a message is from and what it says.
fn said(channel: Channel, links: &LinkCodes, row: &MessageRow) -> (String, String) {
    let (content, message) = (&row.request.content, row.message.id);
    if channel == Channel::Sms {
        let stored = StoredSms::read(content).unwrap_or_default().linked(links, message);
        return (stored.sender.unwrap_or_default(), stored.text.or(stored.hex).unwrap_or_default());
    }
    let stored = StoredBlock::read(content).unwrap_or_default().linked(links, message);
    let body = stored.text().unwrap_or_default().to_owned();
    let cli = stored.block.get("cli").and_then(serde_json::Value::as_str).map(str::to_owned);
    (stored.appid.or(cli).unwrap_or_default(), body)
}

impl DirectoryView for Doors {
    fn by_key(&self, presented: &str) -> Option<Arc<Caller>> {
        let directory = self.shared.directory.current();
        let KeyMatch { key, tenant, service } = directory.key(presented)?;
        if key.kind != KeyKind::Service {
            return None;
        }
        let service = service?;
        let make = || caller(&directory, tenant, service, Actor::Key(key.id));
        Some(self.callers.get(directory.revision(), key.id, make))
    }

    fn by_service_id(&self, service_id: &str) -> Option<ServiceLogin> {
        let directory = self.shared.directory.current();
        let service = directory.service(service_id.parse().ok()?)?;
        // Kept as the operator was shown it; what signs is what it decodes to (spec 2.2).
        let secret = STANDARD.decode(service.jwt_secret.as_ref()?.as_text()?.trim()).ok()?;
        let tenant = directory.tenant(service.tenant)?;
        let caller = caller(&directory, tenant, service, Actor::System("token"));
        Some(ServiceLogin { caller: Arc::new(caller), secret: secret.into() })
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.looks.look(&self.shared))
    }
}

fn caller(directory: &Directory, tenant: &Tenant, service: &Service, actor: Actor) -> Caller {
    let default_priority = Priority::parse(&tenant.default_priority.to_string()).unwrap_or_default();
    Caller {
        tenant: TenantId(tenant.id),
        service: service.id,
        actor,
        client_id: tenant.id.to_string(),
        is_active: tenant.status == Status::Live && service.status == Status::Live,
        profile_off: directory.policies().of_tenant(tenant.id).is_some_and(|policies| policies.switched_off),
        view: ServiceView { default_priority, default_sender: service.default_sender.clone() },
        allowlist: directory.allowlist(tenant.id).to_vec(),
        messaging_tps: directory.limit(tenant.id, "messaging").map(tps),
        channel_tps: Channel::ALL
            .into_iter()
            .filter_map(|channel| Some((channel, tps(directory.limit(tenant.id, &channel_limit(channel))?))))
            .collect(),
        status_tps: directory.limit(tenant.id, "transaction-status").map(tps),
        event_tps: directory.limit(tenant.id, "events").map(tps),
    }
}

/// Who sends what a rule sends; `None` when its service or tenant is gone.
pub(super) fn caller_of_rule(directory: &Directory, rule: &Rule) -> Option<Caller> {
    let service = directory.service(rule.service).filter(|service| service.tenant == rule.tenant)?;
    Some(caller(directory, directory.tenant(rule.tenant)?, service, Actor::System("rule")))
}

const fn tps(limit: TpsLimit) -> Tps {
    Tps { per_second: limit.per_second, burst_mode: limit.burst_mode }
}
