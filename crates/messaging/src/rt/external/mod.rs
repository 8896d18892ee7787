//! A broker of its own beside this server (spec 8.3): Mosquitto, whose accounts we keep by its dynamic security.
//!
//! What waits in the ledger is published at quality 2 and is the broker's from PUBCOMP on. It stays in the ledger until
//! the device reports it or it ends, and is published again when the device registers anew: a new token is a new client
//! id, and with it a new session of the broker.

mod accounts;
mod entry;
mod link;

use std::time::Duration;

use rumqttc::MqttOptions;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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

/// Where the broker is, and who we are there.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalSettings {
    /// Its host.
    pub host: String,
    /// Its port, MQTT over TCP.
    pub port: u16,
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
            .finish_non_exhaustive()
    }
}

impl ExternalSettings {
    fn options(&self) -> MqttOptions {
        let mut options = MqttOptions::new(&self.client_id, &self.host, self.port);
        options
            .set_credentials(&self.user, &self.password)
            .set_clean_session(true)
            .set_keep_alive(KEEP_ALIVE)
            .set_max_packet_size(1 << 20, 1 << 20);
        options
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
    settings: ExternalSettings,
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
}

impl External {
    /// A handle, and what serves it.
    #[must_use]
    pub fn new(settings: ExternalSettings) -> (Self, Work) {
        let (sender, requests) = mpsc::channel(CHANGES_MAX);
        (Self { settings, requests: sender }, Work { requests })
    }

    /// Lets a device in, and no other of its user; afterwards the broker keeps what comes for it.
    pub(super) async fn admit(&self, ticket: Ticket) -> Result<(), Unreachable> {
        let entry = entry::Entry::of(&self.settings, &ticket);
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
    pub fn serve(&self, mut work: Work, ledger: Ledger, stop: CancellationToken) -> JoinHandle<()> {
        let settings = self.settings.clone();
        tokio::spawn(async move {
            let serve = async {
                loop {
                    let ended = link::run(&settings, &mut work.requests, &ledger).await;
                    tracing::warn!(broker = %settings.host, because = %ended, "no connection to the MQTT broker");
                    tokio::time::sleep(PAUSE).await;
                }
            };
            let _ = stop.run_until_cancelled(serve).await;
        })
    }
}
