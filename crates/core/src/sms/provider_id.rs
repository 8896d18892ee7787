//! Finds the message a delivery receipt speaks of, by the provider's id.
//!
//! Operators write one id in two ways: the response to `submit_sm` says `1A2B3C`, the receipt says `0001715004`
//! (its decimal value), or the other way round, padded or in the other case.
//!
//! **Forms of an id.** *Text*: blanks trimmed, ASCII lower case, leading zeros removed. *Decimal*: the value, when
//! all characters are decimal digits. *Hex*: the value, when all are hex digits.
//!
//! **Rule.** A receipt's id matches a response's id when
//! 1. their texts are equal ([`MatchKind::Text`]: same base, whatever case and padding); or
//! 2. the hex value of one is the decimal value of the other and a letter proves which is hex
//!    ([`MatchKind::CrossBase`]); or
//! 3. the same without a letter in either ([`MatchKind::Ambiguous`]): response `10` and receipt `16`.
//!
//! Equal values in the *same* base are equal texts, so nothing else needs comparing. Values below ten are the
//! same in both bases and are left to the text.
//!
//! **Use.** Store the [`stored_key`] of the response. For a receipt look up its [`ProbeKeys`] in their order and
//! stop at the first that finds a message. The store must confirm each find, since keys are hashes and values can
//! coincide: [`MatchKind::Text`] by [`match_kind`] on the stored text alone; the other two also by the receipt's
//! source address being the message's destination. An id that finds nothing is kept until its response comes.

use crate::key::{KeyHasher, KeyKind};

/// How sure a match is; the smaller the surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKind {
    /// Same text but for case, blanks and padding.
    Text,
    /// One is the hex form of the other; at least one letter shows which.
    CrossBase,
    /// One could be the hex form of the other; both have decimal digits only.
    Ambiguous,
}

impl MatchKind {
    /// Whether the receipt must also come from the message's destination before it is believed.
    #[must_use]
    pub const fn needs_destination(self) -> bool {
        !matches!(self, Self::Text)
    }
}

/// The key of a canonical text, whatever its case.
fn text_key(connection: i64, text: &str) -> i64 {
    let mut hasher = KeyHasher::new(KeyKind::ProviderId, connection);
    text.bytes().for_each(|octet| hasher.write(&[octet.to_ascii_lowercase()]));
    hasher.finish()
}

/// An id, read.
struct Canonical<'a> {
    text: &'a str,
    decimal: Option<u128>,
    hex: Option<u128>,
}

impl<'a> Canonical<'a> {
    fn of(id: &'a str) -> Self {
        let trimmed = id.trim_matches(|ch: char| ch.is_ascii_whitespace() || ch == '\0');
        let stripped = trimmed.trim_start_matches('0');
        let text = if stripped.is_empty() && !trimmed.is_empty() { "0" } else { stripped };
        // The standard parsers take a sign; an id never has one that means anything.
        let value = |radix: u32| {
            let digits_only = !text.is_empty() && text.chars().all(|ch| ch.is_digit(radix));
            digits_only.then(|| u128::from_str_radix(text, radix).ok())?.filter(|value| *value > 9)
        };
        Self { text, decimal: value(10), hex: value(16) }
    }
}

/// The key under which the id in a response on connection `connection` is stored. An id of blanks only has none.
///
/// One key is enough: the other base is tried by the receipt's side, which turns its own value into the text the
/// response would have had.
#[must_use]
pub fn stored_key(connection: i64, id: &str) -> Option<i64> {
    let id = Canonical::of(id);
    (!id.text.is_empty()).then(|| text_key(connection, id.text))
}

/// The keys to look up for a receipt's id: at most three, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeKeys {
    keys: [(MatchKind, i64); 3],
    len: usize,
}

impl ProbeKeys {
    /// The probes for the id in a receipt on connection `connection`. An id of blanks only has none.
    #[must_use]
    pub fn of(connection: i64, id: &str) -> Self {
        let id = Canonical::of(id);
        let mut probes = Self { keys: [(MatchKind::Text, 0); 3], len: 0 };
        let mut push = |kind, text: &str| {
            probes.keys[probes.len] = (kind, text_key(connection, text));
            probes.len += 1;
        };
        if !id.text.is_empty() {
            push(MatchKind::Text, id.text);
        }
        // The receipt's decimal value, as a response in hex would have written it.
        if let Some(value) = id.decimal {
            let hex = format!("{value:x}");
            let lettered = hex.bytes().any(|octet| octet.is_ascii_alphabetic());
            push(if lettered { MatchKind::CrossBase } else { MatchKind::Ambiguous }, &hex);
        }
        // The receipt's hex value, as a response in decimal would have written it.
        if let Some(value) = id.hex {
            let kind = if id.decimal.is_some() { MatchKind::Ambiguous } else { MatchKind::CrossBase };
            push(kind, &value.to_string());
        }
        probes
    }

    /// The probes in the order to try them.
    #[must_use]
    pub fn as_slice(&self) -> &[(MatchKind, i64)] {
        &self.keys[..self.len]
    }
}

/// Compares the ids themselves: the check after a key was found.
#[must_use]
pub fn match_kind(response_id: &str, receipt_id: &str) -> Option<MatchKind> {
    let (response, receipt) = (Canonical::of(response_id), Canonical::of(receipt_id));
    if response.text.is_empty() || receipt.text.is_empty() {
        return None;
    }
    if response.text.eq_ignore_ascii_case(receipt.text) {
        return Some(MatchKind::Text);
    }
    let equal = |hex: Option<u128>, decimal: Option<u128>| hex.is_some() && hex == decimal;
    if !equal(response.hex, receipt.decimal) && !equal(receipt.hex, response.decimal) {
        return None;
    }
    let letterless = response.decimal.is_some() && receipt.decimal.is_some();
    Some(if letterless { MatchKind::Ambiguous } else { MatchKind::CrossBase })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the keys alone find, which must be what the ids themselves say.
    fn found(response: &str, receipt: &str) -> Option<MatchKind> {
        let (stored, probes) = (stored_key(1, response), ProbeKeys::of(1, receipt));
        let hit = probes.as_slice().iter().find(|(_, key)| stored == Some(*key));
        hit.map(|(kind, _)| *kind)
    }

    fn check(response: &str, receipt: &str, expected: Option<MatchKind>) {
        assert_eq!(match_kind(response, receipt), expected, "`{response}` and `{receipt}`");
        assert_eq!(found(response, receipt), expected, "keys of `{response}` and `{receipt}`");
    }

    #[test]
    fn one_id_written_in_two_ways_is_one_id() {
        check("1a2b3c", "1a2b3c", Some(MatchKind::Text));
        check("1a2b3c", "1A2B3C", Some(MatchKind::Text));
        check("1a2b3c", "0001A2B3C", Some(MatchKind::Text));
        check("0001234", "1234", Some(MatchKind::Text));
        check(" 1234\0", "1234", Some(MatchKind::Text));
        check("2a1f8c52-77b1-4d3e", "2A1F8C52-77B1-4D3E", Some(MatchKind::Text));
        check("1a2b3c", "1715004", Some(MatchKind::CrossBase));
        check("1a2b3c", "0001715004", Some(MatchKind::CrossBase));
        check("1715004", "001A2B3C", Some(MatchKind::CrossBase));
        check("10", "16", Some(MatchKind::Ambiguous));
        check("16", "10", Some(MatchKind::Ambiguous));
        check("0", "000", Some(MatchKind::Text));
    }

    #[test]
    fn different_ids_do_not_match() {
        check("1234", "1235", None);
        check("1a2b3c", "1a2b3d", None);
        check("xyz", "xy", None);
        check("", "", None);
        check(" ", "0", None);
        check("+10", "16", None);
        check("-10", "10", None);
        check("1234-5", "12345", None);
    }

    #[test]
    fn a_text_match_is_tried_before_any_numeric_one() {
        let probes = ProbeKeys::of(1, "26");
        let kinds: Vec<MatchKind> = probes.as_slice().iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [MatchKind::Text, MatchKind::CrossBase, MatchKind::Ambiguous]);
        assert_eq!(
            kinds.iter().map(|kind| kind.needs_destination()).collect::<Vec<_>>(),
            [false, true, true]
        );
    }

    #[test]
    fn a_receipt_is_looked_up_once_for_each_way_its_id_can_be_read() {
        let probes = |id: &str| ProbeKeys::of(1, id).as_slice().len();
        assert_eq!(["", "7", "xyz", "1a2b", "1234"].map(probes), [0, 1, 1, 2, 3]);
        // Ids longer than any number are text only.
        assert_eq!(probes(&"9".repeat(40)), 1);
        assert_eq!(probes(&"f".repeat(33)), 1);
    }

    #[test]
    fn connections_do_not_share_ids() {
        let stored = stored_key(1, "1a2b3c");
        assert!(stored.is_some());
        assert!(ProbeKeys::of(2, "1a2b3c").as_slice().iter().all(|(_, key)| Some(*key) != stored));
    }

    fn written(value: u64, style: u8) -> String {
        match style {
            0 => format!("{value}"),
            1 => format!("{value:020}"),
            2 => format!("{value:x}"),
            3 => format!("{value:X}"),
            _ => format!("{value:016X}"),
        }
    }

    proptest! {
        #[test]
        fn every_writing_of_a_number_finds_every_other(value: u64, response in 0_u8..5, receipt in 0_u8..5) {
            prop_assert!(found(&written(value, response), &written(value, receipt)).is_some());
        }

        #[test]
        fn the_keys_find_exactly_what_the_ids_say(
            a in "[0-9]{1,4}|[0-9a-fA-F]{1,4}|[0-9a-z-]{1,6}", b in "[0-9]{1,4}|[0-9a-fA-F]{1,4}|[0-9a-z-]{1,6}"
        ) {
            prop_assert_eq!(found(&a, &b), match_kind(&a, &b));
            prop_assert_eq!(match_kind(&a, &b), match_kind(&b, &a));
        }

        #[test]
        fn neighbouring_numbers_of_one_style_never_match_by_text(value: u64, style in 0_u8..5) {
            let (a, b) = (written(value, style), written(value.wrapping_add(1), style));
            prop_assert_ne!(match_kind(&a, &b), Some(MatchKind::Text));
        }

        #[test]
        fn no_id_makes_the_rule_panic(a in "\\PC{0,70}", b in "\\PC{0,70}") {
            let _ = (match_kind(&a, &b), found(&a, &b));
        }
    }
}
