//! The delivery notification (spec 4.2) and the inbound message (spec 4.3) as JSON, exactly as the contract has them.

use serde::Serialize;
use waypost_channels::connector::Address;
use waypost_core::channel::Channel;
use waypost_core::outcome::{DeliveryStatus, Outcome};
use waypost_core::time::{Micros, Zone, notification_timestamp};
use waypost_status::MessagingCode;

use crate::records::inbound::Inbound;
use crate::records::{MessageRecord, RequestRecord};

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "deliveryInfoNotification")]
    notification: Notification<'a>,
}

#[derive(Serialize)]
struct Notification<'a> {
    #[serde(rename = "deliveryInfo")]
    info: Info<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(rename = "deliveryTransInfo", skip_serializing_if = "Option::is_none")]
    trans_info: Option<String>,
    subtid: &'a str,
    transid: String,
    #[serde(rename = "callbackData")]
    callback_data: &'a str,
    correlationid: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    time_stamp: String,
    // The capital D is the contract's.
    #[serde(rename = "Description")]
    description: &'a str,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_count: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    push_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deviceid: Option<&'a str>,
    delivery_channel: &'a str,
    additional_info: &'a str,
    destination: &'a str,
    destination_type: &'a str,
    delivery_status: &'a str,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The request.
    pub request: &'a RequestRecord,
    /// One message of it.
    pub message: &'a MessageRecord,
    /// Parts it was cut into; 0 when it never was.
    pub parts: u16,
    /// The address this is about and which part it is; none when it is about the message.
    pub target: Option<(u8, &'a Address)>,
}

/// The body of a delivery notification for `outcome`, which was reached at `at`.
///
/// The same arguments give the same bytes, so a retry repeats what was sent before.
#[must_use]
pub fn delivery(subject: &Subject<'_>, outcome: &Outcome, at: Micros, zone: &Zone) -> Vec<u8> {
    let Subject { request, message, parts, .. } = *subject;
    let channel = Channel::parse(&request.channel).unwrap_or(Channel::Sms);
    let (destination, destination_type) = destination(subject, channel, outcome.code);
    let address = subject.target.map(|(_, address)| address);
    let envelope = Envelope {
        notification: Notification {
            info: Info {
                time_stamp: notification_timestamp(at, zone),
                description: description(outcome.code, &request.channel),
                code: outcome.code.to_string(),
                message_count: (channel == Channel::Sms).then(|| parts.max(1).to_string()),
                push_id: on_push(channel, address.map(|address| address.value.as_str())),
                deviceid: on_push(channel, address.and_then(|address| address.device.as_deref())),
                delivery_channel: channel.wire_name(),
                additional_info: "",
                destination,
                destination_type,
                delivery_status: outcome.status.as_str(),
            },
            carrier: (channel == Channel::Sms).then_some(""),
            trans_info: (channel == Channel::Voice).then(|| trans_info(outcome, at, zone)).flatten(),
            subtid: "",
            transid: request.transaction(message.unit).to_string(),
            callback_data: request.callback_data.as_deref().unwrap_or_default(),
            correlationid: message.correlation.as_deref().unwrap_or_default(),
        },
    };
    to_json(&envelope)
}

/// The members that only a push has: empty before an address is known (spec 4.2).
fn on_push(channel: Channel, value: Option<&str>) -> Option<&str> {
    (channel == Channel::Push).then(|| value.unwrap_or_default())
}

/// On push, the token that was reached; elsewhere what the client asked for (spec 4.2).
fn destination<'a>(subject: &Subject<'a>, channel: Channel, code: u16) -> (&'a str, &'a str) {
    let Subject { message, .. } = *subject;
    match subject.target {
        Some((_, address)) if channel == Channel::Push => (&address.value, address.kind.id_key()),
        _ if code == PROFILE_NOT_FOUND => (&message.destination, ""),
        _ => (&message.destination, &message.dest_type),
    }
}

/// The text of `deliveryTransInfo`, which a voice notification has for each step of the call (spec 4.2). Its form is ours.
fn trans_info(outcome: &Outcome, at: Micros, zone: &Zone) -> Option<String> {
    let step = match outcome.status {
        DeliveryStatus::Offered
        | DeliveryStatus::Accepted
        | DeliveryStatus::Answered
        | DeliveryStatus::Dropped
        | DeliveryStatus::Released
        | DeliveryStatus::Disconnected => outcome.status.as_str().to_ascii_uppercase(),
        _ => return None,
    };
    let (code, at) = (outcome.code, notification_timestamp(at, zone));
    Some(format!("<call><event>{step}</event><code>{code}</code><timeStamp>{at}</timeStamp></call>"))
}

/// 7105: the address was never resolved, so the notification names no destination type (spec 4.2).
const PROFILE_NOT_FOUND: u16 = 7105;

/// What the code means, in the words of the Messaging table, misprints and all; the status look-up uses its own table.
#[must_use]
pub fn description(code: u16, channel: &str) -> &'static str {
    let entry = MessagingCode::for_outcome(code, channel).unwrap_or(MessagingCode::StatusUnknown).entry();
    // An outcome is a number: what a placeholder of its text stands for is not known here (7618).
    if entry.text().contains('{') { entry.message } else { entry.text() }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InboundBody<'a> {
    user_id: &'a str,
    channel: &'a str,
    oa: &'a str,
    da: &'a str,
    message: &'a str,
    tid: String,
    datetime: String,
    ts: String,
    time_stamp: String,
    #[serde(rename = "x_networkid")]
    network_id: &'a str,
    message_count: String,
}

/// The body in which an inbound SMS is forwarded to the service's inbound URL (spec 4.3).
#[must_use]
pub fn inbound(message: &Inbound, zone: &Zone) -> Vec<u8> {
    let stamp = notification_timestamp(message.received_at, zone);
    to_json(&InboundBody {
        user_id: &message.source,
        channel: "SMS",
        oa: &message.source,
        da: &message.destination,
        message: &message.text,
        tid: message.id.to_string(),
        datetime: stamp.clone(),
        ts: message.received_at.as_ms().to_string(),
        time_stamp: stamp,
        network_id: "",
        message_count: message.parts.to_string(),
    })
}

fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    // These types hold only strings: writing them to memory cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}

/// The receipt types a service can tick (spec 4.1 "selection"); bits of `service.notify_types`.
#[must_use]
pub const fn notify_bit(status: DeliveryStatus) -> i64 {
    match status {
        DeliveryStatus::Submitted | DeliveryStatus::Offered | DeliveryStatus::Accepted => 1,
        DeliveryStatus::Delivered | DeliveryStatus::Answered => 2,
        DeliveryStatus::Read => 8,
        DeliveryStatus::Clicked => 16,
        // What went wrong, and how a call ended.
        _ => 4,
    }
}

/// Every receipt type: what a new service has ticked.
pub const NOTIFY_ALL: i64 = 31;
