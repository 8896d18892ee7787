//! The GSM 03.38 (3GPP TS 23.038) default alphabet and its extension table, one septet per octet, as SMPP
//! carries it with data coding 0.

use thiserror::Error;

/// The escape septet that leads to the extension table.
pub const ESCAPE: u8 = 0x1b;

/// The default alphabet by septet. Position 0x1B is the escape and never stands for a character.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table: septet after the escape, and character.
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// How a character is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Basic(u8),
    Extended(u8),
}

/// Nearly all characters of nearly all messages are ASCII: those are looked up, not searched.
const ASCII: [Option<Code>; 128] = {
    let mut table = [None; 128];
    let mut at = 0;
    while at < 128 {
        let ch = BASIC[at] as u32;
        if ch < 128 && at != ESCAPE as usize {
            table[ch as usize] = Some(Code::Basic(at as u8));
        }
        at += 1;
    }
    let mut at = 0;
    while at < EXTENSION.len() {
        let (septet, ch) = EXTENSION[at];
        if (ch as u32) < 128 {
            table[ch as usize] = Some(Code::Extended(septet));
        }
        at += 1;
    }
    table
};

/// A character that the alphabet lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("`{ch}` at byte {at} is not in the GSM alphabet")]
pub struct NotGsm {
    /// The character.
    pub ch: char,
    /// Where it starts in the text, in bytes.
    pub at: usize,
}

/// Why octets are not unpacked GSM septets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GsmDecodeError {
    /// An octet above 0x7F.
    #[error("octet {octet:#04x} at {at} is not a septet")]
    NotASeptet {
        /// The octet.
        octet: u8,
        /// Its position.
        at: usize,
    },
    /// The last septet is the escape.
    #[error("the text ends within an escape pair")]
    TruncatedEscape,
}

fn code(ch: char) -> Option<Code> {
    if ch.is_ascii() {
        return ASCII[ch as usize];
    }
    if ch == '€' {
        return Some(Code::Extended(0x65));
    }
    let septet = BASIC.iter().position(|basic| *basic == ch)?;
    u8::try_from(septet).ok().map(Code::Basic)
}

/// Septets of one character: 1, or 2 for `| ^ € { } [ ] ~ \` and form feed; `None` outside the alphabet.
#[must_use]
pub fn char_septets(ch: char) -> Option<usize> {
    code(ch).map(|code| match code {
        Code::Basic(_) => 1,
        Code::Extended(_) => 2,
    })
}

/// Septets of the whole text; `None` when a character is outside the alphabet.
#[must_use]
pub fn septet_len(text: &str) -> Option<usize> {
    text.chars().try_fold(0, |sum, ch| Some(sum + char_septets(ch)?))
}

/// Whether the alphabet has every character of the text.
#[must_use]
pub fn is_gsm(text: &str) -> bool {
    text.chars().all(|ch| code(ch).is_some())
}

/// The text as unpacked septets.
///
/// # Errors
/// [`NotGsm`] names the first character outside the alphabet.
pub fn encode(text: &str) -> Result<Vec<u8>, NotGsm> {
    let mut septets = Vec::with_capacity(text.len());
    for (at, ch) in text.char_indices() {
        match code(ch).ok_or(NotGsm { ch, at })? {
            Code::Basic(septet) => septets.push(septet),
            Code::Extended(septet) => septets.extend([ESCAPE, septet]),
        }
    }
    Ok(septets)
}

/// The text of unpacked septets. An unknown extension shows the default table's character, as the standard asks.
///
/// # Errors
/// [`GsmDecodeError`] for an octet above 0x7F or an escape at the end.
pub fn decode(septets: &[u8]) -> Result<String, GsmDecodeError> {
    let mut text = String::with_capacity(septets.len());
    let mut rest = septets.iter().enumerate();
    while let Some((at, &octet)) = rest.next() {
        if octet == ESCAPE {
            let (at, &octet) = rest.next().ok_or(GsmDecodeError::TruncatedEscape)?;
            text.push(extended(octet).ok_or(GsmDecodeError::NotASeptet { octet, at })?);
        } else {
            let basic = BASIC.get(usize::from(octet));
            text.push(*basic.ok_or(GsmDecodeError::NotASeptet { octet, at })?);
        }
    }
    Ok(text)
}

fn extended(septet: u8) -> Option<char> {
    if septet == ESCAPE {
        // "Reserved for another extension table": a receiver that knows none shows a space.
        return Some(' ');
    }
    let known = EXTENSION.iter().find(|(code, _)| *code == septet).map(|(_, ch)| *ch);
    known.or_else(|| BASIC.get(usize::from(septet)).copied())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every character of the alphabet, in septet order.
    pub(crate) fn alphabet() -> Vec<char> {
        let basic = BASIC.iter().copied().filter(|ch| *ch != '\u{1b}');
        basic.chain(EXTENSION.iter().map(|(_, ch)| *ch)).collect()
    }

    #[test]
    fn every_character_of_both_tables_is_written_and_read_back() {
        for ch in alphabet() {
            let septets = encode(&ch.to_string()).unwrap();
            assert_eq!(Some(septets.len()), char_septets(ch), "{ch:?}");
            assert_eq!(decode(&septets), Ok(ch.to_string()));
        }
        assert_eq!(alphabet().len(), 127 + 10);
    }

    #[test]
    fn known_septets_are_written_as_the_standard_prints_them() {
        assert_eq!(encode("@£$_Ω{€à").unwrap(), [0, 1, 2, 0x11, 0x15, 0x1b, 0x28, 0x1b, 0x65, 0x7f]);
    }

    #[test]
    fn a_character_outside_the_alphabet_is_named() {
        assert_eq!(encode("5 ç"), Err(NotGsm { ch: 'ç', at: 2 }));
        for ch in ['`', 'ç', '\t', '\u{1b}', '’', '漢', '😀'] {
            assert_eq!((char_septets(ch), is_gsm(&ch.to_string())), (None, false), "{ch:?}");
        }
        assert_eq!(septet_len("a`"), None);
    }

    #[test]
    fn unknown_extensions_fall_back_to_the_default_table() {
        assert_eq!(decode(&[ESCAPE, b'A', ESCAPE, ESCAPE]), Ok("A ".to_owned()));
        assert_eq!(decode(&[b'A', ESCAPE]), Err(GsmDecodeError::TruncatedEscape));
        assert_eq!(decode(&[b'A', 0x80]), Err(GsmDecodeError::NotASeptet { octet: 0x80, at: 1 }));
        assert_eq!(decode(&[ESCAPE, 0xff]), Err(GsmDecodeError::NotASeptet { octet: 0xff, at: 1 }));
    }

    proptest! {
        #[test]
        fn text_of_the_alphabet_survives_the_round_trip(
            text in prop::collection::vec(prop::sample::select(alphabet()), 0..400)
        ) {
            let text: String = text.into_iter().collect();
            let septets = encode(&text).unwrap();
            prop_assert_eq!(Some(septets.len()), septet_len(&text));
            prop_assert_eq!(decode(&septets), Ok(text));
        }

        #[test]
        fn the_length_the_test_and_the_encoder_agree_on_any_text(text in "\\PC{0,60}") {
            prop_assert_eq!(is_gsm(&text), encode(&text).is_ok());
            prop_assert_eq!(septet_len(&text), encode(&text).ok().map(|septets| septets.len()));
        }

        #[test]
        fn no_octets_make_the_decoder_panic(octets in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(&octets);
        }
    }
}
