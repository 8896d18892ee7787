//! Packets of MQTT 3.1.1, as bytes. The only file that knows the codec's crate.

use bytes::{Buf, Bytes, BytesMut};
use mqtt5_protocol::packet::connack::ConnAckPacket;
use mqtt5_protocol::packet::publish::PublishPacket;
use mqtt5_protocol::packet::pubrel::PubRelPacket;
use mqtt5_protocol::packet::suback::{SubAckPacket, SubAckReasonCode};
use mqtt5_protocol::packet::{FixedHeader, MqttPacket, Packet, PacketType};
use mqtt5_protocol::{QoS as WireQos, types::ReasonCode};
use thiserror::Error;

use crate::desk::{Hello, Qos, Refused};

/// The largest packet a client may send. Its longest is CONNECT, with its ids and a token.
pub const PACKET_BYTES_MAX: usize = 16_384;
/// MQTT 3.1.1 on the wire.
const VERSION: u8 = 4;

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// Wants in.
    Connect {
        /// What it says of itself.
        hello: Hello,
        /// Longest silence it promises, seconds; 0 for any.
        keep_alive_s: u16,
        /// Whether it leaves a will, which would be published.
        has_will: bool,
    },
    /// Speaks another version.
    OtherVersion,
    /// Wants topics.
    Subscribe {
        /// Its packet identifier.
        packet: u16,
        /// Filters and the quality it wants at most.
        filters: Vec<(String, Qos)>,
    },
    /// Wants no more of topics.
    Unsubscribe {
        /// Its packet identifier.
        packet: u16,
        /// The filters.
        filters: Vec<String>,
    },
    /// Has a message of quality 1.
    PubAck(u16),
    /// Has a message of quality 2.
    PubRec(u16),
    /// Has forgotten the identifier of a message of quality 2.
    PubComp(u16),
    /// Is there.
    Ping,
    /// Leaves.
    Disconnect,
    /// Publishes, or sends what only a server sends: no client may.
    Forbidden,
}

/// The bytes are no packet of MQTT.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no packet of MQTT 3.1.1: {0}")]
pub struct Malformed(pub String);

/// Takes the next whole packet off `buffer`; `None` when more bytes are needed.
///
/// # Errors
/// [`Malformed`]; the connection must be closed.
pub fn take(buffer: &mut BytesMut) -> Result<Option<Incoming>, Malformed> {
    let Some((head, length)) = frame(buffer)? else { return Ok(None) };
    if buffer.len() < head + length {
        return Ok(None);
    }
    let mut whole = buffer.split_to(head + length).freeze();
    let fixed = FixedHeader::decode(&mut whole).map_err(|error| Malformed(error.to_string()))?;
    read(&fixed, whole).map(Some)
}

/// Bytes of the fixed header and of the rest, once both are known.
fn frame(buffer: &BytesMut) -> Result<Option<(usize, usize)>, Malformed> {
    let mut length = 0_usize;
    for (place, byte) in buffer.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return if length <= PACKET_BYTES_MAX {
                Ok(Some((2 + place, length)))
            } else {
                Err(Malformed(format!("{length} bytes are more than {PACKET_BYTES_MAX}")))
            };
        }
    }
    if buffer.len() > 4 { Err(Malformed("a length of more than four bytes".to_owned())) } else { Ok(None) }
}

fn read(fixed: &FixedHeader, mut body: Bytes) -> Result<Incoming, Malformed> {
    if fixed.packet_type == PacketType::Connect && version(&body).is_some_and(|version| version != VERSION) {
        return Ok(Incoming::OtherVersion);
    }
    // A goodbye has no body in this version; the codec would read a reason.
    if fixed.packet_type == PacketType::Disconnect {
        return Ok(Incoming::Disconnect);
    }
    if fixed.packet_type == PacketType::Publish {
        return Ok(Incoming::Forbidden);
    }
    let acknowledged = acknowledged(fixed, &body)?;
    if let Some(read) = acknowledged {
        return Ok(read);
    }
    let packet = Packet::decode_from_body_with_version(fixed.packet_type, fixed, &mut body, VERSION);
    let packet = packet.map_err(|error| Malformed(error.to_string()))?;
    if body.has_remaining() {
        return Err(Malformed("bytes after the end of a packet".to_owned()));
    }
    Ok(match packet {
        Packet::Connect(connect) => Incoming::Connect {
            hello: Hello {
                client_id: connect.client_id,
                username: connect.username.unwrap_or_default(),
                password: connect
                    .password
                    .and_then(|password| String::from_utf8(password).ok())
                    .unwrap_or_default(),
                clean: connect.clean_start,
            },
            keep_alive_s: connect.keep_alive,
            has_will: connect.will.is_some(),
        },
        Packet::Subscribe(subscribe) => {
            let wanted = subscribe.filters.into_iter().map(|filter| {
                let qos = Qos::from_number(filter.options.qos as u8).unwrap_or(Qos::AtMostOnce);
                (filter.filter, qos)
            });
            let filters: Vec<_> = wanted.collect();
            some(subscribe.packet_id, filters.is_empty())?;
            Incoming::Subscribe { packet: subscribe.packet_id, filters }
        }
        Packet::Unsubscribe(unsubscribe) => {
            some(unsubscribe.packet_id, unsubscribe.filters.is_empty())?;
            Incoming::Unsubscribe { packet: unsubscribe.packet_id, filters: unsubscribe.filters }
        }
        Packet::PingReq => Incoming::Ping,
        _ => Incoming::Forbidden,
    })
}

/// The level of the protocol a CONNECT names.
fn version(body: &Bytes) -> Option<u8> {
    let name = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
    body.get(2 + name).copied()
}

/// An acknowledgement is two bytes in this version.
fn acknowledged(fixed: &FixedHeader, body: &Bytes) -> Result<Option<Incoming>, Malformed> {
    let make: fn(u16) -> Incoming = match fixed.packet_type {
        PacketType::PubAck => Incoming::PubAck,
        PacketType::PubRec => Incoming::PubRec,
        PacketType::PubComp => Incoming::PubComp,
        _ => return Ok(None),
    };
    match body[..] {
        [high, low] if fixed.flags == 0 && (high, low) != (0, 0) => {
            Ok(Some(make(u16::from_be_bytes([high, low]))))
        }
        _ => Err(Malformed("an acknowledgement names one packet".to_owned())),
    }
}

fn some(packet: u16, is_empty: bool) -> Result<(), Malformed> {
    if packet == 0 || is_empty {
        return Err(Malformed("a subscription names a packet and a topic".to_owned()));
    }
    Ok(())
}

fn write(packet: &impl MqttPacket, out: &mut BytesMut) {
    // Only a text above 65,535 bytes cannot be written, and ids are bounded far below it.
    if let Err(error) = packet.encode(out) {
        tracing::error!(%error, "a packet could not be written");
    }
}

/// CONNACK of a client that is let in.
pub fn welcome(session_present: bool, out: &mut BytesMut) {
    write(&ConnAckPacket::new_v311(session_present, ReasonCode::Success), out);
}

/// CONNACK of a client that is not.
pub fn refuse(why: Refused, out: &mut BytesMut) {
    let reason = match why {
        Refused::ClientId => ReasonCode::ClientIdentifierNotValid,
        Refused::Unavailable => ReasonCode::ServerUnavailable,
        Refused::Credentials => ReasonCode::BadUsernameOrPassword,
        Refused::NotAllowed => ReasonCode::NotAuthorized,
    };
    write(&ConnAckPacket::new_v311(false, reason), out);
}

/// CONNACK of a client that speaks another version.
pub fn refuse_version(out: &mut BytesMut) {
    write(&ConnAckPacket::new_v311(false, ReasonCode::UnsupportedProtocolVersion), out);
}

/// SUBACK: what each filter was granted; `None` where nothing was.
pub fn subscribed(packet: u16, granted: &[Option<Qos>], out: &mut BytesMut) {
    let mut answer = SubAckPacket::new_v311(packet);
    for grant in granted {
        answer = match grant {
            Some(qos) => answer.add_granted_qos(wire(*qos)),
            None => answer.add_reason_code(SubAckReasonCode::UnspecifiedError),
        };
    }
    write(&answer, out);
}

/// UNSUBACK.
pub fn unsubscribed(packet: u16, out: &mut BytesMut) {
    let [high, low] = packet.to_be_bytes();
    out.extend_from_slice(&[0xb0, 2, high, low]);
}

/// PINGRESP.
pub fn pong(out: &mut BytesMut) {
    out.extend_from_slice(&[0xd0, 0]);
}

/// PUBREL.
pub fn release(packet: u16, out: &mut BytesMut) {
    write(&PubRelPacket::new(packet), out);
}

/// PUBLISH; `again` when it may have been sent before.
pub fn publish(topic: &str, qos: Qos, packet: u16, payload: Bytes, again: bool, out: &mut BytesMut) {
    let publish = PublishPacket::new_v311(topic, payload, wire(qos));
    let publish =
        if qos == Qos::AtMostOnce { publish } else { publish.with_packet_id(packet).with_dup(again) };
    write(&publish, out);
}

const fn wire(qos: Qos) -> WireQos {
    match qos {
        Qos::AtMostOnce => WireQos::AtMostOnce,
        Qos::AtLeastOnce => WireQos::AtLeastOnce,
        Qos::ExactlyOnce => WireQos::ExactlyOnce,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: &[u8]) -> Result<Option<Incoming>, Malformed> {
        take(&mut BytesMut::from(bytes))
    }

    #[test]
    fn a_packet_is_taken_only_when_it_is_whole_and_what_follows_stays() {
        let mut buffer = BytesMut::new();
        for byte in [0x40, 2, 0] {
            buffer.extend_from_slice(&[byte]);
            assert_eq!(take(&mut buffer), Ok(None));
        }
        buffer.extend_from_slice(&[7, 0xc0, 0, 0x50]);
        assert_eq!(take(&mut buffer), Ok(Some(Incoming::PubAck(7))));
        assert_eq!(take(&mut buffer), Ok(Some(Incoming::Ping)));
        assert_eq!(take(&mut buffer), Ok(None));
        assert_eq!(&buffer[..], [0x50]);
    }

    #[test]
    fn a_connect_says_who_it_is_and_another_version_is_told_apart() {
        let connect = [
            0x10, 21, 0, 4, b'M', b'Q', b'T', b'T', 4, 0xc2, 0, 10, 0, 1, b'c', 0, 2, b'u', b's', 0, 2, b'p',
            b'w',
        ];
        let hello = Hello {
            client_id: "c".to_owned(),
            username: "us".to_owned(),
            password: "pw".to_owned(),
            clean: true,
        };
        let read = Incoming::Connect { hello, keep_alive_s: 10, has_will: false };
        assert_eq!(taken(&connect), Ok(Some(read)));
        let mut five = connect;
        five[8] = 5;
        assert_eq!(taken(&five), Ok(Some(Incoming::OtherVersion)));
    }

    #[test]
    fn a_packet_that_is_too_long_or_breaks_the_rules_is_refused() {
        assert!(taken(&[0x82, 0xff, 0xff, 0xff, 0x7f]).is_err(), "its length");
        assert!(taken(&[0x82, 0xff, 0xff, 0xff, 0xff, 1]).is_err(), "the length of its length");
        assert!(taken(&[0x40, 2, 0, 0]).is_err(), "packet 0");
        assert!(taken(&[0x82, 2, 0, 1]).is_err(), "a subscription to nothing");
        assert!(taken(&[0x80, 6, 0, 1, 0, 1, b'a', 1]).is_err(), "its flags");
        assert!(taken(&[0x00, 0]).is_err(), "its kind");
    }

    #[test]
    fn nobody_publishes_and_a_goodbye_has_no_body() {
        assert_eq!(taken(&[0x30, 4, 0, 1, b'a', b'x']), Ok(Some(Incoming::Forbidden)));
        assert_eq!(taken(&[0xe0, 0]), Ok(Some(Incoming::Disconnect)));
    }

    #[test]
    fn what_is_written_is_what_the_standard_says() {
        let mut out = BytesMut::new();
        welcome(true, &mut out);
        refuse(Refused::Credentials, &mut out);
        refuse_version(&mut out);
        subscribed(9, &[Some(Qos::ExactlyOnce), None], &mut out);
        unsubscribed(9, &mut out);
        pong(&mut out);
        release(5, &mut out);
        publish("a/b", Qos::AtLeastOnce, 3, Bytes::from_static(b"x"), true, &mut out);
        publish("a", Qos::AtMostOnce, 3, Bytes::from_static(b"x"), true, &mut out);
        let expected: &[&[u8]] = &[
            &[0x20, 2, 1, 0],
            &[0x20, 2, 0, 4],
            &[0x20, 2, 0, 1],
            &[0x90, 4, 0, 9, 2, 0x80],
            &[0xb0, 2, 0, 9],
            &[0xd0, 0],
            &[0x62, 2, 0, 5],
            &[0x3a, 8, 0, 3, b'a', b'/', b'b', 0, 3, b'x'],
            &[0x30, 4, 0, 1, b'a', b'x'],
        ];
        assert_eq!(&out[..], expected.concat());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail_otherwise_than_by_saying_so(bytes: Vec<u8>) {
            let mut buffer = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = take(&mut buffer) {}
        }
    }
}
