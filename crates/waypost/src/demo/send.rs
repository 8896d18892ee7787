//! The sending half of a demo run: a few connections, one request at a time on each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::traffic::Traffic;
use super::{Client, Event};

/// Whom to send to, as whom, how much at once.
#[derive(Debug, Clone)]
pub struct Target {
    /// The server.
    pub address: SocketAddr,
    /// Service key.
    pub key: String,
    /// The registered sender.
    pub sender: String,
    /// Connections, each with one request in flight.
    pub in_flight: usize,
}

/// Sends every message of `traffic` once and reports each answer.
///
/// # Errors
/// When a connection breaks or an answer is not in the contract's shape.
pub async fn send_all(target: Target, traffic: Traffic, events: mpsc::Sender<Event>) -> anyhow::Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..target.in_flight.clamp(1, traffic.messages.max(1)) {
        senders.spawn(send_some(target.clone(), traffic, Arc::clone(&next), events.clone()));
    }
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    Ok(())
}

async fn send_some(
    target: Target,
    traffic: Traffic,
    next: Arc<AtomicUsize>,
    events: mpsc::Sender<Event>,
) -> anyhow::Result<()> {
    let mut client = Client::connect(target.address).await?;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= traffic.messages {
            return Ok(());
        }
        let body = traffic.body(number, &target.sender);
        let at = Instant::now();
        events.send(Event::Sent { number, at }).await?;
        let answer = client.post("/resources/v1/messaging", &target.key, body).await?;
        let took = at.elapsed();
        events.send(Event::Answered { number, code: code_of(&answer)?, took }).await?;
    }
}

/// `response` is an array for what was accepted, an object for what was refused as a whole.
fn code_of(answer: &[u8]) -> anyhow::Result<String> {
    let answer: Value = serde_json::from_slice(answer).context("an answer is not JSON")?;
    let response = answer.get("response").context("an answer has no `response`")?;
    let unit = response.get(0).unwrap_or(response);
    let code = unit.get("code").and_then(Value::as_str).context("an answer has no `code`")?;
    Ok(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::code_of;

    #[test]
    fn a_code_is_found_in_either_shape_of_an_answer() {
        let accepted = br#"{"response":[{"code":"1001","description":"Queued","transid":"x"}]}"#;
        assert_eq!(code_of(accepted).unwrap(), "1001");
        let refused = br#"{"response":{"code":"7001","description":"Authentication failed","transid":"x"}}"#;
        assert_eq!(code_of(refused).unwrap(), "7001");
        assert!(code_of(b"{}").is_err() && code_of(b"<html>").is_err());
    }
}
