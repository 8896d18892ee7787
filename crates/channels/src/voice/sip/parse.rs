//! Reading SIP messages: from one datagram, or out of a stream by their `Content-Length`.

use super::message::{Message, Start, VERSION};

/// The longest message that is read, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// The most headers a message may have.
const HEADERS_MAX: usize = 128;

/// Why octets are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The head is not UTF-8 text, or has no end.
    #[error("the head of the message is no text that ends")]
    Head,
    /// The first line is neither a request's nor a response's.
    #[error("the first line is neither a request's nor a response's")]
    Start,
    /// A header line without a colon, or too many of them.
    #[error("a header cannot be read")]
    Header,
    /// `Content-Length` is no number, more than there is, or over the limit.
    #[error("the length of the body is wrong")]
    Length,
}

/// Reads the message of a datagram.
///
/// # Errors
/// [`ParseError`]; the datagram is dropped then, as RFC 3261 (18.3) wants.
pub fn parse(bytes: &[u8]) -> Result<Message, ParseError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(ParseError::Length);
    }
    let end = head_end(bytes).ok_or(ParseError::Head)?;
    let mut message = head(&bytes[..end])?;
    let rest = &bytes[end..];
    let body = match content_length(&message)? {
        Some(length) => rest.get(..length).ok_or(ParseError::Length)?,
        None => rest,
    };
    message.body = body.to_vec();
    message.headers.retain(|(name, _)| name != "Content-Length");
    Ok(message)
}

/// Cuts a stream into messages.
#[derive(Debug, Default)]
pub struct Frames {
    held: Vec<u8>,
}

impl Frames {
    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole message; `None` when more is to be read.
    ///
    /// # Errors
    /// [`ParseError`]; the stream has lost its frame and must be closed.
    pub fn take(&mut self) -> Result<Option<Message>, ParseError> {
        // Blank lines between messages keep the connection open (RFC 5626).
        let blank = self.held.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.held.drain(..blank);
        let Some(end) = head_end(&self.held) else {
            return if self.held.len() > MESSAGE_BYTES_MAX { Err(ParseError::Length) } else { Ok(None) };
        };
        // On a stream the length is mandatory (RFC 3261, 20.14).
        let length = content_length(&head(&self.held[..end])?)?.unwrap_or(0);
        let whole = end.saturating_add(length);
        if whole > MESSAGE_BYTES_MAX {
            return Err(ParseError::Length);
        }
        if self.held.len() < whole {
            return Ok(None);
        }
        let message = parse(&self.held[..whole])?;
        self.held.drain(..whole);
        Ok(Some(message))
    }
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|place| place + 4)
}

fn content_length(message: &Message) -> Result<Option<usize>, ParseError> {
    let Some(text) = message.header("Content-Length") else { return Ok(None) };
    let length = text.trim().parse::<usize>().map_err(|_| ParseError::Length)?;
    if length > MESSAGE_BYTES_MAX { Err(ParseError::Length) } else { Ok(Some(length)) }
}

fn head(bytes: &[u8]) -> Result<Message, ParseError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ParseError::Head)?;
    let mut lines = text.split("\r\n").take_while(|line| !line.is_empty());
    let start = start(lines.next().ok_or(ParseError::Start)?)?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            let (_, value) = headers.last_mut().ok_or(ParseError::Header)?;
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let (name, value) = line.split_once(':').ok_or(ParseError::Header)?;
        if headers.len() == HEADERS_MAX || !is_token(name.trim()) {
            return Err(ParseError::Header);
        }
        headers.push((canonical(name.trim()), value.trim().to_owned()));
    }
    Ok(Message { start, headers, body: Vec::new() })
}

fn start(line: &str) -> Result<Start, ParseError> {
    if let Some(rest) = line.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix(' ')) {
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let status = status.parse().ok().filter(|status| (100..700).contains(status));
        return Ok(Start::Response { status: status.ok_or(ParseError::Start)?, reason: reason.to_owned() });
    }
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(uri), Some(VERSION), None) if is_token(method) && !uri.is_empty() => {
            Ok(Start::Request { method: method.to_owned(), uri: uri.to_owned() })
        }
        _ => Err(ParseError::Start),
    }
}

fn is_token(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    !text.is_empty() && text.bytes().all(good)
}

/// The long form of a header's name, as RFC 3261 writes it.
fn canonical(name: &str) -> String {
    const KNOWN: [(&str, &str); 21] = [
        ("v", "Via"),
        ("f", "From"),
        ("t", "To"),
        ("i", "Call-ID"),
        ("m", "Contact"),
        ("l", "Content-Length"),
        ("c", "Content-Type"),
        ("e", "Content-Encoding"),
        ("k", "Supported"),
        ("s", "Subject"),
        ("", "CSeq"),
        ("", "Route"),
        ("", "Record-Route"),
        ("", "Max-Forwards"),
        ("", "WWW-Authenticate"),
        ("", "Proxy-Authenticate"),
        ("", "Require"),
        ("", "Allow"),
        ("", "Retry-After"),
        ("", "Reason"),
        ("", "User-Agent"),
    ];
    let known = KNOWN.iter().find(|(short, long)| {
        name.eq_ignore_ascii_case(long) || (name.len() == 1 && name.eq_ignore_ascii_case(short))
    });
    known.map_or_else(|| name.to_owned(), |(_, long)| (*long).to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RINGING: &str = "SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport\r\n\
        f: \"A, B\" <sip:a@x>;tag=1\r\nTo: <sip:b@y;user=phone>;tag=2\r\ni: c1\r\nCSeq: 7 INVITE\r\nl: 0\r\n\r\n";

    #[test]
    fn compact_names_and_folded_lines_are_read() {
        let message = parse(RINGING.as_bytes()).unwrap();
        assert_eq!(message.status(), Some(180));
        assert_eq!(message.call_id(), Some("c1"));
        assert_eq!(message.cseq(), Some((7, "INVITE")));
        assert_eq!(message.branch(), Some("z9hG4bKx"));
        assert_eq!((message.tag("From"), message.tag("To")), (Some("1"), Some("2")));
        let folded = RINGING.replace("CSeq: 7 INVITE", "CSeq: 7\r\n  INVITE");
        assert_eq!(parse(folded.as_bytes()).unwrap().cseq(), Some((7, "INVITE")));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let message =
            Message::request("INVITE", "sip:b@y").with("Call-ID", "1").with_body("text/plain", "hi");
        assert_eq!(parse(&message.to_bytes()).unwrap(), message);
    }

    #[test]
    fn a_stream_is_cut_by_content_length() {
        let one =
            Message::request("OPTIONS", "sip:b@y").with("Call-ID", "1").with_body("text/plain", "hi\r\n\r\n");
        let mut bytes = b"\r\n\r\n".to_vec();
        bytes.extend(one.to_bytes());
        bytes.extend(RINGING.as_bytes());
        for chunk in [1, 7, 4096] {
            let (mut frames, mut got) = (Frames::default(), Vec::new());
            for part in bytes.chunks(chunk) {
                frames.push(part);
                while let Some(message) = frames.take().unwrap() {
                    got.push(message);
                }
            }
            assert_eq!(got.len(), 2);
            assert_eq!(got[0], one);
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let bad = |text: &str| parse(text.as_bytes()).unwrap_err();
        assert_eq!(bad("SIP/2.0 180"), ParseError::Head);
        assert_eq!(bad("SIP/2.0 99 X\r\n\r\n"), ParseError::Start);
        assert_eq!(bad("INVITE sip:a SIP/1.0\r\n\r\n"), ParseError::Start);
        assert_eq!(bad("INVITE sip:a SIP/2.0\r\nnonsense\r\n\r\n"), ParseError::Header);
        assert_eq!(bad("INVITE sip:a SIP/2.0\r\nl: 9\r\n\r\nshort"), ParseError::Length);
        assert_eq!(bad("INVITE sip:a SIP/2.0\r\nl: -1\r\n\r\n"), ParseError::Length);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0usize..240) {
            let _ = parse(&bytes);
            let mut mixed = RINGING.as_bytes().to_vec();
            mixed.splice(cut.min(mixed.len())..cut.min(mixed.len()), bytes.iter().copied());
            let _ = parse(&mixed);
            let mut frames = Frames::default();
            frames.push(&mixed);
            while let Ok(Some(_)) = frames.take() {}
        }
    }
}
