//! Just enough HTTP/1.1 for both ends of a measurement: kept-alive messages framed by `Content-Length`.
//!
//! The measuring side shares the machine with what it measures, so it must cost little.

use std::io;
use std::ops::Range;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Largest message read, head and body.
const MESSAGE_BYTES_MAX: usize = 4 << 20;
const READ_BYTES: usize = 16 << 10;

/// One connection and what was read from it ahead.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    used: usize,
}

/// One message inside a [`Wire`]'s buffer; valid until the next read.
#[derive(Debug, Clone)]
pub struct Frame {
    head: Range<usize>,
    body: Range<usize>,
}

impl Wire {
    /// Takes over a connection.
    ///
    /// # Errors
    /// When the socket's option cannot be set.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(READ_BYTES), used: 0 })
    }

    /// Sends bytes and flushes.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads the next message; `None` when the peer closed between messages.
    ///
    /// # Errors
    /// When the connection breaks inside a message, the message is too large or not framed by `Content-Length`.
    pub async fn read(&mut self) -> io::Result<Option<Frame>> {
        self.buffer.drain(..self.used);
        self.used = 0;
        loop {
            if let Some(frame) = frame(&self.buffer)? {
                self.used = frame.body.end;
                return Ok(Some(frame));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                let clean = self.buffer.is_empty();
                return if clean { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    /// The first line of a message: request line or status line.
    #[must_use]
    pub fn first_line(&self, frame: &Frame) -> &[u8] {
        let head = &self.buffer[frame.head.clone()];
        &head[..find(head, b"\r\n").unwrap_or(head.len())]
    }

    /// The status of an answer; 0 when the message is none.
    #[must_use]
    pub fn status(&self, frame: &Frame) -> u16 {
        let digits = self.first_line(frame).get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    /// The body of a message.
    #[must_use]
    pub fn body(&self, frame: &Frame) -> &[u8] {
        &self.buffer[frame.body.clone()]
    }
}

fn frame(buffer: &[u8]) -> io::Result<Option<Frame>> {
    let Some(head_end) = find(buffer, b"\r\n\r\n") else {
        return if buffer.len() > MESSAGE_BYTES_MAX { Err(invalid("head too large")) } else { Ok(None) };
    };
    let body_start = head_end + 4;
    let body_end = body_start + content_length(&buffer[..head_end])?;
    if body_end > MESSAGE_BYTES_MAX {
        return Err(invalid("message too large"));
    }
    Ok((buffer.len() >= body_end).then_some(Frame { head: 0..head_end, body: body_start..body_end }))
}

fn content_length(head: &[u8]) -> io::Result<usize> {
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            return length.ok_or_else(|| invalid("bad Content-Length"));
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err(invalid("Transfer-Encoding is not understood here"));
        }
    }
    Ok(0)
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Where `needle` first stands in `hay`.
#[must_use]
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|byte| *byte == first) {
        let at = from + at;
        if hay[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The bytes after `label` up to `end`, for example a JSON string's content.
#[must_use]
pub fn between<'a>(hay: &'a [u8], label: &[u8], end: u8) -> Option<&'a [u8]> {
    let rest = &hay[find(hay, label)? + label.len()..];
    Some(&rest[..rest.iter().position(|byte| *byte == end)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_whole_when_its_body_is() {
        let text = b"POST /x HTTP/1.1\r\nHost: h\r\ncontent-LENGTH: 3\r\n\r\nabcPOST";
        for cut in 0..text.len() - 4 {
            assert!(frame(&text[..cut]).unwrap().is_none(), "whole after {cut} bytes");
        }
        let whole = frame(text).unwrap().unwrap();
        assert_eq!((&text[whole.body], whole.head), (&b"abc"[..], 0..text.len() - 11));
    }

    #[test]
    fn framing_that_is_not_understood_is_refused() {
        for head in ["Transfer-Encoding: chunked", "Content-Length: x", "Content-Length: 99999999"] {
            let text = format!("GET / HTTP/1.1\r\n{head}\r\n\r\n");
            assert_eq!(frame(text.as_bytes()).unwrap_err().kind(), io::ErrorKind::InvalidData, "{head}");
        }
    }

    #[test]
    fn a_label_finds_its_value() {
        assert_eq!(between(b"{\"a\":\"1\",\"ab\":\"2\"}", b"\"ab\":\"", b'"'), Some(&b"2"[..]));
        assert_eq!(between(b"{\"a\":\"1", b"\"a\":\"", b'"'), None);
    }
}
