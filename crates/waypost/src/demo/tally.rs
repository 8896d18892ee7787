//! What became of each message of a demo run, counted at the receiver. Pure: times come from the caller.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::{Arrived, CallStep, ChannelRow, ContentRow, StepRow, calls};

/// The code of a call-back that tells only that the operator took the message.
const SUBMITTED: &str = "7501";
/// The code of a delivered message.
const DELIVERED: &str = "7500";

/// The record of one run of a known number of messages.
#[derive(Debug)]
pub struct Tally {
    tracks: Vec<Track>,
    answers: BTreeMap<String, usize>,
    accept_times: Vec<Duration>,
    end_to_end: Vec<Duration>,
    unknown: usize,
    /// Accepted messages without a final call-back.
    open: usize,
    counts: Counts,
}

#[derive(Debug, Default, Clone)]
struct Track {
    accepted: bool,
    called_back: Vec<String>,
}

/// How far a run is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Answered with 1001.
    pub accepted: usize,
    /// Told to be with the operator.
    pub submitted: usize,
    /// Told to be delivered.
    pub delivered: usize,
    /// Told a final outcome, good or bad.
    pub finished: usize,
}

/// Two points of a distribution, milliseconds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Half took at most this long.
    pub p50_ms: f64,
    /// 99 of 100 took at most this long.
    pub p99_ms: f64,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Messages sent.
    pub messages: usize,
    /// Where they got to.
    #[serde(flatten)]
    pub counts: Counts,
    /// Request sent to answer received.
    pub accept: Spread,
    /// Request sent to final call-back received.
    pub end_to_end: Spread,
    /// Codes of the answers.
    pub answers: BTreeMap<String, usize>,
    /// Codes of the final call-backs.
    pub outcomes: BTreeMap<String, usize>,
    /// Accepted messages without a final call-back.
    pub missing: usize,
    /// Call-backs beyond one per message and stage.
    pub duplicates: usize,
    /// Call-backs for no message of this run.
    pub unknown: usize,
    /// What became of the messages of each channel, SMS first.
    pub channels: Vec<ChannelRow>,
    /// The steps of the call to the sandbox's customer, over its trunk.
    pub call: Vec<CallStep>,
    /// The tour of the service desk, step by step.
    pub service_desk: Vec<StepRow>,
    /// What became of the property that was pushed to two partners.
    pub content: Option<ContentRow>,
    /// The letter of the run, once it has arrived.
    pub letter: Option<Arrived>,
}

impl Tally {
    /// A run of `messages` messages, numbered from 0.
    #[must_use]
    pub fn new(messages: usize) -> Self {
        Self {
            tracks: vec![Track::default(); messages],
            answers: BTreeMap::new(),
            accept_times: Vec::with_capacity(messages),
            end_to_end: Vec::with_capacity(messages),
            unknown: 0,
            open: 0,
            counts: Counts::default(),
        }
    }

    /// Message `number` was answered with `code`, `took` after it was sent.
    pub fn answered(&mut self, number: usize, code: &str, took: Duration) {
        *self.answers.entry(code.to_owned()).or_default() += 1;
        self.accept_times.push(took);
        if code == "1001"
            && let Some(track) = self.tracks.get_mut(number)
        {
            track.accepted = true;
            self.counts.accepted += 1;
            self.open += usize::from(!track.is_finished());
        }
    }

    /// A call-back with `code` came for message `number`, `took` after the message was sent.
    pub fn called_back(&mut self, number: usize, code: &str, took: Duration) {
        let Some(track) = self.tracks.get_mut(number) else {
            self.unknown += 1;
            return;
        };
        let first_final = code != SUBMITTED && !track.is_finished();
        let first_submitted = code == SUBMITTED && !track.called_back.iter().any(|known| known == SUBMITTED);
        track.called_back.push(code.to_owned());
        if first_submitted {
            self.counts.submitted += 1;
        }
        if first_final {
            self.counts.finished += 1;
            self.open -= usize::from(track.accepted);
            self.counts.delivered += usize::from(code == DELIVERED);
            self.end_to_end.push(took);
        }
    }

    /// How far the run is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether every accepted message has its final call-back.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.open == 0
    }

    fn sms_row(&self, outcomes: &BTreeMap<String, usize>) -> ChannelRow {
        ChannelRow {
            channel: "sms".to_owned(),
            messages: self.tracks.len(),
            delivered: self.counts.delivered,
            failed: self.counts.finished - self.counts.delivered,
            missing: self.open,
            outcomes: outcomes.clone(),
        }
    }

    /// The whole run.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut outcomes = BTreeMap::new();
        for code in self.tracks.iter().filter_map(Track::outcome) {
            *outcomes.entry(code.to_owned()).or_default() += 1;
        }
        Summary {
            channels: vec![self.sms_row(&outcomes)],
            call: Vec::new(),
            service_desk: Vec::new(),
            messages: self.tracks.len(),
            counts: self.counts,
            accept: spread(&self.accept_times),
            end_to_end: spread(&self.end_to_end),
            answers: self.answers.clone(),
            outcomes,
            missing: self.open,
            duplicates: self.tracks.iter().map(Track::duplicates).sum(),
            unknown: self.unknown,
            content: None,
            letter: None,
        }
    }
}

impl Summary {
    /// Whether every step of the call was told.
    #[must_use]
    pub fn call_is_whole(&self) -> bool {
        calls::is_whole(&self.call)
    }
}

impl Track {
    fn outcome(&self) -> Option<&str> {
        self.called_back.iter().map(String::as_str).find(|code| *code != SUBMITTED)
    }

    fn is_finished(&self) -> bool {
        self.outcome().is_some()
    }

    /// At most one call-back tells "submitted" and at most one the outcome; the rest are duplicates.
    fn duplicates(&self) -> usize {
        let submitted = self.called_back.iter().filter(|code| *code == SUBMITTED).count();
        let outcomes = self.called_back.len() - submitted;
        submitted.saturating_sub(1) + outcomes.saturating_sub(1)
    }
}

fn spread(times: &[Duration]) -> Spread {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = |percent: usize| {
        let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(index).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    Spread { p50_ms: rank(50), p99_ms: rank(99) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_run_counts_what_is_missing_and_what_came_twice() {
        let mut tally = Tally::new(4);
        for number in 0..3 {
            tally.answered(number, "1001", ms(1));
        }
        tally.answered(3, "7003", ms(2));
        for code in ["7501", "7500", "7500"] {
            tally.called_back(0, code, ms(10));
        }
        tally.called_back(1, "7201", ms(30));
        tally.called_back(9, "7500", ms(1));
        assert!(!tally.is_complete());
        let expected = Summary {
            messages: 4,
            counts: Counts { accepted: 3, submitted: 1, delivered: 1, finished: 2 },
            accept: Spread { p50_ms: 1.0, p99_ms: 2.0 },
            end_to_end: Spread { p50_ms: 10.0, p99_ms: 30.0 },
            answers: BTreeMap::from([("1001".to_owned(), 3), ("7003".to_owned(), 1)]),
            outcomes: BTreeMap::from([("7500".to_owned(), 1), ("7201".to_owned(), 1)]),
            missing: 1,
            duplicates: 1,
            unknown: 1,
            content: None,
            letter: None,
            channels: vec![ChannelRow {
                channel: "sms".to_owned(),
                messages: 4,
                delivered: 1,
                failed: 1,
                missing: 1,
                outcomes: BTreeMap::from([("7500".to_owned(), 1), ("7201".to_owned(), 1)]),
            }],
            call: Vec::new(),
            service_desk: Vec::new(),
        };
        assert_eq!(tally.summary(), expected);
        tally.called_back(2, "7500", ms(11));
        assert!(tally.is_complete());
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let times: Vec<Duration> = (1..=100).rev().map(ms).collect();
        assert_eq!(spread(&times), Spread { p50_ms: 50.0, p99_ms: 99.0 });
        assert_eq!(spread(&[]), Spread::default());
        assert_eq!(spread(&[ms(7)]), Spread { p50_ms: 7.0, p99_ms: 7.0 });
    }
}
