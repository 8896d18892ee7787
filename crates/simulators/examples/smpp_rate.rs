//! How many messages a second the connector and the simulator carry over loopback.
//!
//! `cargo run --release -p waypost-simulators --example smpp_rate [messages] [window] [worker threads]`
//!
//! Prints submits a second (answered) and receipts a second (acknowledged), and the process's CPU time for both ends.

use std::{
    env,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use tokio::{runtime::Builder, sync::Notify};
use waypost_channels::smpp::{
    Address, Connection, ConnectionConfig, DeliverAnswer, DeliverSm, Inbound, Seams, Submit, SubmitResult,
    SubmitSink,
};
use waypost_simulators::smsc::{Smsc, SmscConfig};

/// Acknowledges at once: this measures the protocol, not the disk.
struct Acknowledge;

impl Inbound for Acknowledge {
    fn deliver(&self, _: DeliverSm) -> BoxFuture<'static, DeliverAnswer> {
        Box::pin(ready(DeliverAnswer::Ok))
    }
}

#[derive(Default)]
struct Outcomes {
    accepted: AtomicU64,
    other: AtomicU64,
    changed: Notify,
}

impl SubmitSink for Outcomes {
    fn complete(&self, _: u64, result: SubmitResult) {
        if result.is_ok() { &self.accepted } else { &self.other }.fetch_add(1, Relaxed);
        self.changed.notify_one();
    }
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (messages, window, threads) = (number(500_000)?, number(500)?, number(2)?);
    let runtime =
        Builder::new_multi_thread().worker_threads(usize::try_from(threads)?).enable_all().build()?;
    runtime.block_on(async { tokio::spawn(measure(messages, u16::try_from(window)?)).await? })
}

async fn measure(messages: u64, window: u16) -> Result<(), Box<dyn Error + Send + Sync>> {
    let smsc = Smsc::start(SmscConfig { keep_max: 0, ..SmscConfig::default() }).await?;
    let mut config = ConnectionConfig::new("rate", "127.0.0.1", smsc.address().port(), "waypost", "secret");
    config.window = window;
    let connection = Connection::spawn(config, Arc::new(Acknowledge), Seams::default())?;
    connection.bound().await?;

    let outcomes = Arc::new(Outcomes::default());
    let sink: Arc<dyn SubmitSink> = outcomes.clone();
    let (started, cpu) = (Instant::now(), cpu_seconds());
    for token in 0..messages {
        connection.reserve().await?.submit_to(message(), &sink, token);
    }
    while outcomes.accepted.load(Relaxed) + outcomes.other.load(Relaxed) < messages {
        outcomes.changed.notified().await;
    }
    let submitted = started.elapsed();
    let accepted = outcomes.accepted.load(Relaxed);
    let counters = smsc.wait(|counters| counters.receipts_acked >= accepted).await;
    let receipted = started.elapsed();
    let cpu = cpu_seconds() - cpu;

    println!("messages            {messages} (accepted {accepted}, window {window})");
    println!("submits/s           {:.0}", accepted as f64 / submitted.as_secs_f64());
    println!("receipts/s          {:.0}", counters.receipts_acked as f64 / receipted.as_secs_f64());
    println!("CPU, both ends      {cpu:.2} s, {:.1} us a message", cpu * 1e6 / messages as f64);
    Ok(())
}

fn message() -> Submit {
    Submit {
        source: Address::new(5, 0, "WAYPOST"),
        dest: Address::new(1, 1, "447700900001"),
        payload: Bytes::from_static(
            b"Your order 4711 has left the warehouse and arrives tomorrow before noon.",
        ),
        ..Submit::default()
    }
}

/// User and system time of this process; zero where `/proc` is absent.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |index: usize| {
        after_name.split_whitespace().nth(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0)
    };
    // Fields 14 and 15 of the line, in hundredths of a second on every Linux in use.
    (ticks(11) + ticks(12)) / 100.0
}
