//! How long a voice message plays (RFC 4867, section 5).

const NARROW: &[u8] = b"#!AMR\n";
const WIDE: &[u8] = b"#!AMR-WB\n";
/// A frame is 20 ms of speech.
const FRAME_MS: u64 = 20;
/// Octets after a frame's header, by its type; types without data are nothing but the header.
const NARROW_OCTETS: [usize; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0];
const WIDE_OCTETS: [usize; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0];

/// The play time in milliseconds; `None` when the bytes are no AMR file.
pub(super) fn play_ms(bytes: &[u8]) -> Option<u64> {
    let (mut rest, octets) = match (bytes.strip_prefix(NARROW), bytes.strip_prefix(WIDE)) {
        (Some(rest), _) => (rest, NARROW_OCTETS),
        (None, Some(rest)) => (rest, WIDE_OCTETS),
        (None, None) => return None,
    };
    let mut frames = 0;
    while let Some((header, body)) = rest.split_first() {
        let octets = octets[usize::from(header >> 3 & 0x0f)];
        frames += 1;
        rest = body.get(octets..).unwrap_or_default();
    }
    Some(frames * FRAME_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_mode_are_twenty_milliseconds() {
        let file = |magic: &[u8], mode: u8, octets: usize, frames: usize| {
            let frame: Vec<u8> = [vec![mode << 3 | 0x04], vec![0; octets]].concat();
            [magic, &frame.repeat(frames)].concat()
        };
        assert_eq!(play_ms(&file(NARROW, 7, 31, 3_000)), Some(60_000));
        assert_eq!(play_ms(&file(NARROW, 0, 12, 50)), Some(1_000));
        assert_eq!(play_ms(&file(NARROW, 15, 0, 2)), Some(40));
        assert_eq!(play_ms(&file(WIDE, 8, 60, 5)), Some(100));
        assert_eq!(play_ms(NARROW), Some(0));
        assert_eq!(play_ms(b"RIFF"), None);
    }
}
