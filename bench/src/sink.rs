//! The customer's end: takes call-backs, marks them on the board and answers 200.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpStream};

use crate::board::{Board, number_of};
use crate::places::Place;
use crate::wire::{Wire, between};

/// "Submitted", of Waypost and of Kannel, is not the end of a message; everything else is.
const SUBMITTED: [u32; 2] = [7_501, 8];
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Opens a sink on a free loopback port, on a thread of its own; it ends when the place is dropped.
///
/// # Errors
/// When no port or thread is to be had.
pub fn start(board: Arc<Board>) -> anyhow::Result<Place> {
    Place::open("sink", move |listener| take_all(listener, board))
}

/// The URL for call-backs of the sink at an address.
#[must_use]
pub fn url(addr: SocketAddr) -> String {
    format!("http://{addr}/dlr")
}

async fn take_all(listener: TcpListener, board: Arc<Board>) {
    while let Ok((stream, _)) = listener.accept().await {
        let board = board.clone();
        tokio::spawn(async move { serve(stream, &board).await });
    }
}

/// A broken connection is the sender's to notice and to report.
async fn serve(stream: TcpStream, board: &Board) -> anyhow::Result<()> {
    let mut wire = Wire::new(stream)?;
    while let Some(frame) = wire.read().await.context("call-back")? {
        let report = match wire.body(&frame) {
            [] => from_query(wire.first_line(&frame)),
            body => from_notification(body),
        };
        match report {
            Some((_, code)) if SUBMITTED.contains(&code) => board.interim(),
            Some((number, code)) => board.finished(number, code),
            None => board.foreign(),
        }
        wire.send(ANSWER).await?;
    }
    Ok(())
}

/// Message and status code of a delivery notification.
fn from_notification(body: &[u8]) -> Option<(u32, u32)> {
    let number = number_of(between(body, b"\"destination\":\"", b'"')?)?;
    Some((number, parse(between(body, b"\"code\":\"", b'"')?)?))
}

/// Message and delivery state of Kannel's `dlr-url`, as [`crate::load::Target::Kannel`] asks for it.
fn from_query(line: &[u8]) -> Option<(u32, u32)> {
    let number = number_of(between(line, b"to=", b'&')?)?;
    Some((number, parse(between(line, b"state=", b' ')?)?))
}

fn parse(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_tells_its_message_and_code() {
        let body = br#"{"deliveryInfoNotification":{"deliveryInfo":{"timeStamp":"2026-01-01T00:00:00.000Z",
            "Description":"Delivered","code":"7500","messageCount":"1","deliveryChannel":"SMS",
            "destination":"447700000042","destinationType":"msisdn"},"correlationid":"b-42"}}"#;
        assert_eq!(from_notification(body), Some((42, 7_500)));
    }

    #[test]
    fn a_query_tells_its_message_and_state() {
        assert_eq!(from_query(b"GET /dlr?to=447700000042&state=1 HTTP/1.1"), Some((42, 1)));
        assert_eq!(from_query(b"GET /dlr HTTP/1.1"), None);
    }
}
