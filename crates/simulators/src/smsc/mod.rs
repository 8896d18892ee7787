//! An SMPP 3.4 server for tests, the demo, the sandbox and benchmarks.
//!
//! Strict: binds, addresses, flags, times, data coding, headers and lengths are checked and refused with the standard's
//! own status. Patient: a receipt is sent until it is acknowledged, over reconnects. Scripted: a
//! [`Behaviour`] decides what becomes of each part, and a destination that ends in four digits
//! may force an outcome (see [`plan_for_code`]). Fast: no task and no lock per message, many PDUs per write.
//!
//! It keeps no store of states: `query_sm` is answered with `ESME_RQUERYFAIL`.

mod checks;
mod config;
mod counters;
mod forced;
mod handle;
mod ids;
mod log;
mod outbox;
mod plan;
mod receipt;
mod requests;
mod session;
mod shared;
mod submits;
mod udh;

use std::{io, sync::Arc};

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tracing::debug;
use waypost_channels::smpp::Duplex;

pub use self::{
    config::{Forced, SmscConfig},
    counters::Counters,
    forced::{forcible_codes, plan_for_code},
    handle::{Mo, OutboxFull, SmscHandle},
    ids::IdFormat,
    log::Received,
    plan::{Behaviour, Incoming, Part, Plan, ReceiptForm, ReceiptPlan, SubmitPlan},
};
use self::{session::Session, shared::Shared};

/// The SMSC.
#[derive(Debug)]
pub struct Smsc;

impl Smsc {
    /// Listens and serves until the handle is dropped.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: SmscConfig) -> io::Result<SmscHandle> {
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(config));
        let acceptor = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(SmscHandle::new(address, shared, acceptor))
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                debug!(%peer, "SMPP client connected");
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
            Err(error) => debug!(%error, "accepting failed"),
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let session = Session::new(shared.clone());
    match encrypted(stream, &shared).await {
        Ok(stream) => session.run(stream).await,
        Err(error) => debug!(%error, "TLS with the client failed"),
    }
}

async fn encrypted(stream: TcpStream, shared: &Shared) -> io::Result<Box<dyn Duplex>> {
    stream.set_nodelay(true)?;
    Ok(match &shared.config.tls {
        None => Box::new(stream),
        Some(tls) => Box::new(TlsAcceptor::from(Arc::clone(tls)).accept(stream).await?),
    })
}
