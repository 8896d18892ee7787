//! What the broker needs from the rest of the server: who may connect, what waits for a device, what it has taken.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// A future behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a client says of itself in CONNECT.
#[derive(Clone, PartialEq, Eq)]
pub struct Hello {
    /// `{appId}/{userId}/{deviceId}/at_{accessToken}`.
    pub client_id: String,
    /// `{appId}/{userId}`; empty when it gave none.
    pub username: String,
    /// The client key of the app; empty when it gave none.
    pub password: String,
    /// Whether what was subscribed to before is to be forgotten.
    pub clean: bool,
}

impl std::fmt::Debug for Hello {
    /// Without the client id, which holds a token, and the password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hello").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Why a client is not let in: the return codes of MQTT 3.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// 2: the client id does not have the form, or no device of that name is registered.
    ClientId,
    /// 3: the ledger is unavailable.
    Unavailable,
    /// 4: user name or client key are wrong.
    Credentials,
    /// 5: the access token is wrong or has ended, or the app does not carry in-app messages.
    NotAllowed,
}

/// Quality of service of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Qos {
    /// At most once: sent, and no longer kept.
    AtMostOnce,
    /// At least once: kept until PUBACK.
    AtLeastOnce,
    /// Exactly once: kept until PUBCOMP.
    ExactlyOnce,
}

impl Qos {
    /// Its number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::AtMostOnce => 0,
            Self::AtLeastOnce => 1,
            Self::ExactlyOnce => 2,
        }
    }

    /// From its number on the wire.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// What a device has subscribed to.
pub type Topics = BTreeMap<String, Qos>;

/// A client that is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The device's number; there is one session for each.
    pub session: i64,
    /// The app, first level of its topics.
    pub app_id: String,
    /// The user, second level of the topic its messages come on.
    pub user_id: String,
    /// What was subscribed to before; `None` when there was no session.
    pub topics: Option<Topics>,
}

/// A message that waits for a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Its number; those of one device are sent in this order.
    pub id: i64,
    /// Its packet identifier, the same at each attempt; not 0.
    pub packet: u16,
    /// Whether the device has said by PUBREC that it has it, so that only PUBREL is missing.
    pub received: bool,
    /// What is sent.
    pub payload: Bytes,
}

/// What a device has said of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has it, and may have forgotten nothing yet (PUBREC).
    Received(i64),
    /// It is done (PUBACK, PUBCOMP, or sent at most once).
    Done(i64),
}

/// The ledger could not be asked; the connection is closed and the client comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger is unavailable")]
pub struct DeskError;

/// The ledger, as the broker sees it.
pub trait Desk: Send + Sync {
    /// Whether a client may connect.
    fn admit(&self, hello: Hello) -> BoxFuture<'static, Result<Admitted, Refused>>;
    /// The parcels of a device with a number above `after`, by number, at most `max`.
    fn waiting(
        &self,
        session: i64,
        after: i64,
        max: usize,
    ) -> BoxFuture<'static, Result<Vec<Parcel>, DeskError>>;
    /// Keeps what a device has said of its parcels; resolves when it is durable.
    fn settle(&self, session: i64, settled: Vec<Settled>) -> BoxFuture<'static, Result<(), DeskError>>;
    /// Keeps what a device has subscribed to; resolves when it is durable.
    fn subscribe(&self, session: i64, topics: Topics) -> BoxFuture<'static, Result<(), DeskError>>;
}
