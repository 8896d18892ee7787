//! What every call of a trunk begins with: a port for the sound, a name, a place where its messages go, and what the INVITE
//! says.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use super::super::rtp::ports;
use super::super::sdp::{self, Local};
use super::super::sip::call::Setup;
use super::super::sip::message::Message;
use super::{Line, MESSAGES_MAX, Shared, locked};

/// Whom to call.
pub(super) struct Whom<'a> {
    /// The number, digits with or without `+`.
    pub(super) number: &'a str,
    /// Who calls.
    pub(super) caller: &'a str,
    /// How long it may ring.
    pub(super) ring_ms: u64,
}

/// A call that is ready to start. Its name stands in the trunk's registry until [`Registered`] is dropped.
pub(super) struct Dialled {
    pub(super) call_id: String,
    pub(super) socket: UdpSocket,
    pub(super) inbox: mpsc::Receiver<Message>,
    pub(super) setup: Setup,
}

/// Removes the call from the trunk however its task ends.
pub(super) struct Registered<'a>(pub(super) &'a Shared, pub(super) &'a str);

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        locked(&self.0.registry).remove(self.1);
    }
}

/// Prepares a call; why it cannot be.
pub(super) async fn dial(shared: &Arc<Shared>, line: &Line, whom: &Whom<'_>) -> Result<Dialled, String> {
    let home = line.local.ip();
    let range = shared.config.rtp_port_min..=shared.config.rtp_port_max;
    let bound = ports::bind(home, &range, shared.draw()).await;
    let socket = bound.map_err(|error| format!("no port for the sound: {error}"))?;
    let port =
        socket.local_addr().map_err(|error| format!("the port for the sound has no number: {error}"))?.port();
    let local = Local { address: shared.public(home), port, id: shared.draw() >> 1 };
    let call_id = shared.token();
    let setup = setup(shared, line, whom, &call_id, local);
    let (messages, inbox) = mpsc::channel(MESSAGES_MAX);
    locked(&shared.registry).insert(call_id.clone(), messages);
    Ok(Dialled { call_id, socket, inbox, setup })
}

fn setup(shared: &Arc<Shared>, line: &Line, whom: &Whom<'_>, call_id: &str, local: Local) -> Setup {
    let config = &shared.config;
    let domain = config.domain();
    let digits = whom.number.trim_start_matches('+');
    let sent_by = SocketAddr::new(shared.public(line.local.ip()), line.local.port()).to_string();
    let transport = config.transport.word();
    let suffix = config.transport.suffix();
    let random = Arc::clone(shared);
    let mut version = 1;
    Setup {
        remote_uri: format!("sip:{}{digits}@{domain}", config.number_prefix),
        local_uri: format!("sip:{}@{domain}", whom.caller),
        contact: format!("sip:waypost@{sent_by}{suffix}"),
        transport,
        sent_by,
        call_id: call_id.to_owned(),
        credentials: config.credentials(),
        timers: config.timers(),
        ring_ms: whom.ring_ms,
        offer: sdp::offer(&local),
        negotiate: Box::new(move |offer| {
            version += 1;
            sdp::read(offer).map(|session| sdp::answer(&local, &session, version))
        }),
        tokens: Box::new(move || random.token()),
    }
}
