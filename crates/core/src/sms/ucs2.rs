//! UTF-16BE text (data coding 8; handsets accept surrogate pairs though the name says UCS-2) and Latin-1.

use thiserror::Error;

/// Why octets are not UTF-16BE text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Ucs2Error {
    /// An odd number of octets.
    #[error("{0} octets are not whole 16-bit units")]
    OddLength(usize),
    /// Half of a surrogate pair.
    #[error("a surrogate stands alone")]
    LoneSurrogate,
}

/// 16-bit units of the text.
#[must_use]
pub fn unit_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text as UTF-16BE octets.
#[must_use]
pub fn encode(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len() * 2);
    for unit in text.encode_utf16() {
        octets.extend(unit.to_be_bytes());
    }
    octets
}

/// The text of UTF-16BE octets, nothing replaced.
///
/// # Errors
/// [`Ucs2Error`] when the octets are not well-formed.
pub fn decode(octets: &[u8]) -> Result<String, Ucs2Error> {
    let (pairs, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Ucs2Error::OddLength(octets.len()));
    }
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| Ucs2Error::LoneSurrogate)
}

/// The text of Latin-1 octets (data coding 3); every octet is a character.
#[must_use]
pub fn decode_latin1(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_character_beyond_the_basic_plane_takes_two_units() {
        assert_eq!(encode("é😀"), [0x00, 0xe9, 0xd8, 0x3d, 0xde, 0x00]);
        assert_eq!((unit_len("é😀"), unit_len("")), (3, 0));
    }

    #[test]
    fn malformed_octets_are_refused() {
        assert_eq!(decode(&[0, b'a', 0]), Err(Ucs2Error::OddLength(3)));
        assert_eq!(decode(&[0xd8, 0x3d, 0, b'a']), Err(Ucs2Error::LoneSurrogate));
        assert_eq!(decode(&[0xde, 0x00]), Err(Ucs2Error::LoneSurrogate));
    }

    #[test]
    fn every_latin1_octet_is_a_character() {
        assert_eq!(decode_latin1(&[b'a', 0xe9, 0xff]), "aéÿ");
    }

    proptest! {
        #[test]
        fn any_text_survives_the_round_trip(text: String) {
            let octets = encode(&text);
            prop_assert_eq!(octets.len(), 2 * unit_len(&text));
            prop_assert_eq!(decode(&octets), Ok(text));
        }
    }
}
