//! Keeps a trunk open: connects, hands messages to their calls, asks the far side whether it is there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::meters;
use super::super::sip::message::Message;
use super::super::sip::transaction::{ClientTransaction, Wish};
use super::super::sip::{AGENT, strangers};
use super::wire::{self, Sink, Wire};
use super::{Line, Shared, locked};

/// The first wait before the way is opened again.
const AGAIN_FIRST: Duration = Duration::from_secs(1);
/// The longest.
const AGAIN_MAX: Duration = Duration::from_secs(30);
/// How long opening may take.
const OPEN_MAX: Duration = Duration::from_secs(10);

/// Runs until the trunk is closed.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut again = AGAIN_FIRST;
    loop {
        let opened = tokio::select! {
            () = shared.stop.cancelled() => return,
            opened = tokio::time::timeout(OPEN_MAX, wire::open(&shared.config)) => opened,
        };
        match opened {
            Ok(Ok(wire)) => {
                again = AGAIN_FIRST;
                serve(&shared, wire).await;
            }
            Ok(Err(error)) => {
                tracing::warn!(trunk = shared.config.name, %error, "the trunk cannot be opened")
            }
            Err(_) => tracing::warn!(trunk = shared.config.name, "opening the trunk took too long"),
        }
        shared.line.send_replace(None);
        meters::up(&shared.config.name, false);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(again) => again = (again * 2).min(AGAIN_MAX),
        }
    }
}

async fn serve(shared: &Arc<Shared>, wire: Wire) {
    let Wire { sink, mut source, local, peer } = wire;
    shared.line.send_replace(Some(Line { sink: sink.clone(), local, peer, is_up: true }));
    meters::up(&shared.config.name, true);
    let mut watch = Watch::new(shared, sink.clone(), local.to_string());
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            message = source.next() => match message {
                Ok(message) => received(shared, &mut watch, &sink, message).await,
                Err(error) => {
                    tracing::warn!(trunk = shared.config.name, %error, "the trunk's connection is over");
                    return;
                }
            },
            () = tokio::time::sleep_until(watch.wakes_at(shared)), if shared.config.options_s > 0 => {
                watch.elapse(shared).await;
            }
        }
    }
}

async fn received(shared: &Arc<Shared>, watch: &mut Watch, sink: &Sink, message: Message) {
    let call = message.call_id().and_then(|id| locked(&shared.registry).get(id).cloned());
    if let Some(call) = call {
        // A call that does not keep up loses what is repeated anyway.
        if call.try_send(message).is_err() {
            tracing::debug!(trunk = shared.config.name, "a message for a call was dropped");
        }
        return;
    }
    if message.status().is_some() {
        watch.heard(shared, &message);
        return;
    }
    let Some(answer) = strangers::answer(&message) else { return };
    if message.method() == Some("INVITE") {
        meters::inbound_refused(&shared.config.name);
    }
    sink.send(&answer.to_bytes()).await;
}

/// Asks with OPTIONS whether the far side is there.
struct Watch {
    sink: Sink,
    sent_by: String,
    call_id: String,
    cseq: u32,
    asked: Option<ClientTransaction>,
    next_at: u64,
}

impl Watch {
    fn new(shared: &Shared, sink: Sink, sent_by: String) -> Self {
        Self { sink, sent_by, call_id: shared.token(), cseq: 0, asked: None, next_at: shared.now() }
    }

    fn wakes_at(&self, shared: &Shared) -> Instant {
        let asked = self.asked.as_ref().and_then(ClientTransaction::wakes_at);
        shared.at(asked.unwrap_or(self.next_at).min(self.next_at.max(shared.now())))
    }

    async fn elapse(&mut self, shared: &Shared) {
        let now = shared.now();
        if let Some(asked) = &mut self.asked {
            match asked.elapse(now) {
                Some(Wish::Send(bytes)) => self.sink.send(&bytes).await,
                Some(Wish::TimedOut) => self.note(shared, false),
                None => {}
            }
            if self.asked.as_ref().is_some_and(ClientTransaction::is_over) {
                self.asked = None;
            }
        }
        if self.next_at <= now {
            self.next_at = now + u64::from(shared.config.options_s) * 1_000;
            // One question at a time: a slow answer is waited for.
            if self.asked.is_none() {
                self.ask(shared, now).await;
            }
        }
    }

    async fn ask(&mut self, shared: &Shared, now: u64) {
        self.cseq += 1;
        let config = &shared.config;
        let (transport, domain) = (config.transport.word(), config.domain());
        let us = format!("<sip:waypost@{}>", self.sent_by);
        let options = Message::request("OPTIONS", &format!("sip:{domain}"))
            .with(
                "Via",
                format!("SIP/2.0/{transport} {};branch=z9hG4bK{};rport", self.sent_by, shared.token()),
            )
            .with("Max-Forwards", "70")
            .with("From", format!("{us};tag={}", shared.token()))
            .with("To", format!("<sip:{domain}>"))
            .with("Call-ID", self.call_id.clone())
            .with("CSeq", format!("{} OPTIONS", self.cseq))
            .with("Contact", us)
            .with("User-Agent", AGENT);
        let reliable = matches!(self.sink, Sink::Tcp(_));
        let asked = ClientTransaction::start(options, reliable, config.timers(), now);
        self.sink.send(asked.bytes()).await;
        self.asked = Some(asked);
    }

    /// Any final answer but "service unavailable" and "time-out" says that somebody is there.
    fn heard(&mut self, shared: &Shared, message: &Message) {
        let Some(asked) = self.asked.as_mut().filter(|asked| asked.is_of(message)) else { return };
        let Some(status) = message.status() else { return };
        let _ = asked.receive(status, Vec::new, shared.now());
        if status >= 200 {
            self.asked = None;
            self.note(shared, !matches!(status, 408 | 503));
        }
    }

    fn note(&self, shared: &Shared, is_up: bool) {
        let changed = shared.line.send_if_modified(|line| {
            line.as_mut().is_some_and(|line| std::mem::replace(&mut line.is_up, is_up) != is_up)
        });
        if changed {
            tracing::info!(trunk = shared.config.name, is_up, "the trunk's standing changed");
            meters::up(&shared.config.name, is_up);
        }
    }
}
