//! What users say in an app (spec 4.3, 8.4): kept once, forwarded to the service that uses the app.

use serde_json::{Map, Value, json};
use waypost_core::channel::Channel;
use waypost_core::time::{Micros, Zone, notification_timestamp};
use waypost_store::{Sql, StoreError};

use super::ids::ClientId;
use super::ledger::RtApp;
use crate::records::social_inbound::{self as rows, SocialInbound};
use crate::work::callback_item::Payload;
use crate::work::emit::{self, Emitted};
use crate::work::runtime::Shared;
use crate::work::{rules, social_inbound};

/// Something a user did in the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who, and on which device.
    pub client: ClientId,
    /// `MO`, `OnPostback`, `OnFormResponse`, `TypingIndicator`, `OnProfileCreate`, `OnProfileUpdate`.
    pub event: &'static str,
    /// Its text.
    pub text: String,
    /// Its attachments, a JSON array; empty for none.
    pub attachments: Option<String>,
    /// The thread it was said in.
    pub thread_id: Option<String>,
    /// Further members of the body, texts.
    pub more: Map<String, Value>,
}

/// The `tid` of something said; those of the server begin with `R` (spec 8.4).
#[must_use]
pub fn tid(id: i64) -> String {
    format!("R{id}")
}

/// The write job of one saying: its number, and what is to be released after the commit: the call-back, and the work of
/// the rules it wakes.
///
/// # Errors
/// Those of the store.
pub(super) fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    app: &RtApp,
    said: &Said,
    at: Micros,
) -> Result<(i64, Vec<Emitted>), StoreError> {
    let directory = shared.directory.current();
    let id = shared.ids.next_range(at, 1).0;
    let mut more = said.more.clone();
    more.insert("clientId".to_owned(), json!(said.client.to_string()));
    let inbound = SocialInbound {
        id,
        tenant: app.app.tenant,
        service: directory.apps().service_of(app.app.id, Channel::Rt),
        app: app.app.id,
        channel: Channel::Rt.wire_name().to_owned(),
        source: said.client.user_id.clone(),
        event: said.event.to_owned(),
        text: said.text.clone(),
        attachments: said.attachments.clone(),
        // On this channel the column holds all that the body has besides.
        postback: Some(Value::Object(more).to_string()),
        provider_ref: tid(id),
        received_at: at,
    };
    rows::insert(tx, &app.ctx(), &inbound)?;
    // Typing is no message that a rule could answer.
    let dues = match said.event {
        "TypingIndicator" => Vec::new(),
        _ => rules::facts::said(shared, tx, &inbound, &app.app.app_id)?,
    };
    let mut emitted: Vec<Emitted> = Emitted::of_rules(dues).into_iter().collect();
    if let Some(item) = social_inbound::item(&directory, &inbound) {
        let tenant = app.app.tenant;
        emitted.push(emit::write(shared, tx, tenant, inbound.id, Payload::SocialInbound, item, at)?);
    }
    Ok((id, emitted))
}

/// The body of spec 4.3.
pub(crate) fn body(inbound: &SocialInbound, app_id: &str, zone: &Zone) -> Vec<u8> {
    let mut body = json!({
        "userId": inbound.source, "channel": "Rtm", "appId": app_id, "event": inbound.event, "message": inbound.text,
        "ts": inbound.received_at.as_ms().to_string(),
        "timeStamp": notification_timestamp(inbound.received_at, zone), "tid": inbound.provider_ref,
        "attachments": inbound.attachments.as_deref().unwrap_or_default(), "replyTo": ""
    });
    let more = inbound.postback.as_deref().and_then(|text| serde_json::from_str(text).ok());
    if let (Value::Object(body), Some(Value::Object(more))) = (&mut body, more) {
        body.extend(more);
    }
    body.to_string().into_bytes()
}
