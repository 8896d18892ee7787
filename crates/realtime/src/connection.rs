//! One connection from CONNECT to its end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::timeout;

use crate::Parts;
use crate::desk::{Admitted, DeskError, Refused, Settled};
use crate::hub::Line;
use crate::link::Link;
use crate::packet::{self, Incoming, Malformed};
use crate::session::Session;

/// Longest time a write to a client may take: one that does not read is no use.
const WRITE_WITHIN: Duration = Duration::from_secs(20);

/// Why a connection ended before its client said goodbye.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("{0}")]
    Desk(#[from] DeskError),
    #[error("its client does not read")]
    Stuck,
    #[error("the client published")]
    Forbidden,
}

/// Serves a connection. Its errors are the client's; they are counted and told at debug level.
pub async fn serve(parts: Arc<Parts>, mut link: impl Link) {
    let mut buffer = BytesMut::new();
    let hello = tokio::select! {
        () = parts.stop.cancelled() => return,
        hello = timeout(parts.limits.connect_within, connect(&mut link, &mut buffer)) => hello,
    };
    let Ok(Some(incoming)) = hello else { return };
    let Some((admitted, clean, silence)) = welcome(&parts, &mut link, incoming).await else { return };
    let id = admitted.session;
    let line = parts.hub.enter(id);
    metrics::gauge!("waypost_mqtt_connections").increment(1.0);
    let mut talk = Talk {
        parts: &parts,
        id,
        session: Session::new(admitted, clean, parts.limits.in_flight_max),
        line: &line,
        link: &mut link,
        buffer,
        out: BytesMut::new(),
        may_wait: true,
    };
    if let Err(end) = talk.run(silence).await {
        tracing::debug!(session = id, %end, "an MQTT connection ended");
    }
    parts.hub.leave(id, &line);
    metrics::gauge!("waypost_mqtt_connections").decrement(1.0);
    let _ = timeout(WRITE_WITHIN, link.close()).await;
}

/// The first packet; `None` when there is none, or it is no MQTT.
async fn connect(link: &mut impl Link, buffer: &mut BytesMut) -> Option<Incoming> {
    loop {
        match packet::take(buffer) {
            Ok(Some(incoming)) => return Some(incoming),
            Ok(None) => {}
            Err(_) => return None,
        }
        if !link.read(buffer).await.ok()? {
            return None;
        }
    }
}

/// Answers CONNECT: who it is, whether it begins anew, and the longest silence.
async fn welcome(
    parts: &Parts,
    link: &mut impl Link,
    incoming: Incoming,
) -> Option<(Admitted, bool, Duration)> {
    let mut out = BytesMut::new();
    let admitted = match incoming {
        Incoming::Connect { has_will: true, .. } => Err(Refused::NotAllowed),
        Incoming::Connect { hello, keep_alive_s, .. } => {
            let clean = hello.clean;
            let admitted = parts.desk.admit(hello).await;
            let admitted = match admitted {
                // Before the answer: what is subscribed to afterwards must not be forgotten by it.
                Ok(admitted) if clean && admitted.topics.is_some() => {
                    let forgotten = parts.desk.subscribe(admitted.session, crate::Topics::new()).await;
                    forgotten.map(|()| admitted).map_err(|_| Refused::Unavailable)
                }
                other => other,
            };
            admitted.map(|admitted| (admitted, clean, silence(parts, keep_alive_s)))
        }
        Incoming::OtherVersion => {
            packet::refuse_version(&mut out);
            let _ = timeout(WRITE_WITHIN, link.write(out.freeze())).await;
            return None;
        }
        _ => return None,
    };
    match &admitted {
        Ok((admitted, clean, _)) => packet::welcome(!clean && admitted.topics.is_some(), &mut out),
        Err(why) => {
            metrics::counter!("waypost_mqtt_refused_total").increment(1);
            packet::refuse(*why, &mut out);
        }
    }
    let written = timeout(WRITE_WITHIN, link.write(out.freeze())).await;
    if admitted.is_err() {
        let _ = timeout(WRITE_WITHIN, link.close()).await;
    }
    matches!(written, Ok(Ok(()))).then_some(())?;
    admitted.ok()
}

/// One and a half times what the client promises (MQTT-3.1.2-24), within our bound.
fn silence(parts: &Parts, keep_alive_s: u16) -> Duration {
    let most = parts.limits.keep_alive_max;
    let promised = Duration::from_secs(u64::from(keep_alive_s));
    let promised = if keep_alive_s == 0 { most } else { promised.min(most) };
    promised * 3 / 2
}

/// A connection that was let in.
struct Talk<'a, L> {
    parts: &'a Parts,
    id: i64,
    session: Session,
    line: &'a Line,
    link: &'a mut L,
    buffer: BytesMut,
    out: BytesMut,
    /// Whether the ledger may have something that was not asked for yet.
    may_wait: bool,
}

impl<L: Link> Talk<'_, L> {
    async fn run(&mut self, silence: Duration) -> Result<(), End> {
        // A client need not wait for CONNACK (section 3.1.4): what it sent with its CONNECT has been read already.
        if !self.take_in().await? {
            return Ok(());
        }
        loop {
            self.send_waiting().await?;
            let came = tokio::select! {
                came = timeout(silence, self.link.read(&mut self.buffer)) => came,
                () = self.line.rung() => {
                    if self.line.is_replaced() {
                        return Ok(());
                    }
                    self.may_wait = true;
                    continue;
                }
                () = self.parts.stop.cancelled() => return Ok(()),
            };
            // Silence, or the end.
            let Ok(came) = came else { return Ok(()) };
            if !came? || !self.take_in().await? {
                return Ok(());
            }
        }
    }

    /// Sends what waits and has room.
    async fn send_waiting(&mut self) -> Result<(), End> {
        while self.may_wait && self.session.room() > 0 {
            let most = self.session.ask_for();
            let parcels = self.parts.desk.waiting(self.id, self.session.last(), most).await?;
            if parcels.len() < most {
                self.may_wait = false;
            }
            let sent = parcels.len() as u64;
            let send = |parcel| self.session.send(parcel, &mut self.out);
            let settled: Vec<Settled> = parcels.into_iter().filter_map(send).collect();
            if !self.may_wait {
                self.session.caught_up();
            }
            self.flush().await?;
            metrics::counter!("waypost_mqtt_sent_total").increment(sent);
            self.settle(settled).await?;
        }
        Ok(())
    }

    /// Handles the packets that have come; `false` when the client said goodbye.
    async fn take_in(&mut self) -> Result<bool, End> {
        let mut settled = Vec::new();
        let mut received = Vec::new();
        let mut goes_on = true;
        while let Some(incoming) = packet::take(&mut self.buffer)? {
            match incoming {
                Incoming::PubAck(packet) => settled.extend(self.session.acknowledged(packet)),
                Incoming::PubRec(packet) => {
                    settled.extend(self.session.received(packet));
                    received.push(packet);
                }
                Incoming::PubComp(packet) => settled.extend(self.session.completed(packet)),
                Incoming::Subscribe { packet, filters } => {
                    let granted = self.session.subscribe(filters);
                    self.keep_topics().await?;
                    packet::subscribed(packet, &granted, &mut self.out);
                    self.may_wait = true;
                }
                Incoming::Unsubscribe { packet, filters } => {
                    self.session.unsubscribe(&filters);
                    self.keep_topics().await?;
                    packet::unsubscribed(packet, &mut self.out);
                }
                Incoming::Ping => {
                    packet::pong(&mut self.out);
                    // Another server on the same store may have kept something for it.
                    self.session.look_again();
                    self.may_wait = true;
                }
                Incoming::Disconnect => {
                    goes_on = false;
                    break;
                }
                // A second CONNECT is an offence, too (MQTT-3.1.0-2).
                Incoming::Connect { .. } | Incoming::OtherVersion | Incoming::Forbidden => {
                    return Err(End::Forbidden);
                }
            }
        }
        self.settle(settled).await?;
        // Only what is kept may be released: afterwards the client forgets that it has it.
        received.into_iter().for_each(|packet| packet::release(packet, &mut self.out));
        if goes_on {
            self.flush().await?;
        }
        Ok(goes_on)
    }

    async fn keep_topics(&mut self) -> Result<(), End> {
        Ok(self.parts.desk.subscribe(self.id, self.session.topics().clone()).await?)
    }

    async fn settle(&mut self, settled: Vec<Settled>) -> Result<(), End> {
        if settled.is_empty() {
            return Ok(());
        }
        Ok(self.parts.desk.settle(self.id, settled).await?)
    }

    async fn flush(&mut self) -> Result<(), End> {
        if self.out.is_empty() {
            return Ok(());
        }
        // A fresh buffer: an idle connection holds none.
        let bytes = std::mem::take(&mut self.out).freeze();
        match timeout(WRITE_WITHIN, self.link.write(bytes)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(End::Stuck),
        }
    }
}
