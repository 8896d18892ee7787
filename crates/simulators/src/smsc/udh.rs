//! User data headers (3GPP TS 23.040, 9.2.3.24), strictly.

use super::plan::Part;

/// A header taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Udh {
    /// Octets of the header, its length octet included.
    pub(super) octets: usize,
    /// Concatenation, if the header has it.
    pub(super) part: Option<Part>,
}

/// Reads the header at the front of `text`; `None` when it is malformed.
pub(super) fn read_udh(text: &[u8]) -> Option<Udh> {
    let length = usize::from(*text.first()?);
    let mut elements = text.get(1..=length)?;
    let mut part = None;
    while !elements.is_empty() {
        let (&[identifier, size], rest) = elements.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(usize::from(size))?;
        part = match (identifier, value) {
            (0x00, &[reference, total, sequence]) => Some(checked(u16::from(reference), total, sequence)?),
            (0x08, &[high, low, total, sequence]) => {
                Some(checked(u16::from_be_bytes([high, low]), total, sequence)?)
            }
            (0x00 | 0x08, _) => return None,
            _ => part,
        };
        elements = rest;
    }
    Some(Udh { octets: length + 1, part })
}

pub(super) fn checked(reference: u16, total: u8, sequence: u8) -> Option<Part> {
    (total > 0 && (1..=total).contains(&sequence)).then_some(Part { reference, total, sequence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_to_the_last_octet_or_refused() {
        let part = |reference, total, sequence| Some(Part { reference, total, sequence });
        let cases: [(&[u8], Option<Udh>); 9] = [
            (&[5, 0, 3, 0xAB, 2, 1, b'x'], Some(Udh { octets: 6, part: part(0xAB, 2, 1) })),
            (&[6, 8, 4, 1, 2, 3, 3], Some(Udh { octets: 7, part: part(0x0102, 3, 3) })),
            (&[4, 0x24, 2, 1, 0], Some(Udh { octets: 5, part: None })),
            (&[0], Some(Udh { octets: 1, part: None })),
            (&[], None),
            (&[5, 0, 3, 1, 2], None),
            (&[5, 0, 4, 1, 2, 1], None),
            (&[5, 0, 3, 1, 2, 3], None),
            (&[5, 0, 3, 1, 2, 0], None),
        ];
        for (text, expected) in cases {
            assert_eq!(read_udh(text), expected, "{text:?}");
        }
    }
}
