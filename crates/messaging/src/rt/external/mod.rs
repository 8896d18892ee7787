//! A broker of its own beside this server (spec 8.3): a Mosquitto, whose accounts we keep by its dynamic security, or an EMQX,
//! which asks us whom it may let in.
//!
//! What waits in the ledger is published at quality 2 and is the broker's from PUBCOMP on. It stays in the ledger until
//! the device reports it or it ends, and is published again when the device registers anew: a new token is a new client
//! id, and with it a new session of the broker.

mod accounts;
mod emqx;
mod entry;
mod link;
mod settings;
mod tunnel;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{MqttOptions, Transport, v5};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::entry::{Entering, Entry, UnderWay};
use self::tunnel::Tunnel;
use super::ids::ClientId;
use super::ledger::Ledger;

pub use emqx::Rest;
pub use settings::{Door, ExternalSettings, Trust};

/// Longest time the broker may take to let a device in or out.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Changes of accounts that wait for the connection.
const CHANGES_MAX: usize = 1_000;
/// Largest packet we take from the broker.
const PACKET_BYTES_MAX: u32 = 1 << 20;
/// Before a broken connection is made again.
const PAUSE: Duration = Duration::from_secs(1);
/// Before a session that is about to be made is looked for again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Silence on our own connection before a ping.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

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

/// A change of who may come in.
enum Change {
    /// This device, and no other of its user, may come in.
    Admit(Ticket),
    /// Nobody of this name may.
    Remove(String),
}

/// A device's entry: from its beginning to its end nothing is published to the device.
pub(super) struct Entrance {
    under_way: UnderWay,
    room: mpsc::OwnedPermit<Request>,
}

impl Entrance {
    /// The device has a session: what it has not reported is published there.
    pub(super) fn open(self) {
        self.room.send(Request::PublishAgain(self.under_way));
    }
}

/// What our connection to the broker is asked for.
enum Request {
    /// A change, and who waits for it to be made.
    Change(Change, oneshot::Sender<bool>),
    /// A device has a session: what it has not reported is published, whatever was before.
    PublishAgain(UnderWay),
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
    socket: Option<PathBuf>,
    /// To whom nothing is published now.
    entering: Entering,
    /// In whose name we are at the broker's door just now.
    ourselves: Entering,
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
        let socket = tunnel.as_ref().map(Tunnel::path);
        let (entering, ourselves) = (Entering::default(), Entering::default());
        let external = Self { settings: Arc::new(settings), socket, entering, ourselves, requests: sender };
        Ok((external, Work { requests, tunnel }))
    }

    /// Where a connection goes: to the broker, or to our end of the way there.
    fn place(&self) -> (String, u16, Transport) {
        match &self.socket {
            Some(path) => (path.to_string_lossy().into_owned(), 0, Transport::Unix),
            None => (self.settings.host.clone(), self.settings.port, Transport::Tcp),
        }
    }

    /// A connection in a device's name, of the version that devices speak.
    fn connection(&self, client_id: &str) -> MqttOptions {
        let (host, port, transport) = self.place();
        let mut options = MqttOptions::new(client_id, host, port);
        options.set_transport(transport).set_keep_alive(KEEP_ALIVE);
        options
    }

    /// Our own connection.
    fn own_connection(&self) -> v5::MqttOptions {
        let (settings, (host, port, transport)) = (&self.settings, self.place());
        let mut options = v5::MqttOptions::new(&settings.client_id, host, port);
        options
            .set_transport(transport)
            .set_keep_alive(KEEP_ALIVE)
            .set_credentials(&settings.user, &settings.password)
            .set_clean_start(true)
            .set_max_packet_size(Some(PACKET_BYTES_MAX));
        options
    }

    /// Begins a device's entry. What the device did not report is to wait again before its session is made.
    pub(super) fn entrance(&self, device: i64) -> Result<Entrance, Unreachable> {
        let room = self.requests.clone().try_reserve_owned().map_err(|_| Unreachable)?;
        Ok(Entrance { under_way: self.entering.mark(device), room })
    }

    /// Lets a device in, and no other of its user; the broker keeps what comes for it from then on.
    pub(super) async fn admit(&self, ticket: Ticket) -> Result<(), Unreachable> {
        let (entry, device) = (Entry::of(self, &ticket), ticket.device);
        match &self.settings.door {
            Door::Accounts => self.ask(Change::Admit(ticket)).await?,
            Door::Asks(rest) => in_time(rest.end(&ticket.name())).await?,
        }
        let _ourselves = self.ourselves.mark(device);
        in_time(entry.make()).await
    }

    /// Whether a broker that asks about a device has no session of it: it forgot it, or the session was over.
    pub(super) async fn lacks(&self, ticket: &Ticket) -> Result<bool, Unreachable> {
        let Door::Asks(rest) = &self.settings.door else { return Ok(false) };
        if self.ourselves.is_under_way(ticket.device) {
            return Ok(false);
        }
        Ok(!in_time(rest.knows(&ticket.client_id())).await?)
    }

    /// Waits until a device that a broker was told to let in has its session there, and sees to it that the session keeps what
    /// comes for the device. Not while the broker waits for our word: it may ask over the very connection it waits at.
    pub(super) async fn attend(&self, ticket: &Ticket) -> Result<(), Unreachable> {
        let Door::Asks(rest) = &self.settings.door else { return Ok(()) };
        let (client_id, topic) = (ticket.client_id(), ticket.name());
        in_time(async {
            while !rest.reaches(&client_id, &topic).await? {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Ok(())
        })
        .await
    }

    /// Lets nobody of this name in any more. A broker that asks will not, for the token is void already.
    pub(super) async fn remove(&self, name: String) -> Result<(), Unreachable> {
        match &self.settings.door {
            Door::Accounts => self.ask(Change::Remove(name)).await,
            Door::Asks(rest) => in_time(rest.end(&name)).await,
        }
    }

    /// Whether the broker has accounts that we keep.
    fn keeps_accounts(&self) -> bool {
        matches!(self.settings.door, Door::Accounts)
    }

    async fn ask(&self, change: Change) -> Result<(), Unreachable> {
        let (done, answered) = oneshot::channel();
        self.requests.try_send(Request::Change(change, done)).map_err(|_| Unreachable)?;
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

async fn in_time<T>(done: impl Future<Output = Result<T, Unreachable>>) -> Result<T, Unreachable> {
    tokio::time::timeout(ANSWER_WITHIN, done).await.map_err(|_| Unreachable)?
}
