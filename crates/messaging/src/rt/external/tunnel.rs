//! TLS to the broker. The MQTT library's own would bring a second crypto provider into the process; so the library speaks to a
//! socket of ours, in a folder that nobody else may enter, and what passes there is carried on with TLS.

use std::io;
use std::os::unix::net::UnixListener as Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;
use waypost_channels::tls;

use super::{ANSWER_WITHIN, ExternalSettings, PAUSE, Trust};

/// The socket, before it is served; its folder goes with it.
pub(super) struct Tunnel {
    folder: TempDir,
    socket: Bound,
}

impl Tunnel {
    /// Binds the socket.
    ///
    /// # Errors
    /// When the authorities cannot be read, or no socket can be made.
    pub fn open(trust: &Trust) -> io::Result<Self> {
        tls::client_config(trust.ca_file())?;
        // Only for ourselves: whoever reached the socket would be at the broker's door.
        let folder = tempfile::Builder::new().prefix("waypost-").tempdir()?;
        let socket = Bound::bind(folder.path().join("mqtt"))?;
        socket.set_nonblocking(true)?;
        Ok(Self { folder, socket })
    }

    /// Where the library connects.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mqtt")
    }
}

impl Trust {
    /// The file of the authorities; `None` for the public ones. It is read anew for every connection, so that a renewed one
    /// needs no restart.
    fn ca_file(&self) -> Option<&Path> {
        match self {
            Self::Public => None,
            Self::File(path) => Some(path),
        }
    }
}

/// Carries every connection to the broker, for ever.
pub(super) async fn serve(tunnel: Option<Tunnel>, settings: &Arc<ExternalSettings>) {
    let Some(Tunnel { folder, socket }) = tunnel else { return };
    let socket = match UnixListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(%error, "no way to the MQTT broker");
            return;
        }
    };
    // End with this future.
    let mut carried = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((inner, _)) => _ = carried.spawn(carry(inner, Arc::clone(settings))),
                // Out of file descriptors, say: the next try may have one.
                Err(error) => {
                    tracing::warn!(%error, folder = %folder.path().display(), "no way to the MQTT broker");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = carried.join_next() => {}
        }
    }
}

async fn carry(mut inner: UnixStream, settings: Arc<ExternalSettings>) {
    match tokio::time::timeout(ANSWER_WITHIN, dial(&settings)).await {
        // How it ends, the library sees at its own end.
        Ok(Ok(mut outer)) => drop(copy_bidirectional(&mut inner, &mut outer).await),
        Ok(Err(error)) => tracing::warn!(broker = %settings.host, %error, "no TLS to the MQTT broker"),
        Err(_) => tracing::warn!(broker = %settings.host, "no TLS to the MQTT broker in time"),
    }
}

async fn dial(settings: &ExternalSettings) -> io::Result<impl AsyncRead + AsyncWrite + Unpin> {
    let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
    stream.set_nodelay(true)?;
    let ca_file = settings.trust.as_ref().and_then(Trust::ca_file);
    tls::connect(stream, &settings.host, ca_file).await
}
