//! One attempt at one message: its open parts go to one connection, their answers come back.

use std::time::Duration;

use bytes::Bytes;
use waypost_channels::smpp::config::Concatenation;
use waypost_channels::smpp::wire::tag;
use waypost_channels::smpp::{
    Address, Permit, Retry, Submit, SubmitError, SubmitResult, Tlv, Validity,
};
use waypost_core::channel::Channel;
use waypost_core::outcome::{MessageProgress, PartState};
use waypost_core::sms::segment::{Part, Segmented};
use waypost_core::sms::udh::concatenation;
use waypost_core::time::Micros;
use waypost_delivery::Item;

use super::gateway::{Group, Member};
use super::runtime::Shared;
use super::sms_content::{self, StoredSms};
use super::sms_item::SmsItem;
use super::sms_record::UNREACHABLE;

/// What came of an attempt.
#[derive(Debug)]
pub enum Attempted {
    /// It had expired; nothing was sent.
    Expired,
    /// A rule of ours refused it with this code; nothing was sent.
    Refused(u16),
    /// Our rules could not be asked, because of this; nothing was sent.
    Unchecked(String),
    /// Parts were offered to a connection.
    Tried(Tried),
}

/// The answers of one attempt.
#[derive(Debug)]
pub struct Tried {
    /// The parts before the attempt.
    pub before: MessageProgress,
    /// The connection that was written to; `None` when nothing was written.
    pub connection: Option<i64>,
    /// What became of each part that was open.
    pub parts: Vec<(u8, PartResult)>,
    /// One line for the story.
    pub detail: String,
}

/// What became of one part.
#[derive(Debug)]
pub enum PartResult {
    /// Taken, under this provider id.
    Taken(String),
    /// Refused for good, with this code.
    Refused(u16),
    /// May succeed later.
    Later {
        /// The code it ends with when there is no later.
        code: u16,
        /// Not before this, milliseconds.
        after_ms: Option<u64>,
        /// Whether the connection is at fault.
        failing: bool,
    },
}

/// Offers the open parts of `item` to a connection of its group and waits for the answers.
pub async fn submit(shared: &Shared, group: i64, item: &Item<SmsItem>, stored: &StoredSms) -> Attempted {
    let message = &item.payload;
    let Some(group) = shared.gateway.group(group) else {
        return Attempted::Refused(CHANNEL_NOT_CONFIGURED);
    };
    let segmented = match sms_content::segmented(message, stored, group.concatenation()) {
        Ok(segmented) => segmented,
        Err(code) => return Attempted::Refused(code),
    };
    let count = u8::try_from(segmented.parts.len()).unwrap_or(u8::MAX);
    let before = message.progress.clone().filter(|progress| progress.parts().len() == usize::from(count));
    let before = before.unwrap_or_else(|| MessageProgress::queued(Channel::Sms, count));
    let deadline = Duration::from_millis(shared.settings.submit_deadline_ms);
    match tokio::time::timeout(deadline, offer(shared, &group, item, stored, &segmented, before.clone())).await {
        Ok(attempted) => attempted,
        Err(_) => put_off(before, "no connection was bound and free in time"),
    }
}

/// The group lost its last connection after the message was accepted.
const CHANNEL_NOT_CONFIGURED: u16 = 7106;

/// Nothing was written: every open part stays open.
fn put_off(before: MessageProgress, why: &str) -> Attempted {
    let later = || PartResult::Later { code: UNREACHABLE, after_ms: None, failing: true };
    let parts = open_parts(&before).map(|part| (part, later())).collect();
    Attempted::Tried(Tried { before, connection: None, parts, detail: why.to_owned() })
}

fn open_parts(progress: &MessageProgress) -> impl Iterator<Item = u8> + '_ {
    let open = progress.parts().iter().enumerate().filter(|(_, part)| part.state == PartState::Pending);
    open.filter_map(|(index, _)| u8::try_from(index).ok())
}

async fn offer(
    shared: &Shared,
    group: &Group,
    item: &Item<SmsItem>,
    stored: &StoredSms,
    segmented: &Segmented,
    before: MessageProgress,
) -> Attempted {
    let Some((index, first)) = reserve(group, item.payload.connection).await else {
        return put_off(before, "the connections are closed");
    };
    let member = &group.members[index];
    let now = shared.clock.now();
    let mut answers = Vec::with_capacity(segmented.parts.len());
    let mut permit = Some(first);
    for part in open_parts(&before) {
        // A message's parts go to one connection, in order; each takes its own place in the window.
        let place = match permit.take() {
            Some(place) => Ok(place),
            None => group.pool.connections()[index].reserve().await,
        };
        let Ok(place) = place else { break };
        let submit = pdu(item, stored, segmented.data_coding, &segmented.parts[usize::from(part)], now);
        let submit = joined_by(submit, group.pool.connections()[index].config().concatenation);
        answers.push((part, place.submit(submit)));
    }
    let mut parts = Vec::with_capacity(answers.len());
    let (mut written, mut lines) = (false, String::new());
    for (part, answer) in answers {
        let result = answer.await;
        group.pool.note(index, &result);
        written |= !matches!(result, Err(SubmitError::NotSent(_)));
        note_line(&mut lines, part, &result);
        parts.push((part, part_result(member, result)));
    }
    let detail = format!("via {}{lines}", group.pool.connections()[index].name());
    let connection = if written { Some(member.id) } else { item.payload.connection };
    Attempted::Tried(Tried { before, connection, parts, detail })
}

/// A place on the connection of the last attempt, so that a part of unknown fate is not offered to another
/// provider; otherwise on the one whose turn it is.
async fn reserve(group: &Group, last: Option<i64>) -> Option<(usize, Permit)> {
    match last.and_then(|id| group.position(id)) {
        Some(index) => group.pool.connections()[index].reserve().await.ok().map(|permit| (index, permit)),
        None => group.pool.reserve().await.ok(),
    }
}

fn pdu(item: &Item<SmsItem>, stored: &StoredSms, data_coding: u8, part: &Part, now: Micros) -> Submit {
    let message = item.payload.message();
    let reference = (message.id.0 & 0xffff) as u16;
    Submit {
        source: sms_content::source_address(stored),
        dest: dest_address(&message.destination),
        priority: item.payload.request().priority.saturating_sub(1),
        validity: item.expires_at.map(|at| Validity::Seconds(seconds_left(at, now))),
        data_coding,
        udh: part.udh.clone().map(Bytes::from).unwrap_or_default(),
        payload: Bytes::copy_from_slice(&part.payload),
        tlvs: vec![Tlv::of_u16(tag::USER_MESSAGE_REFERENCE, reference)],
        ..Submit::default()
    }
}

/// Says which parts belong together in the way the connection wants it.
fn joined_by(mut submit: Submit, mode: Concatenation) -> Submit {
    match mode {
        Concatenation::Udh8 | Concatenation::Udh16 => {}
        Concatenation::Payload => submit.in_payload = true,
        Concatenation::Sar => {
            if let Some(header) = concatenation(&submit.udh) {
                submit.udh = Bytes::new();
                submit.tlvs.push(Tlv::of_u16(tag::SAR_MSG_REF_NUM, header.reference));
                submit.tlvs.push(Tlv::of_u8(tag::SAR_TOTAL_SEGMENTS, header.total));
                submit.tlvs.push(Tlv::of_u8(tag::SAR_SEGMENT_SEQNUM, header.seq));
            }
        }
    }
    submit
}

fn dest_address(destination: &str) -> Address {
    Address { ton: 1, npi: 1, digits: destination.trim_start_matches('+').to_owned() }
}

/// At least one second: zero would mean the provider's own default.
fn seconds_left(expires_at: Micros, now: Micros) -> u32 {
    u32::try_from(expires_at.since_ms(now) / 1_000).unwrap_or(0).max(1)
}

fn part_result(member: &Member, result: SubmitResult) -> PartResult {
    let error = match result {
        Ok(submitted) => return PartResult::Taken(submitted.message_id),
        Err(error) => error,
    };
    match error.command_status() {
        Some(status) => {
            let outcome = member.outcomes.submit_error(status);
            match outcome.retry {
                Retry::Never => PartResult::Refused(outcome.code),
                Retry::Later | Retry::Throttle => {
                    PartResult::Later { code: outcome.code, after_ms: None, failing: false }
                }
                Retry::OtherConnection => PartResult::Later { code: outcome.code, after_ms: None, failing: true },
            }
        }
        None => PartResult::Later { code: UNREACHABLE, after_ms: None, failing: true },
    }
}

fn note_line(lines: &mut String, part: u8, result: &SubmitResult) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = match result {
        Ok(submitted) => write!(lines, "; part {} id {}", part + 1, submitted.message_id),
        Err(error) => write!(lines, "; part {}: {error}", part + 1),
    };
}

