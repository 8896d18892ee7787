//! The messages received, whole: parts are joined as a handset would.

use std::collections::{HashMap, VecDeque};

use waypost_channels::smpp::Address;

use super::plan::Part;

/// Incomplete long messages kept at most; beyond that, the log gives up on all of them.
const INCOMPLETE_MAX: usize = 10_000;

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Sender.
    pub source: Address,
    /// Recipient.
    pub dest: Address,
    /// Encoding of the payload.
    pub data_coding: u8,
    /// User data of all parts in order, without headers.
    pub payload: Vec<u8>,
    /// Ids given to the parts, in the order of the parts, as spelt in the answers.
    pub message_ids: Vec<String>,
    /// Receipts asked for.
    pub registered_delivery: u8,
    /// Validity asked for.
    pub validity: String,
    /// Service type.
    pub service_type: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    source: String,
    dest: String,
    reference: u16,
    total: u8,
}

/// The last messages received.
#[derive(Debug, Default)]
pub(super) struct Log {
    whole: VecDeque<Received>,
    incomplete: HashMap<Key, Vec<Option<Received>>>,
}

impl Log {
    pub(super) fn snapshot(&self) -> Vec<Received> {
        self.whole.iter().cloned().collect()
    }

    /// Adds one part (or a message that is its only part) and keeps the last `keep_max` whole messages.
    pub(super) fn add(&mut self, part: Option<Part>, received: Received, keep_max: usize) {
        let whole = match part {
            None => Some(received),
            Some(part) => self.join(part, received),
        };
        let Some(whole) = whole else { return };
        while self.whole.len() >= keep_max.max(1) {
            self.whole.pop_front();
        }
        self.whole.push_back(whole);
    }

    fn join(&mut self, part: Part, received: Received) -> Option<Received> {
        if self.incomplete.len() >= INCOMPLETE_MAX {
            self.incomplete.clear();
        }
        let key = Key {
            source: received.source.digits.clone(),
            dest: received.dest.digits.clone(),
            reference: part.reference,
            total: part.total,
        };
        let parts = self.incomplete.entry(key.clone()).or_insert_with(|| vec![None; usize::from(part.total)]);
        *parts.get_mut(usize::from(part.sequence) - 1)? = Some(received);
        if parts.iter().any(Option::is_none) {
            return None;
        }
        self.incomplete.remove(&key)?.into_iter().flatten().reduce(|mut whole, next| {
            whole.payload.extend(next.payload);
            whole.message_ids.extend(next.message_ids);
            whole
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(payload: &str) -> Received {
        Received {
            source: Address::new(5, 0, "WAYPOST"),
            dest: Address::new(1, 1, "447700900001"),
            data_coding: 0,
            payload: payload.as_bytes().to_vec(),
            message_ids: vec![format!("id-{payload}")],
            registered_delivery: 1,
            validity: String::new(),
            service_type: String::new(),
        }
    }

    fn part(sequence: u8) -> Option<Part> {
        Some(Part { reference: 1, total: 3, sequence })
    }

    #[test]
    fn parts_are_joined_in_their_order_whatever_order_they_come_in() {
        let mut log = Log::default();
        for (sequence, text) in [(3, "c"), (1, "a"), (2, "b")] {
            log.add(part(sequence), received(text), 10);
        }
        let mut whole = received("abc");
        whole.message_ids = vec!["id-a".into(), "id-b".into(), "id-c".into()];
        assert_eq!(log.snapshot(), [whole]);
        assert!(log.incomplete.is_empty());
    }

    #[test]
    fn only_the_last_messages_are_kept() {
        let mut log = Log::default();
        for text in ["a", "b", "c"] {
            log.add(None, received(text), 2);
        }
        assert_eq!(log.snapshot(), [received("b"), received("c")]);
    }
}
