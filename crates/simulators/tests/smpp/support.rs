//! Set-up shared by the tests.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::{sync::mpsc, time::timeout};
use waypost_channels::smpp::{
    Address, Connection, ConnectionConfig, ConnectionHandle, DeliverAnswer, DeliverSm, Inbound, LinkState,
    Seams, Submit,
};
use waypost_simulators::smsc::{Smsc, SmscConfig, SmscHandle};

/// Far longer than anything takes: only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(20);

/// Fails the test instead of hanging.
pub async fn soon<F: Future>(future: F) -> F::Output {
    timeout(DEADLINE, future).await.expect("within the deadline")
}

/// Gives every delivery to the test, with the answers it is to give in turn (Ok when they run out).
pub struct Inbox {
    deliveries: mpsc::UnboundedSender<DeliverSm>,
    answers: std::sync::Mutex<Vec<DeliverAnswer>>,
}

impl Inbound for Inbox {
    fn deliver(&self, message: DeliverSm) -> BoxFuture<'static, DeliverAnswer> {
        let answer = self.answers.lock().unwrap().pop().unwrap_or(DeliverAnswer::Ok);
        self.deliveries.send(message).unwrap();
        Box::pin(async move { answer })
    }
}

pub struct Bench {
    pub smsc: SmscHandle,
    pub connection: ConnectionHandle,
    pub deliveries: mpsc::UnboundedReceiver<DeliverSm>,
}

pub fn config(smsc: &SmscHandle) -> ConnectionConfig {
    let mut config = ConnectionConfig::new("test", "127.0.0.1", smsc.address().port(), "waypost", "secret");
    config.reconnect_min_ms = 10;
    config.reconnect_max_ms = 50;
    config
}

pub fn connect(
    config: ConnectionConfig,
    mut answers: Vec<DeliverAnswer>,
) -> (ConnectionHandle, mpsc::UnboundedReceiver<DeliverSm>) {
    answers.reverse();
    let (sender, deliveries) = mpsc::unbounded_channel();
    let inbox = Arc::new(Inbox { deliveries: sender, answers: answers.into() });
    (Connection::spawn(config, inbox, Seams::default()).unwrap(), deliveries)
}

/// A bound connection to a fresh SMSC.
pub async fn bench_with(smsc: SmscConfig, change: impl FnOnce(&mut ConnectionConfig)) -> Bench {
    let smsc = Smsc::start(smsc).await.unwrap();
    let mut config = config(&smsc);
    change(&mut config);
    let (connection, deliveries) = connect(config, Vec::new());
    soon(connection.bound()).await.unwrap();
    Bench { smsc, connection, deliveries }
}

pub async fn bench(smsc: SmscConfig) -> Bench {
    bench_with(smsc, |_| {}).await
}

pub async fn state(connection: &ConnectionHandle, wanted: impl Fn(&LinkState) -> bool) -> LinkState {
    soon(connection.watch().wait_for(|state| wanted(state))).await.unwrap().clone()
}

pub fn hello() -> Submit {
    text("447700900001", "hello")
}

pub fn text(dest: &str, text: &str) -> Submit {
    Submit {
        source: Address::new(5, 0, "WAYPOST"),
        dest: Address::new(1, 1, dest),
        payload: Bytes::copy_from_slice(text.as_bytes()),
        ..Submit::default()
    }
}

/// The id a receipt text names.
pub fn receipt_field(delivery: &DeliverSm, field: &str) -> String {
    let text = String::from_utf8_lossy(&delivery.payload).into_owned();
    let value = text.split(&format!("{field}:")).nth(1).unwrap_or_default();
    value.split(' ').next().unwrap_or_default().to_owned()
}
