//! RTP packets (RFC 3550, 5.1).

/// Octets of the fixed header.
const HEADER: usize = 12;

/// Numbers the packets of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Names the source.
    pub ssrc: u32,
    sequence: u16,
    timestamp: u32,
    event_at: u32,
    started: bool,
}

impl Stream {
    /// A stream that starts at random numbers.
    #[must_use]
    pub const fn new(random: u64) -> Self {
        let bytes = random.to_le_bytes();
        Self {
            ssrc: u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            sequence: u16::from_le_bytes([bytes[4], bytes[5]]),
            timestamp: u32::from_le_bytes([bytes[6], bytes[7], bytes[5], bytes[0]]),
            event_at: 0,
            started: false,
        }
    }

    /// The next packet.
    #[must_use]
    pub fn packet(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        // The marker says that sound begins.
        let bytes = self.write(payload_type, !self.started, self.timestamp, payload);
        self.skip(payload.len());
        bytes
    }

    /// A packet of a telephone event (RFC 4733): all those of one press carry the moment it began, and the first is marked.
    /// `samples` pass meanwhile.
    #[must_use]
    pub fn event(&mut self, payload_type: u8, payload: &[u8], begins: bool, samples: usize) -> Vec<u8> {
        if begins {
            self.event_at = self.timestamp;
        }
        let bytes = self.write(payload_type, begins, self.event_at, payload);
        self.skip(samples);
        bytes
    }

    fn write(&mut self, payload_type: u8, is_marked: bool, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let marker = if is_marked { 0x80 } else { 0 };
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend([0x80, marker | payload_type & 0x7f]);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(payload);
        self.started = true;
        self.sequence = self.sequence.wrapping_add(1);
        bytes
    }

    /// Time passes without a packet; the next one begins anew.
    pub fn pause(&mut self, samples: usize) {
        self.skip(samples);
        self.started = false;
    }

    fn skip(&mut self, samples: usize) {
        self.timestamp = self.timestamp.wrapping_add(u32::try_from(samples).unwrap_or(0));
    }
}

/// A packet that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming<'a> {
    /// What is in it.
    pub payload_type: u8,
    /// Its moment, in samples.
    pub timestamp: u32,
    /// Its content.
    pub payload: &'a [u8],
}

/// Reads a packet; `None` when it is none.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Incoming<'_>> {
    let first = *bytes.first()?;
    if first >> 6 != 2 {
        return None;
    }
    let payload_type = bytes.get(1)? & 0x7f;
    let timestamp = u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
    let mut start = HEADER + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes(bytes.get(start + 2..start + 4)?.try_into().ok()?);
        start += 4 + usize::from(words) * 4;
    }
    let padding = if first & 0x20 != 0 { usize::from(*bytes.last()?) } else { 0 };
    let payload = bytes.get(start..bytes.len().checked_sub(padding)?)?;
    Some(Incoming { payload_type, timestamp, payload })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packets_are_numbered_and_only_the_first_is_marked() {
        let mut stream = Stream::new(u64::MAX);
        let (first, second) = (stream.packet(0, &[1; 160]), stream.packet(0, &[2; 160]));
        assert_eq!(&first[..4], [0x80, 0x80, 0xff, 0xff]);
        assert_eq!(&second[..4], [0x80, 0x00, 0x00, 0x00]);
        let (first, second) = (read(&first).unwrap(), read(&second).unwrap());
        assert_eq!(second.timestamp, first.timestamp.wrapping_add(160));
        assert_eq!((first.payload_type, first.payload), (0, [1; 160].as_slice()));
        stream.pause(320);
        let third = stream.packet(8, &[3]);
        assert_eq!(third[1], 0x88);
        assert_eq!(read(&third).unwrap().timestamp, first.timestamp.wrapping_add(640));
    }

    #[test]
    fn all_packets_of_a_press_carry_the_moment_it_began() {
        let mut stream = Stream::new(0);
        let _ = stream.packet(0, &[1; 160]);
        let [first, second] = [true, false].map(|begins| stream.event(101, &[5, 10, 0, 160], begins, 160));
        let times = [&first, &second].map(|packet| read(packet).unwrap().timestamp);
        assert_eq!((times, first[1], second[1]), ([160, 160], 0x80 | 101, 101));
        assert_eq!(read(&stream.packet(0, &[1; 160])).unwrap().timestamp, 480);
    }

    #[test]
    fn extensions_sources_and_padding_are_skipped() {
        let mut bytes = vec![0xb1, 101, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1];
        bytes.extend([0; 4]);
        bytes.extend([0, 0, 0, 1, 9, 9, 9, 9]);
        bytes.extend([5, 6, 0, 2]);
        assert_eq!(read(&bytes).unwrap().payload, [5, 6]);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
        }
    }
}
