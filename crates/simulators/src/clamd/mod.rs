//! A virus scanner that speaks clamd's protocol: `PING`, `VERSION` and `INSTREAM`, in their `z` and `n` forms.
//!
//! It knows one virus, the text of the European Institute for Computer Antivirus Research that every scanner must find, and what it
//! is taught besides, and
//! refuses streams above its limit as clamd does: it says so and closes.

mod session;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How it misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClamdFault {
    /// It does not.
    #[default]
    None,
    /// Closes every connection at once.
    Away,
    /// Takes a stream and never answers.
    Silent,
    /// Answers a stream with an error.
    Broken,
}

/// Set-up of a scanner.
#[derive(Clone, Debug)]
pub struct ClamdConfig {
    /// Where to listen. Default 127.0.0.1 on a free port.
    pub address: SocketAddr,
    /// Longest stream, bytes. Default 210 MiB.
    pub stream_bytes_max: u64,
}

impl Default for ClamdConfig {
    fn default() -> Self {
        Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), stream_bytes_max: 210 << 20 }
    }
}

/// The scanner.
#[derive(Debug)]
pub struct SimulatedClamd;

/// A running scanner. Dropping it stops listening.
#[derive(Debug)]
pub struct ClamdHandle {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    config: ClamdConfig,
    fault: Mutex<ClamdFault>,
    signatures: AtomicU64,
    scans: AtomicU64,
    learned: Mutex<Vec<Vec<u8>>>,
}

impl SimulatedClamd {
    /// Listens and answers until the handle is dropped.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: ClamdConfig) -> io::Result<ClamdHandle> {
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            config,
            fault: Mutex::default(),
            signatures: AtomicU64::new(1),
            scans: AtomicU64::new(0),
            learned: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            // One failed accept ends nothing but itself.
            loop {
                if let Ok((socket, _)) = listener.accept().await {
                    tokio::spawn(session::serve(socket, Arc::clone(&serving)));
                }
            }
        });
        Ok(ClamdHandle { address, shared, server })
    }
}

impl ClamdHandle {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it misbehaves so.
    pub fn misbehave(&self, fault: ClamdFault) {
        *self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// From now on it has newer signatures.
    pub fn update_signatures(&self) {
        self.shared.signatures.fetch_add(1, Ordering::SeqCst);
    }

    /// From now on it has newer signatures, which find these texts, and the test text still.
    pub fn learn(&self, texts: &[&[u8]]) {
        *self.shared.learned.lock().unwrap_or_else(PoisonError::into_inner) =
            texts.iter().map(|text| text.to_vec()).collect();
        self.update_signatures();
    }

    /// Streams scanned to their end.
    #[must_use]
    pub fn scans(&self) -> u64 {
        self.shared.scans.load(Ordering::SeqCst)
    }
}

impl Drop for ClamdHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The test text that every scanner must find, made here so that no scanner finds it in a file of this repository.
#[must_use]
pub fn eicar() -> Vec<u8> {
    let parts = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE", "!$H+H*"];
    parts.concat().into_bytes()
}
