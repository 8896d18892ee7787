//! The counting half of a demo run.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{Event, Progress, Tally};

/// Counts events until every message is answered and every accepted one has its final call-back, or nothing has come for
/// `patience`.
pub async fn collect(
    messages: usize,
    patience: Duration,
    mut events: mpsc::Receiver<Event>,
    mut progress: Progress,
) -> Tally {
    let mut tally = Tally::new(messages);
    let mut sent = vec![None; messages];
    let mut answered = 0;
    while answered < messages || !tally.is_complete() {
        let Ok(Some(event)) = tokio::time::timeout(patience, events.recv()).await else { break };
        match event {
            Event::Sent { number, at } => set(&mut sent, number, at),
            Event::Answered { number, code, took } => {
                answered += 1;
                tally.answered(number, &code, took);
            }
            Event::CalledBack { number, code, at } => {
                let since = sent.get(number).copied().flatten().unwrap_or(at);
                tally.called_back(number, &code, at.saturating_duration_since(since));
            }
        }
        progress.show(tally.counts());
    }
    progress.end();
    tally
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
        let (send, events) = mpsc::channel(16);
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
        let tally = collect(2, Duration::from_secs(60), events, Progress::new(2)).await;
        let summary = tally.summary();
        assert_eq!((summary.missing, summary.counts.finished, summary.end_to_end.p50_ms), (0, 1, 5.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_in_which_nothing_comes_any_more_is_given_up() {
        let (send, events) = mpsc::channel(16);
        let answered = Event::Answered { number: 0, code: "1001".to_owned(), took: Duration::ZERO };
        send.send(answered).await.unwrap();
        let tally = collect(1, Duration::from_secs(60), events, Progress::new(1)).await;
        assert_eq!(tally.summary().missing, 1);
    }
}
