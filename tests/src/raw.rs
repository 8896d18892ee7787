//! Bytes straight to the server, for what no client library would send.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bound::within;

/// One TCP connection to the HTTP door.
pub struct RawHttp {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer read from the raw bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// The HTTP status.
    pub http: u16,
    /// Head, as it came.
    pub head: String,
    /// Body, by its announced length.
    pub body: String,
}

impl RawHttp {
    /// Connects.
    ///
    /// # Panics
    /// When nobody listens.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = within("a connection", TcpStream::connect(address)).await.expect("somebody listens");
        Self { stream, read: Vec::new() }
    }

    /// Writes bytes; whether the server still takes them is seen when reading.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = within("the server to read", self.stream.write_all(bytes.as_ref())).await;
    }

    /// Ends our direction.
    pub async fn finish(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// The next answer; `None` when the server ended the connection instead.
    ///
    /// # Panics
    /// When neither happens in time, or the answer is no HTTP.
    pub async fn answer(&mut self) -> Option<RawAnswer> {
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break String::from_utf8(self.read.drain(..end + 4).collect()).expect("a head in ASCII");
            }
            if !self.more().await {
                assert!(self.read.is_empty(), "half an answer: {}", String::from_utf8_lossy(&self.read));
                return None;
            }
        };
        let length = header(&head, "content-length").map_or(0, |length| length.parse().expect("a length"));
        while self.read.len() < length {
            assert!(self.more().await, "half a body after {head}");
        }
        let body = String::from_utf8(self.read.drain(..length).collect()).expect("a UTF-8 body");
        let http = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        Some(RawAnswer { http, head, body })
    }

    /// Whether the server has ended the connection without another byte.
    ///
    /// # Panics
    /// When it does neither in time.
    pub async fn is_ended(&mut self) -> bool {
        self.read.is_empty() && !self.more().await
    }

    /// Reads to the end of the connection and keeps nothing; how many bytes there were.
    ///
    /// # Panics
    /// When the next bytes do not come in time.
    pub async fn drained(&mut self) -> u64 {
        let mut bytes = 0;
        while self.more().await {
            bytes += self.read.len() as u64;
            self.read.clear();
        }
        bytes
    }

    async fn more(&mut self) -> bool {
        let read = within("bytes or the end of the connection", self.stream.read_buf(&mut self.read)).await;
        matches!(read, Ok(1..))
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
