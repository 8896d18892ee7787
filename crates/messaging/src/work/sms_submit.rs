//! One attempt at one message: its open parts go to one connection, their answers come back.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use waypost_channels::smpp::{Permit, Retry, SubmitError, SubmitFuture, SubmitResult};
use waypost_core::channel::Channel;
use waypost_core::msisdn::Msisdn;
use waypost_core::outcome::{Event, MessageProgress, PartState, code};
use waypost_core::sms::segment::Segmented;
use waypost_core::time::Micros;
use waypost_delivery::Item;

use super::gateway::{Group, Member};
use super::runtime::Shared;
use super::sms_content::{self, StoredSms};
use super::sms_item::SmsItem;
use super::sms_pdu;
use super::sms_record::UNREACHABLE;
use crate::records::RequestRecord;

/// What came of an attempt.
#[derive(Clone, Debug)]
pub enum Attempted {
    /// It had expired; nothing was sent.
    Expired,
    /// A rule of ours refused it; nothing was sent.
    Refused {
        /// The code it ends with.
        code: u16,
        /// The line for its story.
        why: String,
    },
    /// The sandbox's rule decided it; nothing was sent.
    Forced(Event),
    /// It could not be tried now; nothing was sent.
    Unchecked {
        /// The code it ends with when there is no later.
        code: u16,
        /// Why not.
        why: String,
    },
    /// Parts were offered to a connection.
    Tried(Tried),
}

impl Attempted {
    /// Refused for a reason that its code says wholly.
    #[must_use]
    pub const fn refused(code: u16) -> Self {
        Self::Refused { code, why: String::new() }
    }
}

/// The answers of one attempt.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The parts before the attempt.
    pub before: MessageProgress,
    /// The connection that has, or may have, parts of the message; the next attempt goes there.
    pub connection: Option<i64>,
    /// Parts the message counts as.
    pub segments: u16,
    /// Whether any part was offered to a connection.
    pub offered: bool,
    /// What became of each part that was open.
    pub parts: Vec<(u8, PartResult)>,
    /// One line for the story.
    pub detail: String,
}

/// What became of one part.
#[derive(Clone, Debug)]
pub enum PartResult {
    /// Taken, under this provider id.
    Taken(String),
    /// Refused for good, with this code.
    Refused(u16),
    /// May succeed later.
    Later {
        /// The code it ends with when there is no later.
        code: u16,
        /// Whether the connection is at fault.
        failing: bool,
    },
}

const NOT_OFFERED: PartResult = PartResult::Later { code: UNREACHABLE, failing: true };

/// The group lost its last connection after the message was accepted; it may get one back before the attempts end.
const CHANNEL_NOT_CONFIGURED: u16 = 7106;

/// No connection of the group serves the message's route.
const CONFIGURATION: u16 = 7114;

/// Offers the open parts of `item` to a connection of its group and waits for the answers. A connection that proves
/// not to have taken anything is followed by the next one of the group, within the same attempt.
pub async fn submit(
    shared: &Shared,
    group: i64,
    item: &Item<SmsItem>,
    stored: &StoredSms,
    to: &Msisdn,
) -> Attempted {
    let Some(group) = shared.gateway.group(group) else {
        return Attempted::Unchecked {
            code: CHANNEL_NOT_CONFIGURED,
            why: "no connection serves the tenant now".to_owned(),
        };
    };
    let segmented = match sms_content::segmented(&item.payload, stored, group.concatenation()) {
        Ok(segmented) => segmented,
        Err(code) => return Attempted::refused(code),
    };
    let now = shared.clock.now();
    let patience_ms = shared.settings.submit_deadline_ms.min(left_ms(item, now));
    if let Some(known) = &item.payload.progress
        && known.parts().len() != segmented.parts.len()
        && known.parts().iter().any(|part| part.state != PartState::Pending)
    {
        // Cut anew, what a provider has taken already would go out twice.
        return Attempted::refused(code::MULTIPART);
    }
    let deadline = Instant::now() + Duration::from_millis(patience_ms);
    let others = others(shared, &group, item.payload.request());
    if others.len() == group.members.len() {
        let why = "no connection serves the route of the message".to_owned();
        return Attempted::Refused { code: CONFIGURATION, why };
    }
    let attempt = Attempt { group: &group, others, item, stored, to, segmented: &segmented, now, deadline };
    match attempt.run().await {
        // It waited for a connection until its time was over.
        tried if !tried.offered && left_ms(item, shared.clock.now()) == 0 => Attempted::Expired,
        tried => Attempted::Tried(tried),
    }
}

/// The connections of the group that do not serve the route of the request, or of its service when it names none.
fn others(shared: &Shared, group: &Group, request: &RequestRecord) -> Vec<usize> {
    let directory = shared.directory.current();
    let of_service = || directory.service(request.service)?.route_group.as_deref();
    let route = request.route.as_deref().or_else(of_service);
    let connections = group.pool.connections().iter().enumerate();
    connections.filter(|(_, connection)| !connection.config().serves(route)).map(|(index, _)| index).collect()
}

/// Milliseconds until the message expires.
fn left_ms(item: &Item<SmsItem>, now: Micros) -> u64 {
    item.expires_at.map_or(u64::MAX, |at| u64::try_from(at.since_ms(now)).unwrap_or(0))
}

struct Attempt<'a> {
    group: &'a Group,
    /// Connections that do not serve the message's route.
    others: Vec<usize>,
    item: &'a Item<SmsItem>,
    stored: &'a StoredSms,
    to: &'a Msisdn,
    segmented: &'a Segmented,
    now: Micros,
    deadline: Instant,
}

impl Attempt<'_> {
    async fn run(self) -> Tried {
        let mut tried = self.nothing_yet();
        let open: Vec<u8> = open_parts(&tried.before).collect();
        let mut avoided = self.others.clone();
        let mut reserved = self.reserve().await;
        while let Some((index, permit)) = reserved {
            let answers = self.offer(index, permit, &open, &mut tried.detail).await;
            let member = &self.group.members[index];
            if answers.iter().any(|(_, answer)| keeps(answer)) {
                tried.connection = Some(member.id);
            }
            let may_fail_over =
                tried.connection.is_none() && answers.iter().all(|(_, answer)| moves_on(member, answer));
            tried.parts = complete(&open, answers, member);
            if !may_fail_over {
                break;
            }
            avoided.push(index);
            reserved = self.group.pool.try_reserve_without(&avoided);
        }
        tried.offered = !tried.parts.is_empty();
        if !tried.offered {
            tried.parts = open.iter().map(|part| (*part, NOT_OFFERED)).collect();
            tried.detail = "no connection was bound and free in time".to_owned();
        }
        tried
    }

    fn nothing_yet(&self) -> Tried {
        let count = u8::try_from(self.segmented.parts.len()).unwrap_or(u8::MAX);
        let before =
            self.item.payload.progress.clone().filter(|known| known.parts().len() == usize::from(count));
        Tried {
            before: before.unwrap_or_else(|| MessageProgress::queued(Channel::Sms, count)),
            connection: self.item.payload.connection,
            segments: u16::from(self.segmented.count),
            offered: false,
            parts: Vec::new(),
            detail: String::new(),
        }
    }

    /// A place on the connection that has parts of the message already, so that a part of unknown fate is not offered
    /// to another provider; otherwise on the one whose turn it is.
    async fn reserve(&self) -> Option<(usize, Permit)> {
        let reserved = async {
            match self.item.payload.connection.and_then(|id| self.group.position(id)) {
                Some(index) => {
                    self.group.pool.connections()[index].reserve().await.map(|permit| (index, permit))
                }
                None => self.group.pool.reserve_without(&self.others).await,
            }
        };
        timeout_at(self.deadline, reserved).await.ok()?.ok()
    }

    /// Offers the open parts in order, each in its own place of the window, and waits for all answers. Parts for which
    /// no place came in time have no answer.
    async fn offer(
        &self,
        index: usize,
        first: Permit,
        open: &[u8],
        detail: &mut String,
    ) -> Vec<(u8, SubmitResult)> {
        let connection = &self.group.pool.connections()[index];
        let mut pending: Vec<(u8, SubmitFuture)> = Vec::with_capacity(open.len());
        let mut place = Some(first);
        for part in open {
            if place.is_none() {
                place = timeout_at(self.deadline, connection.reserve()).await.ok().and_then(Result::ok);
            }
            let Some(place) = place.take() else { break };
            let (config, to) = (connection.config(), self.to.as_str());
            let pdu = sms_pdu::part(
                self.item,
                self.stored,
                to,
                self.segmented,
                usize::from(*part),
                config,
                self.now,
            );
            pending.push((*part, place.submit(pdu)));
        }
        if !detail.is_empty() {
            detail.push_str(", then ");
        }
        detail.push_str("via ");
        detail.push_str(connection.name());
        let mut answers = Vec::with_capacity(pending.len());
        for (part, answer) in pending {
            let answer = answer.await;
            self.group.pool.note(index, &answer);
            note(detail, part, &answer);
            answers.push((part, answer));
        }
        answers
    }
}

fn open_parts(progress: &MessageProgress) -> impl Iterator<Item = u8> + '_ {
    let open = progress.parts().iter().enumerate().filter(|(_, part)| part.state == PartState::Pending);
    open.filter_map(|(index, _)| u8::try_from(index).ok())
}

/// Whether the connection has, or may have, the part.
const fn keeps(answer: &SubmitResult) -> bool {
    matches!(answer, Ok(_) | Err(SubmitError::Unknown(_)))
}

/// Whether the same part may succeed on another connection: this one is known not to have taken it, and is at fault.
fn moves_on(member: &Member, answer: &SubmitResult) -> bool {
    match answer {
        Ok(_) | Err(SubmitError::Unknown(_)) => false,
        Err(SubmitError::NotSent(_)) => true,
        Err(error) => error.command_status().is_some_and(|status| {
            matches!(member.outcomes.submit_error(status).retry, Retry::OtherConnection | Retry::Throttle)
        }),
    }
}

/// A result for every open part, also for those that were never offered.
fn complete(open: &[u8], answers: Vec<(u8, SubmitResult)>, member: &Member) -> Vec<(u8, PartResult)> {
    let offered = answers.len();
    let answered = answers.into_iter().map(|(part, answer)| (part, part_result(member, answer)));
    answered.chain(open[offered..].iter().map(|part| (*part, NOT_OFFERED))).collect()
}

fn part_result(member: &Member, answer: SubmitResult) -> PartResult {
    let error = match answer {
        Ok(submitted) => return PartResult::Taken(submitted.message_id),
        Err(error) => error,
    };
    let Some(status) = error.command_status() else { return NOT_OFFERED };
    let outcome = member.outcomes.submit_error(status);
    let later = |failing| PartResult::Later { code: outcome.code, failing };
    match outcome.retry {
        Retry::Never => PartResult::Refused(outcome.code),
        Retry::Later | Retry::Throttle => later(false),
        Retry::OtherConnection => later(true),
    }
}

fn note(detail: &mut String, part: u8, answer: &SubmitResult) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = match answer {
        Ok(submitted) => write!(detail, "; part {} id {}", part + 1, submitted.message_id),
        Err(error) => write!(detail, "; part {}: {error}", part + 1),
    };
}
