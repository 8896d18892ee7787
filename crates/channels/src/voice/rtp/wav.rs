//! WAV files (RIFF) in, µ-law at 8 kHz out: PCM of 8 or 16 bits, either law, one or two channels, 8 to 48 kHz.

use super::{RATE, g711};

/// The longest prompt: ten minutes.
pub const SECONDS_MAX: usize = 600;

/// Why a file cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// No RIFF/WAVE file.
    #[error("the file is no WAV file; it must begin with RIFF and WAVE")]
    NotWav,
    /// A coding that is not read.
    #[error(
        "the sound's coding is {0}; PCM (1), A-law (6) or \u{b5}-law (7) is needed, PCM with 8 or 16 bits"
    )]
    Coding(u16),
    /// A rate out of range.
    #[error("the sound has {0} samples a second; 8000 to 48000 are needed")]
    Rate(u32),
    /// Neither one channel nor two.
    #[error("the sound has {0} channels; 1 or 2 are needed")]
    Channels(u16),
    /// Nothing to hear.
    #[error("the file holds no sound")]
    Empty,
    /// Over [`SECONDS_MAX`].
    #[error("the sound is longer than ten minutes")]
    TooLong,
}

struct Format {
    coding: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

/// The sound of a WAV file as µ-law at 8 kHz.
///
/// # Errors
/// [`WavError`].
pub fn read(file: &[u8]) -> Result<Vec<u8>, WavError> {
    if file.get(..4) != Some(b"RIFF") || file.get(8..12) != Some(b"WAVE") {
        return Err(WavError::NotWav);
    }
    let mut format = None;
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((name, body, after)) = chunk(rest) {
        match name {
            b"fmt " => format = Some(read_format(body)?),
            b"data" => return sound(format.as_ref().ok_or(WavError::NotWav)?, body),
            _ => {}
        }
        rest = after;
    }
    Err(WavError::Empty)
}

/// One chunk; what a writer to a pipe could not know, it gives as far too long.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    let body = bytes.get(8..)?;
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(body.len());
    // Chunks are padded to even lengths.
    let next = (end + end % 2).min(body.len());
    Some((&bytes[..4], &body[..end], &body[next..]))
}

fn read_format(body: &[u8]) -> Result<Format, WavError> {
    let short = |at: usize| body.get(at..at + 2).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes);
    let long = |at: usize| body.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
    let read = || Some(Format { coding: short(0)?, channels: short(2)?, rate: long(4)?, bits: short(14)? });
    let mut format = read().ok_or(WavError::NotWav)?;
    if format.coding == 0xfffe {
        // The extensible form names the coding in the head of a GUID.
        format.coding = short(24).ok_or(WavError::NotWav)?;
    }
    match (format.coding, format.bits) {
        (1, 8 | 16) | (6 | 7, 8) => {}
        (coding, _) => return Err(WavError::Coding(coding)),
    }
    if !(8_000..=48_000).contains(&format.rate) {
        return Err(WavError::Rate(format.rate));
    }
    if !(1..=2).contains(&format.channels) {
        return Err(WavError::Channels(format.channels));
    }
    Ok(format)
}

fn sound(format: &Format, data: &[u8]) -> Result<Vec<u8>, WavError> {
    let width = usize::from(format.bits / 8) * usize::from(format.channels);
    let rate = usize::try_from(format.rate).unwrap_or(usize::MAX);
    let frames = data.len() / width;
    if frames == 0 {
        return Err(WavError::Empty);
    }
    if frames / rate >= SECONDS_MAX {
        return Err(WavError::TooLong);
    }
    if format.coding == 7 && format.channels == 1 && format.rate == RATE {
        return Ok(data.to_vec());
    }
    let channels = i32::from(format.channels);
    let samples: Vec<i32> = data
        .chunks_exact(width)
        .map(|frame| {
            frame.chunks_exact(usize::from(format.bits / 8)).map(|one| sample(format, one)).sum::<i32>()
        })
        .map(|sum| sum / channels)
        .collect();
    Ok(resampled(&samples, format.rate).map(g711::to_ulaw).collect())
}

fn sample(format: &Format, bytes: &[u8]) -> i32 {
    match (format.coding, bytes) {
        (6, [octet]) => i32::from(g711::from_alaw(*octet)),
        (7, [octet]) => i32::from(g711::from_ulaw(*octet)),
        // Eight bits of PCM are unsigned.
        (_, [octet]) => (i32::from(*octet) - 128) << 8,
        (_, [low, high]) => i32::from(i16::from_le_bytes([*low, *high])),
        _ => 0,
    }
}

/// At 8 kHz: the mean of the samples each of ours stands for, so that nothing above 4 kHz folds back loudly.
fn resampled(samples: &[i32], rate: u32) -> impl Iterator<Item = i16> + '_ {
    let (from, to) = (u64::from(rate), u64::from(RATE));
    let count = samples.len() as u64 * to / from;
    (0..count.max(1)).map(move |place| {
        let start = usize::try_from(place * from / to).unwrap_or(0);
        let end = usize::try_from((place + 1) * from / to)
            .unwrap_or(0)
            .clamp(start + 1, samples.len().max(start + 1));
        let window = samples.get(start..end).unwrap_or_default();
        let mean = window.iter().sum::<i32>() / i32::try_from(window.len().max(1)).unwrap_or(1);
        i16::try_from(mean).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wav(coding: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        file.extend(coding.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(rate.to_le_bytes());
        file.extend([0; 6]);
        file.extend(bits.to_le_bytes());
        file.extend(b"LIST\x03\0\0\0abc\0data");
        file.extend(u32::MAX.to_le_bytes());
        file.extend(data);
        file
    }

    #[test]
    fn every_form_becomes_ulaw_at_eight_thousand() {
        let loud = 12_000i16.to_le_bytes();
        let pcm = |rate: u32, channels: u16| {
            let samples = usize::try_from(rate / 50).unwrap() * usize::from(channels);
            read(&wav(1, channels, rate, 16, &loud.repeat(samples))).unwrap()
        };
        let expected = vec![g711::to_ulaw(12_000); 160];
        for rate in [8_000, 16_000, 22_050, 44_100, 48_000] {
            for channels in [1, 2] {
                assert_eq!(pcm(rate, channels), expected, "{rate} {channels}");
            }
        }
        assert_eq!(read(&wav(7, 1, 8_000, 8, &[0x12; 160])).unwrap(), vec![0x12; 160]);
        let alaw = read(&wav(6, 1, 8_000, 8, &[0xaa; 160])).unwrap();
        assert_eq!(alaw, vec![g711::to_ulaw(g711::from_alaw(0xaa)); 160]);
        assert_eq!(read(&wav(1, 1, 8_000, 8, &[128; 160])).unwrap(), vec![0xff; 160]);
    }

    #[test]
    fn what_cannot_be_played_is_named() {
        let bad = |coding, channels, rate, bits, data: &[u8]| {
            read(&wav(coding, channels, rate, bits, data)).unwrap_err()
        };
        assert_eq!(read(b"ID3"), Err(WavError::NotWav));
        assert_eq!(bad(3, 1, 8_000, 32, &[0; 8]), WavError::Coding(3));
        assert_eq!(bad(1, 1, 8_000, 24, &[0; 9]), WavError::Coding(1));
        assert_eq!(bad(1, 1, 96_000, 16, &[0; 8]), WavError::Rate(96_000));
        assert_eq!(bad(1, 6, 8_000, 16, &[0; 12]), WavError::Channels(6));
        assert_eq!(bad(1, 1, 8_000, 16, &[0]), WavError::Empty);
        assert_eq!(bad(7, 1, 8_000, 8, &vec![0; 8_000 * SECONDS_MAX]), WavError::TooLong);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 12usize..60) {
            let mut file = wav(1, 2, 44_100, 16, &bytes);
            let cut = cut.min(file.len());
            file.splice(cut..cut, bytes.iter().copied());
            let _ = read(&file);
        }
    }
}
