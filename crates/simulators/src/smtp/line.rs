//! Lines: each ends in CRLF, and neither CR nor LF stands alone (RFC 5321, 2.3.8).

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// Longest line read at all; a longer one ends the connection.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Why a line is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineFault {
    /// LF without CR, or CR without LF.
    BareEnd,
    /// Longer than allowed here.
    TooLong,
}

/// A line without its end; `None` at the end of the stream.
pub(super) async fn read<R: AsyncBufRead + Unpin>(
    from: &mut R,
    bytes_max: usize,
) -> io::Result<Option<Result<Vec<u8>, LineFault>>> {
    let mut line = Vec::new();
    let mut limited = tokio::io::AsyncReadExt::take(from, LINE_BYTES_MAX);
    limited.read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let Some(bare) = line.strip_suffix(b"\r\n") else { return Ok(Some(Err(LineFault::BareEnd))) };
    if bare.contains(&b'\r') {
        return Ok(Some(Err(LineFault::BareEnd)));
    }
    if line.len() > bytes_max {
        return Ok(Some(Err(LineFault::TooLong)));
    }
    Ok(Some(Ok(bare.to_vec())))
}
