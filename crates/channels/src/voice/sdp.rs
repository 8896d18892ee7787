//! Session descriptions (RFC 4566, RFC 3264): one audio stream of G.711 with telephone events.

use std::net::IpAddr;

/// Payload types of RFC 3551.
const PCMU: u8 = 0;
const PCMA: u8 = 8;
/// What we call telephone events in an offer.
const EVENTS: u8 = 101;
/// The longest description that is read.
const BYTES_MAX: usize = 16 * 1024;

/// How sound is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

impl Codec {
    /// The RTP payload type.
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => PCMU,
            Self::Pcma => PCMA,
        }
    }
}

/// What the far side agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Where its ears are.
    pub address: IpAddr,
    /// The port there.
    pub port: u16,
    /// How it wants to hear.
    pub codec: Codec,
    /// The payload type of its telephone events, when it knows them.
    pub events: Option<u8>,
    /// Whether it wants to hear us; on hold it does not.
    pub listens: bool,
    /// Whether it sends.
    pub speaks: bool,
}

/// Our end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where our ears are.
    pub address: IpAddr,
    /// The port there.
    pub port: u16,
    /// Names this session.
    pub id: u64,
}

/// Our offer: both laws and telephone events.
#[must_use]
pub fn offer(local: &Local) -> Vec<u8> {
    let formats = [Codec::Pcmu, Codec::Pcma];
    describe(local, 1, &formats, Some(EVENTS), "sendrecv")
}

/// Our answer to an offer that was understood as `session`; `version` counts our descriptions.
#[must_use]
pub fn answer(local: &Local, session: &Session, version: u32) -> Vec<u8> {
    let direction = match (session.listens, session.speaks) {
        (true, true) => "sendrecv",
        (true, false) => "sendonly",
        (false, true) => "recvonly",
        (false, false) => "inactive",
    };
    describe(local, version, &[session.codec], session.events, direction)
}

fn describe(local: &Local, version: u32, codecs: &[Codec], events: Option<u8>, direction: &str) -> Vec<u8> {
    let Local { address, port, id } = local;
    let family = if address.is_ipv4() { "IP4" } else { "IP6" };
    let mut formats: Vec<u8> = codecs.iter().map(|codec| codec.payload_type()).collect();
    formats.extend(events);
    let formats: Vec<String> = formats.iter().map(u8::to_string).collect();
    let mut text = format!(
        "v=0\r\no=waypost {id} {version} IN {family} {address}\r\ns=call\r\nc=IN {family} {address}\r\n\
         t=0 0\r\nm=audio {port} RTP/AVP {}\r\n",
        formats.join(" ")
    );
    for codec in codecs {
        let (kind, name) = match codec {
            Codec::Pcmu => (PCMU, "PCMU"),
            Codec::Pcma => (PCMA, "PCMA"),
        };
        text.push_str(&format!("a=rtpmap:{kind} {name}/8000\r\n"));
    }
    if let Some(kind) = events {
        text.push_str(&format!("a=rtpmap:{kind} telephone-event/8000\r\na=fmtp:{kind} 0-15\r\n"));
    }
    text.push_str(&format!("a=ptime:20\r\na={direction}\r\n"));
    text.into_bytes()
}

/// Reads what the far side wants; `None` when there is no audio stream in a law we speak.
#[must_use]
pub fn read(body: &[u8]) -> Option<Session> {
    if body.len() > BYTES_MAX {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let first = lines.iter().position(|line| line.starts_with("m=")).unwrap_or(lines.len());
    let (common, media) = lines.split_at(first);
    media.chunk_by(|_, next| !next.starts_with("m=")).find_map(|stream| audio(common, stream))
}

fn audio(common: &[&str], stream: &[&str]) -> Option<Session> {
    let mut words = stream.first()?.strip_prefix("m=audio ")?.split_ascii_whitespace();
    // `port/number` offers several; the first is taken.
    let port: u16 = words.next()?.split('/').next()?.parse().ok().filter(|port| *port > 0)?;
    if words.next()? != "RTP/AVP" {
        return None;
    }
    let formats: Vec<u8> = words.filter_map(|word| word.parse().ok()).collect();
    let codec = formats.iter().find_map(|format| match *format {
        PCMU => Some(Codec::Pcmu),
        PCMA => Some(Codec::Pcma),
        _ => None,
    })?;
    let value = |name: &str| stream.iter().chain(common).find_map(|line| line.strip_prefix(name));
    let address: IpAddr = value("c=IN ")?.split_ascii_whitespace().nth(1)?.split('/').next()?.parse().ok()?;
    let events = stream.iter().find_map(|line| {
        let (kind, name) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        let kind = kind.parse().ok().filter(|kind| formats.contains(kind))?;
        name.trim().to_ascii_lowercase().starts_with("telephone-event/8000").then_some(kind)
    });
    let has = |word: &str| stream.iter().chain(common).any(|line| *line == word);
    let held = address.is_unspecified();
    let listens = !held && !has("a=sendonly") && !has("a=inactive");
    let speaks = !has("a=recvonly") && !has("a=inactive");
    Some(Session { address, port, codec, events, listens, speaks })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local() -> Local {
        Local { address: "10.0.0.1".parse().unwrap(), port: 20_000, id: 7 }
    }

    #[test]
    fn our_offer_is_read_as_it_was_meant() {
        let session = read(&offer(&local())).unwrap();
        assert_eq!((session.address, session.port), (local().address, 20_000));
        assert_eq!((session.codec, session.events, session.listens), (Codec::Pcmu, Some(101), true));
    }

    #[test]
    fn the_far_side_chooses_law_and_the_number_of_events() {
        let text = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\n\
                    m=audio 30000 RTP/AVP 18 8 0 96\r\nc=IN IP4 10.0.0.8\r\na=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n";
        let session = read(text.as_bytes()).unwrap();
        assert_eq!(session.address.to_string(), "10.0.0.8");
        assert_eq!((session.port, session.codec, session.events), (30_000, Codec::Pcma, Some(96)));
        assert!(!session.listens);
        let answer = String::from_utf8(answer(&local(), &session, 2)).unwrap();
        assert!(answer.contains("m=audio 20000 RTP/AVP 8 96\r\n"), "{answer}");
        assert!(answer.contains("a=recvonly\r\n"), "{answer}");
        assert!(answer.contains("o=waypost 7 2 IN IP4 10.0.0.1"), "{answer}");
    }

    #[test]
    fn what_we_cannot_speak_is_refused() {
        let with = |media: &str| read(format!("v=0\r\nc=IN IP4 10.0.0.9\r\n{media}\r\n").as_bytes());
        assert!(with("m=audio 30000 RTP/AVP 18").is_none());
        assert!(with("m=audio 0 RTP/AVP 0").is_none());
        assert!(with("m=audio 30000 RTP/SAVP 0").is_none());
        assert!(with("m=audio 30000 RTP/AVP 0").is_some());
        assert!(read(b"m=audio 30000 RTP/AVP 0\r\n").is_none());
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..200) {
            let _ = read(&bytes);
            let mut mixed = offer(&local());
            mixed.splice(cut..cut, bytes.iter().copied());
            let _ = read(&mixed);
        }
    }
}
