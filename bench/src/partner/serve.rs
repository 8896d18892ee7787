//! The HTTP side of a partner.

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};

use super::message::{self, Message};
use super::{Ledger, Manner};
use crate::hotels::Kind;
use crate::wire::{Wire, between};

/// Accepts connections until the place is dropped.
pub async fn take_all(listener: TcpListener, ledger: Arc<Ledger>, manner: Manner) {
    while let Ok((stream, _)) = listener.accept().await {
        let ledger = ledger.clone();
        // A broken connection is the pusher's to notice and to report.
        tokio::spawn(async move { drop(serve(stream, &ledger, manner).await) });
    }
}

enum Fate {
    Served,
    Error500,
    Reset { applied: bool },
    Silent,
}

fn fate(manner: Manner, number: u64) -> Fate {
    let drawn = mix(number) % 10_000;
    if drawn < manner.error_500 {
        Fate::Error500
    } else if drawn < manner.error_500 + manner.reset {
        Fate::Reset { applied: number.is_multiple_of(2) }
    } else if drawn < manner.error_500 + manner.reset + manner.silent {
        Fate::Silent
    } else {
        Fate::Served
    }
}

/// The finaliser of splitmix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// What is done with a connection.
enum Done {
    Answer(Vec<u8>),
    Close,
    Hang,
}

async fn serve(stream: TcpStream, ledger: &Ledger, manner: Manner) -> std::io::Result<()> {
    let mut wire = Wire::new(stream)?;
    while let Some(frame) = wire.read().await? {
        let body = wire.body(&frame);
        let Some(message) = message::read(wire.first_line(&frame), body) else {
            ledger.foreign();
            wire.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await?;
            continue;
        };
        let done = if message.is_audit {
            audit(ledger, &message, body)
        } else {
            push(ledger, manner, &message, body).await
        };
        match done {
            Done::Answer(answer) => wire.send(&answer).await?,
            Done::Close => return Ok(()),
            // Until the pusher has had enough and closes.
            Done::Hang => {
                wire.read().await?;
            }
        }
    }
    Ok(())
}

async fn push(ledger: &Ledger, manner: Manner, message: &Message<'_>, body: &[u8]) -> Done {
    let Some(number) = ledger.begin(message) else { return Done::Close };
    if !manner.pause.is_zero() {
        tokio::time::sleep(manner.pause).await;
    }
    let fate = fate(manner, number);
    if matches!(fate, Fate::Served | Fate::Silent | Fate::Reset { applied: true }) {
        let change = between(body, b"\"name\":\"change ", b'"')
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        ledger.take(message, message::object(body).unwrap_or_default(), change);
    }
    ledger.end(message, !matches!(fate, Fate::Served));
    match fate {
        Fate::Served => Done::Answer(standard(message.id)),
        Fate::Error500 => Done::Answer(framed("500 Internal Server Error", b"")),
        Fate::Reset { .. } => Done::Close,
        Fate::Silent => Done::Hang,
    }
}

fn standard(id: &[u8]) -> Vec<u8> {
    let body = [b"{\"messageId\":\"", id, b"\",\"status\":{\"success\":true}}"].concat();
    framed("200 OK", &body)
}

fn audit(ledger: &Ledger, message: &Message<'_>, body: &[u8]) -> Done {
    let codes = message::filter(body);
    let objects = ledger.give(message, codes.as_deref());
    let (key, open, close): (_, &[u8], &[u8]) = match message.kind {
        Kind::Hotel => ("hotel", b"", b""),
        Kind::Tax => ("taxes", b"[", b"]"),
        Kind::Policy => ("cancellationPolicies", b"[", b"]"),
        Kind::Room => ("rooms", b"[", b"]"),
        Kind::Plan => ("rateplans", b"[", b"]"),
        Kind::Products => ("products", b"[", b"]"),
    };
    let head = [b"{\"messageId\":\"", message.id, b"\",\"status\":{\"success\":true},\""].concat();
    let body = [&head[..], key.as_bytes(), b"\":", open, &objects, close, b"}"].concat();
    Done::Answer(framed("200 OK", &body))
}

fn framed(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
