//! A broker of its own beside this server (spec 8.3): Mosquitto, whose accounts we keep by its dynamic security.
//!
//! What waits in the ledger is published at quality 2 and is the broker's from PUBCOMP on. It stays in the ledger until
//! the device reports it or it ends, and is published again when the device registers anew: a new token is a new client
//! id, and with it a new session of the broker.

mod accounts;
mod entry;
mod link;
mod tunnel;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{MqttOptions, Transport};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::tunnel::Tunnel;
use super::ids::ClientId;
use super::ledger::Ledger;

/// Longest time the broker may take to let a device in or out.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Changes of accounts that wait for the connection.
const CHANGES_MAX: usize = 1_000;
/// Before a broken connection is made again.
const PAUSE: Duration = Duration::from_secs(1);
/// Silence on our own connection before a ping.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those of the public authorities.
    Public,
    /// Those of the authorities in a PEM file.
    File(PathBuf),
}

/// Where the broker is, and who we are there.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalSettings {
    /// Its host.
    pub host: String,
    /// Its port, MQTT over TCP.
    pub port: u16,
    /// Who must vouch for it; `None`: it is spoken to without TLS.
    pub trust: Option<Trust>,
    /// An account that may change accounts.
    pub user: String,
    /// Its password.
    pub password: String,
    /// A name of our own among its clients: one for each server.
    pub client_id: String,
}

impl std::fmt::Debug for ExternalSettings {
    /// Without the password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ExternalSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

/// What a device connects with.
#[derive(Clone)]
pub(super) struct Ticket {
    /// The device's profile.
    pub device: i64,
    /// Its name.
    pub client: ClientId,
    /// Its access token.
    pub token: String,
    /// Its app's client key.
    pub key: String,
}

impl Ticket {
    /// Its user name and topic.
    pub fn name(&self) -> String {
        name(&self.client)
    }

    /// Its client id.
    pub fn client_id(&self) -> String {
        format!("{}/at_{}", self.client, self.token)
    }
}

/// The user name and topic of a device's user.
pub(super) fn name(client: &ClientId) -> String {
    format!("{}/{}", client.app_id, client.user_id)
}

/// A change of the broker's accounts.
enum Change {
    /// This device, and no other of its user, may come in.
    Admit(Ticket),
    /// Nobody of this name may.
    Remove(String),
}

struct Request {
    change: Change,
    done: oneshot::Sender<bool>,
}

/// The broker did not do what it was asked for in time; the caller comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the external broker does not answer")]
pub struct Unreachable;

/// A handle to the broker.
#[derive(Clone)]
pub struct External {
    settings: Arc<ExternalSettings>,
    /// Our end of the way there with TLS.
    door: Option<PathBuf>,
    requests: mpsc::Sender<Request>,
}

impl std::fmt::Debug for External {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("External").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The other end of an [`External`], to be served.
pub struct Work {
    requests: mpsc::Receiver<Request>,
    tunnel: Option<Tunnel>,
}

impl External {
    /// A handle, and what serves it.
    ///
    /// # Errors
    /// When the authorities that vouch for the broker cannot be read, or there is no room for a socket of our own.
    pub fn new(settings: ExternalSettings) -> io::Result<(Self, Work)> {
        let (sender, requests) = mpsc::channel(CHANGES_MAX);
        let tunnel = settings.trust.as_ref().map(Tunnel::open).transpose()?;
        let door = tunnel.as_ref().map(Tunnel::door);
        Ok((Self { settings: Arc::new(settings), door, requests: sender }, Work { requests, tunnel }))
    }

    /// A connection under a name.
    fn connection(&self, client_id: &str) -> MqttOptions {
        let mut options = match &self.door {
            Some(door) => {
                let mut options = MqttOptions::new(client_id, door.to_string_lossy(), 0);
                options.set_transport(Transport::Unix);
                options
            }
            None => MqttOptions::new(client_id, &self.settings.host, self.settings.port),
        };
        options.set_keep_alive(KEEP_ALIVE);
        options
    }

    /// Our own connection.
    fn own_connection(&self) -> MqttOptions {
        let settings = &self.settings;
        let mut options = self.connection(&settings.client_id);
        options
            .set_credentials(&settings.user, &settings.password)
            .set_clean_session(true)
            .set_max_packet_size(1 << 20, 1 << 20);
        options
    }

    /// Lets a device in, and no other of its user; afterwards the broker keeps what comes for it.
    pub(super) async fn admit(&self, ticket: Ticket) -> Result<(), Unreachable> {
        let entry = entry::Entry::of(self, &ticket);
        self.ask(Change::Admit(ticket)).await?;
        tokio::time::timeout(ANSWER_WITHIN, entry.make()).await.map_err(|_| Unreachable)?
    }

    /// Lets nobody of this name in any more.
    pub(super) async fn remove(&self, name: String) -> Result<(), Unreachable> {
        self.ask(Change::Remove(name)).await
    }

    async fn ask(&self, change: Change) -> Result<(), Unreachable> {
        let (done, answered) = oneshot::channel();
        self.requests.try_send(Request { change, done }).map_err(|_| Unreachable)?;
        match tokio::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(Ok(true)) => Ok(()),
            _ => Err(Unreachable),
        }
    }

    /// Keeps a connection to the broker until `stop`: publishes what waits, changes accounts.
    pub fn serve(&self, work: Work, ledger: Ledger, stop: CancellationToken) -> JoinHandle<()> {
        let external = self.clone();
        let Work { mut requests, tunnel } = work;
        tokio::spawn(async move {
            let settings = &external.settings;
            let serve = async {
                loop {
                    let ended = link::run(&external, &mut requests, &ledger).await;
                    tracing::warn!(broker = %settings.host, because = %ended, "no connection to the MQTT broker");
                    tokio::time::sleep(PAUSE).await;
                }
            };
            let carry = tunnel::serve(tunnel, settings);
            let _ = stop.run_until_cancelled(async { tokio::join!(serve, carry) }).await;
        })
    }
}
