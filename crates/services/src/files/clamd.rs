//! clamd over its socket: `INSTREAM` and `VERSION`, the `z` forms of its protocol.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;

use super::{Content, ScannerAddress};

/// What the scanner said of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// This was found.
    Infected(String),
}

/// Which scanner, with which signatures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Such as `ClamAV 1.4.6`.
    pub engine: String,
    /// The number and date of the signatures; empty when it has none of the official ones.
    pub signatures: String,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It cannot be reached, or went away.
    #[error("clamd cannot be reached: {0}")]
    Away(#[from] io::Error),
    /// It took too long.
    #[error("clamd did not answer in time")]
    Late,
    /// The content is longer than its `StreamMaxLength`.
    #[error("the content is longer than clamd's StreamMaxLength")]
    TooLong,
    /// It said something else.
    #[error("clamd answered `{0}`")]
    Failed(String),
}

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 4_096;
/// Scans at once.
const SCANS_MAX: usize = 8;

/// A clamd.
#[derive(Debug)]
pub struct Clamd {
    address: ScannerAddress,
    patience: Duration,
    slots: Semaphore,
}

trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

impl Clamd {
    /// The clamd at an address; one exchange takes `patience` at most.
    #[must_use]
    pub fn new(address: ScannerAddress, patience: Duration) -> Self {
        Self { address, patience, slots: Semaphore::new(SCANS_MAX) }
    }

    /// Which scanner it is.
    ///
    /// # Errors
    /// When it is away, late, or answers something else.
    pub async fn version(&self) -> Result<Version, ScanError> {
        let answer = self.in_time(async {
            let mut socket = self.connect().await?;
            socket.write_all(b"zVERSION\0").await?;
            answer(&mut socket).await
        });
        let answer = answer.await?;
        let mut parts = answer.splitn(2, '/');
        match parts.next() {
            Some(engine) if engine.starts_with("ClamAV") => Ok(Version {
                engine: engine.trim().to_owned(),
                signatures: parts.next().unwrap_or_default().trim().to_owned(),
            }),
            _ => Err(ScanError::Failed(answer)),
        }
    }

    /// Scans the file at a path.
    ///
    /// # Errors
    /// When there is no verdict.
    pub async fn scan(&self, path: &Path) -> Result<Verdict, ScanError> {
        self.scan_content(Content::File(File::open(path).await?)).await
    }

    /// Scans a content.
    ///
    /// # Errors
    /// When there is no verdict, or the content breaks off.
    pub async fn scan_content(&self, mut content: Content) -> Result<Verdict, ScanError> {
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await;
        let scanned = self.in_time(async {
            let mut socket = self.connect().await?;
            self.stream(&mut socket, &mut content).await
        });
        scanned.await
    }

    /// Whether a content of `bytes` zeros is taken: its `StreamMaxLength` is not told otherwise.
    ///
    /// # Errors
    /// [`ScanError::TooLong`] when it is not; when it is away or late.
    pub async fn check_length(&self, bytes: u64) -> Result<(), ScanError> {
        let checked = self.in_time(async {
            let mut socket = self.connect().await?;
            self.stream(&mut socket, &mut Content::Zeros(bytes)).await
        });
        checked.await.map(drop)
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, ScanError>>) -> Result<T, ScanError> {
        tokio::time::timeout(self.patience, work).await.unwrap_or(Err(ScanError::Late))
    }

    async fn connect(&self) -> Result<Box<dyn Socket>, ScanError> {
        Ok(match &self.address {
            ScannerAddress::Tcp(address) => Box::new(TcpStream::connect(address).await?),
            ScannerAddress::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    }

    async fn stream(
        &self,
        socket: &mut Box<dyn Socket>,
        content: &mut Content,
    ) -> Result<Verdict, ScanError> {
        // It stops reading when the content is too long and says so: the answer is what matters then, not the broken pipe.
        let sent = send(socket, content).await;
        if let Err(Unsent::Content(error)) = sent {
            return Err(error.into());
        }
        match (answer(socket).await, sent) {
            (Ok(answer), _) if !answer.is_empty() => read(&answer),
            (Ok(_) | Err(_), Err(Unsent::Content(error) | Unsent::Socket(error))) => Err(error.into()),
            (Ok(empty), Ok(())) => Err(ScanError::Failed(empty)),
            (Err(error), Ok(())) => Err(error),
        }
    }
}

/// Which side failed: a content that breaks off must not be judged by what was sent of it.
enum Unsent {
    Content(io::Error),
    Socket(io::Error),
}

async fn send(socket: &mut Box<dyn Socket>, content: &mut Content) -> Result<(), Unsent> {
    socket.write_all(b"zINSTREAM\0").await.map_err(Unsent::Socket)?;
    loop {
        let piece = content.piece().await.map_err(Unsent::Content)?;
        write(socket, &piece).await.map_err(Unsent::Socket)?;
        if piece.is_empty() {
            return Ok(());
        }
    }
}

/// One piece with its length in front; an empty one ends the stream.
async fn write(socket: &mut Box<dyn Socket>, piece: &[u8]) -> io::Result<()> {
    let length = u32::try_from(piece.len()).map_err(io::Error::other)?;
    socket.write_all(&length.to_be_bytes()).await?;
    socket.write_all(piece).await?;
    if piece.is_empty() { socket.flush().await } else { Ok(()) }
}

/// Everything up to the zero that ends an answer.
async fn answer(socket: &mut Box<dyn Socket>) -> Result<String, ScanError> {
    let mut bytes = Vec::new();
    socket.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\0', '\n']).to_owned())
}

fn read(answer: &str) -> Result<Verdict, ScanError> {
    if answer.ends_with("size limit exceeded. ERROR") {
        return Err(ScanError::TooLong);
    }
    let said = answer.strip_prefix("stream: ").unwrap_or(answer);
    if said == "OK" {
        return Ok(Verdict::Clean);
    }
    match said.strip_suffix(" FOUND") {
        Some(threat) => Ok(Verdict::Infected(threat.to_owned())),
        None => Err(ScanError::Failed(answer.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_clean() {
        assert_eq!(read("stream: OK").unwrap(), Verdict::Clean);
        assert_eq!(read("stream: Eicar-Test FOUND").unwrap(), Verdict::Infected("Eicar-Test".to_owned()));
        assert!(matches!(read("INSTREAM size limit exceeded. ERROR"), Err(ScanError::TooLong)));
        for odd in ["", "stream: ", "stream: Can't allocate memory ERROR", "UNKNOWN COMMAND", "OKAY"] {
            assert!(matches!(read(odd), Err(ScanError::Failed(_))), "{odd}");
        }
    }
}
