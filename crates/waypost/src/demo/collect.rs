//! The counting half of a demo run.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{Event, Progress, Tally};

/// Counts events until every message is answered and every accepted one has its final call-back, or nothing has come for
/// `patience`.
pub async fn collect(counting: &mut Counting, events: &mut mpsc::Receiver<Event>, patience: Duration) {
    while !counting.is_complete() {
        let Ok(Some(event)) = tokio::time::timeout(patience, events.recv()).await else { break };
        counting.take(event);
    }
    counting.progress.end();
}

/// Counts what still comes until every sender of events is gone: call-backs that come twice.
pub async fn count_rest(counting: &mut Counting, events: &mut mpsc::Receiver<Event>) {
    while let Some(event) = events.recv().await {
        counting.take(event);
    }
}

/// A run being counted.
pub struct Counting {
    /// What is known so far.
    pub tally: Tally,
    progress: Progress,
    sent: Vec<Option<Instant>>,
    answered: usize,
}

impl Counting {
    /// Nothing counted yet of `messages` messages.
    #[must_use]
    pub fn new(messages: usize) -> Self {
        Self {
            tally: Tally::new(messages),
            progress: Progress::new(messages),
            sent: vec![None; messages],
            answered: 0,
        }
    }

    fn is_complete(&self) -> bool {
        self.answered == self.sent.len() && self.tally.is_complete()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Sent { number, at } => set(&mut self.sent, number, at),
            Event::Answered { number, code, took } => {
                self.answered += 1;
                self.tally.answered(number, &code, took);
            }
            Event::CalledBack { number, code, at } => {
                let since = self.sent.get(number).copied().flatten().unwrap_or(at);
                self.tally.called_back(number, &code, at.saturating_duration_since(since));
            }
        }
        self.progress.show(self.tally.counts());
    }
}

fn set(sent: &mut [Option<Instant>], number: usize, at: Instant) {
    if let Some(slot) = sent.get_mut(number) {
        *slot = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_run_ends_once_every_accepted_message_has_its_outcome() {
        let (send, mut events) = mpsc::channel(16);
        let at = Instant::now();
        for number in 0..2 {
            send.send(Event::Sent { number, at }).await.unwrap();
        }
        // The call-back may come before the answer.
        let called_back =
            Event::CalledBack { number: 0, code: "7500".to_owned(), at: at + Duration::from_millis(5) };
        send.send(called_back).await.unwrap();
        for (number, code) in [(0, "1001"), (1, "7001")] {
            let code = code.to_owned();
            send.send(Event::Answered { number, code, took: Duration::from_millis(1) }).await.unwrap();
        }
        let mut counting = Counting::new(2);
        collect(&mut counting, &mut events, Duration::from_secs(60)).await;
        let summary = counting.tally.summary();
        assert_eq!((summary.missing, summary.counts.finished, summary.end_to_end.p50_ms), (0, 1, 5.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_in_which_nothing_comes_any_more_is_given_up() {
        let (send, mut events) = mpsc::channel(16);
        let answered = Event::Answered { number: 0, code: "1001".to_owned(), took: Duration::ZERO };
        send.send(answered).await.unwrap();
        let mut counting = Counting::new(1);
        collect(&mut counting, &mut events, Duration::from_secs(60)).await;
        assert_eq!(counting.tally.summary().missing, 1);
    }
}
