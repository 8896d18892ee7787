//! The user data header (3GPP TS 23.040, 9.2.3.24) as far as concatenation needs it.

use thiserror::Error;

/// Information element: concatenation with an 8-bit reference.
const IE_CONCAT_8: u8 = 0x00;
/// Information element: concatenation with a 16-bit reference.
const IE_CONCAT_16: u8 = 0x08;

/// Which part of which message this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConcatHeader {
    /// Common to all parts of one message from one sender.
    pub reference: u16,
    /// Number of parts (1..=255).
    pub total: u8,
    /// Number of this part (1..=total).
    pub seq: u8,
}

/// The header claims more octets than there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the user data header says {said} octets but {left} are left")]
pub struct TruncatedUdh {
    /// Octets the length field announces.
    pub said: usize,
    /// Octets that follow it.
    pub left: usize,
}

/// `[5, 0, 3, ref, total, seq]`.
#[must_use]
pub fn concat_8(reference: u8, total: u8, seq: u8) -> Vec<u8> {
    vec![5, IE_CONCAT_8, 3, reference, total, seq]
}

/// `[6, 8, 4, ref high, ref low, total, seq]`.
#[must_use]
pub fn concat_16(reference: u16, total: u8, seq: u8) -> Vec<u8> {
    let [high, low] = reference.to_be_bytes();
    vec![6, IE_CONCAT_16, 4, high, low, total, seq]
}

/// Splits user data into header (with its length octet) and payload. Call it when `esm_class` has bit 0x40.
///
/// # Errors
/// [`TruncatedUdh`] when the length octet points past the end.
pub fn split(user_data: &[u8]) -> Result<(&[u8], &[u8]), TruncatedUdh> {
    let Some((&len, rest)) = user_data.split_first() else { return Err(TruncatedUdh { said: 0, left: 0 }) };
    let said = usize::from(len);
    user_data.split_at_checked(said + 1).ok_or(TruncatedUdh { said, left: rest.len() })
}

/// The concatenation element of a header (with its length octet), if it has a meaningful one.
#[must_use]
pub fn concatenation(udh: &[u8]) -> Option<ConcatHeader> {
    let (_, mut elements) = udh.split_first()?;
    while let [kind, len, rest @ ..] = elements {
        let (value, after) = rest.split_at_checked(usize::from(*len))?;
        let found = match (*kind, value) {
            (IE_CONCAT_8, [reference, total, seq]) => Some((u16::from(*reference), *total, *seq)),
            (IE_CONCAT_16, [high, low, total, seq]) => {
                Some((u16::from_be_bytes([*high, *low]), *total, *seq))
            }
            _ => None,
        };
        // The standard: a part number of 0 or above the total makes the element void.
        if let Some((reference, total, seq)) = found.filter(|(_, total, seq)| (1..=*total).contains(seq)) {
            return Some(ConcatHeader { reference, total, seq });
        }
        elements = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_split_from_its_payload() {
        assert_eq!(split(&[2, 0x24, 0, b'a']), Ok((&[2, 0x24, 0][..], &b"a"[..])));
        assert_eq!(split(&[]), Err(TruncatedUdh { said: 0, left: 0 }));
        assert_eq!(split(&[5, 0, 3]), Err(TruncatedUdh { said: 5, left: 2 }));
    }

    #[test]
    fn a_concatenation_element_is_found_behind_others() {
        let udh = [10, 0x24, 1, 9, 0x08, 4, 0x12, 0x34, 3, 2, 0];
        assert_eq!(concatenation(&udh), Some(ConcatHeader { reference: 0x1234, total: 3, seq: 2 }));
    }

    #[test]
    fn a_part_number_outside_its_total_is_void() {
        for udh in [concat_8(1, 0, 0), concat_8(1, 2, 0), concat_8(1, 2, 3), vec![], vec![3, 0, 9, 1]] {
            assert_eq!(concatenation(&udh), None, "{udh:?}");
        }
    }

    proptest! {
        #[test]
        fn written_headers_are_read_back(reference: u16, total in 1_u8..=255, seq in 1_u8..=255) {
            prop_assume!(seq <= total);
            let wide = ConcatHeader { reference, total, seq };
            prop_assert_eq!(concatenation(&concat_16(reference, total, seq)), Some(wide));
            let narrow = ConcatHeader { reference: reference & 0xff, total, seq };
            let low = reference.to_be_bytes()[1];
            prop_assert_eq!(concatenation(&concat_8(low, total, seq)), Some(narrow));
        }

        #[test]
        fn no_octets_make_the_reader_panic(octets in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (split(&octets), concatenation(&octets));
        }
    }
}
