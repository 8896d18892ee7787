//! Cutting the byte stream into PDUs and putting PDUs into it.

use bytes::{BufMut, BytesMut};

/// Bytes of a PDU header.
pub const HEADER_BYTES: usize = 16;

/// The longest PDU read or written, in bytes: a `message_payload` of 64 KiB less its mandatory fields is the most
/// the standard allows; no operator comes near it.
pub const PDU_BYTES_MAX: usize = 64 * 1024;

/// The header of every PDU (section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Length of the whole PDU, header included, in bytes.
    pub pdu_bytes: usize,
    /// What the PDU is: see [`command`](super::command).
    pub command: u32,
    /// Outcome, in answers: see [`status`](super::status). Zero in requests.
    pub status: u32,
    /// Ties an answer to its request.
    pub sequence: u32,
}

/// The stream cannot be cut into PDUs any further: the connection has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// `command_length` is smaller than a header.
    #[error("PDU of {0} bytes is shorter than its header")]
    TooShort(u32),
    /// `command_length` is above [`PDU_BYTES_MAX`].
    #[error("PDU of {0} bytes is longer than 65536")]
    TooLong(u32),
}

/// The first whole PDU of `stream`, or `None` when more bytes are needed. The caller advances the stream by
/// [`Header::pdu_bytes`].
///
/// # Errors
/// [`FrameError`] as soon as the length field is readable and out of bounds, before the body is waited for.
pub fn next_frame(stream: &[u8]) -> Result<Option<(Header, &[u8])>, FrameError> {
    let Some(length) = word(stream, 0) else { return Ok(None) };
    let pdu_bytes = length as usize;
    if pdu_bytes < HEADER_BYTES {
        return Err(FrameError::TooShort(length));
    }
    if pdu_bytes > PDU_BYTES_MAX {
        return Err(FrameError::TooLong(length));
    }
    let (Some(pdu), Some(command), Some(status), Some(sequence)) =
        (stream.get(..pdu_bytes), word(stream, 4), word(stream, 8), word(stream, 12))
    else {
        return Ok(None);
    };
    Ok(Some((Header { pdu_bytes, command, status, sequence }, &pdu[HEADER_BYTES..])))
}

/// Appends one PDU whose body is written by `body`; the length field is filled in afterwards.
pub fn put_frame(
    out: &mut BytesMut,
    command: u32,
    status: u32,
    sequence: u32,
    body: impl FnOnce(&mut BytesMut),
) {
    let start = out.len();
    for word in [0, command, status, sequence] {
        out.put_u32(word);
    }
    body(out);
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Appends a PDU without a body: `enquire_link`, `unbind`, `generic_nack` and their answers.
pub fn put_header_only(out: &mut BytesMut, command: u32, status: u32, sequence: u32) {
    put_frame(out, command, status, sequence, |_| {});
}

fn word(stream: &[u8], at: usize) -> Option<u32> {
    let bytes = stream.get(at..at + 4)?;
    bytes.try_into().ok().map(u32::from_be_bytes)
}
