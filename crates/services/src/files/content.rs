//! A content on its way out, piece by piece.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::s3::Download;

/// Bytes of one piece of a file.
const PIECE_BYTES: usize = 64 * 1024;
const ZEROS: &[u8] = &[0; PIECE_BYTES];

/// A content that is read once, from its start to its end.
pub enum Content {
    /// A file of this machine.
    File(File),
    /// What an S3 store sends.
    Download(Box<Download>),
    /// So many zeros.
    Zeros(u64),
}

impl Content {
    /// The next piece, of any length; empty at the end.
    ///
    /// # Errors
    /// When the disk fails, or the store goes away before the end.
    pub async fn piece(&mut self) -> io::Result<Bytes> {
        match self {
            Self::File(file) => {
                let mut piece = Vec::with_capacity(PIECE_BYTES);
                file.take(PIECE_BYTES as u64).read_to_end(&mut piece).await?;
                Ok(Bytes::from(piece))
            }
            Self::Download(download) => download.piece().await,
            Self::Zeros(left) => {
                let now = usize::try_from(*left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
                *left -= now as u64;
                Ok(Bytes::from_static(ZEROS.get(..now).unwrap_or_default()))
            }
        }
    }

    /// The pieces one after the other.
    pub fn pieces(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold(self, async |mut content| {
            let piece = content.piece().await?;
            Ok((!piece.is_empty()).then_some((piece, content)))
        })
    }
}
