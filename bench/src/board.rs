//! What the client, the SMSC and the sink saw of each message, on one board.
//!
//! A message is known everywhere by its number, which is carried in the destination: `4477` and eight digits.

use std::ops::Range;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// What precedes the message's number in a destination.
pub const PREFIX: &str = "4477";
/// Digits of a message's number.
const DIGITS: usize = 8;

/// Microseconds since 1970 by this machine's clock, which all parties of a measurement share.
#[must_use]
pub fn now_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

/// The message a destination stands for, if it is one of ours.
#[must_use]
pub fn number_of(destination: &[u8]) -> Option<u32> {
    let digits = destination.strip_prefix(PREFIX.as_bytes())?;
    let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == DIGITS)?;
    text.parse().ok()
}

/// The destination of a message's number.
#[must_use]
pub fn destination_of(number: u32) -> String {
    format!("{PREFIX}{number:08}")
}

/// What was seen of one message; times in microseconds since 1970, 0 for never.
#[derive(Debug, Default)]
struct Mark {
    sent_us: AtomicU64,
    acked_us: AtomicU64,
    submit_us: AtomicU64,
    final_us: AtomicU64,
    submits: AtomicU16,
    finals: AtomicU16,
    code: AtomicU32,
}

/// The marks of a bounded number of messages.
#[derive(Debug)]
pub struct Board {
    marks: Vec<Mark>,
    submitted: AtomicU64,
    finished: AtomicU64,
    interim: AtomicU64,
    foreign: AtomicU64,
}

/// The counts of a range of messages at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Messages the client holds an acknowledgement for.
    pub acked: u64,
    /// Messages the SMSC saw.
    pub submitted: u64,
    /// `submit_sm` beyond the first of a message.
    pub submitted_again: u64,
    /// Messages whose final call-back reached the sink.
    pub finished: u64,
    /// Final call-backs beyond the first of a message.
    pub finished_again: u64,
    /// Acknowledged messages without a final call-back.
    pub missing: u64,
    /// Messages that reached the SMSC though the client holds no acknowledgement.
    pub unacknowledged: u64,
    /// First request sent, in microseconds since 1970.
    pub first_sent_us: u64,
    /// Last final call-back, in microseconds since 1970.
    pub last_final_us: u64,
}

impl Board {
    /// A board for messages `0..capacity`.
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        let marks = (0..capacity).map(|_| Mark::default()).collect();
        let zero = || AtomicU64::new(0);
        Self { marks, submitted: zero(), finished: zero(), interim: zero(), foreign: zero() }
    }

    /// How many messages the board has room for.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.marks.len() as u32
    }

    fn mark(&self, number: u32) -> Option<&Mark> {
        let mark = self.marks.get(number as usize);
        if mark.is_none() {
            self.foreign.fetch_add(1, Relaxed);
        }
        mark
    }

    /// The client sends a message's request.
    pub fn sent(&self, number: u32, at_us: u64) {
        if let Some(mark) = self.mark(number) {
            mark.sent_us.store(at_us, Relaxed);
        }
    }

    /// The client holds the acknowledgement.
    pub fn acked(&self, number: u32, at_us: u64) {
        if let Some(mark) = self.mark(number) {
            mark.acked_us.store(at_us, Relaxed);
        }
    }

    /// The SMSC received the message.
    pub fn submitted(&self, number: u32) {
        let Some(mark) = self.mark(number) else { return };
        if mark.submits.fetch_add(1, Relaxed) == 0 {
            mark.submit_us.store(now_us(), Relaxed);
            self.submitted.fetch_add(1, Relaxed);
        }
    }

    /// The sink received a final call-back with this status code.
    pub fn finished(&self, number: u32, code: u32) {
        let Some(mark) = self.mark(number) else { return };
        mark.code.store(code, Relaxed);
        if mark.finals.fetch_add(1, Relaxed) == 0 {
            mark.final_us.store(now_us(), Relaxed);
            self.finished.fetch_add(1, Relaxed);
        }
    }

    /// The sink received a call-back that is not the end of its message.
    pub fn interim(&self) {
        self.interim.fetch_add(1, Relaxed);
    }

    /// Call-backs that were not the end of their message so far.
    #[must_use]
    pub fn interim_count(&self) -> u64 {
        self.interim.load(Relaxed)
    }

    /// A party saw a message that is none of ours.
    pub fn foreign(&self) {
        self.foreign.fetch_add(1, Relaxed);
    }

    /// How often a party saw a message that is none of ours.
    #[must_use]
    pub fn foreign_count(&self) -> u64 {
        self.foreign.load(Relaxed)
    }

    /// Distinct messages seen by the SMSC so far.
    #[must_use]
    pub fn submitted_count(&self) -> u64 {
        self.submitted.load(Relaxed)
    }

    /// Distinct messages with a final call-back so far.
    #[must_use]
    pub fn finished_count(&self) -> u64 {
        self.finished.load(Relaxed)
    }

    /// The status code of a message's last final call-back, if one came.
    #[must_use]
    pub fn code(&self, number: u32) -> Option<u32> {
        let mark = self.marks.get(number as usize)?;
        (mark.finals.load(Relaxed) > 0).then(|| mark.code.load(Relaxed))
    }

    /// Whether the client holds an acknowledgement and the sink no final call-back.
    #[must_use]
    pub fn is_missing(&self, number: u32) -> bool {
        self.marks
            .get(number as usize)
            .is_some_and(|mark| mark.acked_us.load(Relaxed) > 0 && mark.finals.load(Relaxed) == 0)
    }

    /// From the request's start to the SMSC's first `submit_sm`, in microseconds; nothing for messages without both.
    pub fn to_submit_us(&self, range: Range<u32>) -> impl Iterator<Item = u64> {
        self.spans(range, |mark| mark.submit_us.load(Relaxed))
    }

    /// From the request's start to the final call-back at the sink, in microseconds; nothing for messages without both.
    pub fn to_final_us(&self, range: Range<u32>) -> impl Iterator<Item = u64> {
        self.spans(range, |mark| mark.final_us.load(Relaxed))
    }

    fn spans(&self, range: Range<u32>, end_us: impl Fn(&Mark) -> u64) -> impl Iterator<Item = u64> {
        self.slice(range).iter().filter_map(move |mark| {
            let (start, end) = (mark.sent_us.load(Relaxed), end_us(mark));
            (start > 0 && end > 0).then(|| end.saturating_sub(start))
        })
    }

    fn slice(&self, range: Range<u32>) -> &[Mark] {
        let end = (range.end as usize).min(self.marks.len());
        &self.marks[(range.start as usize).min(end)..end]
    }

    /// Counts the messages of a range.
    #[must_use]
    pub fn tally(&self, range: Range<u32>) -> Tally {
        let mut tally = Tally::default();
        for mark in self.slice(range) {
            tally.add(mark);
        }
        tally
    }
}

impl Tally {
    fn add(&mut self, mark: &Mark) {
        let (sent, acked) = (mark.sent_us.load(Relaxed), mark.acked_us.load(Relaxed) > 0);
        let (submits, finals) = (u64::from(mark.submits.load(Relaxed)), u64::from(mark.finals.load(Relaxed)));
        self.acked += u64::from(acked);
        self.submitted += submits.min(1);
        self.submitted_again += submits.saturating_sub(1);
        self.finished += finals.min(1);
        self.finished_again += finals.saturating_sub(1);
        self.missing += u64::from(acked && finals == 0);
        self.unacknowledged += u64::from(!acked && submits > 0);
        if sent > 0 && (self.first_sent_us == 0 || sent < self.first_sent_us) {
            self.first_sent_us = sent;
        }
        self.last_final_us = self.last_final_us.max(mark.final_us.load(Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_carries_the_messages_number_and_no_other_does() {
        assert_eq!(number_of(destination_of(1_234_567).as_bytes()), Some(1_234_567));
        for foreign in ["", "447700", "447712345x78", "4477123456789", "918012345678"] {
            assert_eq!(number_of(foreign.as_bytes()), None, "{foreign}");
        }
    }

    #[test]
    fn lost_repeated_and_unacknowledged_messages_are_told_apart() {
        let board = Board::new(4);
        (0..3).for_each(|number| board.sent(number, 10 + u64::from(number)));
        board.acked(0, 20);
        board.acked(1, 20);
        for number in [0, 0, 2] {
            board.submitted(number);
        }
        board.finished(0, 7_500);
        board.finished(0, 7_500);
        let tally = board.tally(0..4);
        let wanted = Tally {
            acked: 2,
            submitted: 2,
            submitted_again: 1,
            finished: 1,
            finished_again: 1,
            missing: 1,
            unacknowledged: 1,
            first_sent_us: 10,
            last_final_us: tally.last_final_us,
        };
        assert_eq!((tally, board.code(0), board.code(1)), (wanted, Some(7_500), None));
        board.submitted(9);
        assert_eq!(board.foreign_count(), 1);
    }
}
