//! Reading and writing single fields.

use bytes::{BufMut, Bytes, BytesMut};

/// A body ended early or a string was not terminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The named field lies beyond the end of the PDU.
    #[error("the PDU ends inside {0}")]
    Truncated(&'static str),
    /// The named C-octet string has no terminating zero.
    #[error("{0} is not terminated")]
    Unterminated(&'static str),
}

/// A cursor over one PDU body. Lengths are those found, not those allowed: what is allowed is the reader's rule.
#[derive(Debug, Clone)]
pub struct Reader {
    rest: Bytes,
}

impl Reader {
    /// Reads `body` from its start. One copy is made, so that no field keeps a whole network buffer alive.
    #[must_use]
    pub fn new(body: &[u8]) -> Self {
        Self { rest: Bytes::copy_from_slice(body) }
    }

    /// Bytes not yet read.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// A C-octet string without its terminator; octets that are not UTF-8 become the replacement character.
    ///
    /// # Errors
    /// [`DecodeError::Unterminated`] when no zero octet follows.
    pub fn cstring(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let end = self.rest.iter().position(|&octet| octet == 0).ok_or(DecodeError::Unterminated(field))?;
        let text = String::from_utf8_lossy(&self.rest[..end]).into_owned();
        self.rest = self.rest.slice(end + 1..);
        Ok(text)
    }

    /// One octet.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        Ok(self.octets(1, field)?[0])
    }

    /// Two octets, big endian.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        let octets = self.octets(2, field)?;
        Ok(u16::from_be_bytes([octets[0], octets[1]]))
    }

    /// The next `count` octets.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn octets(&mut self, count: usize, field: &'static str) -> Result<Bytes, DecodeError> {
        if self.rest.len() < count {
            return Err(DecodeError::Truncated(field));
        }
        Ok(self.rest.split_to(count))
    }
}

/// Appends a C-octet string of at most `octets_max` octets and its terminator. Longer text is cut and a zero octet
/// ends the string, because anything else would shift every later field.
pub fn put_cstring(out: &mut BytesMut, text: &str, octets_max: usize) {
    let octets = text.as_bytes();
    let end = octets.iter().position(|&octet| octet == 0).unwrap_or(octets.len()).min(octets_max);
    out.put_slice(&octets[..end]);
    out.put_u8(0);
}
