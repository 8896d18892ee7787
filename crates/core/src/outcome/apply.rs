//! The transition table of a message.
//!
//! **Parts.** Pending → submitted → delivered or failed. The first final word about a part counts: delivered and
//! then expired stays delivered, and the other way round. A receipt implies submission, whether or not the response
//! has come. An intermediate receipt says no more than that the operator has the part.
//!
//! **Message.** Queued until every part is submitted, then submitted; delivered when every part is. *The first part
//! that fails fails the message at once*: with its own code if it is the only part, or if no part was ever accepted
//! by the operator, itself included; otherwise with 7209. What comes for other parts afterwards is noted on the part
//! and changes nothing for the message. Our own refusal and expiry in our queue follow the same rule for the code,
//! and only reach a message of which some part is still to be handed over.
//!
//! **Addresses.** On push and in-app messaging the parts are the recipient's devices, each reached by itself: the message
//! is delivered once one device has it, and fails only when all have failed, with the code of the first. What happens to a
//! device is told of that device ([`Transition::notify`] is its outcome, not the message's).
//!
//! **After delivery.** Read implies delivered, clicked implies read. Nothing moves a failed message.
//!
//! **Order.** Whether a message ends delivered or failed does not depend on the order in which a consistent set of
//! events arrives (at most one final event per part; no refusal by us of what was also sent). The code does not
//! either, except that a failed *submission* of one part before any other was accepted keeps its own code.

use super::progress::{MessageProgress, MessageState, PartState, ProviderRef};
use super::{DeliveryStatus, Origin, Outcome, code, delivery_status, is_expiry};
use crate::channel::Channel;
use crate::sms::receipt::ReceiptState;

/// What a receipt says of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartOutcome {
    /// On its way.
    Intermediate,
    /// Delivered.
    Delivered,
    /// Will not be delivered.
    Failed {
        /// The code of section 9.
        code: u16,
    },
}

/// Something that happened to a message. `part` counts from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The provider accepted a part.
    Submitted {
        /// Which part.
        part: u8,
        /// The provider's id for it.
        provider_ref: ProviderRef,
    },
    /// A receipt for a part.
    Receipt {
        /// Which part.
        part: u8,
        /// What it says.
        outcome: PartOutcome,
    },
    /// A part could not be handed over, finally.
    SubmitFailed {
        /// Which part.
        part: u8,
        /// The code of section 9.
        code: u16,
        /// Who refused it.
        origin: Origin,
    },
    /// A rule of ours refused the message.
    PolicyRefused {
        /// The code of section 9.
        code: u16,
    },
    /// The message's `expiry` came while part of it was still in our queue.
    ExpiredInQueue,
    /// The time to wait for receipts is over.
    ReceiptWindowClosed,
    /// The user has read it.
    Read,
    /// The user has used a link or button in it.
    Clicked,
    /// Voice: the far side has the call.
    Placed {
        /// Which part.
        part: u8,
        /// The call's name.
        provider_ref: ProviderRef,
    },
    /// Voice: a step of a placed call (spec 4.2), told however the message stands.
    CallStep {
        /// The code of section 9.
        code: u16,
    },
}

/// What an event does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The message afterwards.
    pub next: MessageProgress,
    /// Whether `next` differs and must be stored.
    pub changed: bool,
    /// What the client is to be told; at most once for each status of a message, or of a device where the parts are
    /// devices.
    pub notify: Option<Outcome>,
    /// The event came after what it says was decided, or about a part that does not exist: history only.
    pub late: bool,
}

/// Applies one event. The only way a message changes.
#[must_use]
pub fn apply(progress: &MessageProgress, event: &Event) -> Transition {
    let mut next = progress.clone();
    let on_time = match event {
        Event::Submitted { part, provider_ref } => submitted(&mut next, *part, provider_ref),
        Event::Receipt { part, outcome } => receipt(&mut next, *part, *outcome),
        Event::SubmitFailed { part, code, origin } => submit_failed(&mut next, *part, *code, *origin),
        Event::PolicyRefused { code } => refused(&mut next, *code),
        Event::ExpiredInQueue => {
            let code =
                if next.channel == Channel::Voice { code::VOICE_EXPIRED } else { code::EXPIRED_IN_QUEUE };
            refused(&mut next, code)
        }
        Event::ReceiptWindowClosed => {
            let waiting = next.state == MessageState::Submitted;
            if waiting {
                next.fail(code::RECEIPT_EXPIRED, Origin::Platform);
            }
            waiting
        }
        Event::Read => used(&mut next, MessageState::Read, code::READ),
        Event::Clicked => used(&mut next, MessageState::Clicked, code::CLICKED),
        Event::Placed { part, provider_ref } => placed(&mut next, *part, provider_ref),
        Event::CallStep { code } => call_step(&mut next, *code),
    };
    if let Event::CallStep { code } = event {
        let told = Outcome { code: *code, status: delivery_status(next.channel, *code, Origin::Operator) };
        let notify = on_time.then_some(told);
        return Transition { changed: next != *progress, notify, late: !on_time, next };
    }
    let notify = match event.part() {
        Some(part) if progress.channel.reaches_devices() => device_outcome(progress, &next, part),
        _ if next.state == progress.state => None,
        _ => next.outcome(),
    };
    Transition { changed: next != *progress, notify, late: !on_time, next }
}

impl Event {
    /// The part it is about; `None` when it is about the message.
    const fn part(&self) -> Option<u8> {
        match self {
            Self::Submitted { part, .. }
            | Self::Receipt { part, .. }
            | Self::SubmitFailed { part, .. }
            | Self::Placed { part, .. } => Some(*part),
            Self::PolicyRefused { .. }
            | Self::ExpiredInQueue
            | Self::ReceiptWindowClosed
            | Self::Read
            | Self::Clicked
            | Self::CallStep { .. } => None,
        }
    }
}

/// What the client is told of a device whose state has changed.
fn device_outcome(before: &MessageProgress, after: &MessageProgress, part: u8) -> Option<Outcome> {
    let part = usize::from(part);
    let (old, new) = (before.parts.get(part)?, after.parts.get(part)?);
    if old.state == new.state {
        return None;
    }
    let code = match new.state {
        PartState::Pending => return None,
        PartState::Submitted => code::SUBMITTED,
        PartState::Delivered => code::DELIVERED,
        PartState::Failed => new.code,
    };
    Some(Outcome { code, status: delivery_status(after.channel, code, Origin::Operator) })
}

/// What a receipt's state means for its part. A table of the connection from the operator's `err` to codes may
/// refine the failures.
#[must_use]
pub const fn receipt_outcome(state: ReceiptState) -> PartOutcome {
    let code = match state {
        ReceiptState::Enroute | ReceiptState::Accepted | ReceiptState::Scheduled => {
            return PartOutcome::Intermediate;
        }
        ReceiptState::Delivered => return PartOutcome::Delivered,
        ReceiptState::Expired => code::EXPIRED_AT_OPERATOR,
        ReceiptState::Undeliverable | ReceiptState::Rejected => code::FAILED_AT_OPERATOR,
        ReceiptState::Deleted | ReceiptState::Skipped => code::FAILED_AT_PLATFORM,
        ReceiptState::Unknown => code::UNKNOWN_STATUS,
    };
    PartOutcome::Failed { code }
}

fn submitted(next: &mut MessageProgress, part: u8, provider_ref: &ProviderRef) -> bool {
    let Some(slot) = next.parts.get_mut(usize::from(part)) else { return false };
    // A receipt may have overtaken the response: the id is still worth having.
    if slot.provider_ref.as_str().is_empty() {
        slot.provider_ref = provider_ref.clone();
    }
    let on_time = slot.state == PartState::Pending;
    if on_time {
        slot.state = PartState::Submitted;
    }
    on_time & next.settle()
}

fn placed(next: &mut MessageProgress, part: u8, provider_ref: &ProviderRef) -> bool {
    let on_time = submitted(next, part, provider_ref);
    if on_time && next.state == MessageState::Submitted {
        next.code = code::OFFERED;
    }
    on_time
}

/// A step that decides nothing is told as long as the call has not failed; one that does moves the message.
fn call_step(next: &mut MessageProgress, step: u16) -> bool {
    match (step, next.state) {
        (_, MessageState::Queued) => false,
        (code::ACCEPTED, MessageState::Submitted) => {
            next.code = step;
            true
        }
        (code::ANSWERED, MessageState::Submitted) => {
            next.parts.iter_mut().for_each(|part| part.state = PartState::Delivered);
            (next.state, next.code) = (MessageState::Delivered, step);
            true
        }
        (7401..=7404 | 7406, MessageState::Submitted) => {
            for part in &mut next.parts {
                (part.state, part.code) = (PartState::Failed, step);
            }
            next.decide(step, Origin::Operator)
        }
        (code::ACCEPTED | code::ANSWERED | 7401..=7404 | 7406, _) => false,
        (_, state) => !state.is_failure(),
    }
}

fn receipt(next: &mut MessageProgress, part: u8, outcome: PartOutcome) -> bool {
    let Some(slot) = next.parts.get_mut(usize::from(part)) else { return false };
    match (slot.state, outcome) {
        (PartState::Delivered | PartState::Failed, _) => return false,
        (PartState::Pending, PartOutcome::Intermediate) => slot.state = PartState::Submitted,
        (PartState::Submitted, PartOutcome::Intermediate) => {}
        (_, PartOutcome::Delivered) => slot.state = PartState::Delivered,
        (_, PartOutcome::Failed { code }) => {
            slot.state = PartState::Failed;
            slot.code = code;
            if next.channel.reaches_devices() {
                return next.settle();
            }
            let code = if next.parts.len() > 1 { code::MULTIPART } else { code };
            return next.decide(code, Origin::Operator);
        }
    }
    next.settle()
}

fn submit_failed(next: &mut MessageProgress, part: u8, code: u16, origin: Origin) -> bool {
    let Some(slot) = next.parts.get_mut(usize::from(part)) else { return false };
    if slot.state != PartState::Pending {
        return false;
    }
    slot.state = PartState::Failed;
    slot.code = code;
    if next.channel.reaches_devices() {
        return next.settle();
    }
    let code = if next.any_accepted() { code::MULTIPART } else { code };
    next.decide(code, origin)
}

/// Our own decision against what is still in our queue.
fn refused(next: &mut MessageProgress, code: u16) -> bool {
    if next.state != MessageState::Queued {
        return false;
    }
    if next.channel.reaches_devices() && next.any_accepted() {
        // The devices that have it keep it; only the others are given up.
        for part in next.parts.iter_mut().filter(|part| part.state == PartState::Pending) {
            (part.state, part.code) = (PartState::Failed, code);
        }
        return next.settle();
    }
    let code = if next.any_accepted() { code::MULTIPART } else { code };
    next.decide(code, Origin::Platform)
}

fn used(next: &mut MessageProgress, state: MessageState, code: u16) -> bool {
    // Queued < Submitted < Delivered < Read < Clicked, in the order of their numbers.
    if next.state.is_failure() || next.state.to_u8() >= state.to_u8() {
        return false;
    }
    for part in &mut next.parts {
        part.state = PartState::Delivered;
    }
    next.state = state;
    next.code = code;
    true
}

impl MessageProgress {
    fn any_accepted(&self) -> bool {
        self.parts.iter().any(|part| matches!(part.state, PartState::Submitted | PartState::Delivered))
    }

    /// Fails the message unless it is decided already; tells whether it was not.
    fn decide(&mut self, code: u16, origin: Origin) -> bool {
        let open = !self.state.is_final();
        if open {
            self.fail(code, origin);
        }
        open
    }

    fn fail(&mut self, code: u16, origin: Origin) {
        self.code = code;
        self.state = match delivery_status(self.channel, code, origin) {
            _ if is_expiry(code) => MessageState::Expired,
            DeliveryStatus::UnDelivered => MessageState::Undelivered,
            _ => MessageState::Failed,
        };
    }

    /// As [`Self::settle`] where the parts are devices.
    fn settle_devices(&mut self) -> bool {
        let open = !self.state.is_final();
        if open && self.parts.iter().any(|part| part.state == PartState::Delivered) {
            self.state = MessageState::Delivered;
            self.code = code::DELIVERED;
        } else if open && self.parts.iter().all(|part| part.state == PartState::Failed) {
            self.fail(self.parts[0].code, Origin::Operator);
        } else if open && self.parts.iter().all(|part| part.state != PartState::Pending) {
            self.state = MessageState::Submitted;
            self.code = code::SUBMITTED;
        }
        true
    }

    /// Draws the message's state from its parts unless it is decided already; tells whether it was not.
    fn settle(&mut self) -> bool {
        if self.channel.reaches_devices() {
            return self.settle_devices();
        }
        if self.state.is_final() {
            return false;
        }
        if self.parts.iter().all(|part| part.state == PartState::Delivered) {
            self.state = MessageState::Delivered;
            self.code = code::DELIVERED;
        } else if self.parts.iter().all(|part| part.state != PartState::Pending) {
            self.state = MessageState::Submitted;
            self.code = code::SUBMITTED;
        }
        true
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
