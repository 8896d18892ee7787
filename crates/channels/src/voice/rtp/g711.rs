//! The two laws of G.711: 16-bit samples to octets and back.

use super::super::sdp::Codec;

const BIAS: i32 = 0x84;
const CLIP: i32 = 32_635;

/// One sample as µ-law.
#[must_use]
pub fn to_ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let exponent = (0..8).rev().find(|exponent| magnitude & (0x80 << exponent) != 0).unwrap_or(0);
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !low_byte(sign | (exponent << 4) | mantissa)
}

/// One octet of µ-law as a sample.
#[must_use]
pub fn from_ulaw(octet: u8) -> i16 {
    let octet = !octet;
    let (exponent, mantissa) = (i32::from(octet >> 4 & 7), i32::from(octet & 0x0f));
    let magnitude = (((mantissa << 3) + BIAS) << exponent) - BIAS;
    clip(if octet & 0x80 == 0 { magnitude } else { -magnitude })
}

/// One sample as A-law.
#[must_use]
pub fn to_alaw(sample: i16) -> u8 {
    let positive = sample >= 0;
    let magnitude = (if positive { i32::from(sample) } else { !i32::from(sample) }) >> 3;
    let exponent = (1..8).rev().find(|exponent| magnitude & (0x10 << exponent) != 0).unwrap_or(0);
    let shift = exponent.max(1);
    let mantissa = (magnitude >> shift) & 0x0f;
    let octet = low_byte((exponent << 4) | mantissa);
    octet ^ if positive { 0xd5 } else { 0x55 }
}

/// One octet of A-law as a sample.
#[must_use]
pub fn from_alaw(octet: u8) -> i16 {
    let octet = octet ^ 0x55;
    let (exponent, mantissa) = (i32::from(octet >> 4 & 7), i32::from(octet & 0x0f));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    clip(if octet & 0x80 == 0 { -magnitude } else { magnitude })
}

/// µ-law sound in the law of `codec`.
#[must_use]
pub fn recoded(ulaw: &[u8], codec: Codec) -> Vec<u8> {
    match codec {
        Codec::Pcmu => ulaw.to_vec(),
        Codec::Pcma => ulaw.iter().map(|octet| to_alaw(from_ulaw(*octet))).collect(),
    }
}

/// Sound in the law of `codec` as µ-law.
#[must_use]
pub fn decoded(sound: &[u8], codec: Codec) -> Vec<u8> {
    match codec {
        Codec::Pcmu => sound.to_vec(),
        Codec::Pcma => sound.iter().map(|octet| to_ulaw(from_alaw(*octet))).collect(),
    }
}

/// What silence sounds like.
#[must_use]
pub const fn silence(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0xff,
        Codec::Pcma => 0xd5,
    }
}

fn low_byte(value: i32) -> u8 {
    u8::try_from(value & 0xff).unwrap_or(0)
}

fn clip(value: i32) -> i16 {
    i16::try_from(value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_comes_back_as_itself() {
        for octet in 0..=255u8 {
            // µ-law has two zeros.
            if octet != 0x7f {
                assert_eq!(to_ulaw(from_ulaw(octet)), octet, "µ-law {octet:#x}");
            }
            assert_eq!(to_alaw(from_alaw(octet)), octet, "A-law {octet:#x}");
        }
    }

    #[test]
    fn the_ends_and_the_middle_are_those_of_the_standard() {
        assert_eq!((to_ulaw(0), to_ulaw(i16::MAX), to_ulaw(i16::MIN)), (0xff, 0x80, 0x00));
        assert_eq!((to_alaw(0), to_alaw(i16::MAX), to_alaw(i16::MIN)), (0xd5, 0xaa, 0x2a));
        assert_eq!((silence(Codec::Pcmu), silence(Codec::Pcma)), (to_ulaw(0), to_alaw(0)));
    }

    #[test]
    fn what_is_heard_is_near_what_was_said() {
        for sample in (i16::MIN..=i16::MAX).step_by(97) {
            let (said, room) = (i32::from(sample), i32::from(sample).abs() / 16 + 40);
            for heard in [from_ulaw(to_ulaw(sample)), from_alaw(to_alaw(sample))] {
                assert!((i32::from(heard) - said).abs() <= room, "{said} became {heard}");
            }
        }
    }
}
