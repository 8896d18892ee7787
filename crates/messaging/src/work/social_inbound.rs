//! What users of the social channels said: kept once, forwarded to the service that uses the asset (spec 4.3).

use serde::Serialize;
use waypost_core::channel::Channel;
use waypost_core::time::{Micros, Zone, notification_timestamp};
use waypost_store::directory::{App, Directory};
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::callback_item::{CallbackItem, Payload, parse_url};
use super::emit::{self, Emitted};
use super::rules;
use super::runtime::Shared;
use crate::records::social_inbound::{self, SocialInbound};
use crate::wire::social::Said;

/// The write job of one saying, with the work of the rules it wakes; nothing when it was kept before.
///
/// # Errors
/// Those of the store; the provider is then asked to send it again.
pub fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    app: &App,
    channel: Channel,
    said: &Said,
    at: Micros,
) -> Result<Vec<Emitted>, StoreError> {
    let directory = shared.directory.current();
    let inbound = SocialInbound {
        id: shared.ids.next_range(at, 1).0,
        tenant: app.tenant,
        service: directory.apps().service_of(app.id, channel),
        app: app.id,
        channel: channel.wire_name().to_owned(),
        source: said.user.clone(),
        event: said.event.word().to_owned(),
        text: said.text.clone(),
        attachments: said.attachments.clone(),
        postback: said.postback.clone(),
        provider_ref: said.provider_ref.clone(),
        received_at: at,
    };
    let ctx = Ctx::system(TenantId(app.tenant), "social webhook");
    if !social_inbound::insert(tx, &ctx, &inbound)? {
        return Ok(Vec::new());
    }
    let dues = rules::facts::said(shared, tx, &inbound, &app.app_id)?;
    let mut emitted: Vec<Emitted> = Emitted::of_rules(dues).into_iter().collect();
    if let Some(item) = item(&directory, &inbound) {
        emitted.push(emit::write(shared, tx, app.tenant, inbound.id, Payload::SocialInbound, item, at)?);
    }
    Ok(emitted)
}

/// The call-back that forwards it; `None` when no service uses the asset, or it has no inbound URL.
#[must_use]
pub fn item(directory: &Directory, inbound: &SocialInbound) -> Option<CallbackItem> {
    let service = directory.service(inbound.service?)?;
    let url = service.inbound_url.as_deref()?;
    let app_id = directory.apps().by_row(inbound.app).map_or("", |app| app.app_id.as_str());
    let zone = directory.zone(inbound.tenant);
    let body = if inbound.channel == Channel::Rt.wire_name() {
        crate::rt::inbound_body(inbound, app_id, zone)
    } else {
        body(inbound, app_id, zone)
    };
    Some(CallbackItem { message: None, service: service.id, url: parse_url(url), body: body.into() })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    user_id: &'a str,
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    psid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    twitterid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wechatid: Option<&'a str>,
    app_id: &'a str,
    event: &'a str,
    ts: String,
    time_stamp: String,
    tid: String,
    message: &'a str,
    attachments: &'a str,
    locale: &'a str,
    gender: &'a str,
    timezone: &'a str,
    name: &'a str,
    #[serde(rename = "profile_pic")]
    profile_pic: &'a str,
    postback: &'a str,
}

/// The body of spec 4.3. The members of the user's profile are empty: the webhooks do not bring them, and asking the
/// provider for each message is not ours to decide.
fn body(inbound: &SocialInbound, app_id: &str, zone: &Zone) -> Vec<u8> {
    let of = |channel: &str| (inbound.channel == channel).then_some(inbound.source.as_str());
    let body = Body {
        user_id: &inbound.source,
        channel: channel_word(&inbound.channel),
        psid: of("fb"),
        twitterid: of("twitter"),
        wechatid: of("wechat"),
        app_id,
        event: &inbound.event,
        ts: inbound.received_at.as_ms().to_string(),
        time_stamp: notification_timestamp(inbound.received_at, zone),
        tid: format!("{}_0", inbound.id),
        message: &inbound.text,
        attachments: inbound.attachments.as_deref().unwrap_or_default(),
        locale: "",
        gender: "",
        timezone: "",
        name: "",
        profile_pic: "",
        postback: inbound.postback.as_deref().unwrap_or_default(),
    };
    // The type holds only strings: writing it to memory cannot fail.
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The contract has `Facebook`; the others are ours, in its manner.
fn channel_word(channel: &str) -> &'static str {
    match channel {
        "fb" => "Facebook",
        "twitter" => "Twitter",
        _ => "WeChat",
    }
}
