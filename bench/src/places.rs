//! Loopback ports with a thread behind them.

use std::future::Future;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::oneshot;

/// Longest wait for an answer of a page.
const PAGE_LIMIT: Duration = Duration::from_secs(10);

/// A listener served by its own single-threaded runtime until dropped.
#[derive(Debug)]
pub struct Place {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Place {
    /// Listens on a free loopback port and serves it on a new thread.
    ///
    /// # Errors
    /// When no port, thread or runtime is to be had.
    pub fn open<F, S>(name: &str, serve: S) -> anyhow::Result<Self>
    where
        F: Future<Output = ()>,
        S: FnOnce(tokio::net::TcpListener) -> F + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no loopback port")?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime()?;
        let body = move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body)?;
        Ok(Self { addr, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there was printed over there.
            let _ = thread.join();
        }
    }
}

/// A runtime on the calling thread.
///
/// # Errors
/// When the system refuses its descriptors.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")
}

/// A loopback port nobody listened on a moment ago, for a process that must be told its port.
///
/// # Errors
/// When no port is to be had.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Looks every `pause` until `done` or the time is over; tells whether it was done.
pub fn wait_until(limit: Duration, pause: Duration, mut done: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(pause);
    }
}

/// Status and body of a page, over a connection of its own.
///
/// # Errors
/// When there is no connection or no answer in time.
pub fn page(addr: SocketAddr, path: &str, key: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(PAGE_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {addr}\r\nkey: {key}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let body = crate::wire::find(&answer, b"\r\n\r\n").map_or(answer.len(), |end| end + 4);
    Ok((status.context("no status line")?, answer.split_off(body)))
}
