//! Just enough MQTT 3.1.1 for a device that reads its own topic.

/// A packet of the server, found at the beginning of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// CONNACK with its return code.
    Welcome(u8),
    /// SUBACK with its first return code.
    Subscribed(u8),
    /// PUBLISH: quality, packet identifier, payload.
    Publish(u8, u16, &'a [u8]),
    /// PUBREL.
    Release(u16),
    /// PINGRESP.
    Pong,
    /// Anything else.
    Other(u8),
}

/// CONNECT of a session that goes on.
#[must_use]
pub fn connect(client_id: &str, name: &str, password: &str, keep_alive_s: u16) -> Vec<u8> {
    let mut body = b"\x00\x04MQTT\x04\xc0".to_vec();
    body.extend(keep_alive_s.to_be_bytes());
    [client_id, name, password].into_iter().for_each(|part| text(part, &mut body));
    framed(0x10, &body)
}

/// SUBSCRIBE to one topic.
#[must_use]
pub fn subscribe(topic: &str, qos: u8) -> Vec<u8> {
    let mut body = vec![0, 1];
    text(topic, &mut body);
    body.push(qos);
    framed(0x82, &body)
}

/// PUBACK (0x40), PUBREC (0x50) or PUBCOMP (0x70).
#[must_use]
pub fn answer(kind: u8, packet: u16) -> [u8; 4] {
    let [high, low] = packet.to_be_bytes();
    [kind, 2, high, low]
}

/// PINGREQ.
pub const PING: [u8; 2] = [0xc0, 0];

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u16).to_be_bytes());
    out.extend(text.as_bytes());
}

fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (vec![kind], body.len());
    loop {
        let (digit, more) = ((rest % 128) as u8, rest / 128);
        out.push(if more > 0 { digit | 0x80 } else { digit });
        rest = more;
        if rest == 0 {
            break;
        }
    }
    out.extend(body);
    out
}

/// The first whole packet of a buffer and its length; `None` when there is none yet.
#[must_use]
pub fn first(buffer: &[u8]) -> Option<(Packet<'_>, usize)> {
    let kind = *buffer.first()?;
    let (mut length, mut head) = (0_usize, 1);
    loop {
        let digit = *buffer.get(head)?;
        length |= usize::from(digit & 0x7f) << (7 * (head - 1));
        head += 1;
        if digit & 0x80 == 0 || head > 4 {
            break;
        }
    }
    let body = buffer.get(head..head + length)?;
    Some((read(kind, body).unwrap_or(Packet::Other(kind)), head + length))
}

fn read(kind: u8, body: &[u8]) -> Option<Packet<'_>> {
    let number = |at: usize| Some(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]));
    Some(match kind >> 4 {
        2 => Packet::Welcome(*body.get(1)?),
        9 => Packet::Subscribed(*body.get(2)?),
        3 => {
            let (qos, topic_end) = ((kind >> 1) & 3, 2 + usize::from(number(0)?));
            let payload_start = if qos > 0 { topic_end + 2 } else { topic_end };
            let packet = if qos > 0 { number(topic_end)? } else { 0 };
            Packet::Publish(qos, packet, body.get(payload_start..)?)
        }
        6 => Packet::Release(number(0)?),
        13 => Packet::Pong,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_found_when_it_is_whole() {
        let publish = [0x32, 8, 0, 3, b'a', b'/', b'b', 0, 3, b'x', 0xd0, 0];
        for cut in 0..10 {
            assert_eq!(first(&publish[..cut]), None, "after {cut} bytes");
        }
        assert_eq!(first(&publish), Some((Packet::Publish(1, 3, b"x"), 10)));
        assert_eq!(first(&publish[10..]), Some((Packet::Pong, 2)));
        assert_eq!(first(&[0x20, 2, 0, 5]), Some((Packet::Welcome(5), 4)));
        assert_eq!(first(&[0x62, 2, 0, 7]), Some((Packet::Release(7), 4)));
        assert_eq!(first(&[0x90, 3, 0, 1, 2]), Some((Packet::Subscribed(2), 5)));
    }

    #[test]
    fn a_connect_is_as_the_standard_has_it_also_when_it_is_long() {
        let short = connect("c", "us", "pw", 10);
        let expected = [
            0x10, 21, 0, 4, b'M', b'Q', b'T', b'T', 4, 0xc0, 0, 10, 0, 1, b'c', 0, 2, b'u', b's', 0, 2, b'p',
            b'w',
        ];
        assert_eq!(short, expected);
        let long = connect(&"c".repeat(200), "us", "pw", 10);
        assert_eq!((long[1], long[2], long.len()), (0xdc, 1, 3 + 220));
    }
}
