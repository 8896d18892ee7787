//! A mail relay (RFC 5321) that keeps what it takes and delivers nothing.
//!
//! As strict as a careful one: lines end in CRLF and are no longer than the standard allows, commands come in order, a letter has
//! its `Date`, `From` and `Message-ID`, and only seven bits. What breaks a rule is refused with 5xx and the rule in words.
//! It answers a recipient whose name ends in `+NNN` with the reply code `NNN`, and otherwise as it was told ([`SmtpHandle::force`]).

mod letter;
mod line;
mod rules;
mod session;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use letter::TakenLetter;

/// How the way to the relay is secured.
#[derive(Clone, Debug, Default)]
pub enum SmtpTls {
    /// Not at all.
    #[default]
    Off,
    /// `STARTTLS`, without which no letter is taken.
    Starttls(Arc<rustls::ServerConfig>),
    /// From the first byte.
    Implicit(Arc<rustls::ServerConfig>),
}

/// Set-up of a relay.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// Where to listen. Default 127.0.0.1 on a free port.
    pub address: SocketAddr,
    /// How the way is secured.
    pub tls: SmtpTls,
    /// User name and password that `AUTH` must bring; `None`: everybody may send.
    pub login: Option<(String, String)>,
    /// Longest letter, bytes. Default 20 MiB.
    pub letter_bytes_max: usize,
    /// Letters kept; the oldest go first. Default 1,000.
    pub kept_max: usize,
    /// A folder into which each letter is written as `NNNNNN.eml`, numbered after those that are there.
    pub folder: Option<PathBuf>,
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: SmtpTls::Off,
            login: None,
            letter_bytes_max: 20 << 20,
            kept_max: 1_000,
            folder: None,
        }
    }
}

/// What happens to the next letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// The greeting has this code.
    Greeting(u16),
    /// `MAIL FROM` is answered so.
    Sender(u16),
    /// `RCPT TO` is answered so.
    Recipient(u16),
    /// The end of the content is answered so.
    Content(u16),
    /// The letter is taken, and the connection closed in place of an answer.
    Cut,
    /// The letter is taken, and nothing is answered ever.
    Silence,
}

/// The relay.
#[derive(Debug)]
pub struct SimulatedRelay;

/// A running relay. Dropping it stops listening.
#[derive(Debug)]
pub struct SmtpHandle {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub config: SmtpConfig,
    /// The number of the last file, those of earlier runs among them.
    pub written: Mutex<u64>,
    pub forced: Mutex<VecDeque<Forced>>,
    pub kept: Mutex<VecDeque<TakenLetter>>,
    pub taken: watch::Sender<u64>,
    pub connections: watch::Sender<u64>,
}

impl Shared {
    /// The next forced answer, if it is one of those.
    fn forced(&self, is: impl Fn(Forced) -> bool) -> Option<Forced> {
        let mut forced = self.forced.lock().unwrap_or_else(PoisonError::into_inner);
        if forced.front().is_some_and(|next| is(*next)) { forced.pop_front() } else { None }
    }

    fn keep(&self, letter: TakenLetter) -> io::Result<()> {
        if let Some(folder) = &self.config.folder {
            let number = self.next_number();
            std::fs::write(folder.join(format!("{number:06}.eml")), letter.text.as_bytes())?;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.config.kept_max {
            kept.pop_front();
        }
        kept.push_back(letter);
        drop(kept);
        self.taken.send_modify(|taken| *taken += 1);
        Ok(())
    }

    /// Taken under a lock: letters come over several connections at once, and none may be written over another.
    fn next_number(&self) -> u64 {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written += 1;
        *written
    }
}

impl SimulatedRelay {
    /// Listens and answers until the handle is dropped.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the folder not be read.
    pub async fn start(config: SmtpConfig) -> io::Result<SmtpHandle> {
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let written = config.folder.as_deref().map_or(Ok(0), last_written)?;
        let shared = Arc::new(Shared {
            config,
            written: Mutex::new(written),
            forced: Mutex::default(),
            kept: Mutex::default(),
            taken: watch::Sender::new(0),
            connections: watch::Sender::new(0),
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
        Ok(SmtpHandle { address, shared, server })
    }
}

/// The highest number of a letter in a folder.
fn last_written(folder: &Path) -> io::Result<u64> {
    let mut last = 0;
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number =
            name.to_str().and_then(|name| name.strip_suffix(".eml")).and_then(|name| name.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last)
}

impl SmtpHandle {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the next letters are answered so, one each.
    pub fn force(&self, answers: impl IntoIterator<Item = Forced>) {
        self.shared.forced.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
    }

    /// The letters taken, oldest first.
    #[must_use]
    pub fn letters(&self) -> Vec<TakenLetter> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Counts the letters taken.
    #[must_use]
    pub fn taken(&self) -> watch::Receiver<u64> {
        self.shared.taken.subscribe()
    }

    /// Connections opened so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        *self.shared.connections.borrow()
    }
}

impl Drop for SmtpHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}
