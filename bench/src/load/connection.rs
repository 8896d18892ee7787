//! One connection of the load generator.

use std::io;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::Shared;
use crate::board::now_us;
use crate::wire::Wire;

/// Longest time a request may stay unanswered.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// How often and how long a client tries to come back to a server that is being restarted.
const RECONNECT_PAUSE: Duration = Duration::from_millis(10);
const RECONNECT_TRIES: u32 = 6_000;

/// Takes messages from the common counter until there are none.
pub(super) async fn run(shared: Rc<Shared>) -> anyhow::Result<()> {
    let mut wire = connect(&shared).await?;
    while let Some((first, intended_us)) = next(&shared).await {
        let answer = tokio::time::timeout(ANSWER_LIMIT, ask(&mut wire, &shared, first, intended_us)).await;
        let broken = match answer {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
        shared.outcome.borrow_mut().broken += 1;
        if !shared.plan.survives {
            return Err(broken).context("connection of the load generator");
        }
        wire = connect(&shared).await?;
    }
    Ok(())
}

/// The next message and when it was meant to be sent. A connection that waited for its time counts from its waking:
/// a late timer is the client's fault. One that is behind counts from the schedule: that is the server's.
async fn next(shared: &Shared) -> Option<(u32, u64)> {
    let (plan, size) = (&shared.plan, shared.plan.target.size());
    let first = shared.next.get();
    if plan.stop.load(Relaxed) || first - plan.first + size > plan.messages {
        return None;
    }
    shared.next.set(first + size);
    let Some(rate) = plan.rate_per_s else { return Some((first, now_us())) };
    let turn = f64::from((first - plan.first) / size);
    let due_us = shared.started_us + (turn / rate * 1e6) as u64;
    let wait_us = due_us.saturating_sub(now_us());
    if wait_us == 0 {
        return Some((first, due_us));
    }
    sleep(Duration::from_micros(wait_us)).await;
    Some((first, now_us()))
}

async fn ask(wire: &mut Wire, shared: &Shared, first: u32, intended_us: u64) -> io::Result<()> {
    let target = &shared.plan.target;
    let request = target.request(first);
    let messages = first..first + target.size();
    messages.clone().for_each(|number| shared.board.sent(number, intended_us));
    wire.send(&request).await?;
    let frame = wire.read().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let (status, body, now) = (wire.status(&frame), wire.body(&frame), now_us());
    let mut outcome = shared.outcome.borrow_mut();
    if !target.is_accepted(status, body) {
        outcome.refused += u64::from(target.size());
        let text = || format!("{status} {}", String::from_utf8_lossy(&body[..body.len().min(300)]));
        outcome.first_refusal.get_or_insert_with(text);
        return Ok(());
    }
    messages.for_each(|number| shared.board.acked(number, now));
    outcome.accepted += u64::from(target.size());
    outcome.latency.record(now.saturating_sub(intended_us));
    if shared.plan.survives {
        outcome.transactions.extend(target.transaction(body).map(|id| (first, id)));
    }
    Ok(())
}

async fn connect(shared: &Shared) -> anyhow::Result<Wire> {
    let addr = shared.plan.target.addr();
    for _ in 0..RECONNECT_TRIES {
        match TcpStream::connect(addr).await {
            Ok(stream) => return Ok(Wire::new(stream)?),
            Err(error) if !shared.plan.survives => {
                return Err(error).with_context(|| format!("connect {addr}"));
            }
            Err(_) => sleep(RECONNECT_PAUSE).await,
        }
    }
    anyhow::bail!("{addr} does not come back")
}
